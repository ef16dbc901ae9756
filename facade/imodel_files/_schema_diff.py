"""The DDL that turns the tables of one database into those of another, and the plan for comparing their rows."""

import attrs

from imodel_files._added_columns import added_column
from imodel_files._ddl import column_definitions, folded, quoted, split_statements
from imodel_files._fields import Value
from imodel_files._table_shapes import STATISTICS, Definition, Schema, TableShape


@attrs.frozen
class TablePlan:
    """How to compare the rows of a table.

    Attributes:
        table: The table in the second database.
        before: The columns in the first database; None if DDL creates the table, so that all rows are inserted.
        added: The values of existing rows in the columns that DDL adds.
    """

    table: TableShape
    before: list[str] | None
    added: tuple[Value, ...] = ()


class SchemaDiff:
    """The difference between two schemas.

    Attributes:
        plans: The tables whose rows are to be compared.
        notes: Differences that a changeset cannot express, one sentence for each.
    """

    def __init__(self, before: Schema, after: Schema) -> None:
        """Compare two schemas."""
        self.plans: list[TablePlan] = []
        self.notes: list[str] = []
        self._before = before
        self._after = after
        self._drops: list[str] = []
        self._creates: list[str] = []
        self._made: set[str] = set()
        for table in after.tables.values():
            self._compare(table)
        for name, old in before.tables.items():
            if name not in after.tables:
                self._remove(old)
        self._compare_definitions()

    @property
    def ddl(self) -> str | None:
        """The statements joined by semicolons; None if there are none."""
        statements = [each.text for sql in self._drops + self._creates for each in split_statements(sql)]
        return ";".join(statements) or None  # a comment at the end of one would hide the next

    def _compare(self, table: TableShape) -> None:
        name = folded(table.name)
        old = self._before.tables.get(name)
        if table.is_virtual or (old is not None and old.is_virtual):
            if old is None or old.sql != table.sql:
                self.notes.append(f"the virtual table {table.name} differs, which a changeset cannot express")
        elif old is None:
            if name == STATISTICS:
                self.notes.append(f"{table.name} is new, but a changeset cannot create it; run ANALYZE instead")
            else:
                self._make(table)
        elif (plan := self._plan(old, table)) is not None:
            self.plans.append(plan)
        elif table.key_columns:
            self._drops.append(f"DROP TABLE {quoted(old.name)}")
            self._make(table)
        else:
            self.notes.append(
                f"the columns of table {table.name} differ, which a changeset cannot express without a primary key"
            )

    def _make(self, table: TableShape) -> None:
        self._made.add(folded(table.name))
        self._creates.append(table.sql)
        self.plans.append(TablePlan(table, None))

    def _plan(self, old: TableShape, table: TableShape) -> TablePlan | None:
        """Return the plan for a table that is kept, possibly with more columns; None if it must be recreated."""
        count = len(old.columns)
        columns = table.columns[count:]
        if table.columns[:count] != old.columns or (table.options, table.key_columns) != (old.options, old.key_columns):
            return None
        if not columns:
            return TablePlan(table, old.recorded_columns)
        texts = _column_texts(table)[count : len(table.columns)]
        additions = [f"ALTER TABLE {quoted(table.name)} ADD COLUMN {text}" for text in texts]
        added = [added_column(statement) for text in additions for statement in split_statements(text)]
        known = tuple(each.value for each in added if each is not None)
        if any(column.is_generated for column in columns) or len(known) < len(columns):
            return None
        self._creates.extend(additions)
        return TablePlan(table, old.recorded_columns, known)

    def _remove(self, old: TableShape) -> None:
        if old.is_virtual or old.name.lower() == STATISTICS:
            self.notes.append(f"{old.name} was removed, which a changeset cannot express")
        else:
            self._drops.append(f"DROP TABLE {quoted(old.name)}")

    def _compare_definitions(self) -> None:
        """Drop indexes, views and triggers that are missing or different in the second database; create new ones."""
        before, after = self._before.definitions, self._after.definitions
        self._drops[:0] = [
            f"DROP {each.kind.upper()} IF EXISTS {quoted(each.name)}"
            for key, each in before.items()
            if after.get(key) != each and not self._goes_with_table(each)
        ]
        self._made |= {
            name for (kind, name), each in after.items() if kind == "view" and before.get((kind, name)) != each
        }
        for kind in ("index", "view", "trigger"):
            self._creates += [
                each.sql
                for key, each in after.items()
                if each.kind == kind and (before.get(key) != each or folded(each.table) in self._made)
            ]

    def _goes_with_table(self, definition: Definition) -> bool:
        table = folded(definition.table)
        return table in self._before.tables and table not in self._after.tables


def _column_texts(table: TableShape) -> list[str]:
    statements = split_statements(table.sql)
    return column_definitions(statements[0]) if statements else []
