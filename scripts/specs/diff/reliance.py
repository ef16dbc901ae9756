"""What the facade relies on of each operation: ``spec/reliance.json``, or what may be relied on without that file."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from scripts.specs.diff.shapes import Shapes
from scripts.toolkit import ROOT, ToolError, read_bytes, shown

RECORD = ROOT / "spec" / "reliance.json"

_SECTIONS = {"query": "query", "headers": "header", "body": "body", "reads": "answer"}
"""Sections of the record and the parts of an operation that they speak of."""

_TEXT, _OBJECT, _ARRAY = frozenset({"string"}), frozenset({"object"}), frozenset({"array"})


class Item(NamedTuple):
    """One value: the types that are sent or can be read (None: any), and whether it is always sent or required."""

    types: frozenset[str] | None = None
    always: bool = False


Items = dict[str, Item]

ERROR_READS: Items = {
    **{f".error.{name}": Item(_TEXT) for name in ("code", "message", "target")},
    **{f".error.details[].{name}": Item(_TEXT) for name in ("code", "message", "target", "innerError.code")},
    **{f".error.{name}": Item(_ARRAY) for name in ("details", "objectIds", "conflictingLocks")},
}
"""What the facade reads of every error; nothing of it is required."""


class Use(NamedTuple):
    """What the facade makes of one operation. Without methods it makes nothing of it."""

    methods: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    parts: Mapping[str, Items] = {}  # noqa: RUF012 - never changed
    content: str | None = None
    recorded: bool = True

    def sends(self, media: str) -> bool:
        """Whether the methods send a body of this media type; without a record any."""
        return bool(self.methods) and (self.content == media or not self.recorded)

    def items(self, part: str, old: Shapes) -> Items:
        """Return what is used of a part; without a record everything that the old definition has of it."""
        if not self.methods:
            return {}
        if part.startswith("error"):
            return ERROR_READS
        if self.recorded and part != "path":
            return dict(self.parts.get(part, {}))
        sent = not part.startswith("answer")
        return {path: Item(shape.types, sent and shape.required) for path, shape in old.items()}


def read_uses(inventory: Mapping[str, str | None], commands: Mapping[str, list[str]], path: Path = RECORD) -> dict[str, Use]:
    """Read the record.

    Args:
        inventory: Each operation and the facade's method for it, for the operations that the record does not have.
        commands: The commands that use each operation.
        path: The record; without this file everything in an operation with a method counts as used.

    Raises:
        ToolError: The file is not a record.
    """
    tables: dict[str, Any] = {}
    if path.exists():
        try:
            tables = json.loads(read_bytes(path, "the record of what the facade relies on"))
        except ValueError as error:
            raise ToolError(f"{shown(path)}: not valid JSON: {error}; run 'make generate'") from error
    uses = {
        name: Use((method,) if method else (), tuple(commands.get(name, ())), recorded=False)
        for name, method in inventory.items()
    }
    return uses | {name: _use(table, tuple(commands.get(name, ()))) for name, table in tables.items()}


def _use(table: dict[str, Any], commands: tuple[str, ...]) -> Use:
    parts = {part: _items(table.get(section, {}), part) for section, part in _SECTIONS.items()}
    parts["answer header"] = {f".{name.lower()}": Item() for name in table.get("answer_headers", ())}
    content = table.get("content")
    if content is not None:
        parts["body"].setdefault("", Item(always=True))
    return Use(tuple(table.get("methods", ())), commands, parts, content)


def _items(table: dict[str, Any], part: str) -> Items:
    """The items of a section, each by the path that ``shapes`` gives it."""
    spelled: Callable[[str], str] = str.lower if part == "header" else str
    found = {
        spelled(name if name.startswith(("[", ".")) else f".{name}"): Item(
            frozenset(item["types"]) or None, bool(item.get("always", item.get("required", False)))
        )
        for name, item in table.items()
    }
    return {"": Item(always=True), **found} if found and part == "body" else found
