"""The API summary and the table of contents of the documentation, both for tools that read text."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import griffe
import yaml

from scripts.api_snapshot import PACKAGES, SEARCH_PATHS, snapshot
from scripts.toolkit import ROOT

_DOCS = ROOT / "docs"
_NOT_IN_SUMMARY = re.compile(
    r"\.__|Error\.args$|^itwin_imodels_hub\.blobs|^itwin_imodels\.cli|\.Async(?!IModelsClient)|\.AsyncIModelsClient\."
)
_LINE = re.compile(r"^(?P<path>[\w.]*)(?P<rest>.*?)(?: \[(?P<marks>[^\[\]]*(?:\[[^\]]*\][^\[\]]*)*)\])?$")

ABOUT = (
    "Python SDK for the iModels API of Bentley's iTwin Platform: a stable facade (synchronous and asynchronous) over a"
    " generated client, changeset files, and a local hub that serves the whole API without account or network."
)


class _Block(NamedTuple):
    """A module or class."""

    heading: str
    about: str
    fields: list[str]
    members: list[str]

    def lines(self) -> Iterator[str]:
        """Yield the lines of the block."""
        yield from ("", self.heading, "", self.about)
        if self.fields:
            yield from ("", f"Fields: {', '.join(self.fields)}.")
        if self.members:
            yield from ("", *self.members)


def api_lines() -> Iterator[str]:
    """Yield the lines of the API summary."""
    yield "# API summary"
    yield ""
    yield "Made by `make docs` from the public API and its docstrings; do not edit. For each `X` of `itwin_imodels`"
    yield "there is an `AsyncX` with the same methods, which are awaited; its lists are read with `async for`."
    documents = _documents()
    module = ""
    blocks: list[_Block] = []
    for line in snapshot(SEARCH_PATHS, PACKAGES):
        found = _LINE.match(line)
        if found is None or _NOT_IN_SUMMARY.search(line):
            continue
        path, rest, marks = found["path"], found["rest"], found["marks"] or ""
        about = documents.get(path, "")
        name = path.removeprefix(f"{module}.")
        if marks == "module":
            module = path
            blocks.append(_Block(f"## {path}", about, [], []))
        elif re.match(r"class(,|$)", marks):
            blocks.append(_Block(f"### {name}{rest}", about, [], []))
        elif "." in name and not marks and "(" not in rest.partition("=")[0]:
            blocks[-1].fields.append(f"`{name.rpartition('.')[2]}{_shortened(rest)}`")
        else:
            kind = f" ({marks})" if marks else ""
            blocks[-1].members.append(f"- `{name}{_shortened(rest)}`{kind}{f': {about}' if about else ''}")
    for block in blocks:
        yield from block.lines()


def _shortened(rest: str) -> str:
    """Return a signature without `self` and `cls`, or an attribute without its value."""
    rest = rest.replace("(self, ", "(").replace("(self)", "()").replace("(cls, ", "(").replace("(cls)", "()")
    return re.sub(r" = .*$", "", rest) if "(" not in rest.partition("=")[0] else rest


def _documents() -> dict[str, str]:
    """Return the first paragraph of every docstring by path, including inherited and re-exported paths."""
    loader = griffe.GriffeLoader(search_paths=SEARCH_PATHS, allow_inspection=False)
    found: dict[str, str] = {}
    for package in PACKAGES:
        loader.load(package, try_relative_path=False)
    loader.resolve_aliases(external=False)
    for package in PACKAGES:
        _collect(loader.modules_collection[package], package, found)
    return found


def _collect(module: griffe.Object | griffe.Alias, path: str, found: dict[str, str]) -> None:
    found[path] = _first(module)
    for name, member in module.members.items():
        target = _target(member)
        if target is None or name.startswith("_"):
            continue
        if target.is_module:
            _collect(target, f"{path}.{name}", found)
            continue
        found[f"{path}.{name}"] = _first(target)
        for inner, each in target.all_members.items() if target.is_class else ():
            if (final := _target(each)) is not None:
                found[f"{path}.{name}.{inner}"] = _first(final)


def _target(member: griffe.Object | griffe.Alias) -> griffe.Object | None:
    try:
        return member.final_target if isinstance(member, griffe.Alias) else member
    except (griffe.AliasResolutionError, griffe.CyclicAliasError):
        return None


def _first(member: griffe.Object | griffe.Alias) -> str:
    text = member.docstring.value if member.docstring is not None else ""
    return " ".join(text.strip().partition("\n\n")[0].split())


def contents_lines() -> Iterator[str]:
    """Yield the lines of the table of contents, in the format of llmstxt.org."""
    yield "# itwin-imodels"
    yield ""
    yield f"> {ABOUT}"
    yield ""
    yield "Made by `make docs` from the navigation of the site; do not edit. `api-summary.md` has the whole public API"
    yield "on one page."
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    loose = [(title, place) for entry in site["nav"] for title, place in entry.items() if isinstance(place, str)]
    sections = {
        title: _pages(place) for entry in site["nav"] for title, place in entry.items() if isinstance(place, list)
    }
    for section, pages in {"Start": loose, **sections}.items():
        yield from ("", f"## {section}", "")
        for title, place in pages:
            about = _sentence(place)
            yield f"- [{title}]({place}){f': {about}' if about else ''}"


def _pages(entries: list[str | dict[str, str]]) -> list[tuple[str, str]]:
    return [each for entry in entries if isinstance(entry, dict) for each in entry.items()]


def _sentence(place: str) -> str:
    """Return the first sentence of a page, without links."""
    path = _DOCS / place
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    paragraphs = (each.strip() for each in text.split("\n\n"))
    first = next((each for each in paragraphs if re.match(r"[A-Z`*\[]", each)), "")
    plain = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", " ".join(first.split()))
    return "" if plain.startswith("Made by") else re.split(r"(?<=[a-z`]\.) ", plain)[0]
