"""Taking and giving back locks."""

import time
from collections.abc import Iterable
from datetime import timedelta

import attrs

from itwin_imodels._aio.resources.all import AsyncParts
from itwin_imodels._core import checks
from itwin_imodels._core.telemetry import LOGGER
from itwin_imodels._core.waiting import async_sleep, wait_within
from itwin_imodels._operations import briefcases as wire
from itwin_imodels._workflows import lock as rules
from itwin_imodels._workflows import stale as stale_rules
from itwin_imodels.errors import ConnectionFailed, LockConflict, NotFound, OperationFailed, ServerError
from itwin_imodels.models import Briefcase, Lock, LockHolder, StaleBriefcase, User

__all__ = ["AsyncLocking"]

_FIRST_WAIT = 0.5
_LONGEST_WAIT = 10.0
_RESTORATIONS = 3


class AsyncLocking(AsyncParts):
    """The verbs of a client that are about locks."""

    async def acquire_locks(
        self,
        imodel_id: str,
        briefcase_id: int,
        *,
        exclusive: Iterable[str] = (),
        shared: Iterable[str] = (),
        changeset_id: str | None = None,
        timeout: float = 0.0,
    ) -> Lock:
        """Lock any number of objects for a briefcase: all of them, or none.

        More than 1000 ids go in several requests; when one is refused, what the earlier ones locked is given back, and
        what the briefcase held before stays.

        Args:
            imodel_id: The iModel.
            briefcase_id: The briefcase, 2 or more.
            exclusive: Ids of objects such as `0x1f` that nobody else shall lock.
            shared: Ids of objects that others may lock shared too.
            changeset_id: The changeset that the briefcase is at; None at the baseline.
            timeout: Seconds for which locks of others are waited for; 0 does not wait.

        Returns:
            The locks of the briefcase as the service tells them.

        Raises:
            LockConflict: Other briefcases hold some of the objects; `lock_holders()` tells whose they are.
            NewerChangesExist: Some of the objects were changed after `changeset_id`; `object_ids` names them.
            NotFound: There is no such iModel, briefcase or changeset.
            ValueError: No id is given, one is in two lists, or one is not of the form `0x…`.

        Example:
            ```python
            await client.acquire_locks(imodel_id, briefcase.briefcase_id, exclusive=["0x20000000011"], timeout=60)
            ```

        Service operation: Update iModel Locks.
        """
        requests = rules.requests(exclusive=exclusive, shared=shared, release=())
        calls = [wire.update_locks(imodel_id, briefcase_id, levels, changeset_id=changeset_id) for levels in requests]
        wished = [object_id for levels in requests for ids in levels.values() for object_id in ids]
        deadline = time.monotonic() + checks.seconds("timeout", timeout)
        attempt = 0
        while True:
            before = await self.locks.list(imodel_id, briefcase_id=briefcase_id).all() if len(calls) > 1 else []
            try:
                return rules.merged([await self._session.send(call) for call in calls])
            except BaseException as error:
                if len(calls) > 1:
                    await self._restore(imodel_id, briefcase_id, before, wished, error, changeset_id=changeset_id)
                attempt += 1
                wait = wait_within(deadline - time.monotonic(), attempt, first=_FIRST_WAIT, longest=_LONGEST_WAIT)
                if not isinstance(error, LockConflict) or wait is None:
                    raise
                LOGGER.info("locks of iModel %s are held by others; trying again in %.1f s", imodel_id, wait)
            await async_sleep(wait)

    async def release_locks(
        self, imodel_id: str, briefcase_id: int, object_ids: Iterable[str], *, changeset_id: str | None = None
    ) -> None:
        """Release some locks of a briefcase.

        Args:
            imodel_id: The iModel.
            briefcase_id: The briefcase, 2 or more.
            object_ids: Ids of the objects; any number.
            changeset_id: The last changeset the briefcase pushed, up to which the objects are known to have changed;
                None abandons the locks: nothing was changed.

        Raises:
            NotFound: There is no such iModel, briefcase or changeset, or one of the locks is not held (`LockNotFound`).
            ValueError: No id is given, or one is not of the form `0x…`.

        Example:
            ```python
            await client.acquire_locks(imodel_id, briefcase.briefcase_id, shared=["0x2a"])
            await client.release_locks(imodel_id, briefcase.briefcase_id, ["0x2a"])
            ```

        Service operation: Update iModel Locks.
        """
        await self.locks.update(imodel_id, briefcase_id, release=object_ids, changeset_id=changeset_id)

    async def release_all_locks(self, imodel_id: str, briefcase_id: int, *, changeset_id: str | None = None) -> int:
        """Release all locks of a briefcase.

        Calling this again after a failure goes on with the locks that are left. It is no error when none is held.

        Args:
            imodel_id: The iModel.
            briefcase_id: The briefcase, 2 or more.
            changeset_id: The last changeset it pushed, up to which the objects are known to have changed; None abandons
                the locks: nothing was changed.

        Returns:
            In how many chunks they were released; 0 when none was held.

        Raises:
            Forbidden: The briefcase is somebody else's.
            NotFound: There is no such iModel, briefcase or changeset.
            OperationFailed: The service does not come to an end.

        Example:
            ```python
            await client.release_all_locks(imodel_id, briefcase.briefcase_id)
            ```

        Service operation: Release iModel Locks Chunk.
        """
        call = wire.release_locks_chunk(imodel_id, briefcase_id, changeset_id=changeset_id)
        repeatable = attrs.evolve(call, harmless=True)
        for chunks in range(rules.MOST_CHUNKS):
            try:
                last = await self._session.send(repeatable)
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

    async def abandon_all_locks(self, imodel_id: str, briefcase_id: int) -> int:
        """Release all locks of a briefcase that has changed nothing.

        Args:
            imodel_id: The iModel.
            briefcase_id: The briefcase, 2 or more.

        Returns:
            In how many chunks they were released; 0 when none was held.

        Raises:
            Forbidden: The briefcase is somebody else's.
            NotFound: There is no such iModel or briefcase.

        Example:
            ```python
            await client.abandon_all_locks(imodel_id, briefcase.briefcase_id)
            ```

        Service operation: Release iModel Locks Chunk.
        """
        return await self.release_all_locks(imodel_id, briefcase_id)

    async def lock_holders(self, imodel_id: str, conflict: LockConflict) -> list[LockHolder]:
        """Tell who holds the locks that were in the way: which devices, which people.

        Args:
            imodel_id: The iModel.
            conflict: The error.

        Returns:
            One entry for each briefcase that holds some of the objects.

        Example:
            ```python
            try:
                await client.acquire_locks(imodel_id, briefcase.briefcase_id, exclusive=["0x1f"])
            except LockConflict as conflict:
                for holder in await client.lock_holders(imodel_id, conflict):
                    print(holder.briefcase_id, holder.object_ids, holder.owner)
            ```

        Service operations: Get iModel Briefcase Details, Get iModel User Details.
        """
        holders: list[LockHolder] = []
        for briefcase_id, object_ids in rules.by_holder(conflict.conflicting_locks).items():
            briefcase = await self._briefcase(imodel_id, briefcase_id)
            owner = None if briefcase is None else await self._owner(briefcase)
            holders.append(
                LockHolder(briefcase_id=briefcase_id, object_ids=object_ids, briefcase=briefcase, owner=owner)
            )
        return holders

    async def _briefcase(self, imodel_id: str, briefcase_id: int) -> Briefcase | None:
        try:
            return await self.briefcases.get(imodel_id, briefcase_id)
        except NotFound:
            return None

    async def _owner(self, briefcase: Briefcase) -> User | None:
        try:
            return await self.users.get_owner(briefcase)
        except NotFound:
            return None

    async def release_stale_locks(
        self,
        imodel_id: str,
        *,
        owner: str | None = None,
        device: str | None = None,
        older_than: timedelta | None = None,
        dry_run: bool = True,
        release_briefcases: bool = True,
    ) -> list[StaleBriefcase]:
        """Free the locks and briefcases of devices that are lost.

        Locks of others need `imodels_manage`. One that cannot be freed does not keep the rest from being freed.

        Args:
            imodel_id: The iModel.
            owner: Only briefcases of this user: id or e-mail address; `me` stands for the caller.
            device: Only briefcases on devices with this name; `*` and `?` stand for any text and any character.
            older_than: Only briefcases acquired longer ago than this.
            dry_run: Whether only to tell what would be done.
            release_briefcases: Whether the briefcases are given back too; otherwise their locks alone.

        Returns:
            The briefcases that fit, with their locks and what became of them.

        Raises:
            NotFound: There is no such iModel.
            ValueError: Nothing tells which briefcases are stale, or nobody with this e-mail address has ever worked
                with the iModel.

        Example:
            ```python
            for stale in await client.release_stale_locks(imodel_id, older_than=timedelta(days=30)):
                print(stale.briefcase.device_name, stale.lock_count)
            ```

        Service operations: Get iModel Briefcases, Get iModel Locks, Release iModel Locks Chunk, Release iModel
        Briefcase.
        """
        wanted = stale_rules.Wanted.of(device=device, older_than=older_than, owner=owner)
        owner_id = await self._owner_id(imodel_id, owner)
        found = self.briefcases.list(imodel_id, owner_id=owner_id)
        briefcases = [briefcase async for briefcase in found if wanted.fits(briefcase)]
        held = {lock.briefcase_id: lock for lock in await self.locks.list(imodel_id).all()} if briefcases else {}
        stale: list[StaleBriefcase] = []
        for briefcase in briefcases:
            lock = held.get(briefcase.briefcase_id)
            entry = StaleBriefcase(briefcase=briefcase, lock=lock)
            if not dry_run and (lock is not None or release_briefcases):
                entry = await self._free(entry, release_briefcase=release_briefcases)
            stale.append(entry)
        return stale

    async def _free(self, stale: StaleBriefcase, *, release_briefcase: bool) -> StaleBriefcase:
        briefcase = stale.briefcase
        try:
            if stale.lock is not None:
                await self.abandon_all_locks(briefcase.imodel_id, briefcase.briefcase_id)
            if release_briefcase:
                await self.briefcases.release(briefcase.imodel_id, briefcase.briefcase_id)
        except stale_rules.FAILURES as error:
            LOGGER.warning("briefcase %d of iModel %s: %s", briefcase.briefcase_id, briefcase.imodel_id, error)
            return attrs.evolve(stale, error=error)
        return attrs.evolve(stale, freed=True)

    async def _owner_id(self, imodel_id: str, owner: str | None) -> str | None:
        if owner is None or "@" not in owner:
            return owner
        async for user in self.users.list(imodel_id):
            if (user.email or "").casefold() == owner.casefold():
                return user.id
        raise ValueError(f"owner {owner!r} has never worked with iModel {imodel_id}")

    async def _restore(
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
                await self._restore_once(imodel_id, briefcase_id, before, wished, changeset_id=changeset_id)
            except (ConnectionFailed, ServerError) as failure:
                if attempt == _RESTORATIONS:
                    error.add_note(_not_restored(failure))
                    return
                await async_sleep(_FIRST_WAIT * attempt)
            except Exception as failure:  # noqa: BLE001 - told, not hidden: the first error is the one to raise
                error.add_note(_not_restored(failure))
                return
            else:
                return

    async def _restore_once(
        self, imodel_id: str, briefcase_id: int, before: list[Lock], wished: list[str], *, changeset_id: str | None
    ) -> None:
        now = await self.locks.list(imodel_id, briefcase_id=briefcase_id).all()
        back = rules.newly_held(before, now, wished)
        if back.release:
            await self.locks.update(imodel_id, briefcase_id, release=back.release)
        if back.shared or back.exclusive:
            await self.locks.update(
                imodel_id, briefcase_id, shared=back.shared, exclusive=back.exclusive, changeset_id=changeset_id
            )


def _not_restored(failure: Exception) -> str:
    return f"The briefcase may not hold the locks that it held before, because giving back failed: {failure}"
