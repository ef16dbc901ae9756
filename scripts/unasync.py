"""Make the synchronous code from the asynchronous, or check that the committed one is what the asynchronous gives.

python -m scripts.unasync           converts facade/itwin_imodels/_aio, replaces facade/itwin_imodels/_sync
python -m scripts.unasync --check   the same into a temporary folder, then compares byte by byte

The source is taken apart by Python's own tokenizer. Text that is not about names stays: only docstrings, comments and
the strings that Python itself reads as names (``__all__``, annotations, ``cast``) are worded anew.
"""

import argparse
import ast
import importlib.util
import io
import re
import subprocess
import sys
import tempfile
import token
import tokenize
from collections.abc import Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from scripts.toolkit import ROOT, ToolError, check_folder, read_bytes, replace_folder, run, shown

SOURCE = ROOT / "facade" / "itwin_imodels" / "_aio"
TARGET = ROOT / "facade" / "itwin_imodels" / "_sync"

SUBSTITUTIONS: dict[str, str] = {
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "_aio": "_sync",
    "aclose": "close",
    "aclosing": "closing",
    "aheader": "header",
    "async_blocking": "blocking",
    "async_sleep": "sleep",
    "asynccontextmanager": "contextmanager",
    "_Async*": "_*",
    "Async*": "*",
}
"""What each name becomes. A name is matched whole; one with dots as the dotted name; ``Async*`` stands for every
other name that goes on with a capital after ``Async``. A name that maps to itself is kept from ``Async*``.

Every entry has to be used by some file: one that never is fails the run, so that the table tells the truth.
"""

PHRASES: dict[str, str] = {
    "async def": "def",
    "async for": "for",
    "async with": "with",
    "an asynchronous": "a synchronous",
    "An asynchronous": "A synchronous",
    "asynchronous": "synchronous",
    "Asynchronous": "Synchronous",
    "asynchronously": "synchronously",
}
"""What docstrings and comments say differently, besides the names. These need not be used."""

_KEYWORDS = ("async", "await")
_AWAIT_IN_TEXT = re.compile(r"\bawait (?=[\w.]+\()|(?<=`)await ")


class Edit(NamedTuple):
    """One change of a source: the characters from ``start`` to ``end`` become ``text``."""

    start: int
    end: int
    text: str
    entries: frozenset[str] = frozenset()
    """The table's entries that ask for it."""


class _Token(NamedTuple):
    kind: int
    text: str
    start: int
    end: int


