"""Ranges of changes over a mirror, named by Named Versions."""

from pathlib import Path

from itwin_imodels import IModelsClient
from tests.behaviour.helpers.making import new_name
from tests.behaviour.helpers.places import Place
from tests.cli.helpers.command import Cli
from tests.unit.imodel_files.plant import Plant, element


def test_named_versions(quick: Cli, client: IModelsClient, place: Place, tmp_path: Path) -> None:
    """Names are looked up at the service; unknown names and names without a mirror are rejected."""
    plant = Plant(tmp_path)
    files = [plant.push(element(0x20000000001 + number)) for number in range(4)]
    imodel = client.create_imodel_from_baseline(place.itwin_id, new_name("Ranges"), plant.baseline)
    briefcase = client.briefcases.acquire(imodel.id).briefcase_id
    client.push_changesets(imodel.id, files, briefcase_id=briefcase, parent_id=None)
    for name, number in (("First", 0), ("Third", 2)):
        client.named_versions.create(imodel.id, name, changeset_id=plant.ids[number])
    mirror = tmp_path / "mirror"
    quick.ok("mirror", imodel.id, mirror)
    source = ("changeset", "elements", mirror, "--database", plant.baseline)
    found = quick.json(*source, "--after", "First", "--until", "Third")
    assert [each["changeset"] for each in found] == [2, 3]
    assert [each["changeset"] for each in quick.json(*source, "--after", "Third")] == [4]
    assert "no changeset or Named Version 'Fifth'" in quick.refused(3, *source, "--after", "Fifth")
    files_only = ("changeset", "elements", plant.folder, "--database", plant.baseline)
    assert "no changeset Third" in quick.refused(3, *files_only, "--after", "Third")
    client.imodels.delete(imodel.id)
