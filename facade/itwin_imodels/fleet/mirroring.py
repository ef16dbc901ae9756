"""Mirror one iModel, on a worker."""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path

import attrs

from itwin_imodels._transfer import DownloadItem
from itwin_imodels._transfer.changeset_file import ChangesetFile
from itwin_imodels._workflows.pull import ParentChain
from itwin_imodels._workflows.timeline_end import is_pushed
from itwin_imodels.errors import NotFound
from itwin_imodels.fleet import facts, layout, planning
from itwin_imodels.fleet.copies import read_manifest, row_about
from itwin_imodels.fleet.manifest_file import ManifestFile, replace_file
from itwin_imodels.fleet.progress import Part, report_part
from itwin_imodels.fleet.report import FleetRow, Outcome
from itwin_imodels.fleet.worker import Job, Service, row_of, scratch, service, target_of
from itwin_imodels.models import Changeset, IModel, StorageLink


@attrs.frozen(kw_only=True)
class MirrorJob(Job):
    """A job that mirrors an iModel.

    Attributes:
        imodel: The iModel according to the service.
        is_dry_run: Whether to return only what would be done.
    """

    imodel: IModel
    is_dry_run: bool = False


@attrs.frozen(kw_only=True)
class FindJob(Job):
    """A job that lists the iModels of an iTwin, or finds an iModel that is missing from these lists.

    Attributes:
        itwin_ids: Ids of the iTwins whose iModels were listed, in lower case.
    """

    itwin_ids: frozenset[str] = frozenset()


def list_imodels(job: Job) -> list[IModel] | FleetRow:
    """Return the iModels of an iTwin that are ready for use; a failed row if they cannot be listed."""
    found: list[IModel] = []

    def work() -> FleetRow:
        client = service(job.connection, job.budget).client
        found.extend(client.imodels.list(job.itwin_id, state="initialized"))
        return FleetRow(imodel_id="", itwin_id=job.itwin_id)

    row = row_of("list", job, work)
    return row if row.outcome is Outcome.FAILED else found


def find_imodel(job: FindJob) -> list[IModel] | FleetRow:
    """Return a mirrored iModel that is missing from the lists; a row if it no longer exists or cannot be read.

    The list is empty if the iModel belongs to an iTwin that was not listed.

    Lists can lack an iModel if others were deleted between two pages, or if another run has since mirrored a new one.
    """
    found: list[IModel] = []

    def work() -> FleetRow:
        row = row_about(read_manifest(target_of(job.target), job.imodel_id))
        if row.itwin_id.lower() in job.itwin_ids:
            try:
                found.append(service(job.connection, job.budget).client.imodels.get(job.imodel_id))
            except NotFound:
                return attrs.evolve(row, outcome=Outcome.GONE)
        return row

    row = row_of("find", job, work)
    return found if row.outcome is Outcome.COMPLETE else row


def mirror_imodel(job: MirrorJob) -> FleetRow:
    """Update the copy of an iModel."""
    return row_of("mirror", job, lambda: IModelMirror(job).run())


