"""Two definitions, compared operation by operation."""

import json
from collections.abc import Iterator, Mapping

from scripts.specs.diff.differences import Comparison, Difference
from scripts.specs.diff.endpoints import Endpoint, pairs, path_names, read_endpoint
from scripts.specs.diff.reliance import Use
from scripts.specs.diff.shapes import Document, Home
from scripts.specs.uplift import to_3_1
from scripts.specs.walk import Operation, resolved

_RENAMED = ("operation id", "tag")
"""Traits with a value of their own for nearly every operation."""


def compare(old: Document, new: Document, uses: Mapping[str, Use]) -> list[Difference]:
    """Return what differs for a client, the API as a whole first, then in the order of the definitions.

    Args:
        old: A definition without broken references.
        new: Another one.
        uses: What the facade uses of each operation, by operation id.
    """
    old, new = to_3_1(old), to_3_1(new)
    base, matched = pairs(old, new)
    found = [*_addresses(old, new, base), *_security_schemes(old, new)]
    for before, after in matched:
        if before is None and after is not None:
            where = Home("operation", f"{after.id} ({after.method.upper()} {after.path})")
            found.append(Difference(after.id, where, "added", "added"))
        elif before is not None:
            name = after.id if after is not None and after.id in uses and before.id not in uses else before.id
            use = uses.get(name, Use())
            if after is None:
                remedy = "deprecate the methods, or build them on other operations" if use.methods else ""
                found.append(Difference(name, Home("operation", name), "removed", "removed", use=use, remedy=remedy))
            else:
                names = path_names(before)
                endpoints = read_endpoint(old, before, names), read_endpoint(new, after, names)
                found += [*_renamed_parameters(name, before, after), *_endpoints(name, use, *endpoints)]
    return found


def _addresses(old: Document, new: Document, base: str) -> Iterator[Difference]:
    """Compare servers with the base path that stands in their addresses in one definition, in the paths of the other."""
    sign, prefix = base[:1], base[1:]
    before, after = _urls(old, prefix if sign == "-" else ""), _urls(new, prefix if sign == "+" else "")
    if prefix:
        what = "now part of the paths" if sign == "+" else "no longer part of the paths"
        yield Difference("", Home("base path", prefix), "API", what)
    for url in dict.fromkeys((*before, *after)):
        if url not in before:
            yield Difference("", Home("server", url), "API", "added")
        elif url not in after:
            remedy = "change the addresses in itwin_imodels._environments" if after and url == before[0] else ""
            yield Difference("", Home("server", url), "API", "removed", remedy=remedy)


def _urls(document: Document, base: str) -> list[str]:
    return [str(server.get("url")).rstrip("/") + base for server in document.get("servers", ())]


def _security_schemes(old: Document, new: Document) -> Iterator[Difference]:
    before, after = _schemes(old), _schemes(new)
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            what = "removed" if name not in after else "added" if name not in before else "changed"
            yield Difference("", Home("security scheme", name), "API", what)


def _schemes(document: Document) -> dict[str, str]:
    schemes = document.get("components", {}).get("securitySchemes", {})
    return {
        name: json.dumps({**resolved(document, scheme), "description": None}, sort_keys=True)
        for name, scheme in schemes.items()
    }


def _renamed_parameters(name: str, old: Operation, new: Operation) -> Iterator[Difference]:
    for before, after in zip(path_names(old), path_names(new), strict=True):
        if before != after:
            yield Difference(name, Home("path parameter", f"{before} → {after}"), "API", "renamed")


def _endpoints(name: str, use: Use, old: Endpoint, new: Endpoint) -> Iterator[Difference]:
    for trait, before in old.traits.items():
        if before != new.traits[trait]:
            change = f"{before} → {new.traits[trait]}"
            member, what = (change, "changed") if trait in _RENAMED else (name, change)
            yield Difference(name, Home(trait, member), "API", what)
    for status in sorted(old.statuses ^ new.statuses):
        yield Difference(name, Home("status", status), "API", "removed" if status in old.statuses else "added")
    for part in dict.fromkeys((*old.parts, *new.parts)):
        yield from _parts(Comparison(name, part, use, use.items(part, old.parts.get(part, {}))), old, new)
    yield from _media(name, use, old, new)


def _parts(comparison: Comparison, old: Endpoint, new: Endpoint) -> Iterator[Difference]:
    before, after = old.parts.get(comparison.part, {}), new.parts.get(comparison.part, {})
    if before and after:
        yield from comparison.differences(before, after)


def _media(name: str, use: Use, old: Endpoint, new: Endpoint) -> Iterator[Difference]:
    """Compare the media types of request and answer; with the last one a body goes, with the first one it comes."""
    for part in ("body", "answer"):
        before, after = old.media[part], new.media[part]
        for media in sorted(before - after):
            lost = use.sends(media) if part == "body" else bool(use.methods) and not before & after
            remedy = "send or read what replaces it" if lost else ""
            yield Difference(name, Home(part, media), "removed", "removed", part, use if lost else Use(), remedy)
        for media in sorted(after - before):
            required = part == "body" and not before and new.parts["body"][""].required
            remedy = "send a body" if required and use.methods else ""
            what = "added, required" if required else "added"
            yield Difference(name, Home(part, media), "added", what, part, use if remedy else Use(), remedy)
