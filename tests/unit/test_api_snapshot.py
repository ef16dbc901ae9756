"""The snapshot of the public API: its content, its form, and the effect of changes."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import api_snapshot
from scripts.toolkit import ToolError

Write = Callable[..., list[str]]


@pytest.fixture
def public(tmp_path: Path) -> Write:
    """Return a function that writes modules of a package and returns the lines of its public API."""

    def write(text: str = "", **modules: str) -> list[str]:
        for name, content in {"__init__": text, **modules}.items():
            path = tmp_path / "package" / f"{name.replace('__in__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            (path.parent / "__init__.py").touch()
            path.write_text(textwrap.dedent(content))
        return [line for line in api_snapshot.snapshot([tmp_path], ["package"]) if line != "package [module]"]

    return write


@pytest.mark.parametrize(
    ("definition", "line"),
    [
        ("def f(): ...", "f()"),
        ("def f(a, b: int, /, c=1, *d: str, **f) -> 'T': ...", "f(a, b: int, /, c=1, *d: str, **f) -> T"),
        ("def f(a, /): ...", "f(a, /)"),
        ("def f(*, a: list[int] = [1, 2]) -> None: ...", "f(*, a: list[int] = [1, 2]) -> None"),
        ("def f(a: 'Path', b=lambda x: -x, c='a  b'): ...", "f(a: Path, b=lambda x: -x, c='a  b')"),
        ("def f(\n  a: Fn[[int], str],\n  b: Literal['x']\n): ...", "f(a: Fn[[int], str], b: Literal['x'])"),
        ("async def f(a): ...", "f(a) [async]"),
        ("f: Final = 3", "f: Final = 3"),
        ("f = ('a', 1.5)", "f = ('a', 1.5)"),
        ("f: TypeAlias = dict[str, 'int']", "f: TypeAlias = dict[str, 'int']"),
        ("from httpx import Timeout as f", "f [alias of httpx.Timeout]"),
    ],
)
def test_writes_one_object_as_one_line(definition: str, line: str, public: Write) -> None:
    """The complete signature, as source writes it."""
    assert public(f"__all__ = ['f']\nfrom typing import Literal\n{definition}\n") == [f"package.{line}"]


def test_writes_classes_with_their_public_members(public: Write) -> None:
    """Methods, properties, attributes, inner classes and special methods are included, private members are not."""
    lines = public(
        """
        __all__ = ["Client"]
        import abc, functools

        class Client(abc.ABC):
            limit: int = 3
            _secret = 1

            def __init__(self, token: str, *, retries: int = 2) -> None:
                self.token = token
                self.retries: int = retries
                self._session = None

            def __enter__(self) -> "Client": ...
            def push_changeset(self, imodel_id: str, file: str | Path, *, briefcase_id: int) -> Changeset: ...
            def _send(self): ...
            @property
            def name(self) -> str: ...
            @name.setter
            def name(self, name: str) -> None: ...
            @functools.cached_property
            def size(self) -> int: ...
            @classmethod
            async def open(cls) -> None: ...
            @staticmethod
            @abc.abstractmethod
            def check(): ...
            class Page(list[int]):
                def next(self): ...
        """
    )
    assert lines == [
        "package.Client(abc.ABC) [class]",
        "package.Client.Page(list[int]) [class]",
        "package.Client.Page.next(self)",
        "package.Client.__enter__(self) -> Client",
        "package.Client.__init__(self, token: str, *, retries: int = 2) -> None",
        "package.Client.check() [abstractmethod, staticmethod]",
        "package.Client.limit: int = 3",
        "package.Client.name: str [property, writable]",
        "package.Client.open(cls) -> None [async, classmethod]",
        "package.Client.push_changeset(self, imodel_id: str, file: str | Path, *, briefcase_id: int) -> Changeset",
        "package.Client.retries: int",
        "package.Client.size: int [cached, property]",
        "package.Client.token",
    ]


def test_writes_constructors_that_the_source_does_not_show(public: Write) -> None:
    """The order of fields is part of the API if it is the order of parameters."""
    lines = public(
        """
        __all__ = ["A", "D", "N"]
        import attrs
        from dataclasses import dataclass
        from typing import NamedTuple

        @attrs.frozen
        class A:
            b: int
            a: str = ""

        @dataclass(frozen=True)
        class D:
            b: int
            a: str = ""

        class N(NamedTuple):
            b: int
            a: str = ""
        """
    )
    assert [line for line in lines if "[class" in line or "__init__" in line] == [
        "package.A [class, @attrs.frozen, fields b a]",
        "package.D [class, @dataclass(frozen=True)]",
        "package.D.__init__(self, b: int, a: str = '') -> None",
        "package.N(NamedTuple) [class, fields b a]",
    ]


def test_writes_overloads_in_order_in_place_of_the_implementation(public: Write) -> None:
    """Callers see the overloads, not the function behind them."""
    lines = public(
        """
        __all__ = ["f"]
        from typing import overload
        @overload
        def f(a: str) -> str: ...
        @overload
        def f(a: int) -> int: ...
        def f(a): return a
        """
    )
    assert lines == ["package.f(a: int) -> int [overload 2]", "package.f(a: str) -> str [overload 1]"]


def test_shows_private_bases_through_what_they_give(public: Write) -> None:
    """A private base is replaced by its bases and its members; what a public base shows is not repeated."""
    lines = public(
        "from package._errors import ApiError, NotFound\n__all__ = ['ApiError', 'NotFound']",
        _errors="""
        class _Base(Exception):
            def close(self) -> None: ...

        class ApiError(_Base):
            status: int

        class NotFound(ApiError, LookupError):
            what: str
        """,
    )
    assert lines == [
        "package.ApiError(Exception) [class]",
        "package.ApiError.close(self) -> None",
        "package.ApiError.status: int",
        "package.NotFound(ApiError, LookupError) [class]",
        "package.NotFound.what: str",
    ]


def test_leaves_the_version_out(public: Write) -> None:
    """The version's name is public, its value changes with every release."""
    module = '__version__ = "1.2.3"\n'
    assert public("from package._version import __version__\n__all__ = ['__version__']", _version=module) == [
        "package.__version__"
    ]


