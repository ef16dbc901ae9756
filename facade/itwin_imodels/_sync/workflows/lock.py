# Made from facade/itwin_imodels/_aio/workflows/lock.py by 'make unasync'. Change that file, not this one.
"""The locks of a briefcase."""

import time
from collections.abc import Iterable

import attrs

from itwin_imodels._core import checks
from itwin_imodels._core.backoff import OTHERS_LOCKING
from itwin_imodels._core.cancelling import cleaning_up
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._core.waiting import sleep
from itwin_imodels._operations import briefcases as wire
from itwin_imodels._sync.resources.briefcases import Briefcases
from itwin_imodels._sync.resources.locks import Locks
from itwin_imodels._sync.resources.users import Users
from itwin_imodels._sync.session import Session
from itwin_imodels._sync.settling import settle
from itwin_imodels._workflows import lock as rules
from itwin_imodels.errors import LockConflict, NotFound, OperationFailed
from itwin_imodels.models import Briefcase, Changeset, Lock, LockHolder, User

__all__ = ["LockHolders", "LockSet"]

_RESTORATIONS = 3


class LockSet:
    """The locks of a briefcase."""

    def __init__(self, session: Session, imodel_id: str, briefcase_id: int) -> None:
        """Select the briefcase."""
        self._session = session
        self._imodel_id = imodel_id
        self._briefcase_id = briefcase_id
        self._locks = Locks(session)

    def acquire(
        self, *, exclusive: Iterable[str], shared: Iterable[str], changeset_id: str | None, timeout: float
    ) -> Lock:
        """Lock all of the objects or none. While others hold locks on some, wait and retry until the timeout."""
        requests = rules.requests(exclusive=exclusive, shared=shared, release=())
        acquisition = _Acquisition(self._session, self._imodel_id, self._briefcase_id, requests, changeset_id)
        deadline = time.monotonic() + checks.seconds("timeout", timeout)
        attempt = 0
        while True:
            try:
                return acquisition.attempt()
            except LockConflict:
                attempt += 1
                wait = OTHERS_LOCKING.wait_within(deadline - time.monotonic(), attempt)
                if wait is None:
                    raise
                text = "other briefcases hold locks in iModel %s; retrying in %.1f s"
                LOGGER.info(text, self._imodel_id, wait, extra={"retry_in": wait})
            sleep(wait)

    def release(self, object_ids: Iterable[str], *, changeset_id: str | None) -> None:
        """Release the locks of some objects."""
        self._locks.update(self._imodel_id, self._briefcase_id, release=object_ids, changeset_id=changeset_id)

    def release_all(self, changeset_id: str | None) -> int:
        """Release all locks, and return the number of chunks."""
        call = wire.release_locks_chunk(self._imodel_id, self._briefcase_id, changeset_id=changeset_id)
        repeatable = attrs.evolve(call, is_idempotent=True)
        for chunks in range(rules.MAX_CHUNKS):
            try:
                last = self._session.send(repeatable)
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

    def release_after(self, pushed: Changeset) -> None:
        """Release all locks after a push; if this fails, a note on the error says that the push succeeded."""
        try:
            self.release_all(pushed.id)
        except BaseException as error:
            note = f"Changeset {pushed.id} is in the timeline"
            if not isinstance(error, NotFound):
                note += (
                    f", but briefcase {self._briefcase_id} may still hold locks: push again, or call "
                    "client.release_all_locks()"
                )
            error.add_note(f"{note}.")
            raise


class _Acquisition:
    """The acquisition of locks in one or several requests: either all of them are acquired or none."""

    def __init__(
        self,
        session: Session,
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
        self._locks = Locks(session)
        self._before: list[Lock] | None = None

    def attempt(self) -> Lock:
        """Send the requests; if one fails, restore the locks that the briefcase held before the first attempt."""
        if len(self._calls) == 1:
            return rules.merged([self._session.send(self._calls[0])])
        if self._before is None:
            self._before = self._held()
        acquired: list[Lock] = []
        try:
            for call in self._calls:
                acquired.append(self._session.send(call))  # noqa: PERF401 - needed if a later call fails
        except BaseException as error:
            self._restore_after(error, self._before, acquired)
            raise
        return rules.merged(acquired)

    def _restore_after(self, error: BaseException, before: list[Lock], acquired: list[Lock]) -> None:
        """Restore the earlier locks; on failure, add a note to the original error."""
        try:
            with cleaning_up():
                settle(lambda: self._restore(before, acquired), _not_restored, attempts=_RESTORATIONS)
        except Exception as failure:  # noqa: BLE001 - reported in the note: the first error is the one to raise
            error.add_note(
                "The briefcase may not hold the locks that it held before, or may hold more, because restoring them"
                f" failed: {failure}"
            )

    def _restore(self, before: list[Lock], acquired: list[Lock]) -> None:
        back = rules.restoration(before, self._held(), self._object_ids, acquired=acquired)
        acquired.clear()  # from here on, some of them may already have been released
        if back.release:
            self._locks.update(self._imodel_id, self._briefcase_id, release=back.release)
        if back.shared or back.exclusive:
            self._locks.update(
                self._imodel_id,
                self._briefcase_id,
                shared=back.shared,
                exclusive=back.exclusive,
                changeset_id=self._changeset_id,
            )

    def _held(self) -> list[Lock]:
        return self._locks.list(self._imodel_id, briefcase_id=self._briefcase_id).all()


def _not_restored() -> None:
    """Return None, so that a failed restoration is repeated: each attempt lists the locks again."""


class LockHolders:
    """The briefcases and users that hold locks in an iModel."""

    def __init__(self, session: Session, imodel_id: str) -> None:
        """Select the iModel."""
        self._briefcases = Briefcases(session)
        self._users = Users(session)
        self._imodel_id = imodel_id

    def of(self, conflict: LockConflict) -> list[LockHolder]:
        """Return the holders of the conflicting locks of an error."""
        holders: list[LockHolder] = []
        for briefcase_id, object_ids in rules.by_holder(conflict.conflicting_locks).items():
            briefcase = self._briefcase(briefcase_id)
            owner = None if briefcase is None else self._owner(briefcase)
            holders.append(
                LockHolder(briefcase_id=briefcase_id, object_ids=object_ids, briefcase=briefcase, owner=owner)
            )
        return holders

    def _briefcase(self, briefcase_id: int) -> Briefcase | None:
        try:
            return self._briefcases.get(self._imodel_id, briefcase_id)
        except NotFound:
            return None

    def _owner(self, briefcase: Briefcase) -> User | None:
        try:
            return self._users.get_owner(briefcase)
        except NotFound:
            return None
