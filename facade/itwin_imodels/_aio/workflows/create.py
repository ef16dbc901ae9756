"""Creating iModels and waiting until they can be worked on."""

from functools import partial
from os import PathLike
from pathlib import Path

from itwin_imodels._aio.polling import wait_until
from itwin_imodels._aio.resources.all import AsyncParts
from itwin_imodels._aio.settling import settle
from itwin_imodels._core import checks
from itwin_imodels._core.background import async_blocking
from itwin_imodels._transfer import ProgressCallback, UploadItem
from itwin_imodels._transfer.runners import AsyncRunner
from itwin_imodels._workflows import create as rules
from itwin_imodels._workflows.databases import baseline_size
from itwin_imodels.errors import (
    AlreadyExists,
    NotFound,
    UnexpectedResponse,
    ValidationFailed,
)
from itwin_imodels.models import (
    BaselineFile,
    BaselineFileState,
    ContainerTypes,
    CreatedIModel,
    Extent,
    IModel,
    IModelCreationState,
    IModelState,
    IModelTemplate,
)

__all__ = ["AsyncCreating", "AsyncPendingIModel"]

_TIMEOUT = 600.0


class AsyncPendingIModel:
    """An iModel that the service is making; creations with `wait=False` give it.

    Attributes:
        imodel_id: The iModel. Any client can wait for it: `client.wait_for_imodel(imodel_id)`.
    """

    def __init__(self, parts: AsyncParts, imodel_id: str, *, from_baseline: bool = False) -> None:
        """Stand for an iModel; the client does this.

        Args:
            parts: The client.
            imodel_id: The iModel.
            from_baseline: Whether the state of its baseline file tells how far it is.
        """
        self.imodel_id = imodel_id
        self._parts = parts
        self._from_baseline = from_baseline

    async def state(self) -> str:
        """Ask how far it is.

        Returns:
            The state as the service calls it: a `BaselineFileState` when it is made from a file, else an
            `IModelCreationState`; states that are new to this client pass through.

        Raises:
            NotFound: There is no such iModel any more.

        Service operations: Get Create iModel Operation Details, Get iModel Baseline File Details.
        """
        if self._from_baseline:
            return str((await self._parts.baseline_files.get(self.imodel_id)).state)
        return str((await self._parts.operations.get(self.imodel_id)).state)

    async def wait(self, *, timeout: float = _TIMEOUT) -> IModel:
        """Wait until it can be worked on.

        Args:
            timeout: Seconds for which it is waited for; 0 looks once.

        Returns:
            The iModel.

        Raises:
            NotFound: There is no such iModel any more.
            OperationFailed: The service could not make it; `state` tells why.
            WaitTimeout: It was not ready in time. It may be later: wait again.

        Service operations: Get Create iModel Operation Details, Get iModel Baseline File Details, Get iModel Details.
        """
        with rules.waiting_noted(self.imodel_id):
            what = f"the creation of iModel {self.imodel_id}"
            state = await wait_until(self.state, rules.is_over, timeout=timeout, what=what)
            if rules.has_failed(state):
                raise rules.failure(self.imodel_id, await self._reason(state))
            return await self._parts.imodels.get(self.imodel_id)

    async def _reason(self, state: str) -> str:
        """Find the state that tells most: that of the baseline file, when the operation just says that it failed."""
        if state != IModelCreationState.FAILED:
            return state
        try:
            finer = str((await self._parts.baseline_files.get(self.imodel_id)).state)
        except NotFound:
            return state
        return finer if rules.has_failed(finer) else state

    def __repr__(self) -> str:
        """Which iModel it is."""
        return f"{type(self).__name__}(imodel_id={self.imodel_id!r})"


