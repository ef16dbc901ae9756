"""The synchronous code is the asynchronous without its keywords, under its own names, and otherwise the same text."""

import functools
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts import unasync
from scripts.toolkit import ToolError
from scripts.unasync import SUBSTITUTIONS, convert

TABLE = {
    "aclose": "close",
    "_aio": "_sync",
    "httpx.AsyncClient": "httpx.Client",
    "AsyncKept": "AsyncKept",
    "Async*": "*",
}

PACKAGE = {
    "__init__.py": '''\
        """Asynchronous client."""

        from package._aio.deep.client import AsyncHub

        __all__ = ["AsyncHub"]
        ''',
    "deep/client.py": '''\
        """The client."""

        import httpx


        class AsyncHub:
            """Use it as ``async with AsyncHub() as hub``."""

            async def aclose(self, http: httpx.AsyncClient, kept: "AsyncKept") -> None:
                """Close it."""
                await http.aclose(kept)
        ''',
}

SYNCHRONOUS = '''\
"""The client."""

import httpx


class Hub:
    """Use it as ``with Hub() as hub``."""

    def close(self, http: httpx.Client, kept: "AsyncKept") -> None:
        """Close it."""
        http.close(kept)
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
        ("async def f(): pass", "def f(): pass"),
        ("async  def f(): await   g(await h())", "def f(): g(h())"),
        ("async def f(): return await(g())", "def f(): return (g())"),
        ("async def f():\n    async with a as b, c: pass", "def f():\n    with a as b, c: pass"),
        (
            "async def f():\n    async for a in b:\n        async for c in a: yield c",
            "def f():\n    for a in b:\n        for c in a: yield c",
        ),
        (
            "async def f(): return [await x async for y in z if await y async for x in await y]",
            "def f(): return [x for y in z if y for x in y]",
        ),
        ("async def f(): return {k: v async for k, v in g()}", "def f(): return {k: v for k, v in g()}"),
        ("async def f():\n    x = (await\n         g())", "def f():\n    x = (\n         g())"),
        ("async def f():\n    x = (await  # why\n         g())", "def f():\n    x = (  # why\n         g())"),
        ("async def f():\r\n\tawait g()\r\n", "def f():\r\n\tg()\r\n"),
        ("é = 'ü'; class_ = AsyncÉtat.aclose", "é = 'ü'; class_ = AsyncÉtat.aclose"),
    ],
)
def test_drops_the_keywords_and_nothing_else(before: str, after: str) -> None:
    """Functions, blocks, loops, comprehensions and expressions, at any depth; spaces and ends of lines stay."""
    assert convert(before, {}) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x.aclose(aclose=aclose)", "x.close(close=close)"),
        ("from a._aio.b import AsyncHub as AsyncOther", "from a._sync.b import Hub as Other"),
        ("httpx.AsyncClient, AsyncClient, xhttpx.AsyncClient", "httpx.Client, Client, xhttpx.Client"),
        ("httpx.AsyncClientError", "httpx.ClientError"),
        ("reasync = reaclose = aclosed = Asyncio = Async = MyAsyncHub", None),
        ("a_aio = _aiox = x.httpx", None),
        ("AsyncKept", None),
    ],
)
def test_maps_whole_names(before: str, after: str | None) -> None:
    """A name counts as a whole; one that only contains a name of the table stays."""
    assert convert(before, TABLE) == (before if after is None else after)


@pytest.mark.parametrize(
    "source",
    [
        'x = "await aclose()"',
        "f('AsyncHub', b'aclose', '''async with AsyncHub()''')",
        "def f(x: Literal['AsyncHub'], y: typing.Literal['aclose']): pass",
        "x = {'aclose': 'AsyncHub'}",
        "x = f'await {y} aclose {{await z}} {y:aclose} {y!r:>AsyncHub}'",
    ],
)
def test_strings_that_are_values_stay(source: str) -> None:
    """What a string says at run time is the program's business."""
    assert convert(source, TABLE) == source


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('__all__ = ["AsyncHub", "other"]', '__all__ = ["Hub", "other"]'),
        ('__all__: list[str] = ["AsyncHub"]', '__all__: list[str] = ["Hub"]'),
        ('__all__ += ("AsyncHub",)', '__all__ += ("Hub",)'),
        (
            'def f(a: "AsyncHub", *, b: list["AsyncHub"]) -> "tuple[AsyncHub, AsyncHub]": pass',
            'def f(a: "Hub", *, b: list["Hub"]) -> "tuple[Hub, Hub]": pass',
        ),
        ('é: "AsyncHub" = "AsyncHub"', 'é: "Hub" = "AsyncHub"'),
        ('cast("AsyncHub", "AsyncHub")', 'cast("Hub", "AsyncHub")'),
    ],
)
def test_strings_that_are_names_follow(before: str, after: str) -> None:
    """``__all__``, annotations and casts are read as names, so they follow the names."""
    assert convert(before, TABLE) == after


@pytest.mark.parametrize(
    ("field", "after"),
    [
        ("{await x.aclose()!r:>{await w}}", "{x.close()!r:>{w}}"),
        ("{await x=} {await y:%H:%M}", "{x=} {y:%H:%M}"),
        ("{a != await b}{d['}']}", "{a != b}{d['}']}"),
        ("{(lambda: await x)()}{[await y async for y in z]}", "{(lambda: x)()}{[y for y in z]}"),
        ("\\N{EN DASH}{await x}", "\\N{EN DASH}{x}"),
        ("\\\\{await x}", "\\\\{x}"),
    ],
)
@pytest.mark.parametrize("quote", ['"', '"""'])
def test_fields_of_formatted_strings_are_code(field: str, after: str, quote: str) -> None:
    """Expressions inside an f-string are converted, its text is not."""
    before = f"async def f(): return f{quote}await {field} await{quote}"
    assert convert(before, TABLE) == f"def f(): return f{quote}await {after} await{quote}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Use ``async with AsyncHub() as hub``.", "Use ``with Hub() as hub``."),
        ("Use ``await hub.get(1)`` or ``await task``.", "Use ``hub.get(1)`` or ``task``."),
        (">>> async for x in await hub.list_all():", ">>> for x in hub.list_all():"),
        (
            "An asynchronous client of httpx.AsyncClient; see _aio/hub.",
            "A synchronous client of httpx.Client; see _sync/hub.",
        ),
        ("You await the answer of a reasync AsyncKept, as asyncio does.", None),
    ],
)
def test_docstrings_and_comments_are_reworded(before: str, after: str | None) -> None:
    """Names and phrases change there, prose does not."""
    text = 'def f():\n    """{0}\n\n    {0}\n    """\n    # {0}\n    x = "{0}"  # {0}\n    """{0}"""\n'
    wanted = text.replace('"{0}"  #', f'"{before}"  #').replace("{0}", after or before)
    assert convert(text.replace("{0}", before), TABLE) == wanted


_NAMES = st.sampled_from(["reasync", "close", "_sync", "AsyncKept", "Hub", "awaited", "asyncio", "Async", "é", "httpx"])
_VALUES = st.sampled_from(
    ["'await x'", '"async with AsyncHub()"', "1.5", 'f"await {close!r:>{Hub}} {{aclose}}"', "(1)"]
)
_EXPRESSIONS = st.recursive(
    _NAMES | _VALUES,
    lambda inner: st.one_of(
        st.builds("{}.{}({}, *{})".format, _NAMES, _NAMES, inner, inner),
        st.builds("[§await {} §async for {}  in §await {} if {}]".format, inner, _NAMES, inner, inner),
        st.builds("(§await {}\n        or {}  # by {}\n  )".format, inner, inner, _NAMES),
        st.builds("{{{}: not §await {}}}".format, inner, inner),
    ),
    max_leaves=8,
)
_SIMPLE = st.one_of(
    st.builds("{} = {}".format, _NAMES, _EXPRESSIONS),
    st.builds("return  {} # {}".format, _EXPRESSIONS, _NAMES),
    st.builds('""" {}: {{}} """'.format, _NAMES),
)


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, min_size=1, max_size=3).map(lambda parts: textwrap.indent("\n".join(parts), "    "))
    return st.one_of(
        st.builds("§async with {} as {}:\n{}".format, _NAMES, _NAMES, body),
        st.builds("§async for {} in {}:  # {}\n{}".format, _NAMES, _EXPRESSIONS, _NAMES, body),
        st.builds("§async def {}({}=1):\n{}".format, _NAMES, _NAMES, body),
    )


_FUNCTIONS = st.lists(st.recursive(_SIMPLE, _blocks, max_leaves=6), min_size=1, max_size=4).map(
    lambda parts: "§async def f():\n" + textwrap.indent("\n\n".join(parts), "    ") + "\n"
)


@given(_FUNCTIONS)
def test_converts_what_was_made_asynchronous_back(template: str) -> None:
    """Synchronous code is left as it is; with keywords put in, conversion gives it again, character by character."""
    synchronous = template.replace("§async ", "").replace("§await ", "")
    assert convert(synchronous, TABLE) == synchronous
    assert convert(template.replace("§", ""), TABLE) == synchronous


def test_says_that_there_is_nothing_to_convert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without asynchronous code nothing is asked of the table and nothing is written."""
    options = ["--source", str(tmp_path / "_aio"), "--target", str(tmp_path / "_sync")]
    assert unasync.main(options) == unasync.main([*options, "--check"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{tmp_path / '_aio'}: nothing to convert yet"] * 2
    assert not list(tmp_path.iterdir())


def test_makes_a_file_for_every_file(made: tuple[list[str], Path], source: Path) -> None:
    """The same names, a first line that tells the origin, and what was there before is gone."""
    options, target = made
    (target / "old.py").touch()
    assert unasync.main(options) == 0
    assert sorted(path.name for path in target.rglob("*.*")) == ["__init__.py", "client.py"]
    assert target.stat().st_mode == (target / "deep").stat().st_mode
    origin = source / "deep" / "client.py"
    header = f"# Made from {origin} by 'make unasync'. Change that file, not this one.\n"
    assert (target / "deep" / "client.py").read_text() == header + SYNCHRONOUS


def test_check_accepts_what_it_would_make(made: tuple[list[str], Path]) -> None:
    """What was just made is up to date; compiled modules beside it do not count."""
    options, target = made
    (target / "__pycache__").mkdir()
    (target / "__pycache__" / "client.pyc").touch()
    assert unasync.main([*options, "--check"]) == 0


def test_check_names_the_files_and_touches_nothing(made: tuple[list[str], Path]) -> None:
    """Different, missing and superfluous files are told apart."""
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
    """The table holds what is needed and nothing else."""
    with pytest.raises(ToolError, match=r"SUBSTITUTIONS: no file of .*_aio uses 'x', 'Other[*]'; remove") as caught:
        unasync.produce(source, tmp_path / "out", {**TABLE, "x": "y", "Other*": "*"})
    assert "aclose" not in str(caught.value)


def test_the_projects_table_fails_where_it_is_not_used(source: Path) -> None:
    """The command line holds the project's own table against use, and leaves the target alone when that fails."""
    target = source.with_name("_sync")
    with pytest.raises(ToolError, match="'__aenter__'"):
        unasync.main(["--source", str(source), "--target", str(target)])
    assert not target.exists()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x = 1\nx = = 2\n", r"broken\.py:2: not Python"),
        ("async def f(): pass\nawait_ = (await)\n", r"broken\.py:2: not Python"),
        ("x = AsyncNone\n\nAsyncNone = 1\n", r"broken\.py:3: its synchronous form is not Python: .*; reword it"),
    ],
)
def test_names_the_place_that_cannot_be_converted(text: str, complaint: str, source: Path, tmp_path: Path) -> None:
    """Neither broken source nor a broken result goes unnoticed; the line is the source's."""
    (source / "broken.py").write_text(text)
    with pytest.raises(ToolError, match=complaint):
        unasync.produce(source, tmp_path / "out", TABLE)


def test_the_projects_table_is_sound() -> None:
    """What the table gives is not itself something that the table would change."""
    names = [name.replace("*", "Name") for name in SUBSTITUTIONS.values()]
    assert [convert(name, SUBSTITUTIONS) for name in names] == names
