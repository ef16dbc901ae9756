# Made from facade/itwin_imodels/_aio/_checkpointing.py by 'make unasync'. Change that file, not this one.
"""Waiting for checkpoints and downloading them."""

from os import PathLike
from pathlib import Path

from imodel_files.changesets import ChainLink
from itwin_imodels import _checkpoints as rules
from itwin_imodels import _checks
from itwin_imodels._background import blocking
from itwin_imodels._checkpoints import Download, Source
from itwin_imodels._databases import check_at_rest, is_database
from itwin_imodels._sync._polling import wait_until
from itwin_imodels._sync._pulling import Pulling
from itwin_imodels._sync._versioning import Versioning
from itwin_imodels._time_limit import TimeLimit
from itwin_imodels._transfer import DownloadItem, ProgressCallback
from itwin_imodels._transfer.runners import Runner
from itwin_imodels._versions import check_one_selector
from itwin_imodels.errors import NotFound, OperationFailed, TransferError, UnexpectedResponse, WaitTimeout
from itwin_imodels.models import (
    Changeset,
    Checkpoint,
    DownloadedCheckpoint,
    MinimalNamedVersion,
    StorageLink,
    TimelinePoint,
)

__all__ = ["Checkpointing"]

_TIMEOUT = 600.0


class Checkpointing(Versioning, Pulling):
    """The verbs of a client that get whole databases."""

    def wait_for_checkpoint(
        self,
        imodel_id: str,
        *,
        changeset: str | int | None = None,
        named_version: str | MinimalNamedVersion | None = None,
        timeout: float = _TIMEOUT,
    ) -> Checkpoint:
        """Wait until the checkpoint of a changeset or a Named Version is made.

        The service makes one by itself for each new Named Version; `checkpoints.create_for_named_version()` asks again.

        Args:
            imodel_id: The iModel.
            changeset: The changeset's id or index; 0 or empty is the baseline. Either this or `named_version`.
            named_version: The Named Version, its id or its name.
            timeout: Seconds for which it is waited for; 0 looks once.

        Returns:
            The checkpoint.

        Raises:
            NotFound: There is no such iModel, changeset or Named Version, or no checkpoint of it is being made
                (`CheckpointNotFound`).
            OperationFailed: The service could not make it; `state` is `failed` or `notGenerated`.
            ValueError: Neither or both are given, or one is out of its bounds; nothing was sent.
            WaitTimeout: It was not ready in time. It may be later: wait again.

        Example:
            ```python
            checkpoint = client.wait_for_checkpoint(imodel_id, named_version=named_version, timeout=60)
            ```

        Service operations: Get Changeset Checkpoint, Get Named Version Checkpoint.
        """
        _checks.identifier("imodel_id", imodel_id)
        check_one_selector(changeset=changeset is not None, named_version=named_version is not None)
        _checks.seconds("timeout", timeout)
        if named_version is None:
            return self._made_checkpoint(imodel_id, _checks.changeset(changeset or 0), timeout)
        found = self._named_version(imodel_id, named_version)

        def look() -> Checkpoint:
            return self.checkpoints.get_for_named_version(imodel_id, found.id)

        what = f"the checkpoint of Named Version {found.id} of iModel {imodel_id}"
        return rules.check_made(wait_until(look, rules.is_over, timeout=timeout, what=what))

    def download_checkpoint(
        self,
        imodel_id: str,
        target: str | PathLike[str],
        *,
        changeset: str | int | None = None,
        named_version: str | MinimalNamedVersion | None = None,
        preceding: bool = True,
        apply: bool = False,
        checkpoint_timeout: float = 0.0,
        timeout: float | None = None,
        progress: ProgressCallback | None = None,
    ) -> DownloadedCheckpoint:
        """Download the database at a point of the timeline.

        The checkpoint of that point is taken; when it has none as one file, the nearest one before it, in the end the
        baseline. With `apply` the changesets after that checkpoint are pulled and applied to it, so that the database
        is at exactly the point that was asked for.

        The target has its name only when it is whole: of the size that the service and the storage tell, and a SQLite
        database. Calling this again after an interruption at any point goes on where it ended; until then a folder
        `<target>.work` or a file `<target>.part` is kept beside it.

        Args:
            imodel_id: The iModel.
            target: The file to write; one that is there is replaced. Nobody must have it open.
            changeset: The changeset to be at: its id or index; 0 or empty is the baseline. By default, the newest.
            named_version: The Named Version to be at, its id or its name; not together with `changeset`.
            preceding: Whether an earlier checkpoint will do.
            apply: Whether changesets are applied to an earlier checkpoint. Needs the extra `checkpoint`, and for a
                while the space of the database twice. What is derived from the tables of an iModel and not recorded,
                such as the spatial index, stays as it is in the checkpoint.
            checkpoint_timeout: Seconds for which the checkpoint of the wanted point itself is waited for while the
                service makes it; then an earlier one is taken, if one will do.
            timeout: Seconds after which the transfer ends with `WaitTimeout`; None waits as long as something moves.
            progress: Called with the bytes that are there and those there are in all, which is None while nobody knows;
                applying does not count.

        Returns:
            Where the database is and at which point of the timeline.

        Raises:
            ChangesetFileError: A changeset cannot be applied to the checkpoint.
            ConfigurationError: `apply` needs the extra `checkpoint`; nothing was sent.
            Forbidden: It needs `imodels_read`.
            IntegrityError: What the storage has is not what it should be; nothing has the target's name.
            LinkExpired: The storage refused the link, and a new one too.
            NotFound: There is no such iModel, changeset or Named Version; or without `preceding`, the point has no
                checkpoint (`CheckpointNotFound`).
            OperationFailed: Without `preceding`: the point's checkpoint failed or cannot be had as one file.
            TransferError: A file could not be downloaded or written, for example because the disk is full.
            ValueError: An argument is out of its bounds, or the target is in use; nothing was sent.
            WaitTimeout: It took longer than `timeout`; or without `preceding`, the checkpoint was not made within
                `checkpoint_timeout`.

        Example:
            ```python
            downloaded = client.download_checkpoint(imodel_id, directory / "tip.bim")
            print(downloaded.changeset_index, downloaded.is_exact)
            ```

        Service operations: Get Changeset Checkpoint, Get iModel Changesets, Get iModel Changeset Details, Get iModel
        Named Versions, Get iModel Named Version Details, Get iModel Baseline File Details.
        """
        path = Path(target)
        if changeset is not None and named_version is not None:
            raise ValueError("changeset and named_version exclude each other")
        _checks.seconds("checkpoint_timeout", checkpoint_timeout)
        limit = TimeLimit(timeout, f"the download of a checkpoint of iModel {imodel_id}")
        if apply:
            rules.check_can_apply()
        blocking(check_at_rest, "target", path)
        wanted = self._wanted(imodel_id, changeset, named_version)
        source = self._source(wanted, checkpoint_timeout, preceding=preceding)
        download = Download(wanted=wanted, target=path, limit=limit, progress=progress)
        if apply and source.index != wanted.index:
            return self._moved(download, source)
        size = self._fetch(download, source, path)
        return DownloadedCheckpoint(
            path=path, size=size, changeset_index=source.index, changeset_id=source.changeset_id, wanted=wanted
        )

    def _wanted(
        self, imodel_id: str, changeset: str | int | None, named_version: str | MinimalNamedVersion | None
    ) -> TimelinePoint:
        if named_version is not None:
            return self.changeset_at(imodel_id, named_version=named_version)
        if isinstance(changeset, str):
            return self.changeset_at(imodel_id, id=changeset)
        return self.changeset_at(imodel_id, latest=changeset is None, index=changeset)

    # Finding the checkpoint.

    def _made_checkpoint(self, imodel_id: str, changeset: str | int, timeout: float) -> Checkpoint:
        """The checkpoint of exactly one changeset, once it is made."""

        def look() -> Checkpoint:
            return self.checkpoints.get(imodel_id, changeset)

        what = f"the checkpoint of changeset {changeset} of iModel {imodel_id}"
        return rules.check_made(wait_until(look, rules.is_over, timeout=timeout, what=what))

    def _source(self, wanted: TimelinePoint, timeout: float, *, preceding: bool) -> Source:
        if wanted.is_baseline:
            return self._baseline(wanted.imodel_id)
        if not preceding:
            made = self._made_checkpoint(wanted.imodel_id, wanted.changeset_id, timeout)
            return rules.exact_source_of(made)
        own = self._own(wanted, timeout) if timeout else None
        return own or self._nearest(wanted)

    def _own(self, wanted: TimelinePoint, timeout: float) -> Source | None:
        """The checkpoint of a point itself, waited for; None when it has none."""
        try:
            return rules.source_of(self._made_checkpoint(wanted.imodel_id, wanted.changeset_id, timeout))
        except NotFound as error:
            if error.code != rules.NO_CHECKPOINT:
                raise
        except (OperationFailed, WaitTimeout):
            pass  # an earlier one will do
        return None

    def _nearest(self, wanted: TimelinePoint) -> Source:
        """Step back along the service's links until a checkpoint can be had as one file."""
        changeset = wanted.changeset
        while changeset is not None:
            place = changeset.checkpoint_changeset
            if not place:
                break
            try:
                checkpoint = self.checkpoints.get(wanted.imodel_id, place)
            except NotFound as error:
                if error.code != rules.NO_CHECKPOINT:
                    raise
                index = self._index_of(changeset, place)
            else:
                index = checkpoint.changeset_index
                source = rules.source_of(checkpoint)
                if source is not None and index <= changeset.index:
                    return source
            below = rules.check_before("the checkpoint named by the service", index, changeset.index + 1)
            changeset = self._newest_before(wanted.imodel_id, below)
        return self._baseline(wanted.imodel_id)

    def _index_of(self, changeset: Changeset, place: str | int) -> int:
        if isinstance(place, int):
            return place
        if place.lower() == changeset.id.lower():
            return changeset.index
        return (self.changesets.get(changeset.imodel_id, place)).index

    def _newest_before(self, imodel_id: str, index: int) -> Changeset | None:
        if index <= 1:
            return None
        found = self.changesets.list(imodel_id, last_index=index - 1, order_by="index desc").first()
        if found is not None:
            rules.check_before("the newest changeset listed", found.index, index)
        return found

    def _baseline(self, imodel_id: str) -> Source:
        """The baseline's checkpoint; the baseline file itself when that has none as one file."""
        try:
            source = rules.source_of(self.checkpoints.get(imodel_id, 0))
        except NotFound as error:
            if error.code != rules.NO_CHECKPOINT:
                raise
            source = None
        return source or rules.source_of_baseline(self.baseline_files.get(imodel_id))

    # Getting it.

    def _fetch(self, download: Download, source: Source, target: Path, after: int = 0) -> int:
        """Download a database and give its size.

        Args:
            download: What is asked for.
            source: Where the database is.
            target: Where it goes. A file that has that name is replaced, or in the work folder kept: it is the same.
            after: Bytes of the other parts of the download.
        """

        def link() -> StorageLink:
            return self._link_again(source)

        runner = Runner()
        item = DownloadItem(
            target=target,
            link=source.link,
            size=source.size,
            fresh_link=runner.call(link),
            check=is_database,
            is_right=None if target == download.target else source.is_right,
        )
        progress = download.shown(after=after)
        with download.limit.ending(runner.cancellation):
            downloaded = runner.run(self._session.pool.transfers.download, item, progress=progress)
        return downloaded.size

    def _link_again(self, source: Source) -> StorageLink:
        if source.is_baseline_file:
            link = (self.baseline_files.get(source.imodel_id)).download
        else:
            link = (self.checkpoints.get(source.imodel_id, source.changeset_id or 0)).download
        if link is None:
            raise TransferError(f"the service gives no link any more to the database at index {source.index}")
        return link

    def _moved(self, download: Download, source: Source) -> DownloadedCheckpoint:
        """Download a database and move it forward to a later point of the timeline."""
        wanted, imodel_id = download.wanted, download.wanted.imodel_id
        folder = rules.work_folder(download.target, imodel_id)
        database = folder / rules.database_name(source)
        after = 0 if download.progress is None else self._bytes_between(wanted, source)
        size = self._fetch(download, source, database, after)
        pulled = self.pull_changesets(
            imodel_id,
            folder,
            after=source.index,
            until=wanted.index,
            timeout=download.limit.left,
            progress=download.shown(before=size, total=size + after),
        )
        if not pulled or pulled[-1].changeset.id.lower() != wanted.changeset_id:
            raise UnexpectedResponse(f"iModel {imodel_id}: the list of changesets does not end with the one asked for")
        links = [ChainLink(each.path, each.changeset.id, each.changeset.parent_id) for each in pulled]
        runner = Runner()
        with download.limit.ending(runner.cancellation):
            moved_size = runner.run(rules.apply_to, database, source, links, download.target)
        blocking(rules.remove_work, folder)
        return DownloadedCheckpoint(
            path=download.target,
            size=moved_size,
            changeset_index=wanted.index,
            changeset_id=wanted.changeset_id,
            wanted=wanted,
            applied=len(links),
        )

    def _bytes_between(self, wanted: TimelinePoint, source: Source) -> int:
        changesets = self.changesets.list(
            wanted.imodel_id, after_index=source.index, last_index=wanted.index, detail="minimal"
        )
        return sum([changeset.file_size for changeset in changesets])
