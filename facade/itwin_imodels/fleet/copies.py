"""Read the copy of an iModel in a target."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import attrs

from itwin_imodels._transfer.changeset_file import ChangesetFile
from itwin_imodels.errors import FleetError
from itwin_imodels.fleet import facts, layout
from itwin_imodels.fleet.manifest import UNCOUNTED, Manifest
from itwin_imodels.fleet.report import FleetRow
from itwin_imodels.fleet.target import Target

_COLUMNS = ["changeset_index", "id", "parent_id", "file_size"]


def manifest_times(target: Target) -> dict[str, datetime]:
    """Return when the manifest of each iModel was last written, by id of the iModel."""
    times = {layout.imodel_of_manifest(each.name): each.modified for each in target.files(layout.MANIFESTS)}
    return {imodel_id: modified for imodel_id, modified in times.items() if imodel_id is not None}


def read_manifest(target: Target, imodel_id: str) -> Manifest:
    """Read the manifest of an iModel.

    Raises:
        FleetError: The manifest is missing or invalid.
    """
    content = target.read(layout.manifest_path(imodel_id))
    if content is None:
        raise FleetError(f"iModel {imodel_id}: its manifest is missing from {target.url}")
    return parse_manifest(target, imodel_id, content.data)


def parse_manifest(target: Target, imodel_id: str, content: bytes) -> Manifest:
    """Parse the content of a manifest file, and count the changesets if it does not contain their number.

    Raises:
        FleetError: The manifest is invalid.
    """
    manifest = Manifest.of(imodel_id, content)
    if manifest.changesets != UNCOUNTED:
        return manifest
    blocks = _blocks_of_facts(target, imodel_id)
    rows = (row for block in blocks for row in _rows_of(target, imodel_id, block, ["changeset_index"]))
    return attrs.evolve(manifest, changesets=sum(row["changeset_index"] <= manifest.tip_index for row in rows))


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

    Args:
        target: The target.
        manifest: The manifest of the iModel.
        columns: The facts; `changeset_index`, `id` and `parent_id` are always included.
        after: The index.

    Raises:
        FleetError: A changeset is missing, or a file is damaged. Gaps between the indexes are not an error.
    """
    if manifest.tip_index <= after:
        return
    wanted = sorted({*columns, "changeset_index", "id", "parent_id"})
    blocks = _blocks_of_facts(target, manifest.imodel_id)
    earlier = [each for each in blocks if after and each <= layout.block_of(after, layout.FACTS_BLOCK)]
    tip_id = None if len(earlier) > 1 else ""
    for block in blocks[max(len(earlier) - 1, 0) :]:
        for each in _rows_of(target, manifest.imodel_id, block, wanted):
            if tip_id not in {None, each["parent_id"]} or tip_id == manifest.tip_id:
                break
            tip_id = each["id"]
            if each["changeset_index"] > after:
                yield each
    if tip_id != manifest.tip_id:
        raise _incomplete(manifest, f"lack the changeset after {tip_id or 'the baseline'}")


def _rows_of(target: Target, imodel_id: str, block: int, columns: list[str]) -> Iterator[dict[str, Any]]:
    path = layout.facts_path(imodel_id, block)
    content = target.read(path)
    return iter(()) if content is None else facts.read_changesets(content.data, columns, path)


def _blocks_of_facts(target: Target, imodel_id: str) -> list[int]:
    names = (each.name for each in target.files(layout.facts_folder(imodel_id)))
    return sorted(int(stem) for name in names if (stem := name.removesuffix(".parquet")).isdecimal())


def _incomplete(manifest: Manifest, problem: str) -> FleetError:
    return FleetError(
        f"iModel {manifest.imodel_id}: the metadata files {problem}. Delete "
        f"{layout.manifest_path(manifest.imodel_id)} and mirror again; only missing files are downloaded."
    )


def changeset_files(target: Target, manifest: Manifest) -> Iterator[ChangesetFile]:
    """Yield the changesets of an iModel as far as the manifest reaches.

    Raises:
        FleetError: The facts are incomplete.
    """
    count = 0
    for count, row in enumerate(changeset_rows(target, manifest, _COLUMNS), 1):  # noqa: B007 - used after the loop
        yield ChangesetFile(
            imodel_id=manifest.imodel_id,
            id=row["id"],
            parent_id=row["parent_id"],
            index=row["changeset_index"],
            size=row["file_size"],
        )
    if count != manifest.changesets:
        raise _incomplete(manifest, f"contain {count} changesets, but the manifest states {manifest.changesets}")
