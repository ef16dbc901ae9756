"""What a command reports while it waits and, if asked for, about its requests."""

import logging
import re

import pytest

from itwin_imodels.cli.ending import run_command
from itwin_imodels.cli.run import Common
from tests.behaviour.helpers.control import HubControl
from tests.cli.conftest import History
from tests.cli.helpers.command import Cli


def test_waits_are_reported(quick: Cli, history: History, control: HubControl) -> None:
    """On standard error, unless quiet."""
    show = ("imodel", "show", history.imodel_id, "--output", "json")
    control.answer(503, headers={"Retry-After": "1"}, times=1)
    done = quick.ok(*show)
    assert done.json["id"] == history.imodel_id
    (line,) = done.err.splitlines()
    assert re.fullmatch(r"imodels: .*503.*; retrying in 1\.\d s \(attempt 2 of \d\)", line)
    control.answer(503, headers={"Retry-After": "1"}, times=1)
    assert quick.ok(*show, "--quiet").err == ""


def test_warnings_are_shown_even_if_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """Such as that of a sign-in that cannot be renewed; other records are not."""
    log = logging.getLogger("itwin_imodels")

    def work(_: object) -> None:
        log.info("retrying")
        log.warning("no new access token")

    run_command(Common(quiet=True), work)
    assert capsys.readouterr().err == "Warning: no new access token\n"


def test_a_countdown(cli: Cli, history: History, control: HubControl) -> None:
    """A terminal shows it in one line that disappears."""
    control.answer(429, headers={"Retry-After": "3"}, times=1)
    code, shown = cli.at_terminal("imodel", "show", history.imodel_id, columns=200)
    assert code == 0
    assert "retrying in 3." in shown
    assert re.search(r"\r\x1b\[K3 s left\r\x1b\[K2 s left", shown)
    assert "History" in shown.rpartition("left\r\x1b[K")[2]


@pytest.mark.thorough
def test_waits_for_others(quick: Cli, imodel: str) -> None:
    """Such as those for locks, before the error that ends them."""
    first, second = (quick.json("briefcase", "acquire", imodel)["briefcase_id"] for _ in range(2))
    quick.ok("lock", "acquire", imodel, first, "--exclusive", "0x1f")
    done = quick.run("lock", "acquire", imodel, second, "--exclusive", "0x1f", "--wait", "1")
    assert done.code == 4
    assert "imodels: other briefcases hold locks in iModel" in done.err
    assert "retrying in" in done.err


@pytest.mark.parametrize("option", ["--verbose", "-v"])
def test_requests(quick: Cli, history: History, option: str) -> None:
    """Each request is one line without secrets."""
    done = quick.ok("imodel", "show", history.imodel_id, option)
    (line,) = done.err.splitlines()
    assert re.fullmatch(rf"imodels: GET /imodels/{history.imodel_id}: 200 in \d+ ms", line)
    assert "ada-token" not in done.err


def test_headers(quick: Cli, history: History) -> None:
    """Headers of requests and responses are shown without secrets."""
    done = quick.ok("imodel", "show", history.imodel_id, "--debug")
    _, sent, received = done.err.splitlines()
    assert sent.startswith(f"imodels: request GET /imodels/{history.imodel_id}: ")
    assert "authorization: …" in sent
    assert received.startswith("imodels: response 200: ")
    assert "content-type: application/json" in received
    assert "ada-token" not in done.err


@pytest.mark.thorough
def test_a_traceback(cli: Cli) -> None:
    """The traceback is shown with --debug."""
    process = cli.start("imodel", "show", "Nothing", "--debug")
    _, said = process.communicate()
    assert "Traceback" in said
    assert "ada-token" not in said
