"""The end of commands: exit codes, messages of one line, interruptions, confirmations."""

import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.behaviour.helpers.control import HubControl
from tests.behaviour.helpers.making import UNKNOWN_ID
from tests.cli.conftest import History, changeset_files
from tests.cli.helpers.command import Cli


def line(said: str) -> str:
    """Return the only line of a message."""
    (found,) = said.splitlines()
    assert found.startswith("imodels: ")
    return found


def test_exit_codes(quick: Cli, history: History, control: HubControl, tmp_path: Path) -> None:
    """Each kind of failure has its own code and a line that says what is wrong and what to do."""
    missing = line(quick.refused(3, "imodel", "show", UNKNOWN_ID))
    assert re.match(rf"imodels: iModelNotFound \(404\) on iModel {UNKNOWN_ID}: .+ Hint: Check the id", missing)
    assert "no iModel is named 'Nothing'" in line(quick.refused(3, "changeset", "list", "Nothing"))
    assert "no Named Version is named 'Fourth'" in line(quick.refused(3, "version", "show", "History", "Fourth"))
    taken = line(quick.refused(4, "version", "create", "History", "Third"))
    assert taken.startswith("imodels: NamedVersion")
    (stale,) = changeset_files(tmp_path, 1, history.ids[2])
    push = ("changeset", "push", "History", stale, "--briefcase", history.briefcase_id)
    newer = line(quick.refused(4, *push, "--parent-id", history.ids[2]))
    assert [each in newer for each in history.ids] == [False, False, False, True, True, True]
    assert "expected changeset id" in line(quick.refused(1, *push))
    token = "wrong-token-of-somebody"  # noqa: S105 - nobody has it
    wrong = line(quick.with_(IMODELS_TOKEN=token).refused(5, "imodel", "list"))
    assert "(401)" in wrong
    assert "imodels auth login" in wrong
    assert token not in wrong
    control.answer(429, {"error": {"code": "TooManyRequests", "message": "Slow down"}}, headers={"Retry-After": "120"})
    assert "TooManyRequests (429)" in line(quick.refused(6, "imodel", "show", history.imodel_id))
    control.answer(502, "<html>bad gateway</html>", times=9)
    failed, note = quick.refused(1, "imodel", "create", "Never").splitlines()
    assert "status 502" in failed
    assert note.startswith("imodels: note: The service may have carried out imodels.create")


def test_usage(quick: Cli, history: History, tmp_path: Path) -> None:
    """Invalid use exits with 2 before anything is sent."""
    assert "No such command 'imodle'" in quick.refused(2, "imodle")
    assert "Did you mean 'imodel'" in quick.refused(2, "imodle")
    assert "No such option" in quick.refused(2, "imodel", "list", "--nothing")
    assert "no iTwin is configured" in line(quick.with_(IMODELS_ITWIN_ID=None).refused(2, "imodel", "list"))
    assert "output must be one of" in line(quick.with_(IMODELS_OUTPUT="xml").refused(2, "imodel", "list"))
    assert "40 hexadecimal digits" in line(quick.refused(2, "changeset", "show", history.imodel_id, "nonsense"))
    (unnamed,) = (each.rename(tmp_path / "a.cs") for each in changeset_files(tmp_path, 1))
    assert "--parent-id" in line(quick.refused(2, "changeset", "push", "History", unnamed, "--briefcase", 2))
    assert "30 days" in line(quick.refused(2, "lock", "stale", "History", "--older-than", "30 days"))


