"""Read the copy of an iModel in a target."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from itwin_imodels._transfer.changeset_file import ChangesetFile
from itwin_imodels.errors import FleetError
from itwin_imodels.fleet import facts, layout
from itwin_imodels.fleet.manifest import Manifest
from itwin_imodels.fleet.report import FleetRow
from itwin_imodels.fleet.target import Target

_COLUMNS = ["changeset_index", "id", "parent_id", "file_size"]


def manifest_times(target: Target) -> dict[str, datetime]:
    """Return when each iModel in a target was last mirrored, by id."""
    found = {layout.imodel_of_manifest(each.name): each.modified for each in target.files(layout.MANIFESTS)}
    return {imodel_id: modified for imodel_id, modified in found.items() if imodel_id is not None}


def read_manifest(target: Target, imodel_id: str) -> Manifest:
    """Read the manifest of an iModel.

    Raises:
        FleetError: The manifest is missing or invalid.
    """
    found = target.read(layout.manifest_path(imodel_id))
    if found is None:
        raise FleetError(f"iModel {imodel_id}: its manifest is missing from {target.url}")
    return Manifest.of(imodel_id, found.data)


def row_about(manifest: Manifest) -> FleetRow:
    """Return the row of an iModel with the facts in its manifest; the run adds what it did."""
    return FleetRow(
        imodel_id=manifest.imodel_id,
        itwin_id=manifest.itwin_id,
        name=manifest.name,
        changesets=manifest.changesets,
        file_size=manifest.file_size,
    )


def changeset_rows(
    target: Target, manifest: Manifest, columns: Sequence[str], *, after: int = 0
) -> Iterator[dict[str, Any]]:
    """Yield the facts about the changesets of an iModel after an index, as far as the manifest reaches.

    Raises:
        FleetError: A file of facts is missing.
    """
    if manifest.tip_index <= after:
        return
    first, last = (layout.block_of(each, layout.FACTS_BLOCK) for each in (after + 1, manifest.tip_index))
    for block in range(first, last + 1):
        path = layout.facts_path(manifest.imodel_id, block)
        content = target.read(path)
        if content is None:
            raise FleetError(f"iModel {manifest.imodel_id}: {path} is missing")
        for each in facts.read_changesets(content.data, list(columns)):
            if after < each["changeset_index"] <= manifest.tip_index:
                yield each


def changeset_files(target: Target, manifest: Manifest) -> Iterator[ChangesetFile]:
    """Yield the changesets of an iModel as far as the manifest reaches; each must follow the one before it.

    Raises:
        FleetError: The facts are incomplete.
    """
    count, tip_id = 0, ""
    for row in changeset_rows(target, manifest, _COLUMNS):
        if row["parent_id"] != tip_id:
            break
        count, tip_id = count + 1, row["id"]
        yield ChangesetFile(
            imodel_id=manifest.imodel_id,
            id=tip_id,
            parent_id=row["parent_id"],
            index=row["changeset_index"],
            size=row["file_size"],
        )
    if (count, tip_id) != (manifest.changesets, manifest.tip_id):
        raise FleetError(
            f"iModel {manifest.imodel_id}: the metadata files end after {count} changesets, but the manifest states "
            f"{manifest.changesets}. Delete {layout.manifest_path(manifest.imodel_id)} and mirror again; only missing "
            "files are downloaded."
        )
