"""A hub that checks whether changeset files are what their ids claim."""

from pathlib import Path

import apsw
import httpx
import pytest

from imodel_files.changesets import write_changeset
from itwin_imodels_hub.basis.settings import HubSettings
from tests.hub.helpers.desk import Desk, error_of


@pytest.fixture
def settings() -> HubSettings:
    """Return settings with verification."""
    return HubSettings(verify_changesets=True)


def recorded(label: str) -> bytes:
    """Record a change to a database."""
    database = apsw.Connection("")
    database.execute("CREATE TABLE Panel (Id INTEGER PRIMARY KEY, Label TEXT)")
    session = apsw.Session(database, "main")
    session.attach()
    database.execute("INSERT INTO Panel VALUES (1, ?)", (label,))
    return session.changeset()


def confirmed(ada: Desk, imodel_id: str, briefcase_id: int, changeset_id: str, content: bytes) -> httpx.Response:
    """Go through all steps of a push."""
    changeset = ada.announce(imodel_id, briefcase_id, "", content, id=changeset_id)
    ada.upload(changeset)
    return ada.confirm(imodel_id, changeset)


def test_a_file_that_gives_its_id_is_taken(ada: Desk, tmp_path: Path) -> None:
    """A push whose file has the announced id becomes part of the timeline."""
    changeset_id = write_changeset(tmp_path, recorded("one"), parent_id=None)
    imodel_id = ada.imodel(ada.itwin())
    content = (tmp_path / f"{changeset_id}.cs").read_bytes()
    assert confirmed(ada, imodel_id, ada.briefcase(imodel_id), changeset_id, content).status_code == 200


@pytest.mark.parametrize("other", ["another change", "no changeset file"])
def test_a_file_that_gives_another_id_is_refused(ada: Desk, tmp_path: Path, other: str) -> None:
    """A push whose file has another id, or is not a changeset file, is rejected, and can be repeated."""
    changeset_id = write_changeset(tmp_path, recorded("one"), parent_id=None)
    right = (tmp_path / f"{changeset_id}.cs").read_bytes()
    wrong = bytes(len(right))
    if other == "another change":
        other_id = write_changeset(tmp_path, recorded("two"), parent_id=None)
        wrong = (tmp_path / f"{other_id}.cs").read_bytes()
    imodel_id = ada.imodel(ada.itwin())
    briefcase_id = ada.briefcase(imodel_id)
    assert error_of(confirmed(ada, imodel_id, briefcase_id, changeset_id, wrong)) == (409, "DataConflict")
    assert confirmed(ada, imodel_id, briefcase_id, changeset_id, right).status_code == 200
