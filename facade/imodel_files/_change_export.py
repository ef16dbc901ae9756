"""Export changes as JSON Lines, CSV, Arrow and Parquet."""

import csv
import importlib
import io
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, TextIO, TypeAlias

from imodel_files._change_instances import (
    AspectChange,
    ElementChange,
    InstanceChange,
    RelationshipChange,
    RowChange,
)
from imodel_files._change_parts import PropertyChange
from imodel_files._change_values import Blob, PropertyValue
from imodel_files._fields import NO_VALUE
from imodel_files._replacing import replacing

AnyChange: TypeAlias = InstanceChange | RowChange
"""A change that a `ChangeReader` yields."""

_FIELDS: Final = (
    "changeset_index",
    "changeset_id",
    "kind",
    "operation",
    "is_indirect",
    "id",
    "class_name",
    "is_class_fallback",
    "tables",
    "model_id",
    "parent_id",
    "code",
    "label",
    "element_id",
    "source_id",
    "target_id",
)
_COLUMNS: Final = (*_FIELDS, "property", "old", "new", "old_label", "new_label")
_INTEGERS: Final = frozenset({"changeset_index"})
_BOOLEANS: Final = frozenset({"is_indirect", "is_class_fallback"})
_BATCH: Final = 65_536
_ROW: Final = "row"


def change_record(change: AnyChange) -> dict[str, Any]:
    """Return a change as JSON data.

    Args:
        change: A change to an instance or a row.

    Returns:
        Facts about the change, and ``properties``: an object for each changed property with ``old`` and ``new``.
        ``old`` is missing if there was no value before, and ``new`` if there is none after. Enumerations also have
        ``old_label`` and ``new_label``. Binary values are objects with ``size`` and ``sha256``.

    Example:
        ```python
        with ChangeReader("changesets", "tip.bim") as reader:
            records = [change_record(change) for change in reader.changes()]
        ```
    """
    return {**_facts(change), "properties": {name: _sides(each) for name, each in _properties(change).items()}}


def write_jsonl(changes: Iterable[AnyChange], target: str | os.PathLike[str] | TextIO) -> int:
    """Write changes as JSON Lines, one line for each change; see `change_record`.

    Args:
        changes: The changes to write, such as those of `ChangeReader.changes()`; consumed once.
        target: The path of a file, which appears once it is complete, or an open text stream.

    Returns:
        The number of lines written.

    Raises:
        OSError: The file cannot be written.

    Example:
        ```python
        with ChangeReader("changesets", "tip.bim") as reader:
            write_jsonl(reader.changes(), "changes.jsonl")
        ```
    """
    count = 0
    with _opened(target) as stream:
        for change in changes:
            stream.write(json.dumps(change_record(change), ensure_ascii=False) + "\n")
            count += 1
    return count


def write_csv(changes: Iterable[AnyChange], target: str | os.PathLike[str] | TextIO) -> int:
    """Write changes as CSV with a header: one row for each changed property, and one for a change without properties.

    Values other than strings are written as JSON; missing values and NULL are empty. ``label`` is the label of the
    element; ``old_label`` and ``new_label`` are the labels of enumeration values.

    Args:
        changes: The changes to write, such as those of `ChangeReader.changes()`; consumed once.
        target: The path of a file, which appears once it is complete, or an open text stream.

    Returns:
        The number of rows written, without the header.

    Raises:
        OSError: The file cannot be written.

    Example:
        ```python
        with ChangeReader("changesets", "tip.bim") as reader:
            write_csv(reader.elements(net=True), "elements.csv")
        ```
    """
    count = -1
    with _opened(target) as stream:
        for line in _csv_lines(chain([_COLUMNS], _rows(changes))):
            stream.write(line)
            count += 1
    return count


def arrow_batches(changes: Iterable[AnyChange], *, batch_size: int = _BATCH) -> Iterator[Any]:
    """Yield changes as pyarrow record batches, with the columns and rows of `write_csv`.

    Requires the extra ``arrow``.

    Args:
        changes: The changes to convert, such as those of `ChangeReader.changes()`; consumed once.
        batch_size: Maximum number of rows in a batch.

    Raises:
        ImportError: The extra is not installed.
        ValueError: `batch_size` is less than 1.

    Example:
        ```python
        with ChangeReader("changesets", "tip.bim") as reader:
            rows = sum(batch.num_rows for batch in arrow_batches(reader.elements()))
        ```
    """
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, not {batch_size}")
    pyarrow = _pyarrow("pyarrow")
    schema = _schema(pyarrow)
    rows = _rows(changes)
    while some := list(islice(rows, batch_size)):
        columns = zip(*some, strict=True)
        yield pyarrow.record_batch([_column(*each) for each in zip(_COLUMNS, columns, strict=True)], schema=schema)


def arrow_table(changes: Iterable[AnyChange]) -> Any:  # noqa: ANN401 - a class of an optional dependency
    """Return changes as a pyarrow table, which is held in memory; ``.to_pandas()`` converts it into a data frame.

    Requires the extra ``arrow``.

    Args:
        changes: The changes to convert, such as those of `ChangeReader.changes()`; consumed once.

    Raises:
        ImportError: The extra is not installed.

    Example:
        ```python
        with ChangeReader("changesets", "tip.bim") as reader:
            table = arrow_table(reader.elements(net=True))
        ```
    """
    pyarrow = _pyarrow("pyarrow")
    return pyarrow.Table.from_batches(list(arrow_batches(changes)), schema=_schema(pyarrow))


