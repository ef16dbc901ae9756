"""Named Versions and checkpoints."""

import httpx
import pytest

from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.store.imodels import imodel_by_id
from itwin_imodels_hub.store.records import CheckpointRecord
from itwin_imodels_hub.store.versions import put_checkpoint
from tests.hub.helpers.desk import Desk, details_of, error_of

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def version(ada: Desk, imodel: str, name: str, changeset: str | None = None) -> str:
    """Create a Named Version, and return its id."""
    response = ada.post(imodel, "namedversions", name=name, changesetId=changeset)
    assert response.status_code == 201, response.text
    return str(response.json()["namedVersion"]["id"])


def state_of(ada: Desk, imodel: str, *path: object) -> str:
    """Return the state of a checkpoint."""
    return str(ada.get(imodel, *path, "checkpoint").json()["checkpoint"]["state"])


def test_create_on_baseline(ada: Desk, imodel: str) -> None:
    """Without a changeset, the version is on the baseline, whose checkpoint exists already."""
    made = ada.post(imodel, "namedversions", name="v", description="d").json()["namedVersion"]
    assert (made["changesetId"], made["changesetIndex"], made["state"]) == (None, 0, "visible")
    assert made["_links"]["changeset"] is None
    assert made["application"]["id"] == "ada-application"
    assert state_of(ada, imodel, "namedversions", made["id"]) == "successful"
    assert ada.get(imodel, "namedversions", made["id"]).json()["namedVersion"] == made


def test_create_on_changeset(ada: Desk, imodel: str, briefcase: int) -> None:
    """A version on a changeset is linked from it."""
    (first,) = ada.history(imodel, briefcase, 1)
    made = version(ada, imodel, "v", first)
    link = ada.get(imodel, "changesets", 1).json()["changeset"]["_links"]["namedVersion"]["href"]
    assert link.endswith(f"/imodels/{imodel}/namedversions/{made}")
    body = ada.get(imodel, "namedversions", made).json()["namedVersion"]
    assert body["_links"]["changeset"]["href"].endswith(f"/changesets/{first}")


def test_create_refusals(ada: Desk, imodel: str, briefcase: int) -> None:
    """NamedVersionExists, NamedVersionOnChangesetExists, ChangesetNotFound, InvalidValue, MissingRequiredProperty."""
    (first,) = ada.history(imodel, briefcase, 1)
    version(ada, imodel, "v", first)
    assert error_of(ada.post(imodel, "namedversions", name="v")) == (409, "NamedVersionExists")
    taken = ada.post(imodel, "namedversions", name="w", changesetId=first)
    assert error_of(taken) == (409, "NamedVersionOnChangesetExists")
    for missing in ("0" * 40, "x"):
        response = ada.post(imodel, "namedversions", name="w", changesetId=missing)
        assert error_of(response) == (404, "ChangesetNotFound")
    assert details_of(ada.post(imodel, "namedversions", changesetId="")) == [
        ("MissingRequiredProperty", "name"),
        ("InvalidValue", "changesetId"),
    ]
    waiting = ada.announce(imodel, briefcase, first)
    response = ada.post(imodel, "namedversions", name="w", changesetId=waiting["id"])
    assert error_of(response) == (404, "ChangesetNotFound")


def test_not_found(ada: Desk, imodel: str) -> None:
    """NamedVersionNotFound: unknown and malformed ids, for all that is done with versions."""
    for text in (UNKNOWN, "x", "%2E%2E", "%00"):
        path = (imodel, "namedversions", text)
        assert error_of(ada.get(*path)) == (404, "NamedVersionNotFound")
        assert error_of(ada.get(*path, "checkpoint")) == (404, "NamedVersionNotFound")
        assert error_of(ada.put(*path, "checkpoint")) == (404, "NamedVersionNotFound")
        assert error_of(ada.patch(*path, name="v")) == (404, "NamedVersionNotFound")


def test_update(ada: Desk, imodel: str, briefcase: int) -> None:
    """NamedVersionExists: omitted properties and hidden versions are unchanged; names are unique."""
    (first,) = ada.history(imodel, briefcase, 1)
    made, other = version(ada, imodel, "v", first), version(ada, imodel, "w")
    path = (imodel, "namedversions", made)
    assert ada.patch(*path, state="hidden").json()["namedVersion"]["name"] == "v"
    assert ada.patch(*path, description="d").json()["namedVersion"]["state"] == "hidden"
    assert ada.patch(*path, name="u").json()["namedVersion"]["description"] == "d"
    assert error_of(ada.patch(imodel, "namedversions", other, name="u")) == (409, "NamedVersionExists")
    assert details_of(ada.patch(*path, state="gone", name=" ")) == [("InvalidValue", "name"), ("InvalidValue", "state")]
    assert details_of(ada.patch(*path)) == [("MissingRequiredProperty", "name")]
    assert details_of(ada.patch(*path, changesetId=None))[0] == ("InvalidValue", "changesetId")


