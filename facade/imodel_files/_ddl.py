"""The DDL of a changeset: which statements are allowed, and the order in which the native library runs them."""

import re
from collections.abc import Mapping, Sequence
from string import ascii_lowercase, ascii_uppercase
from typing import Final

import attrs

_TOKEN: Final = re.compile(
    r"""
    (?P<space>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<quoted>'[^']*(?:''[^']*)*'?|"[^"]*(?:""[^"]*)*"?|`[^`]*(?:``[^`]*)*`?|\[[^\]]*\]?)
    |(?P<word>\w[\w$]*)
    |(?P<end>;)
    |(?P<other>.)
    """,
    re.DOTALL | re.VERBOSE,
)
_TOKENS_KEPT: Final = 11
"""Enough to include all names: ``CREATE UNIQUE INDEX IF NOT EXISTS schema.name ON table``."""
_TRIGGER_END: Final = (";", "END")
_DEFINITIONS: Final = (
    ("CREATE", "TABLE"),
    ("CREATE", "INDEX"),
    ("CREATE", "UNIQUE", "INDEX"),
    ("CREATE", "VIEW"),
    ("CREATE", "TRIGGER"),
    ("CREATE", "VIRTUAL", "TABLE"),
    ("ALTER", "TABLE"),
    ("DROP", "TABLE"),
    ("DROP", "INDEX"),
    ("DROP", "VIEW"),
    ("DROP", "TRIGGER"),
)
_ALTERATIONS: Final = frozenset({"ADD", "DROP", "RENAME", "COLUMN", "TO"})
_TOOK_EFFECT: Final = re.compile(
    r"already exists|already another table or index with this name|already a(?:n index| table) named"
    r"|duplicate column name|no such (?:index|trigger|view)|no such column: \""
)
_LOWER_CASE: Final = str.maketrans(ascii_uppercase, ascii_lowercase)
_NO_TABLE: Final = "no such table"


