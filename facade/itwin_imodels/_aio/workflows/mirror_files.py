"""Verify and download the files of a mirror."""

from collections.abc import AsyncGenerator, Callable
from itertools import chain
from pathlib import Path

import attrs

from itwin_imodels._aio.resources.changesets import AsyncChangesets
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._core.background import async_blocking
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._mirror.database import FileRecord, MirrorDatabase
from itwin_imodels._transfer import DownloadItem
from itwin_imodels._transfer.changeset_file import ChangesetFile, Verification
from itwin_imodels._transfer.runners import AsyncRunner
from itwin_imodels._workflows import mirror as rules
from itwin_imodels._workflows.mirror import MirrorLedger, PendingFiles, Recheck
from itwin_imodels._workflows.pull_progress import PullProgress
from itwin_imodels.errors import IntegrityError
from itwin_imodels.models import Changeset, StorageLink

__all__ = ["AsyncMirrorFiles"]


class AsyncMirrorFiles:
    """The files of a mirror whose changesets are already recorded."""

    def __init__(
        self,
        session: AsyncSession,
        database: MirrorDatabase,
        folder: Path,
        *,
        ledger: MirrorLedger,
        verification: Verification,
        recheck: Recheck,
        progress: PullProgress,
    ) -> None:
        """Prepare the transfer.

        Args:
            session: Sends the requests.
            database: The database of the mirror.
            folder: Folder of the mirror.
            ledger: Records the files.
            verification: How the files are verified.
            recheck: How previously verified files are checked again.
            progress: Reports the progress.
        """
        self._database = database
        self._folder = folder
        self._ledger = ledger
        self._verification = verification
        self._recheck = recheck
        self._progress = progress
        self._changesets = AsyncChangesets(session)
        self._transfers = session.pool.transfers
        self._runner = AsyncRunner()

    async def run(self, limit: TimeLimit) -> None:
        """Verify the files, download missing and damaged ones, and record them."""
        items = self._runner.iterate(self._items())
        try:
            with limit.ending(self._runner.cancellation):
                await self._runner.run(
                    self._transfers.download_many,
                    chain.from_iterable(items),
                    done=self._ledger.record,
                    progress=self._progress.callback,
                )
        finally:
            await async_blocking(self._ledger.flush)
        self._progress.finish()

    async def _items(self) -> AsyncGenerator[list[DownloadItem]]:
        """Yield the downloads in the order of the timeline, one window of changesets at a time."""
        after_index = 0
        unverified = self._verification if self._recheck == "none" else None
        self._progress.add_present(await async_blocking(self._database.verified_size, unverified))
        while window := await async_blocking(self._database.files, after_index, rules.WINDOW, unverified):
            self._runner.cancellation.check()
            after_index = window[-1].file.index
            todo = await async_blocking(rules.pending_files, window, self._folder, self._verification, self._recheck)
            self._progress.add_present(todo.verified_size)
            listed = await self._listed(todo)
            yield [await self._item(each, listed.get(each.file.id)) for each in todo.files]

    async def _item(self, mirrored: FileRecord, listed: Changeset | None) -> DownloadItem:
        if listed is not None and listed.file_size != mirrored.file.size:
            await async_blocking(self._database.correct_size, listed.index, listed.file_size)
            mirrored = attrs.evolve(mirrored, file=ChangesetFile.of(listed))
        file = mirrored.file
        self._progress.expect(file.size)
        self._ledger.expect(mirrored)
        link = None if listed is None else listed.download
        verification = "id" if self._recheck == "id" and mirrored.state is not None else self._verification
        return file.item(self._folder, verification, link=link, fresh_link=self._link_request(file))

    def _link_request(self, file: ChangesetFile) -> Callable[[], StorageLink]:
        """Return a function that requests a new link, and checks that the service still reports the recorded size."""

        async def link() -> StorageLink:
            changeset = await self._changesets.get(file.imodel_id, file.id)
            if changeset.file_size != file.size:
                await async_blocking(self._database.correct_size, file.index, changeset.file_size)
                raise IntegrityError(
                    f"the service reports {changeset.file_size} bytes, but the mirror recorded {file.size}. The record "
                    "has been corrected; mirror the timeline again."
                )
            return file.link_in(changeset)

        return self._runner.call(link)

    async def _listed(self, todo: PendingFiles) -> dict[str, Changeset]:
        """List the changesets of missing files with their links, if that takes fewer requests."""
        if todo.link_range is None:
            return {}
        after_index, last_index = todo.link_range
        changesets = self._changesets.list(self._database.imodel_id, after_index=after_index, last_index=last_index)
        return {each.id.lower(): each async for each in changesets if each.id.lower() in todo.missing}
