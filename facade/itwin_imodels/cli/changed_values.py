"""Changed values of elements and rows, formatted for tables."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from itwin_imodels.cli.rows import ElementEntry


def format_changes(values: Mapping[str, Mapping[str, object]]) -> str:
    """Format changed values by name, as ``old → new``, or only the new value if there is no old one."""
    return ", ".join(f"{name}: {_sides(each)}" for name, each in values.items())


def format_entry(entry: "ElementEntry") -> str:
    """Format the changed values of an element and its aspects."""
    own = [format_changes(entry.properties)] if entry.properties else []
    return ", ".join(own + [_aspect(each) for each in entry.aspects])


def _aspect(aspect: Mapping[str, Any]) -> str:
    return f"{aspect['operation']} {aspect['class_name']} ({format_changes(aspect['properties'])})"


def _sides(change: Mapping[str, object]) -> str:
    old, new = (f"{_labelled(change, side):.40}" if side in change else "" for side in ("old", "new"))
    return f"{old} \N{RIGHTWARDS ARROW} {new}" if "old" in change else new


def _labelled(change: Mapping[str, object], side: str) -> str:
    """Format a value; values of enumerations include their labels."""
    value, label = _brief(change[side]), change.get(f"{side}_label")
    return value if label is None else f"{label} ({value})"


def _brief(value: object) -> str:
    if isinstance(value, dict) and "sha256" in value:
        return f"{value['size']} bytes"
    return "null" if value is None else str(value)
