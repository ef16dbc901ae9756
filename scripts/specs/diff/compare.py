"""Compare two definitions, operation by operation."""

import json
from collections.abc import Iterator, Mapping

from scripts.specs.diff.differences import Comparison, Difference
from scripts.specs.diff.reliance import Use
from scripts.specs.endpoints import pairs, path_names, read_endpoint
from scripts.specs.shapes import Document, Home
from scripts.specs.uplift import to_3_1
from scripts.specs.walk import Operation, resolved

API = "API"
"""Kind of the differences that concern the whole API or a whole operation."""

_RENAMED = ("operation id", "tag")
"""Traits whose value differs for nearly every operation."""


def compare(old: Document, new: Document, uses: Mapping[str, Use]) -> list[Difference]:
    """Return the differences for clients: first those of the whole API, then in the order of the definitions.

    Args:
        old: A definition without broken references.
        new: Another definition without broken references.
        uses: The parts of each operation that the facade uses, by operation id.
    """
    old, new = to_3_1(old), to_3_1(new)
    lost, gained, matched = pairs(old, new)
    found = [*_addresses(old, new, lost, gained), *_security_schemes(old, new)]
    for before, after in matched:
        if before is not None and after is not None:
            name = after.id if after.id in uses and before.id not in uses else before.id
            found += _operations(name, uses.get(name, Use()), (old, before), (new, after))
        elif after is not None:
            where = Home("operation", f"{after.id} ({after.method.upper()} {after.path})")
            found.append(Difference(after.id, where, "added", "added"))
        elif before is not None:
            use = uses.get(before.id, Use())
            remedy = "deprecate the methods, or build them on other operations" if use.methods else ""
            found.append(Difference(before.id, Home("operation", before.id), "removed", "removed", use, remedy=remedy))
    return found


def _addresses(old: Document, new: Document, lost: str, gained: str) -> Iterator[Difference]:
    """Compare servers; each URL is completed with the base path that only its definition repeats in the paths."""
    for base, what in ((lost, "no longer part of the paths"), (gained, "now part of the paths")):
        if base:
            yield Difference("", Home("base path", base), API, what)
    before, after = _urls(old, lost), _urls(new, gained)
    for url in dict.fromkeys((*before, *after)):
        if url not in before:
            yield Difference("", Home("server", url), API, "added")
        elif url not in after:
            remedy = "change the addresses in itwin_imodels._core.environments" if after and url == before[0] else ""
            yield Difference("", Home("server", url), API, "removed", remedy=remedy)


def _urls(document: Document, base: str) -> list[str]:
    return [_address(server).rstrip("/") + base for server in document.get("servers", ())]


def _address(server: Document) -> str:
    """Return the URL of a server with the defaults of its variables."""
    variables = {f"{{{name}}}": str(each.get("default")) for name, each in server.get("variables", {}).items()}
    url = str(server.get("url"))
    for name, default in variables.items():
        url = url.replace(name, default)
    return url


def _security_schemes(old: Document, new: Document) -> Iterator[Difference]:
    before, after = _schemes(old), _schemes(new)
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            what = "removed" if name not in after else "added" if name not in before else "changed"
            yield Difference("", Home("security scheme", name), API, what)


def _schemes(document: Document) -> dict[str, str]:
    schemes = document.get("components", {}).get("securitySchemes", {})
    return {
        name: json.dumps({**resolved(document, scheme), "description": None}, sort_keys=True)
        for name, scheme in schemes.items()
    }


def _operations(
    name: str, use: Use, old: tuple[Document, Operation], new: tuple[Document, Operation]
) -> Iterator[Difference]:
    names = path_names(old[1])
    for before, after in zip(names, path_names(new[1]), strict=True):
        if before != after:
            yield Difference(name, Home("path parameter", f"{before} → {after}"), API, "renamed")
    one, other = read_endpoint(*old, names), read_endpoint(*new, names)
    for trait, was in one.traits.items():
        if was != (now := other.traits[trait]):
            change = f"{was} → {now}"
            member, what = (change, "changed") if trait in _RENAMED else (name, change)
            remedy = "send it to that address" if trait == "server" and use.methods else ""
            yield Difference(name, Home(trait, member), API, what, use, remedy=remedy)
    yield from Comparison(name, use, use.items(one.shapes)).differences(one.shapes, other.shapes)
