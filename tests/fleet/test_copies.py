"""Reading the copy of an iModel in a folder, without a cluster."""

import json
import os
from pathlib import Path

import attrs
import pytest

from itwin_imodels.errors import FleetError
from itwin_imodels.fleet import Outcome, facts, fleet_status, layout
from itwin_imodels.fleet.copies import changeset_files, changeset_rows, parse_manifest
from itwin_imodels.fleet.manifest import Manifest
from itwin_imodels.fleet.opening import open_target
from itwin_imodels.fleet.target import Target

IMODEL = "11111111-2222-4333-8444-555555555555"
INDEXES = (9_999, 10_000, 10_001, 45_000, 45_003, 90_000)
"""Blocks 2, 3, 5, 6 and 7 contain no changeset."""
MANIFEST = Manifest(imodel_id=IMODEL, changesets=len(INDEXES), tip_index=INDEXES[-1], tip_id=str(INDEXES[-1]))


@pytest.fixture
def target(tmp_path: Path) -> Target:
    """Return a folder with the facts about the changesets, and one that the manifest does not cover yet."""
    indexes = (*INDEXES, 90_001)
    for index, parent in zip(indexes, (None, *indexes), strict=False):
        path = tmp_path / layout.facts_path(IMODEL, layout.block_of(index, layout.FACTS_BLOCK))
        path.parent.mkdir(parents=True, exist_ok=True)
        content = path.read_bytes() if path.exists() else None
        row = {"changeset_index": index, "id": str(index), "parent_id": str(parent or ""), "file_size": 1}
        path.write_bytes(facts.with_changesets(content, [row], path.name))
    return open_target(str(tmp_path))


def test_blocks_without_changesets(target: Target) -> None:
    """They have no file, and the copy is complete."""
    assert [each.index for each in changeset_files(target, MANIFEST)] == list(INDEXES)
    for after in (0, 1, 10_000, 10_001, 20_000, 44_999, 50_000, 89_999, 90_000):
        found = [each["changeset_index"] for each in changeset_rows(target, MANIFEST, [], after=after)]
        assert found == [each for each in INDEXES if each > after]


@pytest.mark.parametrize(
    ("block", "after"),
    [(0, 0), (0, 9_999), (1, 0), (1, 10_000), (4, 0), (4, 10_001), (4, 20_000), (4, 45_000), (8, 45_003)],
)
def test_a_missing_block(target: Target, tmp_path: Path, block: int, after: int) -> None:
    """If it contained changesets after the index, that is an error whose message says what to do."""
    (tmp_path / layout.facts_path(IMODEL, block)).unlink()
    with pytest.raises(FleetError, match=r"lack the changeset after .* mirror again"):
        list(changeset_rows(target, MANIFEST, [], after=after))


@pytest.mark.parametrize("content", [b"", b"PAR1 cut off", b"PAR1" + bytes(100) + b"PAR1"])
def test_a_damaged_block(target: Target, tmp_path: Path, content: bytes) -> None:
    """The error names the file, which must be deleted, since adding rows requires those in it."""
    path = layout.facts_path(IMODEL, 4)
    (tmp_path / path).write_bytes(content)
    with pytest.raises(FleetError, match=f"^{path} is damaged: .* Delete it and the manifest") as caught:
        list(changeset_rows(target, MANIFEST, []))
    with pytest.raises(FleetError) as of_writer:
        facts.with_changesets(content, [{"changeset_index": 45_004}], path)
    assert str(of_writer.value) == str(caught.value)
    (tmp_path / layout.manifest_path(IMODEL)).parent.mkdir()
    members = {"version": 1, **attrs.asdict(MANIFEST)}
    del members["tip_index"]
    (tmp_path / layout.manifest_path(IMODEL)).write_text(json.dumps(members))
    (tmp_path / layout.FORMAT_FILE).write_bytes(layout.format_document())
    (row,) = fleet_status(str(tmp_path)).rows
    assert (row.outcome, row.error) == (Outcome.FAILED, str(caught.value))


def test_a_file_that_disappears_ends_no_list(tmp_path: Path) -> None:
    """Someone deletes files, such as the manifest of an iModel to be repaired, while another run reads the folder."""
    names = {f"{number}.json" for number in range(5)}
    for name in names:
        (tmp_path / name).write_bytes(b"{}")
    (tmp_path / "folder").mkdir()
    files = open_target(str(tmp_path)).files("")
    first = next(files).name
    gone, *rest = sorted(names - {first}, key=[each.name for each in os.scandir(tmp_path)].index)
    (tmp_path / gone).unlink()
    assert {each.name for each in files} == set(rest)


def test_a_manifest_of_the_first_version(target: Target) -> None:
    """It contains the newest index as the number of changesets, so those that it covers are counted."""
    members = {"version": 1, **attrs.asdict(MANIFEST), "changesets": INDEXES[-1]}
    del members["tip_index"]
    assert parse_manifest(target, IMODEL, json.dumps(members).encode()) == MANIFEST


def test_fewer_changesets_than_the_manifest_states(target: Target) -> None:
    """The manifest and the facts must agree."""
    manifest = Manifest(imodel_id=IMODEL, changesets=7, tip_index=INDEXES[-1], tip_id=str(INDEXES[-1]))
    with pytest.raises(FleetError, match="contain 6 changesets, but the manifest states 7"):
        list(changeset_files(target, manifest))
