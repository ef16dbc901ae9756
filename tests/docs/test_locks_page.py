"""The page about locks tells the truth: its verbs are there."""

import re

from itwin_imodels import IModelsClient
from tests.docs.pages import Page


def test_the_verbs_exist() -> None:
    """Every verb in the table of the page about locks is one of the client."""
    verbs = re.findall(r"^\| `(\w+)\(", Page("locks.md").text, re.MULTILINE)
    assert len(verbs) == 4
    for verb in verbs:
        assert callable(getattr(IModelsClient, verb))
