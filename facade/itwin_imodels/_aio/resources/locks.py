"""Locks."""

from collections.abc import Iterable

from itwin_imodels._aio.pager import AsyncPager
from itwin_imodels._aio.resources.base import AsyncResource
from itwin_imodels._operations import briefcases as wire
from itwin_imodels._workflows import lock as rules
from itwin_imodels.models import Lock, LockLevel, ReleasedLocks

__all__ = ["AsyncLocks"]


class AsyncLocks(AsyncResource):
    """Who may change what: `client.locks`."""

    def list(
        self,
        imodel_id: str,
        *,
        briefcase_id: int | None = None,
        level: LockLevel | str | None = None,
        page_size: int | None = None,
        limit: int | None = None,
    ) -> AsyncPager[Lock]:
        """List the locks of an iModel: one entry for each briefcase.

        The service counts object ids, not entries, and may go on with a briefcase on the next page; such parts are put
        together again.

        Args:
            imodel_id: The iModel.
            briefcase_id: Only those of this briefcase, 2 or more.
            level: Only `shared` or `exclusive` ones.
            page_size: Object ids of one request, 1 to 1000.
            limit: Entries in total at most.

        Returns:
            A list that is read while it is iterated; its `.pages()` are as the service gives them.

        Raises:
            NotFound: There is no such iModel; raised while iterating, as every error of the service.
            ValueError: An argument is out of its bounds.

        Example:
            ```python
            async for lock in client.locks.list(imodel_id):
                print(lock.briefcase_id, lock.exclusive, lock.shared)
            ```

        Service operation: Get iModel Locks.
        """
        return self._list(
            lambda top: wire.list_locks(imodel_id, briefcase_id=briefcase_id, level=level, top=top),
            page_size=page_size,
            limit=limit,
            join=rules.joined,
        )

    async def update(
        self,
        imodel_id: str,
        briefcase_id: int,
        *,
        exclusive: Iterable[str] = (),
        shared: Iterable[str] = (),
        release: Iterable[str] = (),
        changeset_id: str | None = None,
    ) -> Lock:
        """Lock and release objects for a briefcase.

        A request takes 1000 object ids and is all or nothing. More ids are sent in several requests: what an earlier
        one locked stays locked when a later one is refused.

        Args:
            imodel_id: The iModel.
            briefcase_id: The briefcase, 2 or more.
            exclusive: Ids of objects such as `0x1f` that nobody else shall lock.
            shared: Ids of objects that others may lock shared too.
            release: Ids of objects to release.
            changeset_id: The changeset that the briefcase is at; None at the baseline. Objects released with it are
                known to have changed up to it; without it they count as abandoned, not changed.

        Returns:
            The locks of the briefcase as the service tells them.

        Raises:
            LockConflict: Other briefcases hold some of the objects.
            NewerChangesExist: Some of the objects were changed after `changeset_id`.
            NotFound: There is no such iModel, briefcase or changeset, or a lock to release is not held.
            ValueError: No id is given, one is in two lists, or one is not of the form `0x…`.

        Example:
            ```python
            await client.locks.update(imodel_id, 2, exclusive=["0x1f"], shared=["0x1"], changeset_id=latest.id)
            ```

        Service operation: Update iModel Locks.
        """
        requests = rules.requests(exclusive=exclusive, shared=shared, release=release)
        calls = [wire.update_locks(imodel_id, briefcase_id, levels, changeset_id=changeset_id) for levels in requests]
        answers = [await self._session.send(call) for call in calls]
        return rules.merged(answers)

    async def release_chunk(self, imodel_id: str, briefcase_id: int, *, changeset_id: str | None = None) -> bool:
        """Release some of a briefcase's locks. `client.release_all_locks()` goes on until none is left.

        Args:
            imodel_id: The iModel.
            briefcase_id: The briefcase, 2 or more.
            changeset_id: The last changeset it pushed; None abandons the locks.

        Returns:
            Whether this was the last chunk.

        Raises:
            Forbidden: The briefcase is somebody else's.
            NotFound: There is no such iModel, briefcase or changeset, or no lock is held (`LockNotFound`).
            NotInitialized: The iModel is still being created.

        Example:
            ```python
            while not await client.locks.release_chunk(imodel_id, 2, changeset_id=latest.id):
                pass
            ```

        Service operation: Release iModel Locks Chunk.
        """
        call = wire.release_locks_chunk(imodel_id, briefcase_id, changeset_id=changeset_id)
        return await self._session.send(call)

    def list_released(
        self, imodel_id: str, *, after_changeset_index: int, page_size: int | None = None, limit: int | None = None
    ) -> AsyncPager[ReleasedLocks]:
        """List objects that were released with later changesets: those to look at again after a pull.

        Args:
            imodel_id: The iModel.
            after_changeset_index: Index of the changeset that the caller is at, 0 or more.
            page_size: Object ids of one request, 1 to 1000.
            limit: Entries in total at most.

        Returns:
            A list that is read while it is iterated: one entry for each former level.

        Raises:
            NotFound: There is no such iModel; raised while iterating, as every error of the service.
            ValueError: An argument is out of its bounds.

        Example:
            ```python
            async for released in client.locks.list_released(imodel_id, after_changeset_index=7):
                print(released.level, released.object_ids)
            ```

        Service operation: Get iModel Released Locks.
        """
        return self._list(
            lambda top: wire.list_released_locks(imodel_id, after_changeset_index=after_changeset_index, top=top),
            page_size=page_size,
            limit=limit,
            join=rules.joined_released,
        )
