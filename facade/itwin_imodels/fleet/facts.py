"""Facts about timelines as Parquet files. The same rows always result in the same bytes."""

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from itwin_imodels._mirror.schema import COLUMNS, row_of
from itwin_imodels._transfer.changeset_file import ChangesetFile
from itwin_imodels.errors import FleetError
from itwin_imodels.fleet.layout import block_of
from itwin_imodels.fleet.target import reason_of
from itwin_imodels.models import Changeset, IModel, NamedVersion

_TIME: Final = pa.timestamp("us", tz="UTC")
_INDEX: Final = "changeset_index"
_AT_ONCE: Final = 1_000
"""Maximum number of rows in a row group, and of rows that are decoded at a time."""
_TYPES: Final = {
    _INDEX: pa.int64(),
    "containing_changes": pa.int32(),
    "file_size": pa.int64(),
    "briefcase_id": pa.int32(),
    "push_date_time": _TIME,
}

CHANGESETS: Final = pa.schema([(name, _TYPES.get(name, pa.string())) for name in COLUMNS])
"""The columns of `changesets/`, which are those of a mirror's database."""

NAMED_VERSIONS: Final = pa.schema(
    [
        ("id", pa.string()),
        ("name", pa.string()),
        ("description", pa.string()),
        ("state", pa.string()),
        ("changeset_id", pa.string()),
        (_INDEX, pa.int64()),
        ("created_date_time", _TIME),
        ("creator_id", pa.string()),
        ("application_id", pa.string()),
        ("application_name", pa.string()),
    ]
)
"""The columns of `named_versions/`."""

IMODELS: Final = pa.schema(
    [
        ("itwin_id", pa.string()),
        ("name", pa.string()),
        ("description", pa.string()),
        ("state", pa.string()),
        ("created_date_time", _TIME),
        ("creator_id", pa.string()),
        ("data_center_location", pa.string()),
        ("is_secured", pa.bool_()),
        ("containers_enabled", pa.int32()),
        ("south", pa.float64()),
        ("west", pa.float64()),
        ("north", pa.float64()),
        ("east", pa.float64()),
    ]
)
"""The columns of `imodels/`."""


def changeset_row(changeset: Changeset) -> dict[str, Any]:
    """Return the facts about a changeset."""
    row = dict(zip(COLUMNS, row_of(changeset, ChangesetFile.of(changeset)), strict=True))
    return {**row, "push_date_time": changeset.push_date_time}


def named_version_row(version: NamedVersion) -> dict[str, Any]:
    """Return the facts about a Named Version."""
    application = version.application
    return {
        **{name: getattr(version, name, None) for name in NAMED_VERSIONS.names},
        "state": str(version.state),
        "application_id": application and application.id,
        "application_name": application and application.name,
    }


def imodel_row(imodel: IModel) -> dict[str, Any]:
    """Return the facts about an iModel."""
    row = {name: getattr(imodel, name, None) for name in IMODELS.names}
    row.update(state=str(imodel.state), containers_enabled=int(imodel.containers_enabled))
    if imodel.extent is not None:
        south_west, north_east = imodel.extent.south_west, imodel.extent.north_east
        row.update(south=south_west.latitude, west=south_west.longitude)
        row.update(north=north_east.latitude, east=north_east.longitude)
    return row


def parquet(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> bytes:
    """Encode rows as a Parquet file."""
    sink = io.BytesIO()
    table = pa.Table.from_pylist(list(rows), schema=schema)
    pq.write_table(table.combine_chunks(), sink, compression="zstd")
    return sink.getvalue()


def with_changesets(content: bytes | None, rows: Iterable[Mapping[str, Any]], path: str) -> bytes:
    """Add or replace the rows of consecutive changesets in a block of facts.

    The row groups of a block begin at fixed indexes. The block is decoded and encoded piece by piece.

    Args:
        content: The current block; None for a new one.
        rows: The rows, in order; at least one.
        path: The path of the block, for error messages.

    Raises:
        FleetError: The current block is damaged.
    """
    added = pa.Table.from_pylist(list(rows), schema=CHANGESETS)
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, CHANGESETS, compression="zstd") as writer:
        for group in _in_groups(_in_order(_batches(content, path), added)):
            writer.write_table(group)
    return sink.getvalue()


@contextmanager
def _opened(content: bytes, path: str) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(io.BytesIO(content)) as file:
            yield file
    except (pa.ArrowException, OSError) as error:
        raise FleetError(
            f"{path} is damaged: {reason_of(error)}. Delete it and the manifest of its iModel, and mirror again; only "
            "missing files are downloaded."
        ) from error


def _batches(content: bytes | None, path: str) -> Iterator[pa.Table]:
    if content is not None:
        with _opened(content, path) as file:
            for batch in file.iter_batches(_AT_ONCE, use_threads=False):
                present = set(batch.schema.names)
                columns = [
                    batch[each.name] if each.name in present else pa.nulls(len(batch), each.type) for each in CHANGESETS
                ]
                yield pa.table(columns, schema=CHANGESETS)


def _in_order(batches: Iterable[pa.Table], added: pa.Table) -> Iterator[pa.Table]:
    """Yield the rows before the added ones, then the added ones, then the rows after them."""
    first, last = added[_INDEX][0], added[_INDEX][-1]
    is_added = False
    for batch in batches:
        yield batch.filter(pc.less(batch[_INDEX], first))
        later = batch.filter(pc.greater(batch[_INDEX], last))
        if later.num_rows and not is_added:
            yield added
            is_added = True
        yield later
    if not is_added:
        yield added


def _in_groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the rows of each row group: those with the indexes 1 to 1,000, 1,001 to 2,000 and so on."""
    parts: list[pa.Table] = []
    end = 0
    for rest in tables:
        table = rest
        while table.num_rows:
            if table[_INDEX][0].as_py() > end:
                if parts:
                    yield pa.concat_tables(parts).combine_chunks()
                parts = []
                end = (block_of(table[_INDEX][0].as_py(), _AT_ONCE) + 1) * _AT_ONCE
            count = pc.sum(pc.less_equal(table[_INDEX], end)).as_py()
            parts.append(table.slice(0, count))
            table = table.slice(count)
    if parts:
        yield pa.concat_tables(parts).combine_chunks()


def read_changesets(content: bytes, columns: list[str], path: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a block of facts.

    Raises:
        FleetError: The block is damaged.
    """
    with _opened(content, path) as file:
        for batch in file.iter_batches(_AT_ONCE, columns=columns, use_threads=False):
            yield from batch.to_pylist()
