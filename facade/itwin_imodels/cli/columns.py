"""Description of how one kind of item is printed: its fields, and its columns in tables."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from itwin_imodels.cli.plain import fields_of, plain

if TYPE_CHECKING:
    from itwin_imodels.cli.cells import Cell


@attrs.frozen(kw_only=True)
class Column:
    """A column of a table.

    Attributes:
        title: Its heading.
        cell: Returns its cell for an item.
        shrinks: Whether it may be narrower than its content, which is then wrapped.
        right: Whether it is right-aligned, like numbers.
        is_id: Whether it contains ids, whose ends are cut off on a narrow terminal.
    """

    title: str
    cell: "Callable[[Any], Cell]"
    shrinks: bool = False
    right: bool = False
    is_id: bool = False


@attrs.frozen(kw_only=True)
class View:
    """Description of how one kind of item is printed.

    Attributes:
        kind: Class of the items, such as `itwin_imodels.models:Changeset`, which defines the fields.
        columns: Columns of tables, the most important ones first; none if the items are never listed.
        more: Functions that return additional fields, by name.
    """

    kind: str
    columns: tuple[Column, ...] = ()
    more: Mapping[str, Callable[[Any], object]] | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields, in order."""
        return (*fields_of(self.kind), *(self.more or ()))

    def record(self, item: object) -> dict[str, object]:
        """Return the fields of an item as plain data."""
        return {name: plain(value) for name, value in self.values(item).items()}

    def values(self, item: object) -> dict[str, object]:
        """Return the fields of an item with their original values."""
        own = {name: getattr(item, name) for name in fields_of(self.kind)}
        return {**own, **{name: give(item) for name, give in (self.more or {}).items()}}
