"""Combine the DDL of several changesets into one, which runs before all row changes."""

from imodel_files._ddl import Statement, alteration, created_index, drop_index, dropped_index_name


class MergedDdl:
    """The statements of several changesets, in order."""

    def __init__(self) -> None:
        """Create an empty list of statements."""
        self._statements: list[Statement | None] = []
        self._created: dict[str, int] = {}

    def add(self, statement: Statement) -> None:
        """Append a statement.

        Of several definitions of an index, only the last one is kept, because indexes are created last.
        """
        index = created_index(statement)
        name = dropped_index_name(statement) if index is None else index.name
        earlier = None if name is None else self._created.pop(name, None)
        if earlier is not None:
            self._statements[earlier] = None
            if index is None and name is not None:
                statement = drop_index(name)
        if index is not None:
            self._created[index.name] = len(self._statements)
        self._statements.append(statement)

    @property
    def text(self) -> str | None:
        """The statements joined by semicolons; None if there are none."""
        return ";".join(each.text for each in self._statements if each is not None) or None


def moves_rows(statement: Statement) -> bool:
    """Return whether a statement changes the table or column to which the values of a row belong."""
    action = alteration(statement)
    return statement.has_kind("ALTER", "TABLE") and (action[:2] == ("RENAME", "TO") or action[:1] == ("DROP",))
