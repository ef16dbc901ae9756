"""The page about locks is correct: its methods exist."""

import re

from itwin_imodels import IModelsClient
from tests.docs.pages import Page


def test_the_verbs_exist() -> None:
    """Every method in the table of the page is a method of the client."""
    verbs = re.findall(r"^\| `(\w+)\(", Page("locks.md").text, re.MULTILINE)
    assert len(verbs) == 4
    for verb in verbs:
        assert callable(getattr(IModelsClient, verb))
