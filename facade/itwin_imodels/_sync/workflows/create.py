# Made from facade/itwin_imodels/_aio/workflows/create.py by 'make unasync'. Change that file, not this one.
"""Creating iModels and waiting until they can be worked on."""

from functools import partial
from os import PathLike
from pathlib import Path
from typing import Literal, overload

from itwin_imodels._core import checks
from itwin_imodels._core.background import blocking
from itwin_imodels._core.waiting import sleep
from itwin_imodels._sync.polling import wait_until
from itwin_imodels._sync.resources.all import Parts
from itwin_imodels._transfer import ProgressCallback, UploadItem
from itwin_imodels._transfer.runners import Runner
from itwin_imodels._workflows import create as rules
from itwin_imodels._workflows.databases import baseline_size
from itwin_imodels.errors import (
    AlreadyExists,
    ConnectionFailed,
    NotFound,
    ServerError,
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

__all__ = ["Creating", "PendingIModel"]

_TIMEOUT = 600.0
_CONFIRMATIONS = 5
_CONFIRMATION_WAIT = 0.5


class PendingIModel:
    """An iModel that the service is making; creations with `wait=False` give it.

    Attributes:
        imodel_id: The iModel. Any client can wait for it: `client.wait_for_imodel(imodel_id)`.
    """

    def __init__(self, parts: Parts, imodel_id: str, *, from_baseline: bool = False) -> None:
        """Stand for an iModel; the client does this.

        Args:
            parts: The client.
            imodel_id: The iModel.
            from_baseline: Whether the state of its baseline file tells how far it is.
        """
        self.imodel_id = imodel_id
        self._parts = parts
        self._from_baseline = from_baseline

    def state(self) -> str:
        """Ask how far it is.

        Returns:
            The state as the service calls it: a `BaselineFileState` when it is made from a file, else an
            `IModelCreationState`; states that are new to this client pass through.

        Raises:
            NotFound: There is no such iModel any more.

        Service operations: Get Create iModel Operation Details, Get iModel Baseline File Details.
        """
        if self._from_baseline:
            return str((self._parts.baseline_files.get(self.imodel_id)).state)
        return str((self._parts.operations.get(self.imodel_id)).state)

    def wait(self, *, timeout: float = _TIMEOUT) -> IModel:
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
            state = wait_until(self.state, rules.is_over, timeout=timeout, what=what)
            if rules.has_failed(state):
                raise rules.failure(self.imodel_id, self._reason(state))
            return self._parts.imodels.get(self.imodel_id)

    def _reason(self, state: str) -> str:
        """Find the state that tells most: that of the baseline file, when the operation just says that it failed."""
        if state != IModelCreationState.FAILED:
            return state
        try:
            finer = str((self._parts.baseline_files.get(self.imodel_id)).state)
        except NotFound:
            return state
        return finer if rules.has_failed(finer) else state

    def __repr__(self) -> str:
        """Which iModel it is."""
        return f"{type(self).__name__}(imodel_id={self.imodel_id!r})"


class Creating(Parts):
    """The verbs of a client that create iModels."""

    @overload
    def create_imodel(
        self,
        itwin_id: str,
        name: str,
        *,
        description: str | None = None,
        extent: Extent | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        horizontal_crs_id: str | None = None,
        wait: Literal[True] = True,
        timeout: float = _TIMEOUT,
    ) -> IModel: ...

    @overload
    def create_imodel(
        self,
        itwin_id: str,
        name: str,
        *,
        description: str | None = None,
        extent: Extent | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        horizontal_crs_id: str | None = None,
        wait: Literal[False],
        timeout: float = _TIMEOUT,
    ) -> PendingIModel: ...

    def create_imodel(
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
    ) -> IModel | PendingIModel:
        """Create an empty iModel and wait until it can be worked on.

        Args:
            itwin_id: The iTwin it will belong to.
            name: Its name, 1 to 255 characters, unique in the iTwin.
            description: Its description, at most 255 characters.
            extent: The part of the Earth that it covers.
            containers_enabled: The kinds of containers it shall have.
            horizontal_crs_id: Id of its coordinate system, such as `EPSG:3857`.
            wait: Whether to wait; otherwise the result can be waited for later.
            timeout: Seconds for which it is waited for.

        Returns:
            The iModel; without waiting, something to wait for it with.

        Raises:
            AlreadyExists: The name is taken.
            Forbidden: The caller may not create iModels in the iTwin.
            NotFound: There is no such iTwin.
            OperationFailed: The service could not make it; `state` tells why.
            ValueError: An argument is out of its bounds; nothing was sent.
            WaitTimeout: It was not ready in time. It may be later: `wait_for_imodel()` waits on.

        Example:
            ```python
            imodel = client.create_imodel(itwin_id, "Bridge", description="North of the river")
            ```

        Service operations: Create iModel, Get Create iModel Operation Details, Get iModel Details.
        """
        checks.seconds("timeout", timeout)
        with rules.lost_answers_told(name):
            created = self.imodels.create(
                itwin_id,
                name,
                description=description,
                extent=extent,
                containers_enabled=containers_enabled,
                horizontal_crs_id=horizontal_crs_id,
            )
        return self._made(PendingIModel(self, created.id), timeout, wait=wait)

    @overload
    def create_imodel_from_baseline(
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
        wait: Literal[True] = True,
        timeout: float = _TIMEOUT,
        progress: ProgressCallback | None = None,
    ) -> IModel: ...

    @overload
    def create_imodel_from_baseline(
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
        wait: Literal[False],
        timeout: float = _TIMEOUT,
        progress: ProgressCallback | None = None,
    ) -> PendingIModel: ...

    def create_imodel_from_baseline(
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
    ) -> IModel | PendingIModel:
        """Create an iModel from a file: announce it, upload the file, confirm it, wait until it can be worked on.

        The service gives the link to upload to only once. So when this is interrupted before the file is there, an
        iModel stays behind that has the name and nothing in it. The error names it; calling this again raises
        `AlreadyExists`, or with `replace_unfinished` deletes it and begins anew.

        Args:
            itwin_id: The iTwin it will belong to.
            name: Its name, 1 to 255 characters, unique in the iTwin.
            file: The file: a whole SQLite database that nobody has open.
            description: Its description, at most 255 characters.
            extent: The part of the Earth that it covers.
            containers_enabled: The kinds of containers it shall have.
            horizontal_crs_id: Id of its coordinate system, such as `EPSG:3857`.
            replace_unfinished: Whether an iModel of the same name is deleted first, if it never got a baseline: it
                waits for its file, or could not be made of it. One that is ready or being made ready never is. Not to
                be used where somebody else may be uploading an iModel of this name; needs `imodels_delete`.
            wait: Whether to wait after the upload; otherwise the result can be waited for later.
            timeout: Seconds for which it is waited for after the upload.
            progress: Called with the bytes uploaded and those there are in all.

        Returns:
            The iModel; without waiting, something to wait for it with.

        Raises:
            AlreadyExists: The name is taken; the note tells by what.
            Conflict: What arrived has not the size that was announced (`DataConflict`).
            Forbidden: The caller may not create, or not delete, iModels in the iTwin.
            NotFound: There is no such iTwin.
            OperationFailed: The service could not make an iModel of the file; `state` tells why.
            TransferError: The upload failed.
            ValueError: The file is no SQLite database or not at rest, or another argument is out of its bounds; nothing
                was sent.
            WaitTimeout: It was not ready in time. It may be later: `wait_for_imodel()` waits on.

        Example:
            ```python
            imodel = client.create_imodel_from_baseline(itwin_id, "Stadium", baseline_file)
            ```

        Service operations: Create iModel, Complete iModel Baseline File Upload, Get iModel Baseline File Details, Get
        iModel Details; Get iTwin iModels and Delete iModel when the name is taken.
        """
        checks.seconds("timeout", timeout)
        path = Path(file)
        create = partial(
            self.imodels.create,
            itwin_id,
            name,
            description=description,
            extent=extent,
            baseline_file_size=blocking(baseline_size, path),
            containers_enabled=containers_enabled,
            horizontal_crs_id=horizontal_crs_id,
        )
        with rules.lost_answers_told(name):
            try:
                created = create()
            except AlreadyExists as error:
                self._make_room(error, itwin_id, name, replace_unfinished=replace_unfinished)
                created = create()
        with rules.noted(rules.note_on_upload(created.id)):
            self._upload(created, path, progress)
        with rules.noted(rules.note_on_completion(created.id)):
            self._complete(created.id)
        return self._made(PendingIModel(self, created.id, from_baseline=True), timeout, wait=wait)

    @overload
    def create_imodel_from_template(
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
        wait: Literal[True] = True,
        timeout: float = _TIMEOUT,
    ) -> IModel: ...

    @overload
    def create_imodel_from_template(
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
        wait: Literal[False],
        timeout: float = _TIMEOUT,
    ) -> PendingIModel: ...

    def create_imodel_from_template(
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
    ) -> IModel | PendingIModel:
        """Create an iModel that begins as another one is, without its history, and wait until it can be worked on.

        Args:
            itwin_id: The iTwin it will belong to, in the same data center as the template.
            name: Its name, 1 to 255 characters, unique in the iTwin.
            template_id: The iModel to begin as; reading it needs `imodels_read`.
            changeset_id: Its last changeset to take, 40 hexadecimal digits; None takes the baseline alone.
            description: Its description, at most 255 characters.
            extent: The part of the Earth that it covers.
            containers_enabled: The kinds of containers it shall have.
            horizontal_crs_id: Id of its coordinate system, such as `EPSG:3857`.
            wait: Whether to wait; otherwise the result can be waited for later.
            timeout: Seconds for which it is waited for.

        Returns:
            The iModel; without waiting, something to wait for it with.

        Raises:
            AlreadyExists: The name is taken.
            Forbidden: The caller may not create iModels in the iTwin.
            NotFound: There is no such iTwin, template or changeset.
            NotInitialized: The template is still being made itself.
            OperationFailed: The service could not make it; `state` tells why.
            ValueError: An argument is out of its bounds; nothing was sent.
            WaitTimeout: It was not ready in time. It may be later: `wait_for_imodel()` waits on.

        Example:
            ```python
            imodel = client.create_imodel_from_template(itwin_id, "Bridge, second lot", imodel_id)
            ```

        Service operations: Create iModel, Get Create iModel Operation Details, Get iModel Details.
        """
        checks.seconds("timeout", timeout)
        template = IModelTemplate(
            imodel_id=checks.identifier("template_id", template_id),
            changeset_id=checks.optional_changeset_id("changeset_id", changeset_id),
        )
        with rules.lost_answers_told(name):
            created = self.imodels.create(
                itwin_id,
                name,
                description=description,
                extent=extent,
                template=template,
                containers_enabled=containers_enabled,
                horizontal_crs_id=horizontal_crs_id,
            )
        return self._made(PendingIModel(self, created.id), timeout, wait=wait)

    @overload
    def clone_imodel(
        self,
        imodel_id: str,
        itwin_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        changeset: str | int | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        wait: Literal[True] = True,
        timeout: float = _TIMEOUT,
    ) -> IModel: ...

    @overload
    def clone_imodel(
        self,
        imodel_id: str,
        itwin_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        changeset: str | int | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        wait: Literal[False],
        timeout: float = _TIMEOUT,
    ) -> PendingIModel: ...

    def clone_imodel(
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
    ) -> IModel | PendingIModel:
        """Copy an iModel with its baseline and changesets, and wait until the copy can be worked on.

        Named Versions, locks and permissions are not copied. The copy has no relation to the original.

        Args:
            imodel_id: The iModel to copy.
            itwin_id: The iTwin of the copy.
            name: Name of the copy, 1 to 255 characters, unique in the iTwin; by default that of the original.
            description: Description of the copy, at most 255 characters; by default that of the original.
            changeset: Id or index of the last changeset to copy; 0 copies the baseline alone; by default all.
            containers_enabled: The kinds of containers the copy shall have.
            wait: Whether to wait; otherwise the result can be waited for later.
            timeout: Seconds for which it is waited for; long histories take their time.

        Returns:
            The copy; without waiting, something to wait for it with.

        Raises:
            AlreadyExists: The name is taken.
            Forbidden: The caller may not create iModels in the iTwin.
            NotFound: There is no such iModel, iTwin or changeset.
            NotInitialized: The original is still being made itself.
            OperationFailed: The service could not make the copy; `state` tells why.
            ValueError: An argument is out of its bounds; nothing was sent.
            WaitTimeout: It was not ready in time. It may be later: `wait_for_imodel()` waits on.

        Example:
            ```python
            copy = client.clone_imodel(imodel_id, itwin_id, name="Bridge, a copy to try things on")
            ```

        Service operations: Clone iModel, Get Create iModel Operation Details, Get iModel Details.
        """
        checks.seconds("timeout", timeout)
        with rules.lost_answers_told(name):
            copied = self.imodels.clone(
                imodel_id,
                itwin_id,
                name=name,
                description=description,
                changeset=changeset,
                containers_enabled=containers_enabled,
            )
        return self._made(PendingIModel(self, copied.imodel_id), timeout, wait=wait)

    @overload
    def fork_imodel(
        self,
        imodel_id: str,
        itwin_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        changeset: str | int | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        preserve_history: bool | None = None,
        wait: Literal[True] = True,
        timeout: float = _TIMEOUT,
    ) -> IModel: ...

    @overload
    def fork_imodel(
        self,
        imodel_id: str,
        itwin_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        changeset: str | int | None = None,
        containers_enabled: ContainerTypes | int | None = None,
        preserve_history: bool | None = None,
        wait: Literal[False],
        timeout: float = _TIMEOUT,
    ) -> PendingIModel: ...

    def fork_imodel(
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
    ) -> IModel | PendingIModel:
        """Fork an iModel, and wait until the fork can be worked on: a copy that stays related to its main iModel.

        All elements of the main iModel need a FederationGuid.

        Args:
            imodel_id: The main iModel.
            itwin_id: The iTwin of the fork.
            name: Name of the fork, 1 to 255 characters, unique in the iTwin; by default that of the main iModel.
            description: Description of the fork, at most 255 characters; by default that of the main iModel.
            changeset: Id or index of the last changeset to take; 0 takes the baseline alone; by default all.
            containers_enabled: The kinds of containers the fork shall have.
            preserve_history: Whether the changesets are copied one by one instead of being merged into the baseline.
            wait: Whether to wait; otherwise the result can be waited for later.
            timeout: Seconds for which it is waited for; long histories take their time.

        Returns:
            The fork; without waiting, something to wait for it with.

        Raises:
            AlreadyExists: The name is taken.
            Forbidden: The caller may not create iModels in the iTwin.
            NotFound: There is no such iModel, iTwin or changeset.
            NotInitialized: The main iModel is still being made itself.
            OperationFailed: The service could not make the fork; `state` tells why, for instance
                `mainIModelIsMissingFederationGuids`.
            ValueError: An argument is out of its bounds; nothing was sent.
            WaitTimeout: It was not ready in time. It may be later: `wait_for_imodel()` waits on.

        Example:
            ```python
            fork = client.fork_imodel(imodel_id, itwin_id, name="Bridge, variant B", preserve_history=True)
            ```

        Service operations: Fork iModel, Get Create iModel Operation Details, Get iModel Details.
        """
        checks.seconds("timeout", timeout)
        with rules.lost_answers_told(name):
            copied = self.imodels.fork(
                imodel_id,
                itwin_id,
                name=name,
                description=description,
                changeset=changeset,
                containers_enabled=containers_enabled,
                preserve_history=preserve_history,
            )
        return self._made(PendingIModel(self, copied.imodel_id), timeout, wait=wait)

    def wait_for_imodel(self, imodel_id: str, *, timeout: float = _TIMEOUT) -> IModel:
        """Wait until an iModel can be worked on, however it is created and whoever began it.

        Args:
            imodel_id: The iModel.
            timeout: Seconds for which it is waited for; 0 looks once.

        Returns:
            The iModel.

        Raises:
            NotFound: There is no such iModel.
            OperationFailed: The service could not make it; `state` tells why.
            WaitTimeout: It was not ready in time. It may be later, unless it waits for a file that nobody uploads.

        Example:
            ```python
            pending = client.create_imodel(itwin_id, "Tunnel", wait=False)
            imodel = client.wait_for_imodel(pending.imodel_id, timeout=60)
            ```

        Service operations: Get Create iModel Operation Details, Get iModel Details.
        """
        return PendingIModel(self, checks.identifier("imodel_id", imodel_id)).wait(timeout=timeout)

    def _made(self, pending: PendingIModel, timeout: float, *, wait: bool) -> IModel | PendingIModel:
        return pending.wait(timeout=timeout) if wait else pending

    def _make_room(self, error: AlreadyExists, itwin_id: str, name: str, *, replace_unfinished: bool) -> None:
        """Give up what an interrupted creation has left under a name; raise the error when that is not to be."""
        present = self._namesake(itwin_id, name)
        if present is None:
            raise error
        state = str(present.state)
        if not (replace_unfinished and rules.is_unfinished(state)):
            error.add_note(rules.note_on_namesake(present.imodel_id, state))
            raise error
        self.imodels.delete(present.imodel_id)

    def _namesake(self, itwin_id: str, name: str) -> BaselineFile | None:
        """The baseline file of the iModel that has a name, which tells how far that iModel is."""
        imodel = self.imodels.get_by_name(itwin_id, name)
        if imodel is None:
            return None
        try:
            file = self.baseline_files.get(imodel.id)
        except NotFound:
            return None
        return None if imodel.state == IModelState.INITIALIZED and rules.is_unfinished(str(file.state)) else file

    def _upload(self, created: CreatedIModel, path: Path, progress: ProgressCallback | None) -> None:
        if created.upload is None:
            raise UnexpectedResponse(f"iModel {created.id}: the service gave no link to upload the file to")
        item = UploadItem(file=path, link=created.upload, name=path.name)
        Runner().run(self._session.pool.transfers.upload, item, progress=progress)

    def _complete(self, imodel_id: str) -> None:
        """Confirm the upload; when it is not clear what came of that, look."""
        for attempt in range(_CONFIRMATIONS):
            try:
                self.baseline_files.complete(imodel_id)
            except (ConnectionFailed, ServerError, ValidationFailed) as error:
                file = self.baseline_files.get(imodel_id)
                if file.state != BaselineFileState.WAITING_FOR_FILE:
                    return
                if isinstance(error, ValidationFailed) or attempt == _CONFIRMATIONS - 1:
                    raise
                sleep(_CONFIRMATION_WAIT * 2**attempt)
            else:
                return
