"""The differences in one operation, and the rules for which of them break the facade."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from scripts.specs.diff.reliance import Item, Items, Use
from scripts.specs.endpoints import is_sent
from scripts.specs.media import JSON
from scripts.specs.shapes import Home, Shape, Shapes, parent

_NONE = Item()
_TYPES_OF_CONTAINERS = {".": "object", "[": "array"}
_REMEDIES = {
    ("added", True): "send it with every request",
    ("required", True): "send it with every request",
    ("removed", True): "stop sending it, or send what replaces it",
    ("type", True): "send the new type",
    ("null", True): "leave it out instead of sending null",
    ("values", True): "send only values that are still accepted",
    ("values", False): "wait for what replaces it",
    ("partial", False): "accept responses without it",
    ("limits", True): "send only values that are still accepted",
    ("added", False): "accept a response with a body",
    ("removed", False): "read what replaces it",
    ("type", False): "read the new type too",
    ("null", False): "accept responses in which it is null",
    ("limits", False): "read the new form too",
}
"""The remedy for a breaking difference, by its kind and by whether the facade sends the value."""

Finding = tuple[str, str, bool]
"""The kind of a difference, its description, and whether it breaks the facade."""


class Difference(NamedTuple):
    """One difference: its place, its description, its users, and the remedy if it breaks the facade."""

    operation: str
    home: Home
    kind: str
    what: str
    use: Use = Use()
    sent: bool | None = None
    remedy: str = ""


class Comparison(NamedTuple):
    """The comparison of the shapes of one operation, of which the facade uses ``items``."""

    operation: str
    use: Use
    items: Items

    def differences(self, old: Shapes, new: Shapes) -> Iterator[Difference]:
        """Yield the differences, except those below a value that was added, was removed or changed its type."""
        paths = {**new, **old}
        outermost = {path for path in paths if path not in old or path not in new or _unlike(old[path], new[path])}
        for path, shape in paths.items():
            if outermost.isdisjoint(_holders(path)):
                yield from self._at(path, shape.home, old.get(path), new.get(path))

    def _at(self, path: str, home: Home, old: Shape | None, new: Shape | None) -> Iterator[Difference]:
        sent = is_sent(path)
        for kind, what, breaks in self._findings(path, old, new):
            remedy = _REMEDIES[kind, sent] if breaks and not _never_breaks(path, kind) else ""
            use = self.use if remedy or self._touches(path) else Use()
            yield Difference(self.operation, home, kind, what, use, sent, remedy)

    def _findings(self, path: str, old: Shape | None, new: Shape | None) -> Iterator[Finding]:
        if old is None and new is not None:
            required = is_sent(path) and new.required
            is_body = path in {f".answer {JSON}", f".answer {new.home.member}"}
            breaks = self.use.rejects_body if is_body else required and self._may_omit(path)
            yield "added", "added, required" if required else "added", breaks
        elif new is None:
            yield "removed", "removed", self._touches(path)
        elif old is not None:
            if path.startswith(".value."):
                yield from self._header(path, old, new)
                return
            yield from self._types(path, old, new)
            yield from self._required(path, old, new)
            yield from self._values(path, old, new)
            yield from self._limits(path, old, new)

    def _types(self, path: str, old: Shape, new: Shape) -> Iterator[Finding]:
        item = self.items.get(path, _NONE)
        if old.kinds != new.kinds:
            what = f"type {_named(old.kinds)} → {_named(new.kinds)}"
            yield "type", what, not _fits(self._our_types(path), new.kinds, sent=is_sent(path))
        if old.null != new.null and old.types and new.types:
            breaks = "null" in (item.types or ()) and old.null if is_sent(path) else item.always and new.null
            yield "null", "now nullable" if new.null else "no longer nullable", breaks

    def _required(self, path: str, old: Shape, new: Shape) -> Iterator[Finding]:
        partial = old.partial != new.partial and not is_sent(path)
        if old.required != new.required and not partial:
            breaks = is_sent(path) and new.required and self._may_omit(path)
            yield "required", "now required" if new.required else "no longer required", breaks
        if partial:
            what = "missing in a new alternative" if new.partial else "no longer missing in an alternative"
            item = self.items.get(path, _NONE)
            yield "partial", what, new.partial and item.always and not item.sometimes

    def _values(self, path: str, old: Shape, new: Shape) -> Iterator[Finding]:
        ours = self.items.get(path, _NONE).values
        lost = bool(set(new.excluded(ours)) - set(old.excluded(ours)))
        breaks = lost if ours else is_sent(path) and self._touches(path)
        if old.values is None and new.values is not None:
            yield "values", f"restricted to {', '.join(new.values)}", breaks
        elif old.values is not None and new.values is None:
            yield "values", "no longer restricted to listed values", False
        elif old.values is not None and new.values is not None:
            if gone := [value for value in old.values if value not in new.values]:
                yield "values", f"value {', '.join(gone)} removed", breaks
            if come := [value for value in new.values if value not in old.values]:
                yield "values", f"value {', '.join(come)} added", False

    def _header(self, path: str, old: Shape, new: Shape) -> Iterator[Finding]:
        """Compare a header that every request has; only values that are no longer accepted count as a difference."""
        ours = self.items.get(path, _NONE).values
        lost = set(new.excluded(ours)) - set(old.excluded(ours))
        if lost:
            yield "values", f"no longer accepts {', '.join(sorted(lost))}", True

    def _limits(self, path: str, old: Shape, new: Shape) -> Iterator[Finding]:
        """Compare limits; in responses, only the format and the deprecation matter to readers."""
        names = {**old.limits, **new.limits} if is_sent(path) else ("format", "deprecated")
        for name in names if old.kinds == new.kinds else ():
            before, after = old.limits.get(name), new.limits.get(name)
            if before != after:
                worse = _tightened(name, before, after) if is_sent(path) else _is_no_longer_time(before, after)
                ours = self.items.get(path, _NONE).values if is_sent(path) else ()
                breaks = self._touches(path) and (bool(new.excluded(ours)) if ours else worse)
                yield "limits", f"{name} {_shown(before)} → {_shown(after)}", breaks

    def _may_omit(self, path: str) -> bool:
        """Return whether the facade sends the object that contains a value, but not always the value."""
        holder = parent(path)
        if path.startswith(".body ") and not holder and any(each.startswith(".body ") for each in self.items):
            return False  # another media type, in addition to the one that is sent
        in_every_request = holder in {"", ".query", ".header", ".path", ".cookie"}
        sends = bool(self.use.methods) and (in_every_request or self._touches(holder))
        return sends and not self.items.get(path, _NONE).always

    def _our_types(self, path: str) -> frozenset[str] | None:
        """Return the types that the facade sends or can read; None means any."""
        if path in self.items:
            return self.items[path].types
        marks = (each[len(path)] for each in self.items if _is_below(each, path))
        return frozenset(_TYPES_OF_CONTAINERS[mark] for mark in marks) or None

    def _touches(self, path: str) -> bool:
        return path in self.items or any(_is_below(each, path) for each in self.items)


def _is_below(path: str, holder: str) -> bool:
    return path.startswith((f"{holder}.", f"{holder}["))


def _holders(path: str) -> Iterator[str]:
    while path := parent(path):
        yield path


def _never_breaks(path: str, kind: str) -> bool:
    """Return whether a difference never breaks the facade, regardless of what the facade uses.

    The facade does not require errors to have a body. Path parameters are strings, and ids are sent as received.
    """
    return (path.startswith(".error ") and not parent(path)) or (
        path.startswith(".path.") and kind in {"type", "limits"}
    )


def _unlike(old: Shape, new: Shape) -> bool:
    """Return whether the types have nothing in common, or are known in one definition only."""
    return old.kinds != new.kinds and (old.kinds or frozenset()).isdisjoint(new.kinds or ())


def _fits(ours: frozenset[str] | None, theirs: frozenset[str] | None, *, sent: bool) -> bool:
    """Return whether the service accepts what the facade sends, or the facade can read the response."""
    if ours is None or theirs is None:
        return sent or ours is None
    offered, taken = (ours, theirs) if sent else (theirs, ours)
    return offered - {"null"} <= (taken | {"integer"} if "number" in taken else taken)


def _tightened(name: str, old: Any, new: Any) -> bool:
    if new is None or name in {"default", "deprecated"} or (old, new) == ("int32", "int64"):
        return False
    if old is None or name in {"pattern", "format", "uniqueItems", "multipleOf"}:
        return new is not False
    return bool(new > old if "min" in name.lower() else new < old)


def _is_no_longer_time(old: Any, new: Any) -> bool:
    """Return whether a value that is read as a time has lost its date format; without a format, it may be a time."""
    return old == "date-time" and new not in {None, "date"}


def _named(types: frozenset[str] | None) -> str:
    return " or ".join(sorted(types)) if types else "any"


def _shown(value: object) -> object:
    return "none" if value is None else value
