"""Download one database, as one file or as blocks."""

from pathlib import Path

from itwin_imodels._aio.resources.baseline_files import AsyncBaselineFiles
from itwin_imodels._aio.resources.checkpoints import AsyncCheckpoints
from itwin_imodels._aio.session import AsyncSession
from itwin_imodels._transfer import Assembled, BlocksItem, Downloaded, DownloadItem
from itwin_imodels._transfer.runners import AsyncRunner
from itwin_imodels._transfer.storage import Container
from itwin_imodels._workflows.checkpoint import DownloadSettings
from itwin_imodels._workflows.checkpoint_sources import CheckpointSource, source_of
from itwin_imodels.errors import LinkMissing
from itwin_imodels.models import StorageLink

__all__ = ["AsyncDatabaseFetch"]


class AsyncDatabaseFetch:
    """The transfer of one database."""

    def __init__(self, session: AsyncSession, settings: DownloadSettings, source: CheckpointSource) -> None:
        """Prepare the transfer.

        Args:
            session: Sends the requests.
            settings: The files and options of the download.
            source: The database.
        """
        self._settings = settings
        self._source = source
        self._transfers = session.pool.transfers
        self._checkpoints = AsyncCheckpoints(session)
        self._baseline_files = AsyncBaselineFiles(session)
        self._runner = AsyncRunner()

    async def run(self, target: Path, *, after: int = 0) -> Downloaded | Assembled:
        """Download the database.

        Args:
            target: The file to write. The final target replaces an existing file. Any other file is named after the
                database that it contains, so an existing one is reused if it is complete.
            after: Size of the later parts of the download in bytes.
        """
        progress = self._settings.progress_of_part(after=after)
        with self._settings.limit.ending(self._runner.cancellation):
            if self._source.container is not None:
                return await self._runner.run(self._transfers.assemble, self._blocks_item(target), progress=progress)
            return await self._runner.run(self._transfers.download, self._file_item(target), progress=progress)

    def _file_item(self, target: Path) -> DownloadItem:
        return DownloadItem(
            target=target,
            link=self._source.link,
            size=self._source.size,
            fresh_link=self._runner.call(self._fresh_link),
            check=self._settings.content_check(target, self._runner.cancellation),
            is_right=None if target == self._settings.target else self._source.is_complete,
        )

    def _blocks_item(self, target: Path) -> BlocksItem:
        return BlocksItem(
            target=target,
            container=self._source.container,
            fresh_container=self._runner.call(self._fresh_container),
            check=self._settings.content_check(target, self._runner.cancellation),
            is_right=None if target == self._settings.target else self._source.is_complete,
            old=self._settings.old,
            old_list=self._settings.old_list,
            list_file=self._settings.list_file,
        )

    async def _fresh_link(self) -> StorageLink:
        source = self._source
        if source.is_baseline_file:
            link = (await self._baseline_files.get(source.imodel_id)).download
        else:
            link = (await self._checkpoints.get(source.imodel_id, source.changeset_id or 0)).download
        if link is None:
            raise LinkMissing(
                f"iModel {source.imodel_id}: the service no longer returns a link to the database at index "
                f"{source.index}"
            )
        return link

    async def _fresh_container(self) -> Container:
        source = self._source
        fresh = source_of(await self._checkpoints.get(source.imodel_id, source.changeset_id or 0), "v2")
        if fresh is None or fresh.container is None:
            raise LinkMissing(
                f"iModel {source.imodel_id}: the service no longer grants access to the blocks of the database at "
                f"index {source.index}"
            )
        return fresh.container
