"""The page about pulling and mirrors tells the truth: its examples run, its tables are those of the database."""

import contextlib
import io
import re
import sqlite3

from itwin_imodels._mirror_schema import APPLICATION_ID, SCHEMA, VERSION
from scripts.toolkit import ROOT

PAGE = (ROOT / "docs" / "pulling.md").read_text(encoding="utf-8")


def test_the_examples_run() -> None:
    """Each block, run after those before it, prints what stands below it."""
    names: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", PAGE, re.DOTALL)
    assert len(blocks) == PAGE.count("```python")
    for block, told in blocks:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(block, "pulling.md", "exec"), names)  # noqa: S102 - our own text
        assert output.getvalue() == told


def test_the_tables_are_those_there_are() -> None:
    """With all their columns, in their order."""
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
