"""Downloading whole databases."""

from os import PathLike
from pathlib import Path

import attrs

from imodel_files.changesets import ChainLink
from itwin_imodels._aio.workflows.checkpoint_sources import AsyncCheckpointSources
from itwin_imodels._aio.workflows.pull import AsyncPulling
from itwin_imodels._core import checks
from itwin_imodels._core.background import async_blocking
from itwin_imodels._core.time_limit import TimeLimit
from itwin_imodels._transfer import Assembled, BlocksItem, Downloaded, DownloadItem, ProgressCallback
from itwin_imodels._transfer.runners import AsyncRunner
from itwin_imodels._transfer.storage import Container
from itwin_imodels._workflows import checkpoint as rules
from itwin_imodels._workflows import checkpoint_sources as sources
from itwin_imodels._workflows.checkpoint import Download
from itwin_imodels._workflows.checkpoint_sources import Kind, Source
from itwin_imodels._workflows.databases import check_at_rest
from itwin_imodels.errors import TransferError, UnexpectedResponse
from itwin_imodels.models import DownloadedCheckpoint, MinimalNamedVersion, StorageLink, TimelinePoint

__all__ = ["AsyncCheckpointing"]


class AsyncCheckpointing(AsyncCheckpointSources, AsyncPulling):
    """The verbs of a client that get whole databases."""

    async def download_checkpoint(
        self,
        imodel_id: str,
        target: str | PathLike[str],
        *,
        changeset: str | int | None = None,
        named_version: str | MinimalNamedVersion | None = None,
        preceding: bool = True,
        kind: Kind = "auto",
        apply: bool = False,
        check: bool = False,
        keep_block_list: bool = False,
        checkpoint_timeout: float = 0.0,
        timeout: float | None = None,
        progress: ProgressCallback | None = None,
    ) -> DownloadedCheckpoint:
        """Download the database at a point of the timeline."""
        path = Path(target)
        if apply and keep_block_list:
            raise ValueError("apply and keep_block_list exclude each other: the database is not that of the blocks")
        limit = TimeLimit(timeout, f"the download of a checkpoint of iModel {imodel_id}")
        if apply:
            rules.check_can_apply()
        await async_blocking(check_at_rest, "target", path)
        wanted, source = await self._found(
            imodel_id, changeset, named_version, kind, checkpoint_timeout, preceding=preceding
        )
        download = Download(
            wanted=wanted,
            target=path,
            limit=limit,
            progress=progress,
            check=check,
            list_file=rules.block_list_file(path) if keep_block_list else None,
        )
        if apply and source.index != wanted.index:
            return await self._moved(download, source)
        return rules.outcome(download, source, await self._fetch(download, source, path))

    async def update_checkpoint(
        self,
        imodel_id: str,
        database: str | PathLike[str],
        *,
        target: str | PathLike[str] | None = None,
        block_list: str | PathLike[str] | None = None,
        changeset: str | int | None = None,
        named_version: str | MinimalNamedVersion | None = None,
        preceding: bool = True,
        check: bool = False,
        checkpoint_timeout: float = 0.0,
        timeout: float | None = None,
        progress: ProgressCallback | None = None,
    ) -> DownloadedCheckpoint:
        """Make a newer database of an older one, of which only the blocks that differ are downloaded."""
        old = Path(database)
        path = old if target is None else Path(target)
        limit = TimeLimit(timeout, f"the update of a checkpoint of iModel {imodel_id}")
        await async_blocking(rules.check_old_database, old)
        await async_blocking(check_at_rest, "target", path)
        wanted, source = await self._found(
            imodel_id, changeset, named_version, "v2", checkpoint_timeout, preceding=preceding
        )
        download = Download(
            wanted=wanted,
            target=path,
            limit=limit,
            progress=progress,
            check=check,
            list_file=rules.block_list_file(path),
            old=old,
            old_list=rules.block_list_file(old) if block_list is None else Path(block_list),
        )
        return rules.outcome(download, source, await self._fetch(download, source, path))

    async def _found(
        self,
        imodel_id: str,
        changeset: str | int | None,
        named_version: str | MinimalNamedVersion | None,
        kind: Kind,
        timeout: float,
        *,
        preceding: bool,
    ) -> tuple[TimelinePoint, Source]:
        """Find the point that is asked for, and the database that is taken for it."""
        if changeset is not None and named_version is not None:
            raise ValueError("changeset and named_version exclude each other")
        checks.seconds("checkpoint_timeout", timeout)
        sources.checked_kind(kind)
        wanted = await self._wanted(imodel_id, changeset, named_version)
        return wanted, await self._source(wanted, timeout, kind, preceding=preceding)

    async def _fetch(self, download: Download, source: Source, target: Path, after: int = 0) -> Downloaded | Assembled:
        """Download a database.

        Args:
            download: What is asked for.
            source: Where the database is.
            target: Where it goes. A file that has that name is replaced, or in the work folder kept: it is the same.
            after: Bytes of the other parts of the download.
        """
        runner = AsyncRunner()
        progress = download.shown(after=after)
        transfers = self._session.pool.transfers
        with download.limit.ending(runner.cancellation):
            if source.container is not None:
                blocks = self._blocks_item(runner, download, source, target)
                return await runner.run(transfers.assemble, blocks, progress=progress)
            item = self._item(runner, download, source, target)
            return await runner.run(transfers.download, item, progress=progress)

    def _item(self, runner: AsyncRunner, download: Download, source: Source, target: Path) -> DownloadItem:
        async def link() -> StorageLink:
            return await self._link_again(source)

        return DownloadItem(
            target=target,
            link=source.link,
            size=source.size,
            fresh_link=runner.call(link),
            check=rules.check_of(download, target, runner.cancellation),
            is_right=None if target == download.target else source.is_right,
        )

    def _blocks_item(self, runner: AsyncRunner, download: Download, source: Source, target: Path) -> BlocksItem:
        async def container() -> Container:
            return await self._container_again(source)

        return BlocksItem(
            target=target,
            container=source.container,
            fresh_container=runner.call(container),
            check=rules.check_of(download, target, runner.cancellation),
            is_right=None if target == download.target else source.is_right,
            old=download.old,
            old_list=download.old_list,
            list_file=download.list_file,
        )

    async def _link_again(self, source: Source) -> StorageLink:
        if source.is_baseline_file:
            link = (await self.baseline_files.get(source.imodel_id)).download
        else:
            link = (await self.checkpoints.get(source.imodel_id, source.changeset_id or 0)).download
        if link is None:
            raise TransferError(f"the service gives no link any more to the database at index {source.index}")
        return link

    async def _container_again(self, source: Source) -> Container:
        found = sources.source_of(await self.checkpoints.get(source.imodel_id, source.changeset_id or 0), "v2")
        if found is None or found.container is None:
            raise TransferError(f"the service no longer gives access to the blocks of the database at {source.index}")
        return found.container

    async def _moved(self, download: Download, source: Source) -> DownloadedCheckpoint:
        """Download a database and move it forward to a later point of the timeline."""
        wanted, imodel_id = download.wanted, download.wanted.imodel_id
        folder = rules.work_folder(download.target, imodel_id)
        database = folder / rules.database_name(source)
        after = 0 if download.progress is None else await self._bytes_between(wanted, source)
        fetched = await self._fetch(download, source, database, after)
        pulled = await self.pull_changesets(
            imodel_id,
            folder,
            after=source.index,
            until=wanted.index,
            timeout=download.limit.left,
            progress=download.shown(before=fetched.size, total=fetched.size + after),
        )
        if not pulled or pulled[-1].changeset.id.lower() != wanted.changeset_id:
            raise UnexpectedResponse(f"iModel {imodel_id}: the list of changesets does not end with the one asked for")
        links = [ChainLink(each.path, each.changeset.id, each.changeset.parent_id) for each in pulled]
        runner = AsyncRunner()
        with download.limit.ending(runner.cancellation):
            moved_size = await runner.run(rules.apply_to, database, source, links, download)
        await async_blocking(rules.remove_work, folder)
        return attrs.evolve(
            rules.outcome(download, source, fetched),
            size=moved_size,
            changeset_index=wanted.index,
            changeset_id=wanted.changeset_id,
            applied=len(links),
        )

    async def _bytes_between(self, wanted: TimelinePoint, source: Source) -> int:
        changesets = self.changesets.list(
            wanted.imodel_id, after_index=source.index, last_index=wanted.index, detail="minimal"
        )
        return sum([changeset.file_size async for changeset in changesets])
