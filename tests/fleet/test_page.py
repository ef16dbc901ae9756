"""The pages about fleets are correct: their queries have the shown results, and their tables exist."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from distributed import Client

from imodel_files.changes import arrow_table
from itwin_imodels.fleet import facts, layout
from itwin_imodels.fleet.manifest import Manifest
from itwin_imodels_hub import LocalHub, SeedBriefcase, SeedChangeset, SeedIModel, SeedITwin, SeedNamedVersion
from tests.docs.pages import Page, fits
from tests.fleet.clusters import DaskProcesses
from tests.unit.imodel_files.plant import VALVE, Plant, element, geometry, label

PAGE, FORMAT = Page("fleet.md"), Page("fleet-format.md")
DAYS = (datetime(2026, 9, 7, tzinfo=UTC), datetime(2026, 9, 15, tzinfo=UTC))
DAYS += (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 10, 20, tzinfo=UTC))


def planted(hub: LocalHub, folder: Path) -> str:
    """Create an iTwin with the iModel of the page: four changesets of two authors, two Named Versions."""
    plant = Plant(folder)
    plant.push(element(2), geometry(2), element(3), geometry(3))
    plant.push(element(4, VALVE), geometry(4, VALVE), label(2, "A"))
    plant.push(label(2, "B"))
    plant.push("DELETE FROM bis_GeometricElement3d WHERE ElementId = 3", "DELETE FROM bis_Element WHERE Id = 3")
    itwin_id = hub.control.create_itwin(SeedITwin(name="Fleet", creator="ada"))
    hub.control.create_imodel(
        SeedIModel(
            name="Bridge",
            itwin_id=itwin_id,
            baseline=plant.baseline,
            created_at=DAYS[0] - timedelta(days=1),
            briefcases=[SeedBriefcase(id=3, owner="grace")],
            changesets=[
                SeedChangeset(id=each, file=plant.folder / f"{each}.cs", pushed_at=day, briefcase_id=briefcase_id)
                for each, day, briefcase_id in zip(plant.ids, DAYS, (2, 3, 2, 3), strict=True)
            ],
            named_versions=[
                SeedNamedVersion(name="Issued for review", changeset_index=2),
                SeedNamedVersion(name="Issued for construction", changeset_index=4),
            ],
        )
    )
    return itwin_id


def test_the_examples_run_and_the_queries_give_what_is_shown(
    hub: LocalHub, cluster: DaskProcesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python and SQL, in the order of the page; a second run writes no further changes."""
    itwin_id = planted(hub, tmp_path)
    monkeypatch.chdir(tmp_path)
    with Client(cluster.address) as scheduler:
        names = {"itwin_id": itwin_id, "scheduler": scheduler, "__name__": "example"}
        PAGE.run(names)
        (again,) = names["write_fleet_changes"]("fleet", scheduler=scheduler).rows  # type: ignore[operator] # a function
    assert (again.changed_rows, again.error) == (0, "")
    queries = PAGE.blocks("sql")
    assert len(queries) == 4
    for query in queries:
        rows = duckdb.sql(query.code).fetchall()
        assert fits("".join(" | ".join(map(str, row)) + "\n" for row in rows), query.output), rows


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("changesets", facts.CHANGESETS),
        ("named_versions", facts.NAMED_VERSIONS),
        ("imodels", facts.IMODELS),
        ("changes", arrow_table([]).schema),
    ],
)
def test_the_tables_have_the_columns_of_the_page(name: str, schema: pa.Schema) -> None:
    """The page has all columns with their types, in their order."""
    (part,) = re.findall(rf"^`{name}/` has .*?\n\n(.*?)\n\n", FORMAT.text, re.MULTILINE | re.DOTALL)
    assert re.findall(r"^\| `(\w+)` \| (.+) \|$", part, re.MULTILINE) == [
        (each.name, str(each.type)) for each in schema
    ]


def test_the_format_is_that_of_the_page() -> None:
    """Version, blocks, and the members of a manifest."""
    assert layout.format_document().decode().strip() in FORMAT.text
    assert f"in blocks of {layout.FACTS_BLOCK:,}:" in FORMAT.text
    assert f"covers {layout.CHANGES_BLOCK:,} indexes" in FORMAT.text
    members = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?) \|", FORMAT.text, re.MULTILINE)))
    assert set(re.findall(r'"(\w+)":', Manifest(imodel_id="x").to_bytes().decode())) <= set(members)