def main(argv: list[str]) -> int:
    """Command line of ``make unasync`` and ``make unasync-check``."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the target instead of replacing it")
    parser.add_argument("--source", type=Path, default=SOURCE, help="folder of the asynchronous code")
    parser.add_argument("--target", type=Path, default=TARGET, help="folder of the synchronous code")
    options = parser.parse_args(argv)
    if not any(options.source.rglob("*.py")):
        print(f"{shown(options.source)}: nothing to convert yet")
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, options.target.name)
        folder.mkdir()
        count = produce(options.source, folder)
        if options.check:
            check_folder(options.target, folder, "the asynchronous code", "make unasync")
        else:
            replace_folder(options.target, folder)
    print(f"{shown(options.target)}: {count} files, {'up to date' if options.check else 'made'}")
    return 0


def produce(source: Path, folder: Path, table: Mapping[str, str] = SUBSTITUTIONS) -> int:
    """Convert every module below ``source`` into ``folder``.

    Returns:
        The number of files.

    Raises:
        ToolError: A file is not Python, its conversion is not, or an entry of the table is never used.
    """
    used: set[str] = set()
    paths = sorted(source.rglob("*.py"))
    for path in paths:
        text, entries = _converted_file(path, table)
        used |= entries
        output = folder / path.relative_to(source)
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(text.encode())
    unused = [entry for entry in table if entry not in used]
    if unused:
        raise ToolError(
            f"scripts/unasync.py: SUBSTITUTIONS: no file of {shown(source)} uses {', '.join(map(repr, unused))};"
            " remove what is not needed"
        )
    _tidy(folder)
    return len(paths)


def convert(source: str, table: Mapping[str, str]) -> str:
    """The synchronous form of asynchronous Python source. Layout and comments stay where they are.

    Raises:
        SyntaxError: The source is not Python.
    """
    return _apply(source, edits(source, table))


def edits(source: str, table: Mapping[str, str]) -> list[Edit]:
    """What ``convert`` changes, in the source's order.

    Raises:
        SyntaxError: The source is not Python.
    """
    return list(_edits(source, table))


def _converted_file(path: Path, table: Mapping[str, str]) -> tuple[str, set[str]]:
    source = read_bytes(path, "source").decode()
    try:
        changes = edits(source, table)
    except SyntaxError as error:
        raise ToolError(f"{shown(path)}:{error.lineno}: not Python: {error.msg}") from error
    text = f"# Made from {shown(path)} by 'make unasync'. Change that file, not this one.\n{_apply(source, changes)}"
    try:
        ast.parse(text)
    except SyntaxError as error:
        line = (error.lineno or 1) - 1
        raise ToolError(f"{shown(path)}:{line}: its synchronous form is not Python: {error.msg}; reword it") from error
    return text, {entry for change in changes for entry in change.entries}


def _tidy(folder: Path) -> None:
    """Sort imports, drop those that conversion left unused, format."""
    if importlib.util.find_spec("ruff") is None:
        print("ruff is not installed: the files are left unformatted", file=sys.stderr)
        return
    ruff = [sys.executable, "-m", "ruff"]
    settings = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", "--quiet", str(folder)]
    for command in (["check", "--select", "I,F401", "--fix-only"], ["format"]):
        done = subprocess.run([*ruff, *command, *settings], check=False, capture_output=True, text=True, cwd=ROOT)
        if done.returncode:
            raise ToolError(f"ruff {command[0]} refuses the synchronous code: {done.stderr or done.stdout}")


def _apply(source: str, changes: list[Edit]) -> str:
    pieces, at = [], 0
    for change in changes:
        pieces += [source[at : change.start], change.text]
        at = change.end
    return "".join([*pieces, source[at:]])


def _edits(source: str, table: Mapping[str, str]) -> Iterator[Edit]:
    lines = list(io.StringIO(source, newline=""))
    texts = _texts_about_names(ast.parse(source), lines)
    tokens = list(_tokens(lines))
    skip_to = 0
    for index, each in enumerate(tokens):
        if each.start < skip_to:
            continue
        if each.kind == token.NAME:
            change = _keyword(tokens, index) if each.text in _KEYWORDS else _name(tokens, index, table)
            if change:
                yield change
                skip_to = change.end
        elif each.kind == token.COMMENT or any(each.start in text for text in texts):
            yield from _reworded(each, table)
        elif each.kind == token.STRING:
            yield from _fields(each, table)


def _tokens(lines: list[str]) -> Iterator[_Token]:
    offsets = [0, *accumulate(map(len, lines))]
    for each in tokenize.generate_tokens(iter([*lines, ""]).__next__):
        start, end = (offsets[row - 1] + column for row, column in (each.start, each.end))
        yield _Token(each.type, each.string, start, end)


def _keyword(tokens: list[_Token], index: int) -> Edit:
    """Drop ``async`` or ``await`` and the space behind it, but not the end of its line."""
    here, behind = tokens[index : index + 2]
    return Edit(here.start, here.end if behind.kind in {token.NL, token.COMMENT} else behind.start, "")


def _name(tokens: list[_Token], index: int, table: Mapping[str, str]) -> Edit | None:
    """The change of the longest dotted name of the table that begins here."""
    longest = max(entry.count(".") for entry in table) if table else 0
    for dots in range(longest, -1, -1):
        parts = tokens[index : index + 2 * dots + 1]
        name = "".join(part.text for part in parts)
        found = _lookup(name, table) if name.count(".") == dots else None
        if found:
            return Edit(parts[0].start, parts[-1].end, found[1], frozenset({found[0]}))
    return None


def _lookup(name: str, table: Mapping[str, str]) -> tuple[str, str] | None:
    """The entry for a name, and what it makes of it."""
    if name in table:
        return name, table[name]
    for entry, replacement in table.items():
        prefix = entry.removesuffix("*")
        if prefix != entry and name.startswith(prefix) and name.isidentifier() and name[len(prefix) :][:1].isupper():
            return entry, replacement.removesuffix("*") + name[len(prefix) :]
    return None


def _reworded(text: _Token, table: Mapping[str, str]) -> Iterator[Edit]:
    """The change of a docstring, a comment or a name in quotes."""
    used = set()

    def word(match: re.Match[str]) -> str:
        found = _lookup(match.group(), table)
        if found is None:
            return PHRASES.get(match.group(), match.group())
        used.add(found[0])
        return found[1]

    fresh = _AWAIT_IN_TEXT.sub("", _words(table).sub(word, text.text))
    if used or fresh != text.text:
        yield Edit(text.start, text.end, fresh, frozenset(used))


def _words(table: Mapping[str, str]) -> re.Pattern[str]:
    whole = sorted((each for each in [*table, *PHRASES] if not each.endswith("*")), key=len, reverse=True)
    begun = [re.escape(each.removesuffix("*")) + r"[A-Z]\w*" for each in table if each.endswith("*")]
    return re.compile(rf"(?<!\w)(?:{'|'.join([*map(re.escape, whole), *begun])})(?!\w)")


def _texts_about_names(tree: ast.Module, lines: list[str]) -> list[range]:
    """Where the docstrings stand, and the strings that are read as names."""
    offsets = [0, *accumulate(map(len, lines))]

    def offset(line: int, column: int) -> int:
        return offsets[line - 1] + len(lines[line - 1].encode()[:column].decode())

    return [
        range(offset(each.lineno, each.col_offset), offset(each.end_lineno or 0, each.end_col_offset or 0))
        for node in ast.walk(tree)
        for place in _places_of_names(node)
        for each in _strings(place)
    ]


def _places_of_names(node: ast.AST) -> list[ast.expr | None]:
    places: list[ast.expr | None] = []
    match node:
        case ast.Expr(ast.Constant()) | ast.Assign([ast.Name("__all__")]) | ast.AugAssign(ast.Name("__all__")):
            places = [node.value]
        case ast.AnnAssign(ast.Name("__all__")):
            places = [node.value]
        case ast.AnnAssign() | ast.arg():
            places = [node.annotation]
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            places = [node.returns]
        case ast.Call(ast.Name("cast"), [target, *_]):
            places = [target]
    return places


def _strings(place: ast.expr | None) -> Iterator[ast.Constant]:
    """The strings in an expression, without those of a ``Literal``, which are values."""
    match place:
        case None | ast.Subscript(ast.Name("Literal")) | ast.Subscript(ast.Attribute(attr="Literal")):
            return
        case ast.Constant(str()):
            yield place
    for child in ast.iter_child_nodes(place):
        if isinstance(child, ast.expr):
            yield from _strings(child)


def _fields(string: _Token, table: Mapping[str, str]) -> Iterator[Edit]:
    """The changes in an f-string's replacement fields, for a Python (3.11) that keeps it as one token."""
    prefix = string.text.partition(string.text[-1])[0].lower()
    for start, end in _expressions(string.text, raw="r" in prefix) if "f" in prefix else ():
        before = string.start + start - len("(")
        for change in _edits(f"({string.text[start:end]})", table):
            yield change._replace(start=before + change.start, end=before + change.end)


def _expressions(text: str, *, raw: bool) -> Iterator[tuple[int, int]]:
    """Where the expressions of an f-string's replacement fields stand, those inside format specifications too."""
    at, depth = 0, 0
    while at < len(text):
        if text.startswith("\\N{", at) and not raw:
            at = text.index("}", at) + 1
        elif depth == 0 and text[at : at + 2] in {"{{", "}}", "\\\\"}:
            at += 2
        elif text[at] == "{":
            end = _end_of_expression(text, at + 1)
            yield at + 1, end
            at, depth = end, depth + 1
        else:
            depth -= text[at] == "}"
            at += 1


def _end_of_expression(text: str, start: int) -> int:
    """The place of the ``}``, ``:``, ``!`` or ``=`` that ends the expression beginning at ``start``."""
    brackets, before = 0, _Token(token.OP, "", 0, 0)
    for each in _tokens(list(io.StringIO(text[start:], newline=""))):
        if brackets == 0 and each.text in {"}", ":", ":=", "!"}:
            return start + (before if before.text == "=" else each).start
        brackets += (each.text in {"(", "[", "{"}) - (each.text in {")", "]", "}"})
        before = each
    return len(text)


if __name__ == "__main__":
    run(main)
