"""Messages: how to resume, advice in commands, what was meant."""

import ast
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from itwin_imodels import errors
from itwin_imodels.cli.advice import translate_advice
from itwin_imodels.cli.ending import line
from scripts.toolkit import ROOT
from tests.behaviour.helpers.control import HubControl
from tests.behaviour.helpers.making import UNKNOWN_ID, new_name
from tests.behaviour.helpers.places import Place
from tests.cli.conftest import History
from tests.cli.helpers.command import IMODELS, Cli
from tests.parts import on_small_disk, require_part

RESUME = "Run the same command again to resume."
PYTHON = re.compile(r"\bclient\.|\b[a-z]+_[a-z_]+\(|=True|=print|as an integer|\blogin\(\)")


def advice() -> list[str]:
    """Return every text of the facade that gives advice in Python."""
    found = []
    folder = ROOT / "facade" / "itwin_imodels"
    rooms = ("errors", "_operations", "_workflows", "_aio/workflows", "_core", "_auth", "_mirror")
    for path in (each for room in rooms for each in (folder / room).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)}
        joined = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
        parts = {id(part) for node in joined for part in node.values}
        for node in (node for node in ast.walk(tree) if id(node) not in parts):
            text = _text(node)
            if text and text not in docstrings and re.search(r"client\.[a-z_]+[.(]|\b[a-z_]+\(\)", text):
                found.append(text)
    return found


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(each.value) if isinstance(each, ast.Constant) else "'x'"  # as `!r` shows it
            for each in node.values
        )
    return ""


def test_no_python_advice() -> None:
    """Every advice that names a method has a command in its place."""
    texts = [text for text in advice() if "auth is an async function" not in text]
    assert len(texts) > 15
    for text in texts:
        assert not PYTHON.search(translate_advice(text)), translate_advice(text)
    for kind in (errors.Forbidden, errors.NotInitialized, errors.NotFound):
        error = kind(operation="imodels.get", status=400)
        assert not PYTHON.search(line(error).partition("Hint")[2])


def test_an_unknown_outcome(quick: Cli, control: HubControl) -> None:
    """The note names the command that shows the outcome; --quiet prints one line."""
    control.answer(502, "<html>bad gateway</html>", times=9)
    *_, note = quick.refused(1, "imodel", "create", "Never").splitlines()
    assert "check with 'imodels imodel show NAME'" in note
    (only,) = quick.refused(1, "imodel", "create", "Never", "--quiet").splitlines()
    assert "; note: The service may have carried out" in only


@pytest.mark.usefixtures("history")
def test_resuming(cli: Cli, control: HubControl, tmp_path: Path) -> None:
    """After an interruption or a lost connection, the message says that the same command resumes."""
    control.fault(path="^/storage", method="GET", delay=60, skip=3, times=3)
    process = cli.start("changeset", "pull", "History", tmp_path)
    until = time.monotonic() + 60
    while len(list(tmp_path.glob("*.cs"))) < 3:
        assert time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert said == f"imodels: interrupted. Hint: {RESUME}\n"
    control.restore()
    control.fault(path="^/storage", method="GET", action="drop", times=99)
    process = cli.start("changeset", "pull", "History", tmp_path, "--timeout", "1")
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert said.splitlines()[-1].endswith(f"Data received so far is kept. Hint: {RESUME}")
    control.restore()
    done = cli.ok("changeset", "pull", "History", tmp_path)
    assert re.search(r"Complete in .*: 6 files \(\d.* k?B\)\.", done.err)


@pytest.mark.usefixtures("history")
def test_a_full_disk(cli: Cli, tmp_path: Path) -> None:
    """The message says the same."""
    require_part("namespaces")
    command = [*IMODELS, "checkpoint", "download", "History", str(tmp_path / "base.bim"), "--changeset", "0"]
    done = subprocess.run(
        on_small_disk(tmp_path, "4k", command),
        check=False,
        capture_output=True,
        text=True,
        env=cli.environment,
    )
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert done.stderr.splitlines()[-1].endswith(RESUME)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no device that is always full")
@pytest.mark.parametrize("arguments", [("config", "list"), ("config", "list", "-o", "csv"), ("--help",)])
def test_a_full_output(cli: Cli, arguments: tuple[str, ...]) -> None:
    """The line says that the output could not be written, without the number of the error."""
    with Path("/dev/full").open("w", encoding="utf-8") as output:
        process = subprocess.run(
            [*IMODELS, *arguments],
            check=False,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            env=cli.environment,
        )
    assert process.returncode == 1
    assert process.stderr == "imodels: 'standard output': No space left on device\n"


def test_many_newer_changes() -> None:
    """Ten are named, the others counted."""
    ids = [f"{number:040}" for number in range(37)]
    found = line(errors.OutdatedPush(operation="changesets.create", status=409, changeset_ids=ids))
    assert found.count("to pull: ") == 10
    assert "and 27 more changesets" in found
    assert "Hint: Pull the newer changesets with 'imodels changeset pull" in found


def test_a_base_url_without_its_path(quick: Cli, place: Place) -> None:
    """The error says what is missing."""
    base_url = place.base_url.removesuffix("/imodels")
    said = quick.with_(IMODELS_BASE_URL=base_url).refused(1, "imodel", "list")
    assert f"does not end with /imodels; try {base_url}/imodels" in said
    assert ".." not in said
    said = quick.with_(IMODELS_BASE_URL=base_url).refused(3, "imodel", "show", UNKNOWN_ID)
    assert f"does not end with /imodels; try {base_url}/imodels" in said


