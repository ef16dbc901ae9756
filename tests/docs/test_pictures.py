"""The pictures on the first page show the current state, and load nothing."""

import re
from html import unescape

import pytest
from PIL import Image

from scripts.pictures import ASSETS, COMMANDS
from tests.cli.test_help import COMMANDS as KNOWN

LARGEST = 60_000


def test_the_terminal_shows_commands_that_exist() -> None:
    """Those of the script, as they were typed, with what they printed."""
    svg = (ASSETS / "terminal.svg").read_text(encoding="utf-8")
    shown = unescape(re.sub(r"<[^>]+>", "", svg.partition("</defs>")[2])).replace("\N{NO-BREAK SPACE}", " ")
    for command in COMMANDS:
        assert command in shown
        assert " ".join(command.split()[1:3]) in KNOWN
    assert "Foundations checked" in shown


def test_the_terminal_loads_nothing() -> None:
    """The picture loads neither fonts nor pictures."""
    svg = (ASSETS / "terminal.svg").read_text(encoding="utf-8")
    assert "@font-face" not in svg
    assert not re.search(r"url\([\"']?(?!#)|href=|<script", svg)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_the_hub_is_light(scheme: str) -> None:
    """Its size in bytes is small."""
    path = ASSETS / f"hub-{scheme}.png"
    assert path.stat().st_size < LARGEST
    with Image.open(path) as picture:
        assert picture.size == (1100, 760)
