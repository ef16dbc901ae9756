"""One difference, and the rules that say whether it breaks the facade. What the facade does not use never breaks it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from scripts.specs.diff.reliance import Item, Items, Use
from scripts.specs.diff.shapes import Home, Shape, Shapes, parent

_NULL = frozenset({"null"})
_CONTAINERS = {".": "object", "[": "array"}
_ALWAYS_THERE = ("query", "header", "path")
"""Parts that every request has, unlike a body."""

_STOP_SENDING = "stop sending it, or send what replaces it"
_SEND_ALWAYS = "send it with every request"
_SEND_TYPE = "send the new type"
_SEND_ACCEPTED = "send only what is still accepted"
_STOP_READING = "read what replaces it"
_READ_TYPE = "read the new type too"
_READ_WITHOUT = "accept answers in which it is null or missing"


class Difference(NamedTuple):
    """One difference for a client: where, what, who uses it, and what to do if it breaks the facade."""

    operation: str
    home: Home
    kind: str
    what: str
    part: str = ""
    use: Use = Use()
    remedy: str = ""


class Comparison(NamedTuple):
    """Compares one part of an operation in two definitions."""

    operation: str
    part: str
    use: Use
    items: Items

    @property
    def sent(self) -> bool:
        """Whether the client writes this part."""
        return not self.part.startswith(("answer", "error"))

    def differences(self, old: Shapes, new: Shapes) -> Iterator[Difference]:
        """Yield the differences; of what came, went or became something else only the outermost."""
        paths = {**old, **new}
        outermost = {path for path in paths if path not in old or path not in new or _unlike(old[path], new[path])}
        for path in paths:
            if _above(path).isdisjoint(outermost):
                yield from self._at(path, old.get(path), new.get(path))

    def _at(self, path: str, old: Shape | None, new: Shape | None) -> Iterator[Difference]:
        if new is None and old is not None:
            remedy = (_STOP_SENDING if self.sent else _STOP_READING) if self._touches(path) else ""
            yield self._difference(path, old, "removed", "removed", remedy)
        elif old is None and new is not None:
            what = "added, required" if self.sent and new.required else "added"
            yield self._difference(path, new, "added", what, self._missing(path) if self.sent and new.required else "")
        elif old is not None and new is not None:
            yield from self._changes(path, old, new)

    def _changes(self, path: str, old: Shape, new: Shape) -> Iterator[Difference]:
        for kind, what, remedy in (
            *self._types(path, old, new),
            *self._required(path, old, new),
            *self._values(path, old, new),
            *self._limits(path, old, new),
        ):
            yield self._difference(path, old if old.home.member else new, kind, what, remedy)
        if old.deprecated != new.deprecated:
            yield self._difference(path, old, "deprecated", "deprecated" if new.deprecated else "no longer deprecated")

    def _difference(self, path: str, shape: Shape, kind: str, what: str, remedy: str = "") -> Difference:
        use = self.use if self._touches(path) or remedy else Use()
        return Difference(self.operation, shape.home, kind, what, self.part, use, remedy)

    def _types(self, path: str, old: Shape, new: Shape) -> Iterator[tuple[str, str, str]]:
        before, after = _types(old), _types(new)
        if before != after:
            fits = self._fits(path, after)
            yield "type", f"type {_named(before)} → {_named(after)}", "" if fits else self._remedy(_SEND_TYPE, _READ_TYPE)
        was, now = "null" in (old.types or ()), "null" in (new.types or ())
        if was != now and old.types and new.types:
            item = self.items.get(path, Item())
            breaks = not now and "null" in (item.types or ()) if self.sent else now and item.always
            what = "now nullable" if now else "no longer nullable"
            yield "null", what, self._remedy(_SEND_TYPE, _READ_WITHOUT) if breaks else ""

    def _fits(self, path: str, types: frozenset[str] | None) -> bool:
        """Whether the service takes what we send, or we can read what it answers."""
        ours = self._our_types(path)
        if ours is None or (types is None and self.sent):
            return True
        return types is not None and (_within(ours, types) if self.sent else _within(types, ours))

    def _our_types(self, path: str) -> frozenset[str] | None:
        if path in self.items:
            types = self.items[path].types
            return types - _NULL if types else None
        return frozenset(_CONTAINERS[each[len(path)]] for each in self.items if _is_below(each, path)) or None

    def _required(self, path: str, old: Shape, new: Shape) -> Iterator[tuple[str, str, str]]:
        if old.required == new.required:
            return
        if self.sent:
            remedy = self._missing(path) if new.required else ""
        else:
            remedy = _READ_WITHOUT if old.required and self.items.get(path, Item()).always else ""
        yield "required", "now required" if new.required else "no longer required", remedy

    def _missing(self, path: str) -> str:
        """What to do about a value that the service requires, if the facade may send a request without it."""
        holder = parent(path) if path else ""
        sends = self._touches(holder) or (not holder and self.part in _ALWAYS_THERE)
        return _SEND_ALWAYS if self.use.methods and sends and not self.items.get(path, Item()).always else ""

    def _values(self, path: str, old: Shape, new: Shape) -> Iterator[tuple[str, str, str]]:
        remedy = _SEND_ACCEPTED if self.sent and self._touches(path) else ""
        if old.values is None and new.values is not None:
            yield "values", f"restricted to {', '.join(new.values)}", remedy
        elif new.values is None and old.values is not None:
            yield "values", "no longer restricted to listed values", ""
        elif old.values is not None and new.values is not None:
            if gone := [value for value in old.values if value not in new.values]:
                yield "values", f"without the value {', '.join(gone)}", remedy
            if come := [value for value in new.values if value not in old.values]:
                yield "values", f"new value {', '.join(come)}", ""

    def _limits(self, path: str, old: Shape, new: Shape) -> Iterator[tuple[str, str, str]]:
        """Compare limits; of those of an answer only the format matters to who reads it."""
        if _types(old) != _types(new):
            return
        for name in {**old.limits, **new.limits} if self.sent else ("format",):
            before, after = old.limits.get(name), new.limits.get(name)
            if before != after:
                breaks = self.sent and self._touches(path) and _tightened(name, before, after)
                what = f"{name} {_shown(before)} → {_shown(after)}"
                yield "limits", what, _SEND_ACCEPTED if breaks else ""

    def _remedy(self, sent: str, read: str) -> str:
        return sent if self.sent else read

    def _touches(self, path: str) -> bool:
        return path in self.items or any(_is_below(each, path) for each in self.items)


def _is_below(path: str, holder: str) -> bool:
    return path.startswith((f"{holder}.", f"{holder}["))


def _above(path: str) -> set[str]:
    found = set()
    while path:
        path = parent(path)
        found.add(path)
    return found


def _types(shape: Shape) -> frozenset[str] | None:
    """The types without null; only null counts as any, because nothing more is known of the value."""
    return (shape.types or frozenset()) - _NULL or None


def _unlike(old: Shape, new: Shape) -> bool:
    before, after = _types(old), _types(new)
    return before is not None and after is not None and before.isdisjoint(after)


def _within(types: frozenset[str], others: frozenset[str]) -> bool:
    return types <= (others | {"integer"} if "number" in others else others)


def _tightened(name: str, old: Any, new: Any) -> bool:
    if new is None or name == "default" or (old, new) == ("int32", "int64"):
        return False
    if old is None or name in {"pattern", "format", "uniqueItems", "multipleOf"}:
        return new is not False
    return bool(new > old if "min" in name.lower() else new < old)


def _named(types: frozenset[str] | None) -> str:
    return " or ".join(sorted(types)) if types else "any"


def _shown(value: object) -> object:
    return "none" if value is None else value