def test_wrong_arguments(quick: Cli, history: History, tmp_path: Path) -> None:
    """End with 2, in words without those of a library."""
    said = quick.refused(2, "imodel", "list", "--output", "xml")
    assert "'xml' is not one of 'table', 'json', 'jsonl', 'csv'" in said
    assert "Value error" not in said
    said = quick.with_(IMODELS_TOKEN="two words").refused(2, "imodel", "list")  # noqa: S106 - nobody's
    assert said.startswith("imodels: IMODELS_TOKEN must be a token")
    for arguments in (
        ("changeset", "show", "History", "abc"),
        ("changeset", "pull", "History", tmp_path, "--after", "abc"),
        ("lock", "acquire", "History", 2, "--exclusive", "zzz"),
        ("lock", "acquire", "History", 2, "--exclusive", "0x1", "--changeset-id", "abc"),
        ("version", "create", "History", "New", "--changeset", "abc"),
    ):
        said = quick.refused(2, *arguments)
        assert "as an integer" not in said
    said = quick.refused(1, "changeset", "push", history.imodel_id, tmp_path / "gone.cs", "--briefcase", 2)
    assert "No such file" in said
    assert "--parent-id" not in said


def test_a_folder_to_push(quick: Cli, history: History) -> None:
    """Options for a single file do not apply to a folder with several."""
    folder = history.files[0].parent
    for option in (("--group-id", history.group_id), ("--changes", "schema"), ("--task-id", "nightly")):
        said = quick.refused(2, "changeset", "push", "History", folder, "--briefcase", history.briefcase_id, *option)
        assert f"{option[0]} requires a single file" in said


def test_files_with_a_byte_order_mark(quick: Cli, imodel: str, tmp_path: Path) -> None:
    """Editors of Windows write it; it is no part of the ids."""
    ids = tmp_path / "ids.txt"
    ids.write_text("0x21\r\n0x22\r\n0x22\r\n", encoding="utf-8-sig")
    briefcase = quick.json("briefcase", "acquire", imodel)["briefcase_id"]
    lock = quick.json("lock", "acquire", imodel, briefcase, "--exclusive", f"@{ids}")
    assert lock["objects"] == {"exclusive": ["0x21", "0x22"]}
    assert "2 objects" in quick.ok("lock", "release", imodel, briefcase, "--object", f"@{ids}").err


@pytest.mark.usefixtures("history")
def test_extended_data_that_are_nested_too_deeply(quick: Cli, tmp_path: Path) -> None:
    """They are rejected like other text that is not JSON."""
    path = tmp_path / "deep.json"
    path.write_text("[" * 100_000)
    assert "must be JSON" in quick.refused(2, "extended-data", "set", "History", "1", f"@{path}")


@pytest.mark.usefixtures("history")
def test_words_that_are_no_text(quick: Cli, tmp_path: Path) -> None:
    """Bytes that are not UTF-8, which Python hands on as lone surrogates."""
    for arguments in (
        ("imodel", "show", "\udcff"),
        ("itwin", "list", "--search", "\udcff"),
        ("imodel", "create", "New", "--description", "\udcff"),
        ("config", "set", "itwin_id", "\udcff"),
    ):
        said = quick.refused(2, *arguments)
        assert "'\\udcff'" in said
        assert "UTF-8" in said
        assert "codec" not in said
    assert "No such file" in quick.refused(1, "changeset", "inspect", f"{tmp_path}/\udcff")


def test_files_that_are_missing(quick: Cli, tmp_path: Path) -> None:
    """The message is that of the system, without Python's error number."""
    gone = tmp_path / "gone"
    for arguments in (
        ("changeset", "verify", gone),
        ("changeset", "inspect", gone),
        ("changeset", "merge", gone, "--target", tmp_path / "merged.cs"),
        ("hub", "load", gone, "--data-dir", tmp_path / "hub", "--yes"),
    ):
        said = quick.refused(1, *arguments)
        assert f"'{gone}': No such file or directory" in said
        assert "Errno" not in said


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("age", ["999999999999d", f"{'9' * 5000}s"])
def test_ages_before_all_times(quick: Cli, age: str) -> None:
    """No time is that long ago."""
    assert "too long" in quick.refused(2, "lock", "stale", "History", "--older-than", age)


@pytest.mark.usefixtures("history")
def test_stale_locks_need_a_criterion(quick: Cli) -> None:
    """Named by the options."""
    said = quick.refused(2, "lock", "stale", "History")
    assert "--owner, --device or --older-than" in said


def test_stale_locks_name_people(quick: Cli, history: History) -> None:
    """Names and addresses, not ids."""
    (row,) = quick.json("lock", "stale", "History", "--older-than", "0d")
    assert row["owner_email"].startswith("ada")
    assert row["owner_name"]
    shown = quick.ok("lock", "stale", history.imodel_id, "--older-than", "0d").out
    assert row["owner_email"] in shown
    assert row["owner_name"] in shown


def test_narrow_tables_cut_ids(quick: Cli, history: History) -> None:
    """Descriptions stay."""
    narrow = quick.with_(COLUMNS="80").ok("changeset", "list", "History")
    assert f"{history.ids[0][:9]}…" in narrow.out
    assert "Step 1" in narrow.out
    assert "too narrow for: whole ids" in narrow.err
    wide = quick.with_(COLUMNS="180").ok("changeset", "list", "History")
    assert history.ids[0] in wide.out
    assert wide.err == ""


def test_an_interrupted_creation_is_not_resumed(quick: Cli, control: HubControl, tmp_path: Path) -> None:
    """The same command would fail because the name is taken; the note says how to start over."""
    file = tmp_path / "baseline.bim"
    file.write_bytes(b"SQLite format 3\0" + bytes(8176))
    control.answer(403, path="^/storage", method="PUT", times=99)
    said = quick.refused(1, "imodel", "create", new_name("Unfinished"), "--baseline", file)
    assert RESUME not in said
    assert "--replace-unfinished" in said
