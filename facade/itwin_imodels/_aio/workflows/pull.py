"""Pulling changesets."""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from itertools import chain
from os import PathLike
from pathlib import Path

import attrs

from itwin_imodels._aio.resources.changesets import AsyncChangesets
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._aio.workflows.changeset_link import link_request
from itwin_imodels._core import checks
from itwin_imodels._core.background import async_blocking
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._transfer import DownloadItem, ProgressCallback
from itwin_imodels._transfer.changeset_file import ChangesetFile
from itwin_imodels._transfer.runners import AsyncRunner
from itwin_imodels._workflows import pull as rules
from itwin_imodels._workflows.pull import IndexRange, ParentChain
from itwin_imodels._workflows.pull_progress import PullProgress
from itwin_imodels.models import Changeset, PulledChangeset

__all__ = ["AsyncPull"]


class AsyncPull:
    """One download of the files of a part of a timeline."""

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
        """Check the arguments; `run()` starts.

        Args:
            session: Sends the requests.
            imodel_id: The iModel.
            directory: The folder that the files are written to.
            verify: How the files are verified: `id` or `size`.
            limit: How long everything may take.
            progress: Called with the bytes that are present and those of all files.
        """
        self._imodel_id = checks.identifier("imodel_id", imodel_id)
        self._folder = Path(directory)
        self._verify = rules.checked_verification(verify)
        self._limit = limit
        self._progress = PullProgress(progress)
        self._changesets = AsyncChangesets(session)
        self._transfers = session.pool.transfers
        self._runner = AsyncRunner()
        self._pulled: list[PulledChangeset] = []

    async def run(self, *, after: str | int | None, until: str | int | None) -> list[PulledChangeset]:
        """Download the files after a changeset, up to and including another one.

        Returns:
            The changesets of the range and their files, oldest first.
        """
        indexes = await self._range(after, until)
        await async_blocking(rules.make_directory, self._folder)
        items = self._runner.iterate(self._items(indexes))
        with self._limit.ending(self._runner.cancellation):
            await self._runner.run(
                self._transfers.download_many, chain.from_iterable(items), progress=self._progress.callback
            )
        self._progress.finish()
        return self._pulled

    async def _range(self, after: str | int | None, until: str | int | None) -> IndexRange:
        """Resolve the bounds to indexes; only ids need a request."""
        rules.check_bounds(after, until)
        begin = await self._begin(after)
        if isinstance(until, str):
            until = (await self._changesets.get(self._imodel_id, until)).index if until else 0
        return attrs.evolve(begin, last_index=until)

    async def _begin(self, after: str | int | None) -> IndexRange:
        if after is None:
            return IndexRange()
        if not after:
            return IndexRange(parent_id="")
        if isinstance(after, int):
            return IndexRange(after_index=after)
        changeset = await self._changesets.get(self._imodel_id, after)
        return IndexRange(after_index=changeset.index, parent_id=ChangesetFile.of(changeset).id)

    async def _items(self, indexes: IndexRange) -> AsyncGenerator[list[DownloadItem]]:
        """Yield the downloads of a range in order, page by page."""
        order = ParentChain(indexes.parent_id)
        requested = time.monotonic()
        pages = self._changesets.list(
            self._imodel_id, after_index=indexes.after_index, last_index=indexes.last_index
        ).pages()
        async with aclosing(pages):
            async for page in pages:
                arrived = time.monotonic()
                changesets = [each for each in page.items if rules.is_pushed(each)]
                files = [ChangesetFile.of(each) for each in changesets]
                self._progress.expect(sum(file.size for file in files))
                if not page.has_next:
                    self._progress.fix_total()
                for file in files:
                    order.append(file)
                yield [
                    self._item(changeset, file, requested) for changeset, file in zip(changesets, files, strict=True)
                ]
                requested = arrived  # the pager requests the next page as soon as this one has arrived

    def _item(self, changeset: Changeset, file: ChangesetFile, requested: float) -> DownloadItem:
        """Return the download of a changeset's file, and add the changeset to the result."""
        link = changeset.download
        fresh_link = (
            partial(file.link_in, changeset) if link is None else link_request(self._runner, self._changesets, file)
        )
        item = file.item(self._folder, self._verify, link=link, fresh_link=fresh_link)
        self._pulled.append(PulledChangeset(changeset=attrs.evolve(changeset, download=None), path=item.target))
        return attrs.evolve(item, obtained=requested)
