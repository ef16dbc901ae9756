"""Pull changesets."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from itertools import chain
from os import PathLike

import attrs

from itwin_imodels._aio.resources.changesets import AsyncChangesets
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._aio.workflows.changeset_link import link_request
from itwin_imodels._aio.workflows.timeline_end import newest_pushed
from itwin_imodels._core import checks
from itwin_imodels._core.background import async_blocking
from itwin_imodels._core.local_files import local_path
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._transfer import DownloadItem, ProgressCallback
from itwin_imodels._transfer.changeset_file import ChangesetFile
from itwin_imodels._transfer.runners import AsyncRunner
from itwin_imodels._workflows import pull as rules
from itwin_imodels._workflows.pull import IndexRange, ParentChain
from itwin_imodels._workflows.pull_progress import PullProgress
from itwin_imodels._workflows.timeline_end import is_pushed
from itwin_imodels.models import Changeset, PulledChangeset

__all__ = ["AsyncPull"]


class AsyncPull:
    """One download of the changeset files in a range of a timeline."""

    def __init__(
        self,
        session: AsyncSession,
        imodel_id: str,
        directory: str | PathLike[str],
        *,
        verify: str = "id",
        limit: TimeLimit,
        progress: ProgressCallback | None = None,
    ) -> None:
        """Check the arguments; `run()` starts the pull.

        Args:
            session: Sends the requests.
            imodel_id: Id of the iModel.
            directory: The folder to write the files to.
            verify: How the files are verified: `id` or `size`.
            limit: Time limit for the whole pull.
            progress: Called with the number of bytes present and the total size of the files.
        """
        self._imodel_id = checks.identifier("imodel_id", imodel_id)
        self._folder = local_path(directory)
        self._verify = rules.checked_verification(verify)
        self._limit = limit
        self._progress = PullProgress(progress)
        self._changesets = AsyncChangesets(session)
        self._transfers = session.pool.transfers
        self._runner = AsyncRunner()
        self._pulled: list[PulledChangeset] = []

    async def run(self, *, after: str | int | None, until: str | int | Changeset | None) -> list[PulledChangeset]:
        """Download the files of the changesets after `after`, up to and including `until`.

        Returns:
            The changesets of the range and their files, oldest first.
        """
        indexes = await self._range(after, until)
        end = await self._end(indexes)
        await async_blocking(rules.make_directory, self._folder)
        items = self._runner.iterate(self._items(indexes, end))
        with self._limit.ending(self._runner.cancellation):
            await self._runner.run(
                self._transfers.download_many, chain.from_iterable(items), progress=self._progress.callback
            )
        self._progress.finish()
        return self._pulled

    async def _range(self, after: str | int | None, until: str | int | Changeset | None) -> IndexRange:
        """Resolve the bounds; only ids require a request."""
        rules.check_bounds(after, None if isinstance(until, Changeset) else until)
        begin = await self._begin(after)
        if isinstance(until, str) and until:
            until = await self._changesets.get(self._imodel_id, until)
        if isinstance(until, Changeset):
            return attrs.evolve(begin, last_index=until.index, last=until if is_pushed(until) else None)
        return attrs.evolve(begin, last_index=0 if until == "" else until)

    async def _begin(self, after: str | int | None) -> IndexRange:
        if not after:
            return IndexRange(parent_id="")
        if isinstance(after, int):
            return IndexRange(after_index=after)
        changeset = await self._changesets.get(self._imodel_id, after)
        return IndexRange(after_index=changeset.index, parent_id=ChangesetFile.of(changeset).id)

    async def _end(self, indexes: IndexRange) -> Changeset | None:
        """Return the last changeset of a range; None if the range is empty."""
        last = indexes.last or await newest_pushed(self._changesets, self._imodel_id, last_index=indexes.last_index)
        return last if last is not None and last.index > indexes.after_index else None

    async def _items(self, indexes: IndexRange, end: Changeset | None) -> AsyncGenerator[list[DownloadItem]]:
        """Yield the downloads of a range in order, page by page, and check that no changeset is missing."""
        if end is None:
            return
        order = ParentChain(indexes.parent_id)
        requested = time.monotonic()
        pages = self._changesets.list(self._imodel_id, after_index=indexes.after_index, last_index=end.index).pages()
        async with aclosing(pages):
            async for page in pages:
                arrived = time.monotonic()
                changesets = [each for each in page.items if is_pushed(each)]
                files = [ChangesetFile.of(each) for each in changesets]
                self._progress.expect(sum(file.size for file in files))
                if not page.has_next:
                    self._progress.fix_total()
                if files and not order.has_begun:
                    await self._check_beginning(indexes, files[0])
                for file in files:
                    order.append(file)
                yield [
                    self._item(changeset, file, requested) for changeset, file in zip(changesets, files, strict=True)
                ]
                requested = arrived  # the pager requests the next page as soon as this one has arrived
        order.finish(end)

    async def _check_beginning(self, indexes: IndexRange, first: ChangesetFile) -> None:
        """Check that no changeset of the range precedes the first listed one."""
        if first.parent_id and first.index > indexes.after_index + 1:
            parent = await self._changesets.get(self._imodel_id, first.parent_id)
            rules.check_parent_before(parent, indexes.after_index)

    def _item(self, changeset: Changeset, file: ChangesetFile, requested: float) -> DownloadItem:
        """Return the download of a changeset's file, and add the changeset to the result."""
        link = changeset.download
        fresh_link = (
            partial(file.link_in, changeset) if link is None else link_request(self._runner, self._changesets, file)
        )
        item = file.item(self._folder, self._verify, link=link, fresh_link=fresh_link, obtained=requested)
        self._pulled.append(PulledChangeset(changeset=attrs.evolve(changeset, download=None), path=item.target))
        return item