class AsyncCreating(AsyncParts):
    """The verbs of a client that create iModels."""

    async def create_imodel(
        self,
        itwin_id: str,
        name: str,
        *,
        description: str | None = None,
        extent: Extent | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        horizontal_crs_id: str | None = None,
        wait: bool = True,
        timeout: float = _TIMEOUT,
    ) -> IModel | AsyncPendingIModel:
        """Create an empty iModel and wait until it can be worked on."""
        checks.seconds("timeout", timeout)
        with rules.lost_answers_told(name):
            created = await self.imodels.create(
                itwin_id,
                name,
                description=description,
                extent=extent,
                containers_enabled=containers_enabled,
                horizontal_crs_id=horizontal_crs_id,
            )
        return await self._made(AsyncPendingIModel(self, created.id), timeout, wait=wait)

    async def create_imodel_from_baseline(
        self,
        itwin_id: str,
        name: str,
        file: str | PathLike[str],
        *,
        description: str | None = None,
        extent: Extent | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        horizontal_crs_id: str | None = None,
        replace_unfinished: bool = False,
        wait: bool = True,
        timeout: float = _TIMEOUT,
        progress: ProgressCallback | None = None,
    ) -> IModel | AsyncPendingIModel:
        """Create an iModel from a file: announce it, upload the file, confirm it, wait until it can be worked on."""
        checks.seconds("timeout", timeout)
        path = Path(file)
        create = partial(
            self.imodels.create,
            itwin_id,
            name,
            description=description,
            extent=extent,
            baseline_file_size=await async_blocking(baseline_size, path),
            containers_enabled=containers_enabled,
            horizontal_crs_id=horizontal_crs_id,
        )
        with rules.lost_answers_told(name):
            try:
                created = await create()
            except AlreadyExists as error:
                await self._make_room(error, itwin_id, name, replace_unfinished=replace_unfinished)
                created = await create()
        with rules.noted(rules.note_on_upload(created.id)):
            await self._upload(created, path, progress)
        with rules.noted(rules.note_on_completion(created.id)):
            await self._complete(created.id)
        return await self._made(AsyncPendingIModel(self, created.id, from_baseline=True), timeout, wait=wait)

    async def create_imodel_from_template(
        self,
        itwin_id: str,
        name: str,
        template_id: str,
        *,
        changeset_id: str | None = None,
        description: str | None = None,
        extent: Extent | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        horizontal_crs_id: str | None = None,
        wait: bool = True,
        timeout: float = _TIMEOUT,
    ) -> IModel | AsyncPendingIModel:
        """Create an iModel that begins as another one is, without its history, and wait until it can be worked on."""
        checks.seconds("timeout", timeout)
        template = IModelTemplate(
            imodel_id=checks.identifier("template_id", template_id),
            changeset_id=checks.optional_changeset_id("changeset_id", changeset_id),
        )
        with rules.lost_answers_told(name):
            created = await self.imodels.create(
                itwin_id,
                name,
                description=description,
                extent=extent,
                template=template,
                containers_enabled=containers_enabled,
                horizontal_crs_id=horizontal_crs_id,
            )
        return await self._made(AsyncPendingIModel(self, created.id), timeout, wait=wait)

    async def clone_imodel(
        self,
        imodel_id: str,
        itwin_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        changeset: str | int | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        wait: bool = True,
        timeout: float = _TIMEOUT,
    ) -> IModel | AsyncPendingIModel:
        """Copy an iModel with its baseline and changesets, and wait until the copy can be worked on."""
        checks.seconds("timeout", timeout)
        with rules.lost_answers_told(name):
            copied = await self.imodels.clone(
                imodel_id,
                itwin_id,
                name=name,
                description=description,
                changeset=changeset,
                containers_enabled=containers_enabled,
            )
        return await self._made(AsyncPendingIModel(self, copied.imodel_id), timeout, wait=wait)

    async def fork_imodel(
        self,
        imodel_id: str,
        itwin_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        changeset: str | int | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        preserve_history: bool | None = None,
        wait: bool = True,
        timeout: float = _TIMEOUT,
    ) -> IModel | AsyncPendingIModel:
        """Fork an iModel, and wait until the fork can be worked on: a copy that stays related to its main iModel."""
        checks.seconds("timeout", timeout)
        with rules.lost_answers_told(name):
            copied = await self.imodels.fork(
                imodel_id,
                itwin_id,
                name=name,
                description=description,
                changeset=changeset,
                containers_enabled=containers_enabled,
                preserve_history=preserve_history,
            )
        return await self._made(AsyncPendingIModel(self, copied.imodel_id), timeout, wait=wait)

    async def wait_for_imodel(self, imodel_id: str, *, timeout: float = _TIMEOUT) -> IModel:
        """Wait until an iModel can be worked on, however it is created and whoever began it."""
        return await AsyncPendingIModel(self, checks.identifier("imodel_id", imodel_id)).wait(timeout=timeout)

    async def _made(self, pending: AsyncPendingIModel, timeout: float, *, wait: bool) -> IModel | AsyncPendingIModel:
        return await pending.wait(timeout=timeout) if wait else pending

    async def _make_room(self, error: AlreadyExists, itwin_id: str, name: str, *, replace_unfinished: bool) -> None:
        """Give up what an interrupted creation has left under a name; raise the error when that is not to be."""
        present = await self._namesake(itwin_id, name)
        if present is None:
            raise error
        state = str(present.state)
        if not (replace_unfinished and rules.is_unfinished(state)):
            error.add_note(rules.note_on_namesake(present.imodel_id, state))
            raise error
        await self.imodels.delete(present.imodel_id)

    async def _namesake(self, itwin_id: str, name: str) -> BaselineFile | None:
        """The baseline file of the iModel that has a name, which tells how far that iModel is."""
        imodel = await self.imodels.get_by_name(itwin_id, name)
        if imodel is None:
            return None
        try:
            file = await self.baseline_files.get(imodel.id)
        except NotFound:
            return None
        return None if imodel.state == IModelState.INITIALIZED and rules.is_unfinished(str(file.state)) else file

    async def _upload(self, created: CreatedIModel, path: Path, progress: ProgressCallback | None) -> None:
        if created.upload is None:
            raise UnexpectedResponse(f"iModel {created.id}: the service gave no link to upload the file to")
        item = UploadItem(file=path, link=created.upload, name=path.name)
        await AsyncRunner().run(self._session.pool.transfers.upload, item, progress=progress)

    async def _complete(self, imodel_id: str) -> None:
        async def completed() -> BaselineFile | None:
            file = await self.baseline_files.get(imodel_id)
            return None if file.state == BaselineFileState.WAITING_FOR_FILE else file

        await settle(lambda: self.baseline_files.complete(imodel_id), completed, unclear=(ValidationFailed,))