def test_list(ada: Desk, imodel: str, briefcase: int) -> None:
    """Hidden ones are listed; filters, search and order work as for iModels."""
    ids = ada.history(imodel, briefcase, 2)
    late = version(ada, imodel, "Late 2", ids[1])
    ada.wait(1)
    early = version(ada, imodel, "Early 1", ids[0])
    ada.patch(imodel, "namedversions", early, state="hidden")

    def names(**params: str) -> list[str]:
        return [item["displayName"] for item in ada.get(imodel, "namedversions", **params).json()["namedVersions"]]

    assert names() == ["Late 2", "Early 1"]
    assert names(_orderBy="changesetIndex") == ["Early 1", "Late 2"]
    assert names(_orderBy="createdDateTime desc") == ["Early 1", "Late 2"]
    assert names(state="hidden") == ["Early 1"]
    assert names(_search="LATE") == ["Late 2"]
    assert names(name="late 2") == []
    full = ada.get_full(imodel, "namedversions", state="visible").json()["namedVersions"]
    assert full == [ada.get(imodel, "namedversions", late).json()["namedVersion"]]
    both = ada.get(imodel, "namedversions", name="a", _search="b")
    assert details_of(both) == [("MutuallyExclusiveParametersProvided", None)]


class TestBecomesVisible:
    """A setting for an expectation of the vendor's client."""

    @pytest.fixture
    def settings(self) -> HubSettings:
        """Switch it on."""
        return HubSettings(hidden_version_becomes_visible=True)

    def test_update(self, ada: Desk, imodel: str) -> None:
        """An update without a state makes the version visible."""
        path = (imodel, "namedversions", version(ada, imodel, "v"))
        ada.patch(*path, state="hidden")
        assert ada.patch(*path, description="d").json()["namedVersion"]["state"] == "visible"


# Checkpoints.


def test_baseline_checkpoint(ada: Desk, imodel: str, briefcase: int) -> None:
    """The baseline's checkpoint exists immediately: by index 0, and as the latest."""
    ada.history(imodel, briefcase, 1)
    checkpoint = ada.get(imodel, "changesets/0/checkpoint").json()["checkpoint"]
    assert (checkpoint["changesetIndex"], checkpoint["changesetId"]) == (0, None)
    assert (checkpoint["state"], checkpoint["dbName"]) == ("successful", "BASELINE.bim")
    content = httpx.get(checkpoint["_links"]["download"]["href"]).content
    assert len(content) == checkpoint["size"]
    assert ada.get(imodel, "briefcases/checkpoint").json()["checkpoint"]["changesetIndex"] == 0


@pytest.mark.thorough
def test_scheduled_then_failed(ada: Desk, imodel: str, briefcase: int) -> None:
    """CheckpointNotFound: a changeset has no own checkpoint until a version schedules it; this one fails."""
    (first,) = ada.history(imodel, briefcase, 1)
    assert error_of(ada.get(imodel, "changesets", 1, "checkpoint")) == (404, "CheckpointNotFound")
    made = version(ada, imodel, "v", first)
    scheduled = ada.get(imodel, "namedversions", made, "checkpoint").json()["checkpoint"]
    assert (scheduled["state"], scheduled["directoryAccessInfo"]) == ("scheduled", None)
    assert (scheduled["_links"]["download"], scheduled["size"]) == (None, 0)
    ada.wait(1)
    assert state_of(ada, imodel, "changesets", first) == "failed"
    link = ada.get(imodel, "changesets", 1).json()["changeset"]["_links"]["currentOrPrecedingCheckpoint"]
    assert link["href"].endswith("/changesets/0/checkpoint")


def test_seeded_checkpoints(ada: Desk, imodel: str, briefcase: int) -> None:
    """Checkpoints that were created elsewhere are returned with directory access, and preceding ones are found."""
    ids = ada.history(imodel, briefcase, 6)
    directory = f"imodel-{imodel}/checkpoints/5"
    with ada.hub.blobs.incoming() as content:
        content.write([b"manifest"])
        ada.hub.blobs.commit(f"{directory}/manifest.bcv", content)
    with ada.hub.store.writing() as connection:
        found = imodel_by_id(connection, imodel)
        assert found is not None
        record = CheckpointRecord(
            imodel_number=found.number,
            changeset_index=5,
            changeset_id=ids[4],
            state="successful",
            directory=directory,
            db_name="five.bim",
        )
        put_checkpoint(connection, record)
    checkpoint = ada.get(imodel, "changesets", 5, "checkpoint").json()["checkpoint"]
    access = checkpoint["directoryAccessInfo"]
    assert (checkpoint["dbName"], access["storageType"], access["google"]) == ("five.bim", "azure", None)
    token = access["azure"]["sasToken"]
    address = f"{access['baseUrl']}/{access['baseDirectory']}/manifest.bcv?{token}"
    assert httpx.get(address).content == b"manifest"
    assert checkpoint["containerAccessInfo"]["sas"] == token
    listed = ada.get_full(imodel, "changesets").json()["changesets"]
    links = [item["_links"]["currentOrPrecedingCheckpoint"]["href"].split("/")[-2] for item in listed]
    assert links == ["0", "0", "0", "0", "5", "5"]


@pytest.mark.thorough(keep=2)
@pytest.mark.parametrize("text", ["7", "x", "0" * 40, "%2F"])
def test_checkpoint_of_unknown_changeset(ada: Desk, imodel: str, text: str) -> None:
    """ChangesetNotFound: there is no such changeset."""
    assert error_of(ada.get(imodel, "changesets", text, "checkpoint")) == (404, "ChangesetNotFound")
