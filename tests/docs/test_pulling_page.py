"""The page about pulling and mirrors is correct: its tables match the database."""

import contextlib
import re
import sqlite3

from itwin_imodels._mirror.schema import APPLICATION_ID, SCHEMA, VERSION
from tests.docs.pages import Page

PAGE = Page("pulling.md").text


def test_the_tables_are_those_there_are() -> None:
    """The page has all tables with all columns, in their order."""
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        for statement in SCHEMA:
            database.execute(statement)
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            (part,) = re.findall(rf"^`{table}` has .*?\n\n(.*?)\n\n", PAGE, re.MULTILINE | re.DOTALL)
            told = re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)
            assert told == [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    assert len(re.findall(r"^`\w+` has .* row", PAGE, re.MULTILINE)) == len(tables)
    assert f"`PRAGMA application_id` is {APPLICATION_ID} (`{APPLICATION_ID.to_bytes(4, 'big').decode()}`)" in PAGE
    assert f"`PRAGMA user_version` is {VERSION};" in PAGE
