# Made from facade/itwin_imodels/_aio/resources/locks.py by 'make unasync'. Change that file, not this one.
"""Locks."""

from collections.abc import Iterable

from itwin_imodels._operations import briefcases as wire
from itwin_imodels._sync.pager import Pager
from itwin_imodels._sync.resources.base import Resource
from itwin_imodels._workflows import lock as rules
from itwin_imodels.models import Lock, LockLevel, ReleasedLocks

__all__ = ["Locks"]


class Locks(Resource):
    """Locks that briefcases hold on objects: `client.locks`."""

    def list(
        self,
        imodel_id: str,
        *,
        briefcase_id: int | None = None,
        level: LockLevel | str | None = None,
        page_size: int | None = None,
        limit: int | None = None,
    ) -> Pager[Lock]:
        """List the locks of an iModel, with one entry for each briefcase.

        The service pages by object ids, not by entries, and may split the locks of a briefcase across pages. Iteration
        merges such parts into one entry.

        Args:
            imodel_id: Id of the iModel.
            briefcase_id: Only list the locks of the briefcase with this id, at least 2.
            level: Only list locks at this level: `shared` or `exclusive`.
            page_size: Object ids per request, 1 to 1000; by default 1000.
            limit: Maximum number of entries in total; by default all.

        Returns:
            A list that is read page by page during iteration. Its `pages()` are those of the service, not merged.

        Raises:
            NotFound: The iModel does not exist. Raised during iteration, like all errors from the service.
            ValueError: An argument is invalid.

        Example:
            ```python
            for lock in client.locks.list(imodel_id):
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

    def update(
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

        A request contains at most 1000 object ids and takes effect entirely or not at all. Larger sets of ids are sent
        in several requests: if one of these is rejected, the changes of the earlier ones remain.
        `client.acquire_locks()` and `client.release_locks()` are simpler, and the former undoes its changes after a
        failure.

        Args:
            imodel_id: Id of the iModel.
            briefcase_id: Id of the briefcase, at least 2.
            exclusive: Ids of objects, such as `0x1f`, that no other briefcase may lock.
            shared: Ids of objects that other briefcases may also lock at the shared level. A shared lock replaces an
                exclusive one of the same briefcase.
            release: Ids of objects to release.
            changeset_id: The changeset that the briefcase is at; None for the baseline. Released objects are recorded
                as changed by it; with None, they are recorded as unchanged.

        Returns:
            The resulting locks on these objects, as reported by the service.

        Raises:
            Forbidden: The caller lacks `imodels_write`, or `imodels_manage` if the briefcase belongs to another user.
            LockConflict: Other briefcases hold locks on some of the objects.
            NotFound: The iModel, the briefcase or the changeset does not exist, or the briefcase does not hold a lock
                to release (`LockNotFound`).
            OutdatedLock: Some of the objects were changed after `changeset_id`.
            ValueError: No id is given, an id is in two lists, or an id does not have the form `0x…`.

        Example:
            ```python
            client.locks.update(imodel_id, 2, exclusive=["0x1f"], shared=["0x1"], changeset_id=latest.id)
            ```

        Service operation: Update iModel Locks.
        """
        requests = rules.requests(exclusive=exclusive, shared=shared, release=release)
        calls = [wire.update_locks(imodel_id, briefcase_id, levels, changeset_id=changeset_id) for levels in requests]
        answers = [self._session.send(call) for call in calls]
        return rules.merged(answers)

    def release_chunk(self, imodel_id: str, briefcase_id: int, *, changeset_id: str | None = None) -> bool:
        """Release some of a briefcase's locks; `client.release_all_locks()` releases all of them.

        Args:
            imodel_id: Id of the iModel.
            briefcase_id: Id of the briefcase, at least 2.
            changeset_id: The last changeset that the briefcase pushed; the objects are recorded as changed by it. None
                abandons the locks: the objects are recorded as unchanged.

        Returns:
            Whether this was the last chunk.

        Raises:
            Forbidden: The caller lacks `imodels_write`, or `imodels_manage` if the briefcase belongs to another user.
            NotFound: The iModel, the briefcase or the changeset does not exist, or the briefcase holds no locks
                (`LockNotFound`).
            NotInitialized: The iModel is still being created.

        Example:
            ```python
            while not client.locks.release_chunk(imodel_id, 2, changeset_id=latest.id):
                pass
            ```

        Service operation: Release iModel Locks Chunk.
        """
        call = wire.release_locks_chunk(imodel_id, briefcase_id, changeset_id=changeset_id)
        return self._session.send(call)

    def list_released(
        self, imodel_id: str, *, after_changeset_index: int, page_size: int | None = None, limit: int | None = None
    ) -> Pager[ReleasedLocks]:
        """List objects whose locks were released with a changeset newer than a given one, to reload them after a pull.

        Args:
            imodel_id: Id of the iModel.
            after_changeset_index: Index of the changeset, 0 or more.
            page_size: Object ids per request, 1 to 1000; by default 1000.
            limit: Maximum number of entries in total; by default all.

        Returns:
            A list that is read page by page during iteration, with one entry for each former lock level on each page.

        Raises:
            NotFound: The iModel does not exist. Raised during iteration, like all errors from the service.
            ValueError: An argument is invalid.

        Example:
            ```python
            for released in client.locks.list_released(imodel_id, after_changeset_index=7):
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
