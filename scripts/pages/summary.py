"""The public API on one page, and the table of contents of the documentation, both for tools that read text."""

import re
from collections.abc import Iterator

import griffe
import yaml

from scripts.api_snapshot import PACKAGES, SEARCH_PATHS, snapshot
from scripts.toolkit import ROOT

_DOCS = ROOT / "docs"
_NOT_IN_SUMMARY = re.compile(r"\.__|^itwin_imodels\.cli|\.Async(?!IModelsClient)|\.AsyncIModelsClient\.")
_SIGNATURE = re.compile(r"^(?P<path>[\w.]+)(?P<rest>.*?)(?: \[(?P<marks>[^\[\]]*(?:\[[^\]]*\][^\[\]]*)*)\])?$")

ABOUT = (
    "Python SDK for the iModels API of Bentley's iTwin Platform: a stable facade (synchronous and asynchronous) over a"
    " generated client, changeset files, and a local hub that serves the whole API without account or network."
)


def api_lines() -> Iterator[str]:
    """The lines of the summary of the API."""
    yield "# API summary"
    yield ""
    yield "Made by `make docs` from the public API and its docstrings; do not edit. For each `X` of `itwin_imodels` there is"
    yield "an `AsyncX` with the same methods, which are awaited; its lists are read with `async for`."
    documents = _documents()
    module = ""
    for line in snapshot(SEARCH_PATHS, PACKAGES):
        if _NOT_IN_SUMMARY.search(line):
            continue
        found = _SIGNATURE.match(line)
        path, rest, marks = (found["path"], found["rest"], found["marks"] or "") if found else (line, "", "")
        about = documents.get(path, "")
        if marks == "module":
            module = path
            yield from ("", f"## {path}", "", about)
            continue
        name = path.removeprefix(f"{module}.")
        if marks.startswith("class"):
            yield from ("", f"### {name}{rest}", "", about, "")
        else:
            yield f"- `{name}{_shortened(rest)}`{f': {about}' if about else ''}"


def _shortened(rest: str) -> str:
    """A signature without what only a reader of the source wants."""
    rest = rest.replace("(self, ", "(").replace("(self)", "()").replace("(cls, ", "(").replace("(cls)", "()")
    return re.sub(r" = (attrs\.)?field\(.*\)$", "", rest)


def _documents() -> dict[str, str]:
    """The first line of every docstring by the object's path, also by the paths it is inherited or exported to."""
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
    """The lines of the table of contents, in the form of llmstxt.org."""
    yield "# itwin-imodels"
    yield ""
    yield f"> {ABOUT}"
    yield ""
    yield "Made by `make docs` from the navigation of the site; do not edit. `api-summary.md` has the whole public API on one"
    yield "page."
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    loose = [(title, place) for entry in site["nav"] for title, place in entry.items() if isinstance(place, str)]
    sections = {title: _pages(place) for entry in site["nav"] for title, place in entry.items() if isinstance(place, list)}
    for section, pages in {"Start": loose, **sections}.items():
        yield from ("", f"## {section}", "")
        for title, place in pages:
            about = _sentence(place)
            yield f"- [{title}]({place}){f': {about}' if about else ''}"


def _pages(entries: list[str | dict[str, str]]) -> list[tuple[str, str]]:
    return [each for entry in entries if isinstance(entry, dict) for each in entry.items()]


def _sentence(place: str) -> str:
    """The first sentence of a page, without links."""
    path = _DOCS / place
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    paragraphs = (each.strip() for each in text.split("\n\n"))
    first = next((each for each in paragraphs if re.match(r"[A-Z`*\[]", each) and not each.startswith("Made by")), "")
    plain = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", " ".join(first.split()))
    return re.split(r"(?<=[.:]) ", plain)[0].rstrip(":")
