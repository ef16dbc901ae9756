"""The pages about creating iModels and about checkpoints are correct: the names in them exist."""

import re
from operator import attrgetter

import pytest

from imodel_files import cloud_sqlite
from itwin_imodels import IModelsClient, errors
from itwin_imodels.models import BaselineFileState, IModelCreationState
from tests.docs.pages import Page

PAGES = ["imodels.md", "checkpoints.md"]


@pytest.mark.parametrize("page", PAGES)
def test_the_names_exist(page: str) -> None:
    """Calls on the client, whether examples make them or not, and errors."""
    with IModelsClient(base_url="http://127.0.0.1:9/imodels") as client:
        for call in re.findall(r"client\.([a-z_.]+)\(", Page(page).text):
            if not call.startswith("hub"):
                assert callable(attrgetter(call)(client)), call
    rows = re.findall(r"^\| `([A-Z]\w+)` \|", Page(page).text, re.MULTILINE)
    assert set(rows) <= {*errors.__all__, *cloud_sqlite.__all__}


def test_the_states_are_those_there_are() -> None:
    """Every state has a row."""
    rows = re.findall(r"^\| (`[^|]*) \| (create operation|baseline file) \|", Page("imodels.md").text, re.MULTILINE)
    for kind, states in (("create operation", IModelCreationState), ("baseline file", BaselineFileState)):
        named = {name for names, of in rows if of == kind for name in re.findall(r"`(\w+)`", names)}
        assert named == {state.value for state in states}