def test_no_network(cli: Cli) -> None:
    """The error is one line."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    said = cli.with_(IMODELS_BASE_URL=f"http://127.0.0.1:{port}/imodels").refused(1, "imodel", "list")
    *retries, last = said.splitlines()
    assert f"127.0.0.1:{port}" in line(last)
    assert all("retrying in" in each for each in retries)
    assert said.count("Check the network and base_url") == 1


@pytest.mark.thorough
def test_a_faulty_environment(cli: Cli) -> None:
    """The variable is named in a line; what it contains, which may be a password, is not."""
    said = line(cli.with_(ALL_PROXY="gopher://ada:se-cret@127.0.0.1").refused(1, "imodel", "list"))
    assert said.startswith("imodels: ALL_PROXY: invalid proxy URL")
    assert "se-cret" not in said


def test_not_signed_in(cli: Cli) -> None:
    """The error for a missing token explains how to get one."""
    nobody = cli.with_(IMODELS_TOKEN=None)
    said = line(nobody.refused(5, "imodel", "list"))
    assert all(way in said for way in ("imodels auth login --client-id", "IMODELS_TOKEN", "IMODELS_CLIENT_SECRET"))
    assert "Hint" not in said
    done = nobody.run("auth", "status", "--output", "json")
    assert (done.code, done.json["way"], done.json["signed_in"]) == (5, "none", False)


def test_an_interrupted_pull_goes_on(cli: Cli, history: History, control: HubControl, tmp_path: Path) -> None:
    """Ctrl-C ends a pull with 130; the same command then downloads the missing files."""
    control.fault(path="^/storage", method="GET", delay=60, skip=3, times=3)
    process = cli.start("changeset", "pull", "History", tmp_path)
    until = time.monotonic() + 30
    while len(list(tmp_path.glob("*.cs"))) < 3:
        assert time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=120)
    assert (process.returncode, out) == (130, "")
    assert said.startswith("imodels: interrupted")
    control.restore()
    control.forget_requests()
    assert len(cli.json("changeset", "pull", "History", tmp_path)) == 6
    fetched = [each for each in control.requests if each["path"].startswith("/storage")]
    assert len(fetched) == 3
    assert sorted(file.stem for file in tmp_path.glob("*.cs")) == sorted(history.ids)


def test_questions(quick: Cli, imodel: str) -> None:
    """Irreversible actions require confirmation at a terminal, and are rejected without one."""
    refused = line(quick.refused(2, "imodel", "delete", imodel))
    assert "--yes" in refused
    code, shown = quick.at_terminal("imodel", "delete", imodel, answer="n\n")
    assert code == 1
    assert f"Delete iModel '{imodel}'" in shown
    assert "Aborted" in shown
    briefcase = quick.json("briefcase", "acquire", imodel)["briefcase_id"]
    code, shown = quick.at_terminal("briefcase", "release", imodel, briefcase, answer="y\n")
    assert (code, f"Released briefcase {briefcase}." in shown) == (0, True)


def test_questions_about_locks(quick: Cli, imodel: str, control: HubControl) -> None:
    """Questions and errors name what is released, in the right number."""
    briefcase = quick.json("briefcase", "acquire", imodel, "--device", "ci-1")["briefcase_id"]
    quick.ok("lock", "acquire", imodel, briefcase, "--exclusive", "0x1")
    _, shown = quick.at_terminal("lock", "release-all", imodel, briefcase, answer="n\n")
    assert f"Release 1 lock of briefcase {briefcase}?" in shown
    stale = ("lock", "stale", imodel, "--device", "ci-*", "--release")
    assert "Release 1 stale briefcase?" in quick.at_terminal(*stale, answer="n\n")[1]
    _, shown = quick.at_terminal(*stale, "--keep-briefcases", answer="n\n")
    assert "Release the locks of 1 stale briefcase?" in shown
    quick.ok("briefcase", "acquire", imodel, "--device", "ci-2")
    assert "Release the locks of 2 stale briefcases?" in quick.at_terminal(*stale, "--keep-briefcases", answer="n\n")[1]
    body = {"error": {"code": "InsufficientPermissions", "message": "Not allowed."}}
    control.answer(403, body, path="/locks/release-chunk", times=1)
    refused = quick.run(*stale, "--keep-briefcases", "--yes")
    assert "the locks of 1 of 2 briefcases could not be released" in refused.err


def test_only_what_was_confirmed_is_released(quick: Cli, imodel: str) -> None:
    """A briefcase that becomes stale while the question is shown is left alone."""
    confirmed = quick.json("briefcase", "acquire", imodel, "--device", "ci-1")["briefcase_id"]
    later: list[int] = []
    code, shown = quick.at_terminal(
        *("lock", "stale", imodel, "--device", "ci-*", "--release"),
        answer="y\n",
        before=lambda: later.append(quick.json("briefcase", "acquire", imodel, "--device", "ci-2")["briefcase_id"]),
    )
    assert (code, "Release 1 stale briefcase?" in shown) == (0, True)
    left = {each["briefcase_id"] for each in quick.json("briefcase", "list", imodel)}
    assert (confirmed in left, set(later) <= left) == (False, True)


def test_progress(cli: Cli, history: History, control: HubControl, tmp_path: Path) -> None:
    """A terminal shows bytes, speed and remaining time; a pipe and --quiet show nothing."""
    control.fault(path="^/storage", method="GET", delay=1.0, skip=2, times=1)
    code, shown = cli.at_terminal("changeset", "pull", "History", tmp_path / "a", columns=120)
    assert code == 0
    assert "Pulling" in shown
    assert re.search(r"\d+/\d+ bytes", shown)
    assert "/s" in shown
    control.fault(path="^/storage", method="GET", delay=0.5, skip=2, times=1)
    code, shown = cli.at_terminal("changeset", "pull", "History", tmp_path / "b", "--quiet")
    assert (code, "bytes" in shown) == (0, False)
    assert history.ids[0] in shown


def test_waits(cli: Cli, imodel: str) -> None:
    """The message states the maximum duration of a wait, and the wait ends in time."""
    code, shown = cli.at_terminal("lock", "acquire", imodel, 2, "--exclusive", "0x1", columns=100)
    assert code == 3
    assert "Acquiring locks" in shown
    assert "left" in shown


def test_a_wait_without_end(cli: Cli, imodel: str) -> None:
    """An infinite timeout has no time left to show."""
    code, shown = cli.at_terminal("imodel", "wait", imodel, "--timeout", "inf")
    assert (code, "Traceback" in shown) == (0, False)


@pytest.mark.thorough
def test_a_missing_extra_for_pictures(cli: Cli, history: History, tmp_path: Path) -> None:
    """The message names the missing extra."""
    (tmp_path / "matplotlib.py").write_text(
        "raise ModuleNotFoundError('No module named matplotlib', name='matplotlib')"
    )
    path = os.pathsep.join([str(tmp_path), cli.environment.get("PYTHONPATH", "")])
    without = cli.with_(PYTHONPATH=path)
    said = line(without.refused(1, "changeset", "list", history.imodel_id, "--plot", tmp_path / "a.svg"))
    assert "itwin-imodels[cli,plot]" in said
    assert "must end with .png or .svg" in line(
        cli.refused(2, "changeset", "list", "History", "--plot", tmp_path / "a.pdf")
    )


@pytest.mark.thorough
def test_a_traceback_on_request(cli: Cli) -> None:
    """The option shows the whole traceback."""
    process = cli.with_(IMODELS_DEBUG="1").start("imodel", "show", UNKNOWN_ID)
    _, said = process.communicate()
    assert process.returncode == 1
    assert "Traceback" in said
    assert "ada-token" not in said
