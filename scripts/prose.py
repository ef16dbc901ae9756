"""Check the English of docstrings, comments and pages against a list of phrases that do not read well.

python -m scripts.prose
"""

import argparse
import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from scripts.toolkit import ROOT, run, shown

SOURCES: Final = ("facade", "hub", "scripts", "tests", "benchmarks", "examples")
PAGES: Final = ("docs", "examples", "spec")
EXCLUDED: Final = ("_sync", "node_modules", "build", "__pycache__")
"""Folders with generated or third-party files."""
BETTER: Final = {
    r"^(Give|Tell|Say)\b": "begin with Return, Yield, Print or another common verb",
    r"^(Let|Take note|Take \w+ for granted)\b": "name what is done: Allow, Record, Discard …",
    r"(?<![Tt]here )\b(is|are|was|were) none\b(?! of)": "invalid, missing, or 'there is none'",
    r"\b(be|was|were|is|are) let in\b|\bway to be let\b": "credentials, authenticated",
    r"\bholds? (no|any) more\b": "expires, is revoked",
    r"\b(is|are|was|were|be|being) told\b(?! apart)": "name who reports what to whom",
    r"\bbegins? otherwise\b": "unrecognized header",
    r"\bnot come to an end\b": "still runs, still reports",
    r"\bpassed over\b": "skipped, ignored",
    r"\bdo(es)? no harm\b": "is ignored, has no effect",
    r"\b[Cc]hanges? of (the|a|this) (definition|schema)\b": "changes to",
    r"\bin parallel at the same time\b": "in parallel",
    r"\bNone for none\b": "None for no …",
    r"\b[Cc]heckpoints? in blocks\b": "block-based checkpoints",
    r"\bheaders? `": "the `…` header",
    r"^Rules of\b": "rules for",
    r"(?<!same )\bas (by|for) (an? |the |`)": "the way … does, see …",
    r"\b(vendor|Bentley)'s (native )?library\b|\bnative writer\b": "the native library (of iTwin.js), see the glossary",
}
"""Phrases by pattern, with suggestions. Patterns that begin with ``^`` match only at the start of a docstring."""


class Finding(NamedTuple):
    """A phrase that does not read well."""

    path: Path
    line: int
    phrase: str
    better: str


class Passage(NamedTuple):
    """Prose in a file, and the number of its first line."""

    line: int
    text: str


def main(argv: list[str]) -> int:
    """Run the check."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args(argv)
    found = [finding for path in files() for finding in findings(path, path.read_text(encoding="utf-8"))]
    for each in found:
        print(f"{shown(each.path)}:{each.line}: {each.phrase!r}: {each.better}")
    return int(bool(found))


def files() -> Iterator[Path]:
    """Yield the files with the project's own prose."""
    yield from (path for folder in SOURCES for path in sorted((ROOT / folder).rglob("*.py")) if _is_ours(path))
    yield from (path for folder in PAGES for path in sorted((ROOT / folder).rglob("*.md")) if _is_ours(path))
    yield from sorted(ROOT.glob("*.md"))


def _is_ours(path: Path) -> bool:
    return not set(EXCLUDED).intersection(path.relative_to(ROOT).parts)


def findings(path: Path, content: str) -> Iterator[Finding]:
    """Yield the phrases of a file that do not read well."""
    passages = passages_of_page(content) if path.suffix == ".md" else passages_of_source(content)
    for passage in passages:
        for pattern, better in BETTER.items():
            for match in re.finditer(pattern, passage.text):
                yield Finding(path, passage.line + passage.text.count("\n", 0, match.start()), match.group(), better)


def passages_of_source(content: str) -> Iterable[Passage]:
    """Yield the docstrings and comments of a module."""
    for node in ast.walk(ast.parse(content)):
        match node:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield Passage(node.lineno, text)
    for token in tokenize.generate_tokens(io.StringIO(content).readline):
        if token.type == tokenize.COMMENT:
            yield Passage(token.start[0], token.string)


def passages_of_page(content: str) -> Iterable[Passage]:
    """Yield the lines of a page that are neither code nor empty."""
    is_code = False
    for number, line in enumerate(content.splitlines(), 1):
        if line.lstrip().startswith("```"):
            is_code = not is_code
        elif line and not is_code:
            yield Passage(number, f" {line}")


if __name__ == "__main__":
    run(main)