def test_looks_only_at_what_public_modules_export(public: Write) -> None:
    """Private modules and names outside ``__all__`` do not count, at any depth; re-exported lists do."""
    lines = public(
        "from package._inner.more import __all__ as more, a\n__all__ = ['b', *more]\ndef b(): ...\ndef c(): ...",
        _inner__in__more="__all__ = ['a']\ndef a(): ...\ndef d(): ...",
        cli__in____init__="__all__ = ['main']\nfrom package.cli.app import main",
        cli__in__app="def main(): ...\ndef other(): ...",
        cli__in___hidden="__all__ = ['x']\nx = 1",
    )
    assert lines == ["package.a()", "package.b()", "package.cli [module]", "package.cli.main()"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("__all__ = ['absent']", r"__init__\.py: __all__: 'absent' does not exist; define it or remove it"),
        ("__all__ = ['x']\nfrom package.absent import x", r"__init__\.py: __all__: 'x' does not exist"),
        ("__all__ = []\ndef f(:\n", r"__init__\.py:2: not Python"),
    ],
)
def test_refuses_a_package_out_of_order(text: str, complaint: str, public: Write) -> None:
    """A missing name in `__all__` and a file that cannot be read are errors."""
    with pytest.raises(ToolError, match=complaint):
        public(text)


def test_refuses_an_unknown_package(tmp_path: Path) -> None:
    """A package that is not there is no empty API."""
    with pytest.raises(ToolError, match="package absent: not found in "):
        api_snapshot.snapshot([tmp_path], ["absent"])


def test_check_shows_the_first_differences(public: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command line writes, accepts what it wrote, and shows the beginning of a long difference."""
    options = ["--search-path", str(tmp_path), "--package", "package", "--output", str(tmp_path / "api.txt")]
    public("__all__ = ['f']\ndef f(a): ...")
    assert api_snapshot.main(options) == 0
    assert (tmp_path / "api.txt").read_text().splitlines()[1:] == ["package [module]", "package.f(a)"]
    assert api_snapshot.main([*options, "--check"]) == 0

    public(f"__all__ = {[f'g{number}' for number in range(30)]}\n" + "".join(f"g{n} = 1\n" for n in range(30)))
    capsys.readouterr()
    with pytest.raises(ToolError, match=r"api\.txt: the public API has changed .*run 'make api'"):
        api_snapshot.main([*options, "--check"])
    printed = capsys.readouterr().out.splitlines()
    assert "-package.f(a)" in printed
    assert "+package.g0 = 1" in printed
    assert len(printed) == 21
    assert printed[-1] == "… and 14 more lines"
    assert (tmp_path / "api.txt").read_text().splitlines()[1:] == ["package [module]", "package.f(a)"]


def test_check_needs_the_written_api(public: Write, tmp_path: Path) -> None:
    """A missing file is reported by its name."""
    public("__all__ = []")
    options = ["--search-path", str(tmp_path), "--package", "package", "--output", str(tmp_path / "api.txt")]
    with pytest.raises(ToolError, match=r"api\.txt: the public API cannot be read"):
        api_snapshot.main([*options, "--check"])
