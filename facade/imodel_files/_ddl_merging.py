"""Combine the DDL of several changesets into one, which runs before all row changes."""

from imodel_files._ddl import (
    Statement,
    alteration,
    created_index,
    drop_index,
    dropped_index_name,
    dropped_table,
    folded,
)


class MergedDdl:
    """The statements of several changesets, in order."""

    def __init__(self) -> None:
        """Create an empty list of statements."""
        self._statements: list[Statement | None] = []
        self._created: dict[str, tuple[int, str]] = {}

    def add(self, statement: Statement) -> None:
        """Append a statement.

        Of several definitions of an index, only the last one is kept, and none if its table is dropped after it,
        because indexes are created last.
        """
        index = created_index(statement)
        name = dropped_index_name(statement) if index is None else index.name
        if name is not None and self._forget(name) and index is None:
            statement = drop_index(name)
        if (table := dropped_table(statement)) is not None:
            for each in [each for each, (_, owner) in self._created.items() if owner == folded(table)]:
                self._forget(each)
        if index is not None:
            self._created[index.name] = len(self._statements), index.table
        self._statements.append(statement)

    def _forget(self, index: str) -> bool:
        """Remove the definition of an index, and return whether there was one."""
        place, _ = self._created.pop(index, (None, ""))
        if place is not None:
            self._statements[place] = None
        return place is not None

    @property
    def text(self) -> str | None:
        """The statements joined by semicolons; None if there are none."""
        return ";".join(each.text for each in self._statements if each is not None) or None


def moves_rows(statement: Statement) -> bool:
    """Return whether a statement changes the table or column to which the values of a row belong."""
    action = alteration(statement)
    return statement.has_kind("ALTER", "TABLE") and (action[:2] == ("RENAME", "TO") or action[:1] == ("DROP",))
