"""The synchronous code is the asynchronous code after a table of substitutions."""

import functools
import textwrap
from pathlib import Path

import pytest

from scripts import unasync
from scripts.toolkit import ToolError
from scripts.unasync import SUBSTITUTIONS, convert

TABLE = {entry: SUBSTITUTIONS[entry] for entry in list(SUBSTITUTIONS)[:2]} | {
    "aclose": "close",
    "_aio": "_sync",
    r"(_?)Async([A-Z]\w*)": r"\1\2",
}

PACKAGE = {
    "__init__.py": '''\
        """The client."""

        from package._aio.deep.client import AsyncHub

        __all__ = ["AsyncHub"]
        ''',
    "deep/client.py": '''\
        """The client."""

        import httpx


        class AsyncHub:
            """Use it as ``async with AsyncHub() as hub``."""

            async def aclose(self, http: httpx.AsyncClient) -> None:
                """Close it."""
                await http.aclose()
        ''',
}

SYNCHRONOUS = '''\
"""The client."""

import httpx


class Hub:
    """Use it as ``with Hub() as hub``."""

    def close(self, http: httpx.Client) -> None:
        """Close it."""
        http.close()
'''


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder of asynchronous code that uses all of ``TABLE``."""
    folder = tmp_path / "_aio"
    for name, text in PACKAGE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return folder


@pytest.fixture
def made(source: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], Path]:
    """The options for that folder and the target, made once with ``TABLE``."""
    monkeypatch.setattr(unasync, "produce", functools.partial(unasync.produce, table=TABLE))
    target = source.with_name("_sync")
    options = ["--source", str(source), "--target", str(target)]
    assert unasync.main(options) == 0
    return options, target


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("async def f(): return await g(await h.i())", "def f(): return g(h.i())"),
        ("    async with a as b, c:", "    with a as b, c:"),
        ("[await x async for y in z if await y]", "[x for y in z if y]"),
        ("return await (a or b)", "return (a or b)"),
        ('f"{await x!r}"', 'f"{x!r}"'),
        ("from a._aio.b import AsyncHub as _AsyncOther", "from a._sync.b import Hub as _Other"),
        ("Use `await hub.get(1)` and ``aclose``.", "Use `hub.get(1)` and ``close``."),
        ("reasync = reaclose = aclosed = Asyncio = Async = MyAsyncHub = a_aio", None),
        ("asyncio.run(awaited)", None),
    ],
)
def test_whole_words_are_substituted(before: str, after: str | None) -> None:
    """This applies to code, strings, comments and docstrings; parts of longer words are not substituted."""
    assert convert(before, TABLE)[0] == (before if after is None else after)


def test_makes_a_file_for_every_file(made: tuple[list[str], Path], source: Path) -> None:
    """Files have the same names and a first line with their origin; older files are removed."""
    options, target = made
    (target / "old.py").touch()
    assert unasync.main(options) == 0
    assert sorted(path.name for path in target.rglob("*.*")) == ["__init__.py", "client.py"]
    assert target.stat().st_mode == (target / "deep").stat().st_mode
    origin = source / "deep" / "client.py"
    header = f"# Made from {origin} by 'make unasync'. Change that file, not this one.\n"
    assert (target / "deep" / "client.py").read_text() == header + SYNCHRONOUS


def test_check_accepts_what_it_would_make(made: tuple[list[str], Path]) -> None:
    """New files are up to date; compiled modules next to them are ignored."""
    options, target = made
    (target / "__pycache__").mkdir()
    (target / "__pycache__" / "client.pyc").touch()
    assert unasync.main([*options, "--check"]) == 0


def test_check_names_the_files_and_touches_nothing(made: tuple[list[str], Path]) -> None:
    """Different, missing and superfluous files are listed apart."""
    options, target = made
    (target / "__init__.py").write_text("changed")
    (target / "deep" / "client.py").rename(target / "deep" / "other.py")
    with pytest.raises(
        ToolError, match=r"different: __init__\.py; missing: deep/client\.py; superfluous: deep/other\.py"
    ):
        unasync.main([*options, "--check"])
    assert (target / "__init__.py").read_text() == "changed"
    assert not (target / "deep" / "client.py").exists()


def test_an_entry_that_no_file_uses_is_an_error(source: Path, tmp_path: Path) -> None:
    """The table contains only required entries."""
    with pytest.raises(ToolError, match=r"SUBSTITUTIONS: no file of .*_aio uses 'x', 'Other'; remove") as caught:
        unasync.produce(source, tmp_path / "out", {**TABLE, "x": "y", "Other": "z"})
    assert "aclose" not in str(caught.value)


def test_the_projects_table_fails_where_it_is_not_used(source: Path) -> None:
    """The command line uses the project's own table, and leaves the target alone when that fails."""
    target = source.with_name("_sync")
    with pytest.raises(ToolError, match="'__aenter__'"):
        unasync.main(["--source", str(source), "--target", str(target)])
    assert not target.exists()


def test_names_the_place_that_cannot_be_converted(source: Path, tmp_path: Path) -> None:
    """An invalid result fails the run; the line is the source's."""
    (source / "broken.py").write_text("async def f():\n    return (await\n        g())\n")
    with pytest.raises(
        ToolError, match=r"broken\.py:2: its synchronous form is not Python: .*; change the asynchronous code"
    ):
        unasync.produce(source, tmp_path / "out", TABLE)


@pytest.mark.parametrize("word", ["each event loop", "many tasks", "asynchronously", "a coroutine", "awaited"])
def test_words_that_have_no_place(source: Path, tmp_path: Path, word: str) -> None:
    """What only asynchronous code has is found in docstrings."""
    path = source / "__init__.py"
    path.write_text(path.read_text().replace("The client.", f"The client of {word}."))
    target = tmp_path / "_sync"
    target.mkdir()
    with pytest.raises(ToolError, match=r"__init__\.py: line 1 .*reword it"):
        unasync.produce(source, target, TABLE)
