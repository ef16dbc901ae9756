"""How one kind of thing is printed: its fields, and its columns in a table for people."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from itwin_imodels.cli.plain import fields_of, plain

if TYPE_CHECKING:
    from itwin_imodels.cli.cells import Cell


@attrs.frozen(kw_only=True)
class Column:
    """A column of a table for people.

    Attributes:
        title: What stands above it.
        cell: Gives what stands in it, from an item.
        shrinks: Whether it may be narrower than its content, which then takes several lines.
        right: Whether it is aligned to the right, as numbers are.
    """

    title: str
    cell: "Callable[[Any], Cell]"
    shrinks: bool = False
    right: bool = False


@attrs.frozen(kw_only=True)
class View:
    """How one kind of thing is printed.

    Attributes:
        kind: Its class, such as `itwin_imodels.models:Changeset`, which gives the names of the fields.
        columns: Columns of a table for people, the most important ones first.
        more: Further fields, and what gives them.
    """

    kind: str
    columns: tuple[Column, ...]
    more: Mapping[str, Callable[[Any], object]] | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of the fields, in their order."""
        return (*fields_of(self.kind), *(self.more or ()))

    def record(self, item: object) -> dict[str, object]:
        """Give an item as plain data."""
        return {name: plain(value) for name, value in self.values(item).items()}

    def values(self, item: object) -> dict[str, object]:
        """Give the fields of an item as the model has them."""
        own = {name: getattr(item, name) for name in fields_of(self.kind)}
        return {**own, **{name: give(item) for name, give in (self.more or {}).items()}}
