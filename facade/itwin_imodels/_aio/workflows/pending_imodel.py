"""Waiting for iModels that the service is still creating."""

from typing import cast

from itwin_imodels._aio.polling import wait_until
from itwin_imodels._aio.resources.baseline_files import AsyncBaselineFiles
from itwin_imodels._aio.resources.imodels import AsyncIModels
from itwin_imodels._aio.resources.operations import AsyncOperations
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._core import checks
from itwin_imodels._workflows import create as rules
from itwin_imodels.errors import NotFound
from itwin_imodels.models import IModel, IModelCreationState

__all__ = ["AsyncCreationWait", "AsyncPendingIModel"]


class AsyncPendingIModel:
    """An iModel that the service is creating, as returned by `begin_create_imodel()` and similar methods.

    Attributes:
        imodel_id: Id of the iModel. Any client can wait for it: `client.wait_for_imodel(imodel_id)`.
    """

    def __init__(self, session: AsyncSession, imodel_id: str, *, from_baseline: bool = False) -> None:
        """Create a pending iModel; only the client calls this.

        Args:
            session: Sends the requests.
            imodel_id: Id of the iModel.
            from_baseline: Whether the iModel is created from a file, whose state `state()` then returns.
        """
        self.imodel_id = imodel_id
        self._from_baseline = from_baseline
        self._imodels = AsyncIModels(session)
        self._operations = AsyncOperations(session)
        self._baseline_files = AsyncBaselineFiles(session)

    async def state(self) -> str:
        """Request the state of the creation.

        Returns:
            The service's name for the state: a `BaselineFileState` if the iModel is created from a file, otherwise an
            `IModelCreationState`. States unknown to this client are returned unchanged.

        Raises:
            NotFound: The iModel no longer exists.

        Service operations: Get Create iModel Operation Details, Get iModel Baseline File Details.
        """
        if self._from_baseline:
            return str((await self._baseline_files.get(self.imodel_id)).state)
        return str((await self._operations.get(self.imodel_id)).state)

    async def wait(self, *, timeout: float = 600.0) -> IModel:
        """Wait until the iModel is ready.

        Args:
            timeout: Seconds to wait, 600 by default; 0 checks once.

        Returns:
            The iModel.

        Raises:
            NotFound: The iModel no longer exists.
            OperationFailed: The service could not create it; the error's `state` says why.
            WaitTimeout: It was not ready in time. It may still become ready: wait again.

        Service operations: Get Create iModel Operation Details, Get iModel Baseline File Details, Get iModel Details.
        """
        with rules.waiting_noted(self.imodel_id):
            what = f"the creation of iModel {self.imodel_id}"
            state = await wait_until(self.state, rules.is_over, timeout=timeout, what=what)
            if rules.has_failed(state):
                raise rules.failure(self.imodel_id, await self._reason(state))
            return await self._imodels.get(self.imodel_id)

    async def _reason(self, state: str) -> str:
        """Return the most specific state: that of the baseline file if the operation only reports a failure."""
        if state != IModelCreationState.FAILED:
            return state
        try:
            specific = str((await self._baseline_files.get(self.imodel_id)).state)
        except NotFound:
            return state
        return specific if rules.has_failed(specific) else state

    def __repr__(self) -> str:
        """Return the class and the id of the iModel."""
        return f"{type(self).__name__}(imodel_id={self.imodel_id!r})"


class AsyncCreationWait:
    """The wait for an iModel after its creation has begun."""

    def __init__(self, method: str, timeout: float, *, wait: bool) -> None:
        """Check the arguments of a method that creates an iModel, before anything is sent.

        Args:
            method: Name of the method.
            timeout: Seconds to wait; 0 checks once.
            wait: Whether to wait; False is deprecated.
        """
        self._timeout = checks.seconds("timeout", timeout)
        self._wait = wait
        if not wait:
            rules.warn_of_wait(method)

    async def result(self, pending: AsyncPendingIModel) -> IModel:
        """Wait until the iModel is ready, and return it."""
        if self._wait:
            return await pending.wait(timeout=self._timeout)
        return cast("IModel", pending)  # as wait=False always did
