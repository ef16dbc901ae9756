"""OpenAPI Overlay documents: corrections to a definition as data, each with its reason.

Implements the subset of the Overlay Specification 1.0 that corrections need: ``update`` and ``remove`` actions, applied
in order. It is stricter than the specification in two respects: an action must state its reason in ``description``, and
a target that matches nothing is an error, because its correction is obsolete.
"""

import copy
import re
from pathlib import Path
from typing import Any

import jsonpath
import yaml

from scripts.toolkit import ROOT, ToolError, read_bytes, shown

OVERLAYS = ROOT / "spec" / "overlays"

_NAME = re.compile(r"\d\d-[a-z0-9-]+\.yaml")
_KEYS = frozenset({"target", "description", "update", "remove"})
_PATHS = jsonpath.JSONPathEnvironment(strict=True)


def overlay_files(folder: Path = OVERLAYS) -> list[Path]:
    """Return the overlays of a folder in the order of their numbers; empty if the folder does not exist.

    Raises:
        ToolError: A file is not named ``NN-name.yaml``.
    """
    if not folder.exists():
        return []
    files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    for path in files:
        if not _NAME.fullmatch(path.name):
            raise ToolError(f"{shown(path)}: an overlay must be named NN-name.yaml; rename or remove it")
    return files


def apply(document: dict[str, Any], path: Path) -> dict[str, Any]:
    """Apply an overlay to a definition.

    Args:
        document: The definition; not modified.
        path: The overlay document.

    Returns:
        The corrected copy.

    Raises:
        ToolError: The overlay is malformed or a target matches nothing.
    """
    corrected = copy.deepcopy(document)
    for number, action in enumerate(_actions(path)):
        _act(corrected, action, f"{shown(path)}: #/actions/{number}")
    return corrected


def _actions(path: Path) -> list[dict[str, Any]]:
    try:
        overlay = yaml.safe_load(read_bytes(path, "the overlay"))
    except yaml.YAMLError as error:
        raise ToolError(f"{shown(path)}: not valid YAML: {error}") from error
    if not isinstance(overlay, dict) or not str(overlay.get("overlay", "")).startswith("1."):
        raise ToolError(f"{shown(path)}: not an OpenAPI Overlay 1.x document (#/overlay)")
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions:
        raise ToolError(f"{shown(path)}: #/actions is empty; remove the file")
    return actions


def _act(document: dict[str, Any], action: Any, place: str) -> None:
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        raise ToolError(f"{place}: an action must be an object with a target")
    if unknown := set(action) - _KEYS:
        raise ToolError(f"{place}: unknown key {', '.join(sorted(map(str, unknown)))}")
    if not str(action.get("description") or "").strip():
        raise ToolError(f"{place}: state the reason for the correction in description")
    if ("update" in action) == (action.get("remove") is True):
        raise ToolError(f"{place}: an action must have either update or remove: true")
    locations = _locations(document, action["target"], place)
    for location in locations:
        if "update" in action:
            _update(document, location, action["update"])
        else:
            _remove(document, location)


def _locations(document: dict[str, Any], target: str, place: str) -> list[tuple[str | int, ...]]:
    """Return the matches of a target, deepest and last first, so that a removal does not move the next match."""
    try:
        found = [tuple(match.parts) for match in _PATHS.finditer(target, document)]
    except jsonpath.JSONPathError as error:
        raise ToolError(f"{place}: target {target!r} is not JSONPath: {str(error).splitlines()[0]}") from error
    if not found:
        raise ToolError(
            f"{place}: target {target!r} matches nothing in the definition; correct the target, or remove the"
            " action if it is no longer needed"
        )
    return found[::-1]


def _update(document: dict[str, Any], location: tuple[str | int, ...], update: Any) -> None:
    holder: Any = {"": document}
    key: str | int = ""
    for part in location:
        holder, key = holder[key], part
    holder[key] = _merged(holder[key], copy.deepcopy(update))


def _merged(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return {
            **old,
            **{key: _merged(old[key], value) if key in old else value for key, value in new.items()},
        }
    if isinstance(old, list):
        return [*old, *new] if isinstance(new, list) else [*old, new]
    return new


def _remove(document: dict[str, Any], location: tuple[str | int, ...]) -> None:
    holder: Any = document
    for part in location[:-1]:
        holder = holder[part]
    del holder[location[-1]]
