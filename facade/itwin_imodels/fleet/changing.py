"""Write the element-level changes of an iModel as tables, on a worker."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import Any, Final

import attrs
import pyarrow.parquet as pq

from imodel_files.changes import AnyChange, ChangeReader, arrow_batches, arrow_table
from imodel_files.changesets import ChainLink
from itwin_imodels.fleet import layout
from itwin_imodels.fleet.copies import changeset_rows, row_about
from itwin_imodels.fleet.manifest_file import ManifestFile
from itwin_imodels.fleet.report import FleetRow
from itwin_imodels.fleet.worker import Job, row_of, scratch, service, target_of

_COLUMNS: Final = ["changeset_index", "id", "parent_id", "push_date_time"]
_BEFORE: Final = layout.CHANGES_BLOCK
"""Maximum number of preceding changesets that are read to learn the classes of the elements that they insert."""


@attrs.frozen
class _Block:
    """Changesets whose changes are written to the same files.

    Attributes:
        number: The number of the block.
        rows: The facts about its changesets.
        before: The facts about the preceding changesets, which are read only to learn the classes of elements.
    """

    number: int
    rows: Sequence[dict[str, Any]]
    before: Sequence[dict[str, Any]]


def write_changes(job: Job) -> FleetRow:
    """Write the element-level changes of the changesets that no run has processed yet."""
    return row_of("changes", job, lambda: ChangesOfIModel(job).run())


class ChangesOfIModel:
    """A run over one iModel."""

    def __init__(self, job: Job) -> None:
        """Read the manifest."""
        self._job = job
        self._target = target_of(job.target)
        self._file = ManifestFile(self._target, job.imodel_id)
        self._count = 0

    def run(self) -> FleetRow:
        """Rewrite every block that contains new changesets, then write the manifest."""
        manifest = self._file.manifest
        while manifest.changes_until < manifest.tip_index:
            with scratch() as place:
                database, at = self._database(place, manifest.tip_index)
                for block in self._blocks(manifest.changes_until, at):
                    self._write(block, database)
            is_alone = self._file.commit(attrs.evolve(manifest, changes_until=manifest.tip_index))
            manifest = self._file.manifest
            if not is_alone:  # another run may have written the last block with other changesets
                manifest = attrs.evolve(manifest, changes_until=min(manifest.changes_until, manifest.tip_index - 1))
        return attrs.evolve(row_about(manifest), changed_rows=self._count)

    def _database(self, place: Path, changeset_index: int) -> tuple[Path, int]:
        """Download the database with the names of classes and properties; return its path and changeset index."""
        access = service(self._job.connection, self._job.budget)
        with access.budget.download():
            downloaded = access.client.download_checkpoint(
                self._job.imodel_id, place / "names.bim", changeset=changeset_index
            )
        return downloaded.path, downloaded.changeset_index

    def _blocks(self, after: int, database_at: int) -> Iterator[_Block]:
        first = layout.block_of(after + 1, layout.CHANGES_BLOCK) * layout.CHANGES_BLOCK
        start = max(0, first - _BEFORE)
        rows = changeset_rows(self._target, self._file.manifest, _COLUMNS, after=start)
        groups = groupby(rows, lambda each: layout.block_of(each["changeset_index"], layout.CHANGES_BLOCK))
        before: list[dict[str, Any]] = []
        for number, group in groups:
            block = list(group)
            if block[0]["changeset_index"] > first:
                yield _Block(number, block, [each for each in before if each["changeset_index"] > database_at])
            before = block

    def _write(self, block: _Block, database: Path) -> None:
        """Write one file for each month of a block."""
        read = [*block.before, *block.rows]
        folder = layout.changeset_folder(self._job.imodel_id)
        with scratch() as place:
            paths = self._target.get([f"{folder}/{each['id']}.cs" for each in read], place)
            links = [
                ChainLink(path, each["id"], each["parent_id"], each["changeset_index"])
                for path, each in zip(paths, read, strict=True)
            ]
            with ChangeReader(links, database) as reader:
                files = {
                    layout.changes_path(self._job.imodel_id, month, block.number): self._file_of(
                        place / f"{month}.parquet", _changes(reader, ranges)
                    )
                    for month, ranges in months(block.rows).items()
                }
            self._target.put(files)

    def _file_of(self, path: Path, changes: Iterable[AnyChange]) -> Path:
        schema = arrow_table([]).schema
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for batch in arrow_batches(changes):
                writer.write_batch(batch)
                self._count += batch.num_rows
        return path


def months(rows: Iterable[dict[str, Any]]) -> dict[str, list[tuple[int, int]]]:
    """Return the changesets of each month as ranges: the index before the first changeset, and the last index.

    Args:
        rows: The facts about changesets in order, including `changeset_index` and `push_date_time`.
    """
    ranges: dict[str, list[tuple[int, int]]] = {}
    for month, group in groupby(rows, lambda each: layout.month_of(each["push_date_time"])):
        indexes = [each["changeset_index"] for each in group]
        ranges.setdefault(month, []).append((indexes[0] - 1, indexes[-1]))
    return ranges


def _changes(reader: ChangeReader, ranges: Iterable[tuple[int, int]]) -> Iterator[AnyChange]:
    return chain.from_iterable(reader.changes(after=after, until=until) for after, until in ranges)
