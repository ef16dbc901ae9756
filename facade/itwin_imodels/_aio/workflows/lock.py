"""The locks of a briefcase."""

import time
from collections.abc import Iterable

import attrs

from itwin_imodels._aio.resources.briefcases import AsyncBriefcases
from itwin_imodels._aio.resources.locks import AsyncLocks
from itwin_imodels._aio.resources.users import AsyncUsers
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._aio.settling import settle
from itwin_imodels._core import checks
from itwin_imodels._core.backoff import OTHERS_LOCKING
from itwin_imodels._core.cancelling import async_cleaning_up
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._core.waiting import async_sleep
from itwin_imodels._operations import briefcases as wire
from itwin_imodels._workflows import lock as rules
from itwin_imodels.errors import LockConflict, NotFound, OperationFailed
from itwin_imodels.models import Briefcase, Changeset, Lock, LockHolder, User

__all__ = ["AsyncLockHolders", "AsyncLockSet"]

_RESTORATIONS = 3


class AsyncLockSet:
    """The locks of a briefcase."""

    def __init__(self, session: AsyncSession, imodel_id: str, briefcase_id: int) -> None:
        """Select the briefcase."""
        self._session = session
        self._imodel_id = imodel_id
        self._briefcase_id = briefcase_id
        self._locks = AsyncLocks(session)

    async def acquire(
        self, *, exclusive: Iterable[str], shared: Iterable[str], changeset_id: str | None, timeout: float
    ) -> Lock:
        """Lock all of the objects or none. While others hold locks on some, wait and retry until the timeout."""
        requests = rules.requests(exclusive=exclusive, shared=shared, release=())
        acquisition = _AsyncAcquisition(self._session, self._imodel_id, self._briefcase_id, requests, changeset_id)
        deadline = time.monotonic() + checks.seconds("timeout", timeout)
        attempt = 0
        while True:
            try:
                return await acquisition.attempt()
            except LockConflict:
                attempt += 1
                wait = OTHERS_LOCKING.wait_within(deadline - time.monotonic(), attempt)
                if wait is None:
                    raise
                text = "other briefcases hold locks in iModel %s; retrying in %.1f s"
                LOGGER.info(text, self._imodel_id, wait, extra={"retry_in": wait})
            await async_sleep(wait)

    async def release(self, object_ids: Iterable[str], *, changeset_id: str | None) -> None:
        """Release the locks of some objects."""
        await self._locks.update(self._imodel_id, self._briefcase_id, release=object_ids, changeset_id=changeset_id)

    async def release_all(self, changeset_id: str | None) -> int:
        """Release all locks, and return the number of chunks."""
        call = wire.release_locks_chunk(self._imodel_id, self._briefcase_id, changeset_id=changeset_id)
        repeatable = attrs.evolve(call, is_idempotent=True)
        for chunks in range(rules.MAX_CHUNKS):
            try:
                last = await self._session.send(repeatable)
            except NotFound as error:
                if error.code != "LockNotFound":
                    raise
                return chunks
            if last:
                return chunks + 1
        raise OperationFailed(
            f"cannot release all locks of briefcase {self._briefcase_id} in iModel {self._imodel_id}: the service "
            f"still reports locks after {rules.MAX_CHUNKS} chunks"
        )

    async def release_after(self, pushed: Changeset) -> None:
        """Release all locks after a push; if this fails, a note on the error says that the push succeeded."""
        try:
            await self.release_all(pushed.id)
        except BaseException as error:
            note = f"Changeset {pushed.id} is in the timeline"
            if not isinstance(error, NotFound):
                note += (
                    f", but briefcase {self._briefcase_id} may still hold locks: push again, or call "
                    "client.release_all_locks()"
                )
            error.add_note(f"{note}.")
            raise


class _AsyncAcquisition:
    """The acquisition of locks in one or several requests: either all of them are acquired or none."""

    def __init__(
        self,
        session: AsyncSession,
        imodel_id: str,
        briefcase_id: int,
        requests: rules.Requests,
        changeset_id: str | None,
    ) -> None:
        self._session = session
        self._imodel_id = imodel_id
        self._briefcase_id = briefcase_id
        self._changeset_id = changeset_id
        self._object_ids = rules.object_ids(requests)
        self._calls = [
            wire.update_locks(imodel_id, briefcase_id, levels, changeset_id=changeset_id) for levels in requests
        ]
        self._locks = AsyncLocks(session)
        self._before: list[Lock] | None = None

    async def attempt(self) -> Lock:
        """Send the requests; if one fails, restore the locks that the briefcase held before the first attempt."""
        if len(self._calls) == 1:
            return rules.merged([await self._session.send(self._calls[0])])
        if self._before is None:
            self._before = await self._held()
        acquired: list[Lock] = []
        try:
            for call in self._calls:
                acquired.append(await self._session.send(call))  # noqa: PERF401 - needed if a later call fails
        except BaseException as error:
            await self._restore_after(error, self._before, acquired)
            raise
        return rules.merged(acquired)

    async def _restore_after(self, error: BaseException, before: list[Lock], acquired: list[Lock]) -> None:
        """Restore the earlier locks; on failure, add a note to the original error."""
        try:
            with async_cleaning_up():
                await settle(lambda: self._restore(before, acquired), _not_restored, attempts=_RESTORATIONS)
        except Exception as failure:  # noqa: BLE001 - reported in the note: the first error is the one to raise
            error.add_note(
                "The briefcase may not hold the locks that it held before, or may hold more, because restoring them"
                f" failed: {failure}"
            )

    async def _restore(self, before: list[Lock], acquired: list[Lock]) -> None:
        back = rules.restoration(before, await self._held(), self._object_ids, acquired=acquired)
        acquired.clear()  # from here on, some of them may already have been released
        if back.release:
            await self._locks.update(self._imodel_id, self._briefcase_id, release=back.release)
        if back.shared or back.exclusive:
            await self._locks.update(
                self._imodel_id,
                self._briefcase_id,
                shared=back.shared,
                exclusive=back.exclusive,
                changeset_id=self._changeset_id,
            )

    async def _held(self) -> list[Lock]:
        return await self._locks.list(self._imodel_id, briefcase_id=self._briefcase_id).all()


async def _not_restored() -> None:
    """Return None, so that a failed restoration is repeated: each attempt lists the locks again."""


class AsyncLockHolders:
    """The briefcases and users that hold locks in an iModel."""

    def __init__(self, session: AsyncSession, imodel_id: str) -> None:
        """Select the iModel."""
        self._briefcases = AsyncBriefcases(session)
        self._users = AsyncUsers(session)
        self._imodel_id = imodel_id

    async def of(self, conflict: LockConflict) -> list[LockHolder]:
        """Return the holders of the conflicting locks of an error."""
        holders: list[LockHolder] = []
        for briefcase_id, object_ids in rules.by_holder(conflict.conflicting_locks).items():
            briefcase = await self._briefcase(briefcase_id)
            owner = None if briefcase is None else await self._owner(briefcase)
            holders.append(
                LockHolder(briefcase_id=briefcase_id, object_ids=object_ids, briefcase=briefcase, owner=owner)
            )
        return holders

    async def _briefcase(self, briefcase_id: int) -> Briefcase | None:
        try:
            return await self._briefcases.get(self._imodel_id, briefcase_id)
        except NotFound:
            return None

    async def _owner(self, briefcase: Briefcase) -> User | None:
        try:
            return await self._users.get_owner(briefcase)
        except NotFound:
            return None
