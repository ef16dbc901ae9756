"""Overlays correct a definition, state a reason, and fail if their target is missing."""

from pathlib import Path
from typing import Any

import pytest

from scripts.specs.overlay import apply, overlay_files
from scripts.toolkit import ToolError

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/a": {"get": {"operationId": "get-a", "parameters": [{"name": "x"}, {"name": "y"}, {"name": "x"}]}},
        "/b": {"get": {"operationId": "get-b", "tags": ["T"]}},
    }
}


def overlay(folder: Path, actions: str, name: str = "10-test.yaml") -> Path:
    """Write an overlay document with these actions."""
    path = folder / name
    path.write_text(f"overlay: 1.0.0\ninfo: {{title: t, version: '1'}}\nactions:\n{actions}")
    return path


def test_remove_takes_every_match_and_leaves_the_rest(tmp_path: Path) -> None:
    """Every match of a target goes, list items included, and the input is not touched."""
    path = overlay(tmp_path, "  - {target: \"$..parameters[?@.name == 'x']\", description: why, remove: true}")
    corrected = apply(DOCUMENT, path)
    assert corrected["paths"]["/a"]["get"]["parameters"] == [{"name": "y"}]
    assert len(DOCUMENT["paths"]["/a"]["get"]["parameters"]) == 3


def test_update_merges_objects_and_appends_to_lists(tmp_path: Path) -> None:
    """An update merges into objects at any depth, appends to lists and replaces plain values."""
    path = overlay(
        tmp_path,
        "  - {target: \"$.paths['/b'].get\", description: why, update: {tags: [U], x: {y: 1}}}\n"
        "  - {target: \"$.paths['/b'].get.x\", description: why, update: {z: 2}}\n"
        "  - {target: \"$.paths['/b'].get.x.y\", description: why, update: 3}",
    )
    assert apply(DOCUMENT, path)["paths"]["/b"]["get"] == {
        "operationId": "get-b",
        "tags": ["T", "U"],
        "x": {"y": 3, "z": 2},
    }


@pytest.mark.parametrize(
    ("action", "complaint"),
    [
        ("{target: '$.nowhere', description: why, remove: true}", "matches nothing"),
        ("{target: '$.paths[', description: why, remove: true}", "is not JSONPath"),
        ("{target: '$.paths', remove: true}", "state the reason"),
        ("{target: '$.paths', description: ' ', remove: true}", "state the reason"),
        ("{target: '$.paths', description: why}", "either update or remove"),
        ("{target: '$.paths', description: why, remove: true, update: {}}", "either update or remove"),
        ("{target: '$.paths', description: why, remove: true, copy: x}", "unknown key copy"),
        ("{description: why, remove: true}", "an object with a target"),
        ("text", "an object with a target"),
    ],
)
def test_a_bad_action_names_file_and_place(tmp_path: Path, action: str, complaint: str) -> None:
    """For any problem of an action, the error names the overlay and says what to do."""
    with pytest.raises(ToolError, match=complaint) as caught:
        apply(DOCUMENT, overlay(tmp_path, f"  - {action}"))
    assert "10-test.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("actions: [", "not valid YAML"),
        ("openapi: 3.1.0", "not an OpenAPI Overlay"),
        ("overlay: 1.0.0\nactions: []", "#/actions is empty"),
    ],
)
def test_a_file_that_is_no_overlay_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    """A broken or empty overlay file stops the correction."""
    path = tmp_path / "10-test.yaml"
    path.write_text(text)
    with pytest.raises(ToolError, match=complaint):
        apply(DOCUMENT, path)


def test_overlays_are_applied_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """Files are sorted by number; other names are rejected."""
    for name in ("20-b.yaml", "10-a.yaml"):
        (tmp_path / name).touch()
    assert [path.name for path in overlay_files(tmp_path)] == ["10-a.yaml", "20-b.yaml"]
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ToolError, match=r"NN-name\.yaml"):
        overlay_files(tmp_path)


def test_without_a_folder_there_are_no_overlays(tmp_path: Path) -> None:
    """A definition without corrections needs no folder."""
    assert overlay_files(tmp_path / "overlays") == []
