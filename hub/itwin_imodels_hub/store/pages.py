"""Queries for one page of a sorted list."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from attrs import evolve, frozen
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Table, and_, literal, or_, tuple_

from itwin_imodels_hub.basis.instants import from_microseconds, to_microseconds
from itwin_imodels_hub.rules.paging import Ends, KeyValue, Position, Window, ends_of
from itwin_imodels_hub.store.column_types import Instant
from itwin_imodels_hub.store.database import fetch_all

T = TypeVar("T")


@frozen
class SortedBy:
    """A non-nullable column to sort by, and the attribute of the record that contains its value."""

    name: str
    column: ColumnElement[object]
    descending: bool = False


@frozen
class Page(Generic[T]):
    """The items of a page, with the sort keys of the first and the last."""

    items: Sequence[T]
    ends: Ends
    first: tuple[KeyValue, ...]
    last: tuple[KeyValue, ...]


def filtered(statement: Select[object], table: Table, values: Mapping[str, object]) -> Select[object]:
    """Restrict a query to rows of a table with the given values.

    Args:
        statement: The query.
        table: The table.
        values: Values by column; None accepts any value. `search` is a part of the name or description.
    """
    if (search := values.get("search")) is not None:
        statement = statement.where(table.c.folded.contains(str(search).casefold(), autoescape=True))
    equal = {name: value for name, value in values.items() if name != "search" and value is not None}
    return statement.where(*(table.c[name] == value for name, value in equal.items()))


def fetch_page(
    connection: Connection,
    statement: Select[object],
    order: Sequence[SortedBy],
    window: Window,
    record: Callable[..., T],
) -> Page[T]:
    """Return a page.

    Args:
        connection: The transaction.
        statement: The query, without order.
        order: Sort columns; together they are unique.
        window: The requested part of the list.
        record: Creates a record from the columns of a row.
    """
    backwards = window.position is not None and window.position.backwards
    if window.position is not None:
        statement = statement.where(_beyond(order, window.position))
    columns = [by.column.desc() if by.descending != backwards else by.column.asc() for by in order]
    statement = (
        statement.order_by(*columns)
        .limit(window.top + 1)
        .offset(literal(window.skip, BigInteger) if window.skip else None)
    )
    rows = fetch_all(connection, statement, record)
    items = rows[: window.top]
    if backwards:
        items = items[::-1]
    keys = [_key(item, order) for item in (*items[:1], *items[-1:])] or [(), ()]
    if not items and window.position is not None:
        keys = [window.position.key] * 2
    return Page(items, ends_of(window, len(rows)), keys[0], keys[-1])


def _key(item: object, order: Sequence[SortedBy]) -> tuple[KeyValue, ...]:
    return tuple(_plain(getattr(item, by.name)) for by in order)


def _plain(value: KeyValue | datetime) -> KeyValue:
    return to_microseconds(value) if isinstance(value, datetime) else value


def _beyond(order: Sequence[SortedBy], position: Position) -> ColumnElement[bool]:
    """Return the condition that selects rows after a position, or before it if the position points backwards.

    An inclusive position also selects its own row.
    """
    columns = [by.column for by in order]
    values = [_value(by, value) for by, value in zip(order, position.key, strict=True)]
    if position.inclusive:
        itself = and_(*(column == value for column, value in zip(columns, values, strict=True)))
        return or_(itself, _beyond(order, evolve(position, inclusive=False)))
    descending = [by.descending != position.backwards for by in order]
    if len(set(descending)) == 1:
        # A single row comparison, which can use an index.
        left, right = tuple_(*columns), tuple_(*values)
        return left < right if descending[0] else left > right
    return or_(
        *(
            and_(
                *(column == value for column, value in zip(columns[:depth], values[:depth], strict=True)),
                columns[depth] < values[depth] if descending[depth] else columns[depth] > values[depth],
            )
            for depth in range(len(columns))
        )
    )


def _value(by: SortedBy, value: KeyValue) -> ColumnElement[object]:
    instant = isinstance(by.column.type, Instant) and isinstance(value, int)
    return literal(from_microseconds(int(value)) if instant else value, by.column.type)
