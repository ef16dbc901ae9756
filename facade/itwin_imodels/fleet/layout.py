"""The layout of a fleet's target: file names and the version of the format. See docs/fleet-format.md."""

import json
import re
from datetime import datetime
from typing import Final

from itwin_imodels.errors import FleetError

FORMAT: Final = "itwin-imodels-fleet"
VERSION: Final = 1
FORMAT_FILE: Final = "fleet.json"
MANIFESTS: Final = "manifests"

FACTS_BLOCK: Final = 10_000
"""Number of changeset indexes that a file of facts covers."""

CHANGES_BLOCK: Final = 1_000
"""Number of changeset indexes that a block of element-level changes covers; a block has one file for each month."""

NO_MONTH: Final = "unknown"

_ID_OF_MANIFEST: Final = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.json")


def manifest_path(imodel_id: str) -> str:
    """Return the path of the manifest of an iModel."""
    return f"{MANIFESTS}/{imodel_id}.json"


def imodel_of_manifest(name: str) -> str | None:
    """Return the iModel id that the file name of a manifest contains; None for other names."""
    match = _ID_OF_MANIFEST.fullmatch(name)
    return match[1] if match else None


def changeset_folder(imodel_id: str) -> str:
    """Return the folder of the changeset files of an iModel."""
    return f"timelines/{imodel_id}/changesets"


def facts_folder(imodel_id: str) -> str:
    """Return the folder of the facts about the changesets of an iModel."""
    return f"changesets/imodel_id={imodel_id}"


def facts_path(imodel_id: str, block: int) -> str:
    """Return the path of a block of facts about changesets."""
    return f"{facts_folder(imodel_id)}/{block:08}.parquet"


def named_versions_path(imodel_id: str) -> str:
    """Return the path of the Named Versions of an iModel."""
    return f"named_versions/imodel_id={imodel_id}/named_versions.parquet"


def imodel_path(imodel_id: str) -> str:
    """Return the path of the facts about an iModel."""
    return f"imodels/imodel_id={imodel_id}/imodel.parquet"


def changes_path(imodel_id: str, month: str, block: int) -> str:
    """Return the path of a block of element-level changes."""
    return f"changes/imodel_id={imodel_id}/month={month}/{block:08}.parquet"


def block_of(index: int, size: int) -> int:
    """Return the number of the block that contains a changeset."""
    return (index - 1) // size


def month_of(pushed: datetime | None) -> str:
    """Return the UTC month in which a changeset was pushed, such as ``2026-11``; ``unknown`` without a time."""
    return NO_MONTH if pushed is None else f"{pushed:%Y-%m}"


def format_document() -> bytes:
    """Return the content of the file that identifies the format."""
    return json.dumps({"format": FORMAT, "version": VERSION}).encode() + b"\n"


def check_format(content: bytes, place: str) -> None:
    """Check that this version supports the format of a target.

    Args:
        content: The content of the file that identifies the format.
        place: The target, for error messages.

    Raises:
        FleetError: The target is not a fleet, or has a newer format version.
    """
    try:
        document = json.loads(content)
        is_ours = document["format"] == FORMAT
        version = int(document["version"])
    except (ValueError, TypeError, LookupError):
        is_ours, version = False, 0
    if not is_ours:
        raise FleetError(f"{place} cannot be used: its {FORMAT_FILE} does not describe a fleet. Choose another target.")
    if version > VERSION:
        raise FleetError(
            f"{place} has format version {version}; this version of itwin-imodels supports only {VERSION}. "
            "Upgrade itwin-imodels."
        )
