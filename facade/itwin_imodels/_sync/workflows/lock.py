# Made from facade/itwin_imodels/_aio/workflows/lock.py by 'make unasync'. Change that file, not this one.
"""Taking and giving back locks."""

import time
from collections.abc import Iterable
from datetime import timedelta

import attrs

from itwin_imodels._core import checks
from itwin_imodels._core.backoff import OTHERS_LOCKING, UNCLEAR_OUTCOME
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._core.waiting import sleep
from itwin_imodels._operations import briefcases as wire
from itwin_imodels._sync.resources.all import Parts
from itwin_imodels._workflows import lock as rules
from itwin_imodels._workflows import stale as stale_rules
from itwin_imodels.errors import ConnectionFailed, LockConflict, NotFound, OperationFailed, ServerError
from itwin_imodels.models import Briefcase, Lock, LockHolder, StaleBriefcase, User

__all__ = ["Locking"]

_RESTORATIONS = 3


class Locking(Parts):
    """The verbs of a client that are about locks."""

    def acquire_locks(
        self,
        imodel_id: str,
        briefcase_id: int,
        *,
        exclusive: Iterable[str] = (),
        shared: Iterable[str] = (),
        changeset_id: str | None = None,
        timeout: float = 0.0,
    ) -> Lock:
        """Lock any number of objects for a briefcase: all of them, or none."""
        requests = rules.requests(exclusive=exclusive, shared=shared, release=())
        calls = [wire.update_locks(imodel_id, briefcase_id, levels, changeset_id=changeset_id) for levels in requests]
        wished = [object_id for levels in requests for ids in levels.values() for object_id in ids]
        deadline = time.monotonic() + checks.seconds("timeout", timeout)
        attempt = 0
        while True:
            before = self.locks.list(imodel_id, briefcase_id=briefcase_id).all() if len(calls) > 1 else []
            try:
                return rules.merged([self._session.send(call) for call in calls])
            except BaseException as error:
                if len(calls) > 1:
                    self._restore(imodel_id, briefcase_id, before, wished, error, changeset_id=changeset_id)
                attempt += 1
                wait = OTHERS_LOCKING.wait_within(deadline - time.monotonic(), attempt)
                if not isinstance(error, LockConflict) or wait is None:
                    raise
                LOGGER.info("locks of iModel %s are held by others; trying again in %.1f s", imodel_id, wait)
            sleep(wait)

    def release_locks(
        self, imodel_id: str, briefcase_id: int, object_ids: Iterable[str], *, changeset_id: str | None = None
    ) -> None:
        """Release some locks of a briefcase."""
        self.locks.update(imodel_id, briefcase_id, release=object_ids, changeset_id=changeset_id)

    def release_all_locks(self, imodel_id: str, briefcase_id: int, *, changeset_id: str | None = None) -> int:
        """Release all locks of a briefcase."""
        call = wire.release_locks_chunk(imodel_id, briefcase_id, changeset_id=changeset_id)
        repeatable = attrs.evolve(call, harmless=True)
        for chunks in range(rules.MOST_CHUNKS):
            try:
                last = self._session.send(repeatable)
            except NotFound as error:
                if error.code != "LockNotFound":
                    raise
                return chunks
            if last:
                return chunks + 1
        raise OperationFailed(
            f"release of all locks on {call.entity}: the service says after {rules.MOST_CHUNKS} chunks that more are "
            "left"
        )

    def abandon_all_locks(self, imodel_id: str, briefcase_id: int) -> int:
        """Release all locks of a briefcase that has changed nothing."""
        return self.release_all_locks(imodel_id, briefcase_id)

    def lock_holders(self, imodel_id: str, conflict: LockConflict) -> list[LockHolder]:
        """Tell who holds the locks that were in the way: which devices, which people."""
        holders: list[LockHolder] = []
        for briefcase_id, object_ids in rules.by_holder(conflict.conflicting_locks).items():
            briefcase = self._briefcase(imodel_id, briefcase_id)
            owner = None if briefcase is None else self._owner(briefcase)
            holders.append(
                LockHolder(briefcase_id=briefcase_id, object_ids=object_ids, briefcase=briefcase, owner=owner)
            )
        return holders

    def _briefcase(self, imodel_id: str, briefcase_id: int) -> Briefcase | None:
        try:
            return self.briefcases.get(imodel_id, briefcase_id)
        except NotFound:
            return None

    def _owner(self, briefcase: Briefcase) -> User | None:
        try:
            return self.users.get_owner(briefcase)
        except NotFound:
            return None

    def release_stale_locks(
        self,
        imodel_id: str,
        *,
        owner: str | None = None,
        device: str | None = None,
        older_than: timedelta | None = None,
        dry_run: bool = True,
        release_briefcases: bool = True,
    ) -> list[StaleBriefcase]:
        """Free the locks and briefcases of devices that are lost."""
        wanted = stale_rules.Wanted.of(device=device, older_than=older_than, owner=owner)
        owner_id = self._owner_id(imodel_id, owner)
        found = self.briefcases.list(imodel_id, owner_id=owner_id)
        briefcases = [briefcase for briefcase in found if wanted.fits(briefcase)]
        held = {lock.briefcase_id: lock for lock in self.locks.list(imodel_id).all()} if briefcases else {}
        stale: list[StaleBriefcase] = []
        for briefcase in briefcases:
            lock = held.get(briefcase.briefcase_id)
            entry = StaleBriefcase(briefcase=briefcase, lock=lock)
            if not dry_run and (lock is not None or release_briefcases):
                entry = self._free(entry, release_briefcase=release_briefcases)
            stale.append(entry)
        return stale

    def _free(self, stale: StaleBriefcase, *, release_briefcase: bool) -> StaleBriefcase:
        briefcase = stale.briefcase
        try:
            if stale.lock is not None:
                self.abandon_all_locks(briefcase.imodel_id, briefcase.briefcase_id)
            if release_briefcase:
                self.briefcases.release(briefcase.imodel_id, briefcase.briefcase_id)
        except stale_rules.FAILURES as error:
            LOGGER.warning("briefcase %d of iModel %s: %s", briefcase.briefcase_id, briefcase.imodel_id, error)
            return attrs.evolve(stale, error=error)
        return attrs.evolve(stale, freed=True)

    def _owner_id(self, imodel_id: str, owner: str | None) -> str | None:
        if owner is None or "@" not in owner:
            return owner
        for user in self.users.list(imodel_id):
            if (user.email or "").casefold() == owner.casefold():
                return user.id
        raise ValueError(f"owner {owner!r} has never worked with iModel {imodel_id}")

    def _restore(
        self,
        imodel_id: str,
        briefcase_id: int,
        before: list[Lock],
        wished: list[str],
        error: BaseException,
        *,
        changeset_id: str | None,
    ) -> None:
        """Bring a briefcase back to the locks it had; a failure in this is told with the error that led to it."""
        for attempt in range(1, _RESTORATIONS + 1):
            try:
                self._restore_once(imodel_id, briefcase_id, before, wished, changeset_id=changeset_id)
            except (ConnectionFailed, ServerError) as failure:
                if attempt == _RESTORATIONS:
                    error.add_note(_not_restored(failure))
                    return
                sleep(UNCLEAR_OUTCOME.wait(attempt))
            except Exception as failure:  # noqa: BLE001 - told, not hidden: the first error is the one to raise
                error.add_note(_not_restored(failure))
                return
            else:
                return

    def _restore_once(
        self, imodel_id: str, briefcase_id: int, before: list[Lock], wished: list[str], *, changeset_id: str | None
    ) -> None:
        now = self.locks.list(imodel_id, briefcase_id=briefcase_id).all()
        back = rules.newly_held(before, now, wished)
        if back.release:
            self.locks.update(imodel_id, briefcase_id, release=back.release)
        if back.shared or back.exclusive:
            self.locks.update(
                imodel_id, briefcase_id, shared=back.shared, exclusive=back.exclusive, changeset_id=changeset_id
            )


def _not_restored(failure: Exception) -> str:
    return f"The briefcase may not hold the locks that it held before, because giving back failed: {failure}"
