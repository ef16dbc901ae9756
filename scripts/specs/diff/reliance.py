"""The parts of operations that the facade relies on: from ``spec/reliance.json``, or assumed if not recorded."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from scripts.specs.endpoints import is_sent
from scripts.specs.media import JSON
from scripts.specs.reliance import RELIANCE, Read, Reliance, Sent, load
from scripts.specs.shapes import Shapes, parent


class Item(NamedTuple):
    """One value: the types that are sent or can be read (None for any), and whether it is always sent or required.

    The facade sends only the ``values``, if there are any, or waits for them in responses. If ``sometimes``, only some
    calls require the value.
    """

    types: frozenset[str] | None = None
    always: bool = False
    values: tuple[str, ...] = ()
    sometimes: bool = False


Items = dict[str, Item]

_ERROR_READS: Mapping[str, frozenset[str] | None] = {
    "code": frozenset({"string"}),
    **dict.fromkeys(["message", "target", "objectIds[]"]),
    **dict.fromkeys(f"details[].{name}" for name in ("code", "message", "target", "innerError.code")),
    **dict.fromkeys(f"conflictingLocks[].{name}" for name in ("objectId", "lockLevel", "briefcaseIds[]")),
}
"""Properties of ``error`` that the facade reads from every error response, if they exist.

Only the type of the code matters: it selects the exception.
"""


class Use(NamedTuple):
    """The parts of one operation that the facade uses; none if there are no methods."""

    methods: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    recorded: Items | None = None
    rejects_body: bool = False

    def items(self, old: Shapes) -> Items:
        """Return the used items among the shapes of an operation: all of them if there is no record."""
        if not self.methods:
            return {}
        if self.recorded is None:
            return {path: Item(shape.types, shape.required and is_sent(path)) for path, shape in old.items()}
        found = {path: Item(shape.types) for path, shape in old.items() if _is_unrecorded(path)}
        for path in old:
            if path.startswith(".error ") and not parent(path):
                found |= {f"{path}.error.{name}": Item(_ERROR_READS[name]) for name in _ERROR_READS}
        return found | self.recorded


def _is_unrecorded(path: str) -> bool:
    """Return whether a value is unrecorded because every method uses it: a path, or a file in a response."""
    return path.startswith(".path") or (
        path.startswith(".answer ") and not path.startswith((f".answer {JSON}", ".answer header"))
    )


def read_uses(
    methods: Mapping[str, str | None], commands: Mapping[str, list[str]], record: Path = RELIANCE
) -> dict[str, Use]:
    """Return the use of each operation.

    Args:
        methods: The facade method of each operation, used if the record has none.
        commands: The commands that use each operation.
        record: The record; the file may be missing.

    Raises:
        ToolError: The file was not written by ``make reliance``.
    """
    entries = load(record) if record.exists() else {}
    uses = {name: Use((method,) if method else ()) for name, method in methods.items()}
    uses |= {
        name: Use(entry.methods, recorded=_recorded(entry), rejects_body=entry.answer == "none")
        for name, entry in entries.items()
    }
    return {name: use._replace(commands=tuple(commands.get(name, ()))) for name, use in uses.items()}


def _recorded(entry: Reliance) -> Items:
    """Return the items of a record entry by the paths of an ``Endpoint``."""
    content = entry.content or (JSON if entry.body else None)
    body, answer = f".body {content}", f".answer {JSON}"
    found = {f".query.{name}": _item(item) for name, item in entry.query.items()}
    headers = {name.lower(): _item(item) for name, item in entry.headers.items()}
    found |= {f".{part}.{name}": item for name, item in headers.items() for part in ("header", "value")}
    found |= {f".answer header.{name.lower()}": Item() for name in entry.answer_headers}
    for root, section in ((body, entry.body), (answer, entry.reads)):
        found |= {
            f"{root}{'' if name.startswith(('[', '.')) else '.'}{name}": _item(item) for name, item in section.items()
        }
    return found | ({body: Item(always=True)} if content else {})


def _item(item: Sent | Read) -> Item:
    if isinstance(item, Sent):
        return Item(frozenset(item.types) or None, item.always, item.values)
    return Item(frozenset(item.types) or None, item.required, item.values, item.sometimes)
