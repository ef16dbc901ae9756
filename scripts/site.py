"""Hooks for mkdocs: include pages and programs from outside docs/ in the site.

A page in docs/ links to a file of the project by its path in the tree, so that the link also works in the repository.
On the site, the link leads to the page of the file, or to a copy of it. The Markdown source of each page is published
next to it, for tools that read llms.txt. The build fails if a page loads resources from other hosts.
"""

import os
import re
from itertools import cycle
from pathlib import Path
from posixpath import join, normpath, relpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "spec/README.md": "definition.md",
}
"""Pages outside docs/ and their paths on the site."""

REPOSITORY = "REPOSITORY_URL"
"""Environment variable with the URL of the repository, to which each page then links."""

_VERSION = ROOT / "facade" / "itwin_imodels" / "_version.py"
_LINK = re.compile(r"(\]\()([^)#\s]+)(#[^)\s]*)?(\))")
_FROM_ELSEWHERE = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//[^\"' >]*")
_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_HEADING = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_CODE = re.compile(r"<code>([^<]*)</code>")
_WORD_END = re.compile(r"(?<=[._/])(?=\w)")
_MANY_COLUMNS = 4
_DOCS = "docs"
_COPIES = "files"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Set the version and, if the environment specifies it, the repository."""
    version = re.search(r'__version__ = "([^"]+)"', _VERSION.read_text(encoding="utf-8"))
    config.extra["version"] = version[1] if version else ""
    config.repo_url = os.environ.get(REPOSITORY) or None
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages from outside docs/, and every file of the project that a page links to."""
    sources = {f"{_DOCS}/{file.src_uri}": file.content_string for file in files.documentation_pages()}
    for source, target in PAGES.items():
        sources[source] = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, target, content=sources[source]))
    copies = {place for source, text in sources.items() for place in _outside(source, text) if place not in PAGES}
    for place in sorted(copies):
        files.append(File.generated(config, f"{_COPIES}/{place}", abs_src_path=str(ROOT / place)))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - as mkdocs calls it
    """Rewrite links for the site and write the Markdown source of the page."""
    here = page.file.src_uri
    source = next((place for place, target in PAGES.items() if target == here), f"{_DOCS}/{here}")

    def rewrite(link: re.Match[str]) -> str:
        place = _place(source, link[2])
        target = None if place is None else _on_site(place)
        if target is None or "://" in link[2]:
            return link[0]
        return f"{link[1]}{relpath(target, normpath(join(here, '..')))}{link[3] or ''}{link[4]}"

    text = _LINK.sub(rewrite, markdown)
    copy = Path(config.site_dir, here)
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(text, encoding="utf-8")
    return text


def on_page_content(html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001 - as mkdocs calls it
    """Prepare tables for narrow screens: names break between their words, and wide tables can be stacked."""
    return _TABLE.sub(lambda table: _narrowing(table[0]), html)


def on_post_page(output: str, *, page: Page, config: MkDocsConfig) -> str:  # noqa: ARG001 - as mkdocs calls it
    """Reject a page that loads resources from other hosts.

    Raises:
        PluginError: The page loads a resource from another host.
    """
    if (found := _FROM_ELSEWHERE.search(output)) is not None:
        raise PluginError(f"{page.file.src_uri}: loads a resource from another host: {found[0]}")
    return output


def _narrowing(table: str) -> str:
    """Add places to break names in cells and, if there are many columns, the heading of its column to each cell."""
    table = _CODE.sub(lambda code: f"<code>{_WORD_END.sub('<wbr>', code[1])}</code>", table)
    headings = [re.sub("<[^>]*>", "", heading) for heading in _HEADING.findall(table)]
    if len(headings) < _MANY_COLUMNS:
        return table
    labels = cycle(headings)
    return re.sub("<td", lambda _: f'<td data-label="{next(labels)}"', table)


def _outside(source: str, text: str) -> set[str]:
    """Return the files outside docs/ that a page links to."""
    places = {_place(source, link[2]) for link in _LINK.finditer(text)}
    return {place for place in places if place is not None and not place.startswith(f"{_DOCS}/")}


def _place(source: str, link: str) -> str | None:
    """Return the path in the tree of a linked file; None if the link does not lead to a file of the project."""
    place = normpath(join(source, "..", link))
    return place if "://" not in link and (ROOT / place).is_file() else None


def _on_site(place: str) -> str:
    if place.startswith(f"{_DOCS}/"):
        return place.removeprefix(f"{_DOCS}/")
    return PAGES.get(place, f"{_COPIES}/{place}")
