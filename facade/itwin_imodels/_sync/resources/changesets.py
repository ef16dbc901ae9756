# Made from facade/itwin_imodels/_aio/resources/changesets.py by 'make unasync'. Change that file, not this one.
"""Changesets."""

from contextlib import closing
from functools import partial
from typing import Any, Literal, overload

from itwin_imodels._core import checks
from itwin_imodels._operations import changesets as wire
from itwin_imodels._operations.common import Detail
from itwin_imodels._sync.pager import Pager
from itwin_imodels._sync.resources.base import Resource
from itwin_imodels._sync.resources.timeline_pages import TimelinePages
from itwin_imodels._workflows.timeline_end import UNKNOWN_CHANGESET, early_end_error, empty_page_error, is_pushed
from itwin_imodels.errors import NotFound
from itwin_imodels.models import (
    Changeset,
    ContainingChanges,
    CreatedChangeset,
    MinimalChangeset,
    MinimalNamedVersion,
    SynchronizationInfo,
)

__all__ = ["Changesets"]

_MAX_CONCURRENCY = 16


class Changesets(Resource):
    """Changesets, which form the timeline of an iModel: `client.changesets`."""

    @overload
    def list(
        self,
        imodel_id: str,
        *,
        after_index: int | None = None,
        last_index: int | None = None,
        order_by: Literal["index", "index asc", "index desc"] | None = None,
        detail: Literal["full"] = "full",
        page_size: int | None = None,
        limit: int | None = None,
        concurrency: int | Literal["auto"] = "auto",
    ) -> Pager[Changeset]: ...

    @overload
    def list(
        self,
        imodel_id: str,
        *,
        after_index: int | None = None,
        last_index: int | None = None,
        order_by: Literal["index", "index asc", "index desc"] | None = None,
        detail: Literal["minimal"],
        page_size: int | None = None,
        limit: int | None = None,
        concurrency: int | Literal["auto"] = "auto",
    ) -> Pager[MinimalChangeset]: ...

    def list(
        self,
        imodel_id: str,
        *,
        after_index: int | None = None,
        last_index: int | None = None,
        order_by: Literal["index", "index asc", "index desc"] | None = None,
        detail: Detail = "full",
        page_size: int | None = None,
        limit: int | None = None,
        concurrency: int | Literal["auto"] = "auto",
    ) -> Pager[Any]:
        """List the changesets of an iModel. The baseline (index 0) is not included.

        Args:
            imodel_id: Id of the iModel.
            after_index: Only list changesets with a greater index than this, 0 or more; None means 0.
            last_index: Only list changesets up to and including this index, 0 or more; None means the newest.
            order_by: `index` or `index desc`; by default ascending.
            detail: `full`, or `minimal` without application, synchronization info and links.
            page_size: Entities per request, 1 to 1000; by default 1000.
            limit: Maximum number of entities in total; by default all.
            concurrency: Number of concurrent requests, 1 to 16, or `auto`. With 2 or more, ranges of indexes are
                requested in parallel. The result and its order are the same, but up to that many pages are kept in
                memory. With `auto` and without `limit`, the pages after the second are requested 16 at a time if
                waiting for the second took longer than reading it.

        Returns:
            A list that is read page by page during iteration.

        Raises:
            NotFound: The iModel does not exist. Raised during iteration, like all errors from the service.
            ValueError: An argument is invalid.

        Example:
            ```python
            for changeset in client.changesets.list(imodel_id, after_index=100):
                print(changeset.index, changeset.id, changeset.push_date_time)
            ```

        Service operation: Get iModel Changesets.
        """
        build = partial(wire.list_changesets, imodel_id, order_by=order_by, detail=detail)
        build(after_index=after_index, last_index=last_index, top=1)  # checks the arguments
        pages = TimelinePages(
            session=self._session,
            build=build,
            newest=partial(self.latest, imodel_id),
            after=after_index,
            last=last_index,
            descending=wire.is_descending(order_by),
        )
        source = pages.automatic
        if concurrency != "auto":
            checks.whole_number("concurrency", concurrency, minimum=1, maximum=_MAX_CONCURRENCY)
            source = pages.one_by_one if concurrency == 1 else partial(pages.in_ranges, concurrency=concurrency)
        return Pager(source, page_size=page_size, limit=limit)

    def get(self, imodel_id: str, changeset: str | int) -> Changeset:
        """Get a changeset.

        Args:
            imodel_id: Id of the iModel.
            changeset: Id of the changeset (a string of 40 hexadecimal digits) or index (an integer).

        Raises:
            NotFound: The iModel or the changeset does not exist.
            ValueError: `changeset` is neither an id nor an index.

        Example:
            ```python
            changeset = client.changesets.get(imodel_id, 7)
            ```

        Service operation: Get iModel Changeset Details.
        """
        return self._session.send(wire.get(imodel_id, changeset))

    def latest(self, imodel_id: str) -> Changeset | None:
        """Get the newest changeset.

        Args:
            imodel_id: Id of the iModel.

        Returns:
            The changeset with the highest index, or None if there is none yet.

        Raises:
            NotFound: The iModel does not exist.
            UnexpectedResponse: The list of changesets is empty, although there is a changeset.

        Example:
            ```python
            latest = client.changesets.latest(imodel_id)
            parent_id = latest.id if latest else ""
            ```

        Service operation: Get iModel Changesets, ordered by index.
        """
        return next(iter(newest_first(self, imodel_id, limit=1)), None)

    def get_for_named_version(self, named_version: MinimalNamedVersion) -> Changeset | None:
        """Get the changeset of a Named Version.

        Args:
            named_version: The Named Version.

        Returns:
            The changeset, or None for a Named Version of the baseline.

        Raises:
            NotFound: The iModel or the changeset no longer exists.

        Example:
            ```python
            changeset = client.changesets.get_for_named_version(named_version)
            ```

        Service operation: Get iModel Changeset Details.
        """
        if named_version.changeset_id is None:
            return None
        return self.get(named_version.imodel_id, named_version.changeset_id)

    def create(
        self,
        imodel_id: str,
        *,
        changeset_id: str,
        parent_id: str | None,
        briefcase_id: int,
        file_size: int,
        description: str | None = None,
        containing_changes: ContainingChanges | int | None = None,
        synchronization_info: SynchronizationInfo | None = None,
        group_id: str | None = None,
    ) -> CreatedChangeset:
        """Create a changeset, the first of the three steps of a push; `client.push_changeset()` does all three.

        Args:
            imodel_id: Id of the iModel.
            changeset_id: Id of the changeset, 40 hexadecimal digits.
            parent_id: Id of the newest changeset of the iModel; None or empty for the first changeset.
            briefcase_id: Id of the briefcase that pushes, at least 2.
            file_size: Size of its file in bytes, 1 or more.
            description: Description of the changeset, at most 255 characters.
            containing_changes: The kinds of changes in it.
            synchronization_info: The synchronization run and source files of a connector.
            group_id: Id of the changeset group to add it to.

        Returns:
            The changeset, with the link to upload its file to (`upload`).

        Raises:
            AlreadyExists: A changeset with this id already exists.
            AnotherUserPushing: A push of another briefcase is in progress.
            Conflict: The changeset group is closed (`ChangesetGroupIsClosed`).
            Forbidden: The caller lacks `imodels_write`, or `imodels_manage` if the briefcase belongs to another user.
            NotFound: The iModel, the briefcase or the changeset group does not exist.
            NotInitialized: The iModel is still being created.
            OutdatedPush: The parent is not the newest changeset.
            ValueError: An argument is invalid.

        Example:
            ```python
            created = client.changesets.create(
                imodel_id, changeset_id=changeset_id, parent_id="", briefcase_id=2, file_size=282
            )
            ```

        Service operation: Create iModel Changeset.
        """
        return self._session.send(
            wire.create(
                imodel_id,
                changeset_id=changeset_id,
                parent_id=parent_id,
                briefcase_id=briefcase_id,
                file_size=file_size,
                description=description,
                containing_changes=containing_changes,
                synchronization_info=synchronization_info,
                group_id=group_id,
            )
        )

    def confirm(self, imodel_id: str, changeset: str, *, briefcase_id: int) -> Changeset:
        """Confirm the upload of a changeset file, the last of the three steps of a push.

        Args:
            imodel_id: Id of the iModel.
            changeset: Id of the changeset, 40 hexadecimal digits; an index is not supported.
            briefcase_id: The briefcase that created it.

        Returns:
            The changeset, which is now part of the timeline.

        Raises:
            AnotherUserPushing: A push of another briefcase is in progress.
            Conflict: The file does not have the announced size (`DataConflict`).
            Forbidden: The caller lacks `imodels_write`, or `imodels_manage` if the briefcase belongs to another user.
            NotFound: The iModel, the briefcase or the changeset does not exist, or the file is not in the storage
                (`FileNotFound`).
            TypeError: `changeset` is an index; nothing was sent.

        Example:
            ```python
            changeset = client.changesets.confirm(imodel_id, created.id, briefcase_id=2)
            ```

        Service operation: Update iModel Changeset.
        """
        return self._session.send(wire.confirm(imodel_id, changeset, briefcase_id=briefcase_id))


