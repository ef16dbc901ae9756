"""The page about checkpoints is correct: its errors about the format are those that exist."""

import re

from imodel_files import cloud_sqlite
from imodel_files.cloud_sqlite import CloudSqliteError
from tests.docs.pages import Page


def test_the_errors_are_those_there_are() -> None:
    """The table has every error and no other."""
    existing = {
        name
        for name in cloud_sqlite.__all__
        if isinstance(each := getattr(cloud_sqlite, name), type)
        and issubclass(each, CloudSqliteError)
        and each is not CloudSqliteError
    }
    assert set(re.findall(r"^\| `(\w+Error)` \|", Page("checkpoints.md").text, re.MULTILINE)) == existing
