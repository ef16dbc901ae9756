"""`imodels checkpoint download --kind` and `imodels checkpoint update`, on block-based checkpoints."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from imodel_files.changesets import write_changeset
from itwin_imodels_hub import HubSettings, LocalHub, SeedChangeset, SeedCheckpoint, SeedIModel
from tests.cli.helpers.command import Cli, QuickCli
from tests.transfer.helpers.containers import change_database, make_database, put_into


@pytest.fixture
def databases(tmp_path: Path) -> list[Path]:
    """Return a database and a changed copy of it."""
    first = make_database(tmp_path / "first.bim")
    return [first, change_database(first, tmp_path / "second.bim")]


@pytest.fixture
def blocks(tmp_path: Path, databases: list[Path], home: Path) -> Iterator[Cli]:
    """The command, with an iModel called Blocks that has block-based checkpoints at 1 and 2."""
    first = write_changeset(tmp_path, b"", parent_id=None, ddl="CREATE TABLE one (a)")
    second = write_changeset(tmp_path, b"", parent_id=first, ddl="CREATE TABLE two (a)")
    box = put_into(tmp_path / "box", {f"{first}.bim": databases[0], f"{second}.bim": databases[1]})
    settings = HubSettings(job_delay=timedelta(0), durable=False)
    with LocalHub(settings=settings) as hub:
        hub.control.create_imodel(
            SeedIModel(
                name="Blocks",
                changesets=[SeedChangeset(id=each, file=tmp_path / f"{each}.cs") for each in (first, second)],
                checkpoints=[SeedCheckpoint(changeset_index=index, directory=box) for index in (1, 2)],
            )
        )
        yield QuickCli(home, IMODELS_BASE_URL=hub.base_url, IMODELS_TOKEN=hub.token(), IMODELS_ITWIN_ID=hub.itwin_id)


def test_one_file_is_made_of_blocks_and_updated(blocks: Cli, databases: list[Path], tmp_path: Path) -> None:
    """The output reports what was downloaded; an update also works without the list."""
    file = tmp_path / "plant.bim"
    done = blocks.json(
        "checkpoint", "download", "Blocks", file, "--changeset", 1, "--kind", "v2", "--check", "--keep-block-list"
    )
    assert file.read_bytes() == databases[0].read_bytes()
    assert (done["kind"], done["blocks"], done["reused_blocks"]) == ("v2", 11, 0)
    assert done["block_list"] == f"{file}.blocks"
    other = blocks.home / "other.bim"
    updated = blocks.ok("checkpoint", "update", "Blocks", file, "--target=~/other.bim", "--output", "json")
    assert other.read_bytes() == databases[1].read_bytes()
    assert updated.json["downloaded_blocks"] + updated.json["reused_blocks"] == 11
    assert f"reused {updated.json['reused_blocks']}." in updated.err
    Path(f"{file}.blocks").unlink()
    assert blocks.json("checkpoint", "update", "Blocks", file, "--check")["reused_blocks"] > 5
    assert file.read_bytes() == databases[1].read_bytes()


def test_forms_that_are_not_there(blocks: Cli, tmp_path: Path) -> None:
    """The message lists the available forms."""
    file = tmp_path / "plant.bim"
    told = blocks.run("checkpoint", "download", "Blocks", file, "--changeset", 1, "--kind", "v1", "--exact")
    assert told.code
    assert "not available as one file, only as blocks" in told.err
    assert blocks.run("checkpoint", "download", "Blocks", file, "--kind", "v3").code == 2
    missing = blocks.run("checkpoint", "update", "Blocks", file)
    assert missing.code
    assert "plant.bim" in missing.err
    assert blocks.json("checkpoint", "download", "Blocks", file)["kind"] == "v2"
    assert blocks.json("checkpoint", "download", "Blocks", file, "--kind", "v1")["changeset_index"] == 0
