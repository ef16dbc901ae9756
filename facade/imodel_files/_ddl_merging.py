"""The DDL of several changesets as that of one, which runs before all rows."""

from imodel_files._ddl import Statement, alteration, created_index, drop_index, dropped_index_name


class MergedDdl:
    """Statements of several changesets, in their order."""

    def __init__(self) -> None:
        """Begin without statements."""
        self._statements: list[Statement] = []

    def add(self, statement: Statement) -> None:
        """Add a statement that comes after all others.

        Of the definitions of one index only the last one stays, since indexes are made after all else.
        """
        index = created_index(statement)
        name = dropped_index_name(statement) if index is None else index.name
        if name is not None:
            others = [each for each in self._statements if not _creates(each, name)]
            if len(others) < len(self._statements) and index is None:
                statement = drop_index(name)
            self._statements = others
        self._statements.append(statement)

    @property
    def text(self) -> str | None:
        """The statements joined by semicolons; None if there are none."""
        return ";".join(each.text for each in self._statements) or None


def _creates(statement: Statement, name: str) -> bool:
    index = created_index(statement)
    return index is not None and index.name == name


def moves_rows(statement: Statement) -> bool:
    """Return whether a statement changes which table or column the values of a row belong to."""
    action = alteration(statement)
    return statement.has_kind("ALTER", "TABLE") and (action == ("RENAME", "TO") or action[:1] == ("DROP",))
