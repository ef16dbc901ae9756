"""The page about errors is correct: it says what to do about each error that there is."""

import re

from itwin_imodels import auth, errors
from tests.docs.pages import Page

COMMON_BASES = {"IModelsError", "FileError", "NewerChangesExist", "WebhookError"}
"""Classes of which only subclasses are raised on purpose."""


def test_the_errors_are_those_there_are() -> None:
    """The table has every error that a caller can get, those of the authentication included, and no other."""
    existing = {
        name
        for module in (errors, auth)
        for name in module.__all__
        if isinstance(each := getattr(module, name), type) and issubclass(each, errors.IModelsError)
    }
    table = Page("errors.md").text.partition("## Who can resolve the error?")[2].partition("\n\n## ")[0]
    rows = re.findall(r"^\| (`\w+`.*?) \|", table, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)} - {"ValueError", "TypeError"}
    assert named == existing - COMMON_BASES
