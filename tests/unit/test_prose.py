"""The word list of `make lint`."""

from pathlib import Path

import pytest

from scripts.prose import findings


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('"""Give the id."""\n', 1),
        ('def f():\n    """Tell whether it is there."""\n', 2),
        ('"""Return it.\n\nThe file is none.\n"""\n', 3),
        ("x = 1\ny = 2  # the user is let in\n", 2),
        ('"""Rules of locks."""\n', 1),
        ('"""Read the header `Date`."""\n', 1),
        ('"""Merge the files, as by `merge`."""\n', 1),
    ],
)
def test_a_phrase_is_found_in_docstrings_and_comments(content: str, line: int) -> None:
    """The finding has its line and a suggestion."""
    (found,) = findings(Path("module.py"), content)
    assert found.line == line
    assert found.better


@pytest.mark.parametrize(
    "content",
    [
        '"""Return None if there is none."""\n',
        'TEXT = "the file is none"\n',
        '"""Return it. Give up late."""\n',
        '"""The rules are the same as for the API."""\n',
    ],
)
def test_other_text_is_left_alone(content: str) -> None:
    """Texts that the program uses, and words in other places."""
    assert list(findings(Path("module.py"), content)) == []


def test_pages_are_read_without_their_code() -> None:
    """Line by line."""
    page = "# Title\n\nIt is told.\n\n```python\nx = 1  # is told\n```\n"
    (found,) = findings(Path("page.md"), page)
    assert (found.line, found.phrase) == (3, "is told")