class IModelMirror:
    """A run over one iModel."""

    def __init__(self, job: MirrorJob) -> None:
        """Read the manifest."""
        self._job = job
        self._target = target_of(job.target)
        self._service: Service = service(job.connection, job.budget)
        self._file = ManifestFile(self._target, job.imodel_id)
        self._file.manifest = attrs.evolve(self._file.manifest, itwin_id=job.itwin_id, name=job.name)
        self._present: frozenset[str] | None = None
        self._new = self._files = self._bytes = 0

    def run(self) -> FleetRow:
        """Add the changesets after those of the manifest, and replace the facts that have changed."""
        if self._job.is_dry_run:
            return self._planned_row()
        while self._add_all():
            pass  # add changesets that were pushed in the meantime, or that the list lacked
        self._write_facts()
        self._file.commit(self._file.manifest)  # even if unchanged: its time is that of the last run
        return attrs.evolve(
            row_about(self._file.manifest),
            new_changesets=self._new,
            downloaded_files=self._files,
            downloaded_bytes=self._bytes,
        )

    def _planned_row(self) -> FleetRow:
        found = [each.file_size for each in self._new_changesets()]
        return attrs.evolve(
            row_about(self._file.manifest),
            outcome=Outcome.PLANNED,
            new_changesets=len(found),
            downloaded_bytes=sum(found),
        )

    def _new_changesets(self) -> Iterator[Changeset]:
        """Yield the changesets after those of the manifest, after checking that each follows the one before it."""
        order = ParentChain(self._file.manifest.tip_id)
        listed = self._service.client.changesets.list(self._job.imodel_id, after_index=self._file.manifest.tip_index)
        for each in listed:
            if is_pushed(each):
                order.append(ChangesetFile.of(each))
                yield each

    def _add_all(self) -> int:
        """Add the changesets that the service lists, and return their number."""
        count = 0
        for window in planning.windows(self._new_changesets(), size_of=lambda each: each.file_size):
            count += len(window)
            new = [each for each in window if each.index > self._file.manifest.tip_index]  # another run may be ahead
            if new:
                self._add(new)
        return count

    def _add(self, window: Sequence[Changeset]) -> None:
        """Add changesets: first the files, then the facts, then the manifest."""
        before = self._bytes
        self._fetch([each for each in window if ChangesetFile.of(each).name not in self._names()])
        for block, part in groupby(window, lambda each: layout.block_of(each.index, layout.FACTS_BLOCK)):
            rows = [facts.changeset_row(each) for each in part]
            path = layout.facts_path(self._job.imodel_id, block)
            replace_file(self._target, path, partial(facts.with_changesets, rows=rows, path=path))
        manifest, last = self._file.manifest, window[-1]
        self._file.commit(
            attrs.evolve(
                manifest,
                changesets=manifest.changesets + len(window),
                tip_index=last.index,
                tip_id=ChangesetFile.of(last).id,
                file_size=manifest.file_size + sum(each.file_size for each in window),
            )
        )
        self._new += len(window)
        added = Part(imodel_id=self._job.imodel_id, changesets=len(window), downloaded_bytes=self._bytes - before)
        report_part(self._job.topic, added)

    def _names(self) -> frozenset[str]:
        """Return the names of the files in the target, including those that an interrupted run left."""
        if self._present is None:
            found = self._target.files(layout.changeset_folder(self._job.imodel_id))
            self._present = frozenset(each.name for each in found)
        return self._present

    def _fetch(self, changesets: Sequence[Changeset]) -> None:
        """Download files, verify their ids, and copy them to the target."""
        if not changesets:
            return
        folder = layout.changeset_folder(self._job.imodel_id)
        with scratch() as place:
            items = [self._item(each, place) for each in changesets]
            with self._service.budget.download():
                self._service.transfers.download_many(items)
            self._target.put({f"{folder}/{item.target.name}": item.target for item in items})
        self._files += len(items)
        self._bytes += sum(each.file_size for each in changesets)

    def _item(self, changeset: Changeset, place: Path) -> DownloadItem:
        file = ChangesetFile.of(changeset)

        def fresh_link() -> StorageLink:
            return file.link_in(self._service.client.changesets.get(file.imodel_id, file.id))

        return file.item(place, "id", link=changeset.download, fresh_link=fresh_link)

    def _write_facts(self) -> None:
        imodel_id = self._job.imodel_id
        rows = [facts.imodel_row(self._job.imodel)]
        self._file.write_whole(layout.imodel_path(imodel_id), facts.parquet(rows, facts.IMODELS))
        versions = sorted(
            self._service.client.named_versions.list(imodel_id), key=lambda each: (each.changeset_index, each.id)
        )
        rows = list(map(facts.named_version_row, versions))
        self._file.write_whole(layout.named_versions_path(imodel_id), facts.parquet(rows, facts.NAMED_VERSIONS))
