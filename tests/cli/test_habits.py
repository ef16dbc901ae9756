"""What people type out of habit."""

import subprocess
import sys

import pytest

from itwin_imodels.cli.groups import behind_command
from tests.cli.helpers.command import Cli


def test_help(quick: Cli) -> None:
    """`-h` everywhere."""
    for arguments in ((), ("imodel",), ("imodel", "list")):
        assert quick.ok(*arguments, "-h").out == quick.ok(*arguments, "--help").out


@pytest.mark.usefixtures("history")
def test_options_before_the_command(quick: Cli) -> None:
    """Common options may precede the group and the command."""
    expected = quick.json("imodel", "show", "History")
    for arguments in (
        ("--output", "json", "imodel", "show", "History"),
        ("-o", "json", "-q", "imodel", "show", "History"),
        ("imodel", "--output=json", "show", "History"),
    ):
        assert quick.ok(*arguments).json == expected
    assert quick.ok("-o", "csv", "imodel", "-o", "jsonl", "show", "History", "-o", "json").json == expected
    assert "No such option" in quick.refused(2, "--nothing", "imodel", "list")
    assert "No such command" in quick.refused(2, "-o", "json", "nothing")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["-o", "json", "a", "b"], ["a", "-o", "json", "b"]),
        (["-o", "json", "a", "-o", "csv"], ["a", "-o", "json", "-o", "csv"]),
        (["--output=json", "a", "--", "-b"], ["a", "--output=json", "--", "-b"]),
        (["--version"], ["--version"]),
        (["-o", "json"], ["-o", "json"]),
        (["a", "-o", "json"], ["a", "-o", "json"]),
    ],
)
def test_moving(given: list[str], expected: list[str]) -> None:
    """Options keep their values, and precede those after the command."""
    assert behind_command(given) == expected


def test_aliases(quick: Cli, imodel: str) -> None:
    """`ls` lists, `rm` deletes, removes, releases or revokes."""
    assert imodel in quick.ok("imodel", "ls").out
    briefcase = quick.json("briefcase", "acquire", imodel)["briefcase_id"]
    quick.ok("briefcase", "rm", imodel, briefcase, "--yes")
    quick.ok("favorite", "add", imodel)
    quick.ok("favorite", "rm", imodel)
    assert quick.json("favorite", "ls") == []
    assert "No such command 'rm'" in quick.refused(2, "user", "rm")


def test_the_package_is_the_command() -> None:
    """`python -m itwin_imodels`."""
    done = subprocess.run(
        [sys.executable, "-m", "itwin_imodels", "--version"], check=True, capture_output=True, text=True
    )
    assert done.stdout.startswith("itwin-imodels ")


def test_whose_token_it_is(quick: Cli) -> None:
    """The user and expiry of a JWT are shown; an opaque token has neither."""
    assert quick.json("auth", "status")["user"] is None
    token = "e30.eyJlbWFpbCI6ImFkYUBleGFtcGxlLmNvbSIsImV4cCI6MTc5ODc2MTYwMH0.x"  # noqa: S105 - invented
    status = quick.with_(IMODELS_TOKEN=token).json("auth", "status")
    assert (status["user"], status["expires_at"]) == ("ada@example.com", "2027-01-01T00:00:00Z")
    for odd in ("a.b.c", "e30.W10.x", "e30.eyJleHAiOiJ4In0.x"):
        assert quick.with_(IMODELS_TOKEN=odd).json("auth", "status")["user"] is None
