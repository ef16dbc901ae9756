"""Rules of the layout that no linter has; who may import whom is in `pyproject.toml` (`make imports`)."""

import ast
import io
import tokenize
from collections.abc import Iterator

from scripts.toolkit import ROOT

MAXIMUM = 350
"""Lines of code of a module: those with code on them, without docstrings, comments and empty lines."""

PACKAGES = [ROOT / "hub" / "itwin_imodels_hub"]
MODULES = sorted(path for package in PACKAGES for path in package.rglob("*.py"))

_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def lines_of_code(source: str) -> int:
    """Count the lines of a module that hold code."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {line for token in tokens if token.type not in _LAYOUT for line in range(token.start[0], token.end[0] + 1)}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def private_imports(source: str) -> Iterator[str]:
    """List what a module imports from elsewhere in its distribution under a name with a leading underscore."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module=str(module), names=names):
                imported = [f"{module}.{alias.name}" for alias in names]
            case ast.Import(names=names):
                imported = [alias.name for alias in names]
            case _:
                continue
        for name in imported:
            package, *parts = name.split(".")
            if package.startswith(("itwin_imodels", "imodel_files")) and any(part.startswith("_") for part in parts):
                yield name


def test_modules_are_small() -> None:
    """No module that is written by hand has more lines of code than one can keep in mind."""
    sizes = {each.relative_to(ROOT).as_posix(): lines_of_code(each.read_text(encoding="utf-8")) for each in MODULES}
    assert len(sizes) > 100
    assert {name: size for name, size in sizes.items() if size > MAXIMUM} == {}


def test_private_names_stay_where_they_are() -> None:
    """No module imports a private name of another."""
    imports = {each: list(private_imports(each.read_text(encoding="utf-8"))) for each in MODULES}
    assert {each.relative_to(ROOT).as_posix(): names for each, names in imports.items() if names} == {}


def test_lines_of_code() -> None:
    """Docstrings, comments and empty lines do not count; each line of a statement does."""
    source = '"""Text."""\n\n# Comment.\nvalue = (\n    1,  # one\n)\nTEXT = """a\nb"""\n"""What it is."""\n'
    assert lines_of_code(source) == 5


def test_private_imports() -> None:
    """Private modules and names of ours are found, those of others are not looked at."""
    source = """
from itwin_imodels_hub.store.schema import _ID, users
from itwin_imodels._core import options
import imodel_files._engine
from attrs import _make
import itwin_imodels_hub.store
"""
    assert list(private_imports(source)) == [
        "itwin_imodels_hub.store.schema._ID",
        "itwin_imodels._core.options",
        "imodel_files._engine",
    ]
