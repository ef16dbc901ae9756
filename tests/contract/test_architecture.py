"""Layout rules that no linter has; who may import whom is in `pyproject.toml` (`make imports`)."""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

from scripts.toolkit import ROOT

MAXIMUM = 350
"""Lines of code of a module: those with code on them, without docstrings, comments and empty lines."""

VERBS = "facade/itwin_imodels/_aio/client.py"
"""The table of all verbs of a client: their signatures and calls, and no more. Signatures do not count there."""

FOLDERS = [ROOT / "facade", ROOT / "hub"]
MODULES = sorted(
    path
    for folder in FOLDERS
    for path in folder.rglob("*.py")
    if "_sync" not in path.parts  # made from _aio
)

_LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def lines_of_code(source: str) -> int:
    """Count the lines of a module that contain code."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {line for token in tokens if token.type not in _LAYOUT for line in range(token.start[0], token.end[0] + 1)}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def lines_of_signatures(source: str) -> int:
    """Count the lines of the signatures of functions, and of the imports for them."""
    nodes = list(ast.walk(ast.parse(source)))
    functions = (each for each in nodes if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))
    imports = (
        each
        for each in nodes
        if isinstance(each, ast.If) and isinstance(each.test, ast.Name) and each.test.id == "TYPE_CHECKING"
    )
    return sum(each.body[0].lineno - each.lineno for each in functions) + sum(
        (each.end_lineno or each.lineno) - each.lineno for each in imports
    )


def private_imports(source: str, module_name: str) -> Iterator[str]:
    """List the private names of other packages that a module imports.

    A name with a leading underscore is private to its package: packages of the facade to the facade, and modules of a
    public package to that package.
    """
    importer = module_name.split(".")
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module=str(module), names=names):
                imported = [f"{module}.{alias.name}" for alias in names]
            case ast.Import(names=names):
                imported = [alias.name for alias in names]
            case _:
                continue
        for name in imported:
            parts = name.split(".")
            owners = [
                parts[:index] for index, part in enumerate(parts) if part.startswith("_") and not _is_special(part)
            ]
            if _is_ours(parts[0]) and any(importer[: len(owner)] != owner for owner in owners):
                yield name


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _is_ours(package: str) -> bool:
    return package.startswith(("itwin_imodels", "imodel_files"))


def name_of(path: Path) -> str:
    """The dotted name of a module."""
    (folder,) = (folder for folder in FOLDERS if path.is_relative_to(folder))
    return ".".join(path.relative_to(folder).with_suffix("").parts)


def test_modules_are_small() -> None:
    """No hand-written module has more lines of code than the maximum."""
    sources = {each.relative_to(ROOT).as_posix(): each.read_text(encoding="utf-8") for each in MODULES}
    sizes = {name: lines_of_code(source) for name, source in sources.items()}
    sizes[VERBS] -= lines_of_signatures(sources[VERBS])
    assert len(sizes) > 100
    assert {name: size for name, size in sizes.items() if size > MAXIMUM} == {}


def test_private_names_stay_where_they_are() -> None:
    """No module imports a private name of another package."""
    imports = {each: list(private_imports(each.read_text(encoding="utf-8"), name_of(each))) for each in MODULES}
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
    foreign = ["itwin_imodels_hub.store.schema._ID", "imodel_files._engine"]
    assert list(private_imports(source, "itwin_imodels.client")) == foreign
    assert list(private_imports(source, "imodel_files.changesets")) == [foreign[0], "itwin_imodels._core.options"]
