"""The pages of the documentation, as the tests read them."""

import contextlib
import io
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from itwin_imodels import IModelsClient
from scripts.toolkit import ROOT

FOLDER = ROOT / "docs"
PAGES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.md"))

_BLOCK = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


class Block(NamedTuple):
    """A block of code, and the text that it prints where the page shows it."""

    code: str
    output: str


class Page:
    """A page.

    Attributes:
        path: Its file.
        text: Its content.
    """

    def __init__(self, name: str) -> None:
        """Read the page; its name is relative to docs/, such as `../README.md`."""
        self.path = (FOLDER / name).resolve()
        self.text = self.path.read_text(encoding="utf-8")

    def blocks(self, language: str, containing: str = "") -> list[Block]:
        """Return the blocks of a language, each with the block of text that directly follows it."""
        found = [Block(match[2], match[3] or "") for match in _BLOCK.finditer(self.text) if match[1] == language]
        return [block for block in found if containing in block.code]

    def broken_links(self) -> list[str]:
        """Return the links to files and headings of the project that do not exist."""
        broken = []
        for link in _LINK.findall(re.sub(r"```.*?```", "", self.text, flags=re.DOTALL)):
            place, _, heading = link.partition("#")
            target = (self.path.parent / place).resolve() if place else self.path
            if "://" not in link and (not target.exists() or heading not in {"", *_headings(target)}):
                broken.append(link)
        return broken

    def run(self, names: dict[str, Any]) -> None:
        """Run the blocks of Python one after another, and compare their output with that on the page.

        Args:
            names: Global names for the blocks, which add their own. At the end, clients among them are closed, and
                temporary folders deleted.
        """
        try:
            for block in self.blocks("python"):
                printed = output_of(block.code, names, self.path.name)
                assert not block.output or fits(printed, block.output), (block.code, printed)
        finally:
            for each in names.values():
                if isinstance(each, IModelsClient):
                    each.close()
                if isinstance(each, TemporaryDirectory):
                    each.cleanup()


def output_of(code: str, names: dict[str, Any], page: str = "page") -> str:
    """Run a block, and return its output."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, page, "exec"), names)  # noqa: S102 - our own text
    return output.getvalue()


def fits(printed: str, shown: str) -> bool:
    """Return whether an output matches the one on the page, in which `…` matches anything within a line."""
    pattern = "[^\n]*".join(map(re.escape, shown.split("…")))
    return re.fullmatch(pattern, printed) is not None


def _headings(path: Path) -> set[str]:
    """Return the anchors of the headings of a page; none for other files."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.suffix == ".md" else []
    titles = [line.lstrip("#").strip() for line in lines if line.startswith("#")]
    return {re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", title.lower())).strip("-") for title in titles}