def newest_first(
    changesets: Changesets, imodel_id: str, *, last_index: int | None = None, limit: int
) -> list[Changeset]:
    """Return the newest changesets. An empty list is trusted only if there is no pushed changeset with index 1 either.

    Args:
        changesets: The resource.
        imodel_id: Id of the iModel.
        last_index: Only changesets up to and including this index; None means all.
        limit: Maximum number of changesets.

    Raises:
        UnexpectedResponse: The list is empty although there is a changeset, or an empty page links to another one.
    """
    pager = changesets.list(imodel_id, last_index=last_index, order_by="index desc", limit=limit)
    newest = _all_of(pager, imodel_id)
    if newest or last_index == 0:
        return newest
    try:
        first = changesets.get(imodel_id, 1)
    except NotFound as error:
        if error.code != UNKNOWN_CHANGESET:
            raise
        return []
    newest = _all_of(pager, imodel_id)  # it may have been pushed in the meantime
    if not newest and is_pushed(first):
        raise early_end_error(first, None)
    return newest


def _all_of(pager: Pager[Changeset], imodel_id: str) -> list[Changeset]:
    changesets: list[Changeset] = []
    with closing(pager.pages()) as pages:
        for page in pages:
            if page.has_next and not page.items:
                raise empty_page_error(imodel_id)
            changesets += page.items
    return changesets
