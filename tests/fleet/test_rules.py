"""The rules for fleets, without I/O."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from itwin_imodels.errors import FleetError
from itwin_imodels.fleet import FleetRow, Outcome, facts, layout
from itwin_imodels.fleet.changing import months
from itwin_imodels.fleet.manifest import UNCOUNTED, Manifest, merged
from itwin_imodels.fleet.planning import by_age, is_sampled, parse_share, windows
from itwin_imodels.fleet.progress import Part, ProgressCount

NOW = datetime(2026, 11, 29, tzinfo=UTC)
IMODEL = "11111111-2222-4333-8444-555555555555"


def test_the_oldest_come_first() -> None:
    """Those that were never mirrored come before them."""
    times = {"b": NOW, "c": NOW - timedelta(days=1)}
    assert by_age(["a", "b", "c"], times) == ["a", "c", "b"]


@given(st.lists(st.integers(0, 50)), st.integers(1, 5), st.integers(1, 60))
def test_windows_are_bounded_and_lose_nothing(sizes: list[int], files: int, most: int) -> None:
    """A file that is larger than a window is in a separate one."""
    found = list(windows(sizes, size_of=lambda each: each, max_files=files, max_bytes=most))
    assert [each for window in found for each in window] == sizes
    assert all(len(window) <= files and (sum(window) <= most or len(window) == 1) for window in found)


def test_a_sample_has_its_share_and_changes() -> None:
    """All files are in it at 100%."""
    ids = [f"{number * 2654435761 % 2**32:08x}{number:032x}" for number in range(10_000)]
    assert all(is_sampled(each, 1, "20261129") for each in ids)
    first, second = ([each for each in ids if is_sampled(each, 0.05, salt)] for salt in ("20261129", "20261130"))
    assert first != second
    assert all(400 < len(each) < 600 for each in (first, second))


@pytest.mark.parametrize(("text", "share"), [("5%", 0.05), ("100%", 1), ("0.5", 0.5), ("0", 0)])
def test_a_share_is_a_number_or_a_percentage(text: str, share: float) -> None:
    """From 0 to 1."""
    assert parse_share(text) == share


@pytest.mark.parametrize("text", ["", "%", "101%", "-1", "5 percent", "nan"])
def test_an_invalid_share(text: str) -> None:
    """The message shows a valid one."""
    with pytest.raises(ValueError, match=r"such as 0\.05 or 5%"):
        parse_share(text)


def test_a_manifest_is_read_as_it_was_written() -> None:
    """Manifests of newer formats or other iModels, and other files, are rejected."""
    manifest = Manifest(imodel_id=IMODEL, name="Bridge", changesets=7, tip_index=8, tip_id="ab", digests={"a": "b"})
    content = manifest.to_bytes()
    assert Manifest.of(IMODEL, content) == manifest
    members = json.loads(content)
    del members["tip_index"]
    assert Manifest.of(IMODEL, json.dumps(members).encode()) == attrs.evolve(
        manifest, changesets=UNCOUNTED, tip_index=7
    )
    for wrong in (content.replace(b'"version": 1', b'"version": 2'), content.replace(IMODEL.encode(), b"x"), b"[]"):
        with pytest.raises(FleetError, match=IMODEL):
            Manifest.of(IMODEL, wrong)
    newer = {"version": 2, "imodel": IMODEL}
    with pytest.raises(
        FleetError, match=r"unsupported format version 2\. Upgrade"
    ):  # a newer format may change any member
        Manifest.of(IMODEL, json.dumps(newer).encode())


def test_the_further_of_two_manifests_counts() -> None:
    """This applies to each value separately."""
    ours = Manifest(imodel_id=IMODEL, changesets=9, tip_index=9, tip_id="nine", changes_until=3, digests={"a": "ours"})
    theirs = attrs.evolve(
        ours, changesets=7, tip_index=7, tip_id="seven", changes_until=5, digests={"a": "theirs", "b": "theirs"}
    )
    for found in (
        merged(ours, theirs),
        merged(attrs.evolve(theirs, digests=ours.digests), attrs.evolve(ours, digests=theirs.digests)),
    ):
        assert (found.changesets, found.tip_id, found.changes_until) == (9, "nine", 5)
        assert found.digests == {"a": "ours", "b": "theirs"}


def row(index: int) -> dict[str, Any]:
    """A row of facts."""
    return {**dict.fromkeys(facts.CHANGESETS.names), "changeset_index": index, "id": f"{index:040x}"}


@given(st.integers(1, 12), st.integers(1, 12))
def test_facts_depend_on_the_rows_alone(first: int, second: int) -> None:
    """However they were divided, and in which order runs wrote them."""
    rows = [row(index) for index in range(1, 13)]
    whole = facts.with_changesets(None, rows, "block")
    low, high = sorted((first, second))
    parts = facts.with_changesets(None, rows[:high], "block")
    assert facts.with_changesets(parts, rows[low - 1 :], "block") == whole
    assert facts.with_changesets(whole, rows[:low], "block") == whole


def test_months_are_ranges() -> None:
    """A clock that went back makes two ranges of a month."""
    pushed = [NOW, NOW, NOW + timedelta(days=9), NOW, None]
    rows = [{"changeset_index": index, "push_date_time": each} for index, each in enumerate(pushed, 8)]
    assert months(rows) == {"2026-11": [(7, 9), (10, 11)], "2026-12": [(9, 10)], layout.NO_MONTH: [(11, 12)]}


def test_blocks_begin_with_the_first_changeset() -> None:
    """Index 1 is in block 0, and so is the last of its size."""
    assert [layout.block_of(each, 1000) for each in (1, 1000, 1001)] == [0, 0, 1]


def test_progress_counts_parts_and_rows_once() -> None:
    """The row of an iModel adds what no part has reported; parts of a killed worker are not taken back."""
    count = ProgressCount(3, "")
    for imodel_id in ("a", "a", "b"):
        count.add_part(Part(imodel_id=imodel_id, changesets=500, downloaded_bytes=70))
    assert (count.now.done, count.now.changesets, count.now.downloaded_bytes) == (0, 1500, 210)
    count.add_row(FleetRow(imodel_id="a", new_changesets=1200, downloaded_bytes=150))
    assert (count.now.done, count.now.changesets, count.now.downloaded_bytes) == (1, 1700, 220)
    count.add_row(FleetRow(imodel_id="b", new_changesets=100, downloaded_bytes=10))
    count.add_row(FleetRow(imodel_id="c", outcome=Outcome.FAILED))
    assert (count.now.done, count.now.changesets, count.now.failed) == (3, 1700, 1)