def write_parquet(changes: Iterable[AnyChange], target: str | os.PathLike[str]) -> int:
    """Write changes to a Parquet file, with the columns and rows of `write_csv`.

    Requires the extra ``arrow``.

    Args:
        changes: The changes to write, such as those of `ChangeReader.changes()`; consumed once.
        target: The path of the file, which appears once it is complete.

    Returns:
        The number of rows written.

    Raises:
        ImportError: The extra is not installed.
        OSError: The file cannot be written.

    Example:
        ```python
        with ChangeReader("changesets", "tip.bim") as reader:
            write_parquet(reader.changes(), "changes.parquet")
        ```
    """
    pyarrow, parquet = _pyarrow("pyarrow"), _pyarrow("pyarrow.parquet")
    count = 0
    with replacing(Path(target)) as part, parquet.ParquetWriter(os.fspath(part), _schema(pyarrow)) as writer:
        for batch in arrow_batches(changes):
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def _facts(change: AnyChange) -> dict[str, Any]:
    """Return the facts about a change, under the same names for all kinds of changes; omit those that do not apply."""
    facts: dict[str, Any] = {}
    if change.changeset is not None:
        facts.update(changeset_index=change.changeset.index, changeset_id=change.changeset.id)
    facts.update(kind=_ROW, operation=change.operation.value, is_indirect=change.is_indirect)
    if isinstance(change, RowChange):
        facts.update(id=" ".join(map(_text, change.key)), tables=[change.table])
    else:
        facts.update(kind=change.kind.value, id=change.id, tables=list(change.tables))
    facts.update(class_name=change.class_name, is_class_fallback=change.is_class_fallback)
    if isinstance(change, ElementChange):
        code = change.code.value
        facts.update(model_id=change.model_id, parent_id=change.parent_id, code=code, label=change.label)
    elif isinstance(change, AspectChange):
        facts.update(element_id=change.element_id)
    elif isinstance(change, RelationshipChange):
        facts.update(source_id=change.source_id, target_id=change.target_id)
    return facts


def _properties(change: AnyChange) -> Mapping[str, PropertyChange]:
    return change.values if isinstance(change, RowChange) else change.properties


def _sides(change: PropertyChange) -> dict[str, Any]:
    sides = {"old": change.old, "new": change.new}
    labels = {"old_label": change.old_label, "new_label": change.new_label}
    plain = {side: _json(value) for side, value in sides.items() if value is not NO_VALUE}
    return {**plain, **{side: label for side, label in labels.items() if label is not None}}


def _json(value: PropertyValue) -> Any:  # noqa: ANN401 - any JSON
    """Return a value as JSON data; infinities and NaN, which JSON lacks, become strings."""
    if isinstance(value, Blob):
        return {"size": value.size, "sha256": value.sha256}
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _rows(changes: Iterable[AnyChange]) -> Iterator[tuple[Any, ...]]:
    """Yield a row of `_COLUMNS` for each changed property."""
    for change in changes:
        facts = _facts(change)
        facts["tables"] = " ".join(facts["tables"])
        head = tuple(facts.get(field) for field in _FIELDS)
        properties = _properties(change)
        for name, each in properties.items():
            yield (*head, name, _cell(each.old), _cell(each.new), each.old_label, each.new_label)
        if not properties:
            yield (*head, None, None, None, None, None)


def _csv_lines(rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """Yield the lines of a CSV file. Some versions of Python quote carriage returns only if lines end with one."""
    line = io.StringIO(newline="")
    writer = csv.writer(line, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_text(value) for value in row])
        yield line.getvalue().removesuffix("\r\n") + "\n"
        line.seek(0)
        line.truncate()


def _cell(value: PropertyValue) -> str | None:
    return None if value is None or value is NO_VALUE else _text(value)


def _text(value: Any) -> str:  # noqa: ANN401 - any value
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(_json(value), ensure_ascii=False)


@contextmanager
def _opened(target: str | os.PathLike[str] | TextIO) -> Iterator[TextIO]:
    if not isinstance(target, str | os.PathLike):
        yield target
        return
    with replacing(Path(target)) as part, part.open("x", encoding="utf-8", newline="") as stream:
        yield stream


def _pyarrow(name: str) -> Any:  # noqa: ANN401 - a module of an optional dependency
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError("Arrow and Parquet require the extra 'arrow': pip install 'itwin-imodels[arrow]'") from error


def _schema(pyarrow: Any) -> Any:  # noqa: ANN401 - as above
    types = {**dict.fromkeys(_INTEGERS, pyarrow.int64()), **dict.fromkeys(_BOOLEANS, pyarrow.bool_())}
    return pyarrow.schema([(name, types.get(name, pyarrow.string())) for name in _COLUMNS])


def _column(name: str, values: tuple[Any, ...]) -> list[Any]:
    return list(values) if name in _INTEGERS | _BOOLEANS else [None if each is None else str(each) for each in values]