@attrs.frozen
class Statement:
    """A DDL statement.

    Attributes:
        text: The statement, without a trailing semicolon or comment.
        tokens: Its first tokens as written, each with its position in the text.
    """

    text: str
    tokens: tuple[tuple[str, int], ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The first tokens in upper case."""
        return tuple(word.upper() for word, _ in self.tokens)

    @property
    def is_definition(self) -> bool:
        """Whether the statement only creates, alters or drops a table, index, view or trigger, and runs no query."""
        return any(self.has_kind(*kind) for kind in _DEFINITIONS) and not self._takes_rows

    @property
    def _takes_rows(self) -> bool:
        """Whether the statement fills the new table with the results of a query."""
        place = _name_place(self, 2) if self.has_kind("CREATE", "TABLE") else None
        return place is not None and self.words[place + 1 : place + 2] == ("AS",)

    def has_kind(self, *kind: str) -> bool:
        """Return whether the statement begins with these words."""
        return self.words[: len(kind)] == kind


@attrs.frozen
class IndexDefinition:
    """An index that a statement creates.

    Attributes:
        name: The name of the index, in lower case.
        table: The name of its table, in lower case.
        text: The SQL that `sqlite_master` contains for it.
    """

    name: str
    table: str
    text: str


def split_statements(ddl: str) -> list[Statement]:
    """Split DDL at the semicolons that end statements, but not at those in strings, comments and triggers."""
    statements = []
    begin = end = 0
    tokens: list[tuple[str, int]] = []
    last_two = ("", "")
    for match in _TOKEN.finditer(ddl):
        kind, text = match.lastgroup, match.group()
        if kind == "space":
            continue
        if kind == "end" and not (_is_trigger(tokens) and last_two != _TRIGGER_END):
            statements.append(_statement(ddl, begin, end, tokens))
            begin, tokens, last_two = match.end(), [], ("", "")
            continue
        end = match.end()
        last_two = (last_two[1], text.upper())
        if len(tokens) < _TOKENS_KEPT:
            tokens.append((text, match.start()))
    statements.append(_statement(ddl, begin, end, tokens))
    return [each for each in statements if each.tokens]


def _is_trigger(tokens: Sequence[tuple[str, int]]) -> bool:
    words = [word.upper() for word, _ in tokens[:3]]
    return words[:2] == ["CREATE", "TRIGGER"] or (
        words[:1] == ["CREATE"] and words[1:2] in (["TEMP"], ["TEMPORARY"]) and words[2:] == ["TRIGGER"]
    )


def _statement(ddl: str, begin: int, end: int, tokens: Sequence[tuple[str, int]]) -> Statement:
    start = tokens[0][1] if tokens else begin
    return Statement(ddl[start:end], tuple((word, place - start) for word, place in tokens))


def created_index(statement: Statement) -> IndexDefinition | None:
    """Return the index that a statement creates; None for other statements."""
    unique = statement.has_kind("CREATE", "UNIQUE", "INDEX")
    if not unique and not statement.has_kind("CREATE", "INDEX"):
        return None
    place = _name_place(statement, 3 if unique else 2)
    if place is None:
        return None
    name, start = statement.tokens[place]
    table = "".join(word for word, _ in statement.tokens[place + 2 : place + 3])
    return IndexDefinition(
        folded(unquoted(name)),
        folded(unquoted(table)),
        f"CREATE{' UNIQUE' if unique else ''} INDEX {statement.text[start:]}",
    )


def dropped_index(statement: Statement) -> str | None:
    """Return the name, in lower case, of the index that a ``DROP INDEX IF EXISTS`` drops; None for other statements."""
    return dropped_index_name(statement) if statement.has_kind("DROP", "INDEX", "IF", "EXISTS") else None


def dropped_index_name(statement: Statement) -> str | None:
    """Return the name, in lower case, of the index that a statement drops; None for other statements."""
    name = _name_of(statement, 2) if statement.has_kind("DROP", "INDEX") else None
    return None if name is None else folded(unquoted(name))


def column_definitions(statement: Statement) -> list[str]:
    """Return the SQL of each column that a ``CREATE TABLE`` defines, followed by that of its constraints."""
    definitions = []
    depth = begin = 0
    for match in _TOKEN.finditer(statement.text):
        mark = match.group() if match.lastgroup == "other" else ""
        if mark == "(":
            depth += 1
            begin = match.end() if depth == 1 else begin
        elif depth == 1 and mark in {",", ")"}:
            definitions.append(statement.text[begin : match.start()].strip())
            begin = match.end()
        depth -= mark == ")"
    return definitions


def altered_table(statement: Statement) -> str | None:
    """Return the name, as written, of the table that a statement alters; None for other statements."""
    return _name_of(statement, 2) if statement.has_kind("ALTER", "TABLE") else None


def created_table(statement: Statement) -> str | None:
    """Return the name of the table that a statement creates; None for other statements."""
    name = _name_of(statement, 2) if statement.has_kind("CREATE", "TABLE") else None
    return None if name is None else unquoted(name)


def dropped_table(statement: Statement) -> str | None:
    """Return the name of the table that a statement drops; None for other statements."""
    name = _name_of(statement, 2) if statement.has_kind("DROP", "TABLE") else None
    return None if name is None else unquoted(name)


def alteration(statement: Statement) -> tuple[str, ...]:
    """Return how a statement alters its table: the words in upper case, without ``COLUMN``; names as written."""
    place = _name_place(statement, 2)
    if place is None:
        return ()
    words = [word.upper() if word.upper() in _ALTERATIONS else word for word, _ in statement.tokens[place + 1 :]]
    return tuple(words[:1] + words[2:] if words[1:2] == ["COLUMN"] else words)


def _name_of(statement: Statement, place: int) -> str | None:
    name_place = _name_place(statement, place)
    return None if name_place is None else statement.tokens[name_place][0]


def _name_place(statement: Statement, place: int) -> int | None:
    """Return the position of the token with the name, after ``IF NOT EXISTS`` and the schema name."""
    words = statement.words
    if words[place : place + 3] == ("IF", "NOT", "EXISTS"):
        place += 3
    elif words[place : place + 2] == ("IF", "EXISTS"):
        place += 2
    if words[place + 1 : place + 2] == (".",):
        place += 2
    return place if place < len(words) else None


def unquoted(name: str) -> str:
    """Return a name without its quotes."""
    quote = name[:1]
    if quote == "[":
        return name[1:].removesuffix("]")
    if quote in ("'", '"', "`"):
        return name[1:].removesuffix(quote).replace(quote * 2, quote)
    return name


def folded(name: str) -> str:
    """Return a name in lower case, as SQLite compares names: only ASCII letters change."""
    return name.lower() if name.isascii() else name.translate(_LOWER_CASE)


def quoted(name: str) -> str:
    """Return a quoted name."""
    return '"' + name.replace('"', '""') + '"'


def native_order(statements: Sequence[Statement], indexes: Mapping[str, str]) -> list[Statement]:
    """Order statements as the native library runs them, without those that already took effect.

    Statements that create an index, or drop one ``IF EXISTS``, come last: first all drops, then all creations. An
    index that the database has with the same SQL is kept; an index with other SQL is dropped before it is created.

    Args:
        statements: The statements.
        indexes: The SQL of each index of the database, by name in lower case.
    """
    created = {index.name: index for each in statements if (index := created_index(each)) is not None}
    if any(dropped_table(each) is not None for each in statements):
        indexes = {}  # indexes are dropped with their table
    dropped_first = {dropped_index_name(each) for each in statements if dropped_index(each) is None}
    unchanged = {
        name for name, index in created.items() if indexes.get(name) == index.text and name not in dropped_first
    }
    others, drops, creates = [], {}, []
    for each in statements:
        index, dropped = created_index(each), dropped_index(each)
        name = dropped if index is None else index.name
        if name is None:
            others.append(each)
        elif name in unchanged:
            continue
        elif index is None:
            drops[name] = each
        else:
            drops.setdefault(name, drop_index(name))
            creates.append(each)
    return [*others, *drops.values(), *creates]


def drop_index(name: str) -> Statement:
    """Return the statement that drops an index if it exists."""
    (made,) = split_statements(f"DROP INDEX IF EXISTS {quoted(name)}")
    return made


def has_taken_effect(message: str) -> bool:
    """Return whether an error message of SQLite means that a statement already took effect."""
    return _TOOK_EFFECT.search(message) is not None


def lacks_table(message: str) -> bool:
    """Return whether an error message of SQLite means that the database lacks the statement's table."""
    return _NO_TABLE in message
