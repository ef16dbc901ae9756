"""What commands print: for people, and in each form for scripts."""

import csv
import io
import json
import subprocess
import time

import pytest

from itwin_imodels.cli import views
from itwin_imodels.cli.output import Output
from itwin_imodels.cli.rows import ProfileRow
from tests.behaviour.helpers.control import HubControl
from tests.cli.conftest import History
from tests.cli.helpers.command import Cli

ESCAPE = "\x1b"


def test_each_form(quick: Cli, history: History) -> None:
    """The same fields in each form; data alone on standard output."""
    whole = quick.run("changeset", "list", "History", "--output", "json")
    lines = quick.run("changeset", "list", "History", "--output", "jsonl")
    cells = quick.with_(IMODELS_OUTPUT="csv").run("changeset", "list", history.imodel_id)
    table = quick.run("changeset", "list", "History")
    assert [done.err for done in (whole, lines, cells, table)] == [""] * 4
    found = whole.json
    assert [each["id"] for each in found] == list(history.ids)
    assert [json.loads(line) for line in lines.out.splitlines()] == found
    rows = list(csv.DictReader(io.StringIO(cells.out)))
    assert list(rows[0]) == list(found[0])
    assert [row["id"] for row in rows] == list(history.ids)
    assert json.loads(rows[0]["application"]) == found[0]["application"]
    assert rows[0]["named_version_id"] == ""
    assert found[0]["push_date_time"].endswith("Z")
    assert (found[0]["index"], found[0]["containing_changes"], found[0]["parent_id"]) == (1, 1, "")
    head, *body = table.out.splitlines()
    assert head.split() == ["INDEX", "PUSHED", "SIZE", "ID", "DESCRIPTION", "BRIEFCASE", "CHANGES", "APPLICATION"]
    assert len(body) == 6
    assert ESCAPE not in table.out


def test_one_thing_in_each_form(cli: Cli, history: History) -> None:
    """An object, a line, a header and a row, a list of fields."""
    arguments = ("version", "show", "History", "Third", "--output")
    found = cli.run(*arguments, "json").json
    assert (found["id"], found["name"], found["changeset_index"]) == (history.named_version_id, "Third", 3)
    assert json.loads(cli.run(*arguments, "jsonl").out) == found
    (row,) = csv.DictReader(io.StringIO(cli.run(*arguments, "csv").out))
    assert row["changeset_id"] == history.ids[2]
    fields = [line.split()[0] for line in cli.run(*arguments, "table").out.splitlines()]
    assert list(dict.fromkeys(field.partition(".")[0] for field in fields)) == list(found)
    assert "application.name" in fields


def test_line_ends_in_values_do_not_end_rows() -> None:
    """A program that reads the CSV finds the value unchanged, even if it contains only a carriage return."""
    stream = io.StringIO(newline="")
    name = "first\rsecond"
    Output("csv", stream, print).item(ProfileRow(profile=name, current=True, settings={}), views.PROFILE)
    (row,) = csv.DictReader(io.StringIO(stream.getvalue(), newline=""))
    assert row == {"profile": name, "current": "true", "settings": "{}"}
    assert stream.getvalue() == f'profile,current,settings\n"{name}",true,{{}}\n'


def test_secrets_are_not_printed(cli: Cli, history: History) -> None:
    """Links say what kind of storage they lead to, and no more; the token is nowhere."""
    for form in ("json", "csv", "table"):
        done = cli.ok("changeset", "show", "History", "1", "--output", form)
        assert "sig=" not in done.out
        assert "http" not in done.out
        assert "ada-token" not in done.out + done.err
    assert cli.json("changeset", "show", history.imodel_id, history.ids[0])["download"] == {"storage_type": "azure"}
    assert "credential" not in cli.ok("checkpoint", "show", "History", "--output", "json").out


@pytest.mark.thorough
def test_a_terminal(cli: Cli, history: History) -> None:
    """Tables have colors, local times, and no line wider than the terminal; NO_COLOR removes the colors."""
    code, wide = cli.with_(TZ="Asia/Tokyo").at_terminal("changeset", "list", "History", columns=200)
    assert code == 0
    assert ESCAPE in wide
    pushed = cli.json("changeset", "show", "History", "1")["push_date_time"]
    here = cli.with_(TZ="Asia/Tokyo").run("changeset", "show", "History", "1").out
    assert pushed[:19].replace("T", " ") not in here
    for columns in (80, 40):
        code, shown = cli.with_(NO_COLOR="1").at_terminal("changeset", "list", "History", columns=columns)
        assert code == 0
        assert ESCAPE not in shown
        lines = shown.splitlines()
        table, note = lines[:7], lines[7:]
        assert max(map(len, table)) <= columns
        assert table[0].split()[:2] == ["INDEX", "PUSHED"]
        assert "too narrow for" in " ".join(note)
    assert history.imodel_id in cli.with_(COLUMNS="40").ok("imodel", "show", "History").out


@pytest.mark.thorough
def test_lines_come_as_pages_do(cli: Cli, history: History, control: HubControl) -> None:
    """Lines are printed before a later page has arrived."""
    control.fault(path="/changesets$", delay=30, skip=1)
    first = ["changeset", "list", history.imodel_id, "--output"]
    for form, header in (("jsonl", 0), ("csv", 1)):
        begin = time.monotonic()
        process = cli.start(*first, form, "--page-size", "2")
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2 + header)]
        assert history.ids[1] in lines[-1]
        assert time.monotonic() - begin < 25
        process.kill()
        process.communicate()
        control.restore()
        control.fault(path="/changesets$", delay=30, skip=1)


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("form", ["table", "jsonl"])
def test_a_reader_that_has_had_enough(cli: Cli, history: History, form: str) -> None:
    """The command prints no message and does not fail."""
    assert cli.unread("changeset", "list", history.imodel_id, "--output", form) == (0, "")


@pytest.mark.thorough
def test_the_plot(cli: Cli, history: History) -> None:
    """The plot has a bar for each day and marks gaps; scripts get numbers."""
    days = cli.json("changeset", "list", "History", "--plot", "-")
    assert [day["pushes"] for day in days] == [2, 2, 2]
    assert set(days[0]) == {"day", "pushes", "file_size"}
    shown = cli.ok("changeset", "list", "History", "--plot", "-").out.splitlines()
    assert [line.split()[0] for line in shown[::2]] == [day["day"] for day in days]
    assert "1 day without a push" in shown[1]
    narrow = cli.with_(COLUMNS="40").ok("changeset", "list", "History", "--plot", "-").out
    assert max(map(len, narrow.splitlines())) <= 40
    ascii_only = cli.with_(PYTHONIOENCODING="ascii").ok("changeset", "list", history.imodel_id, "--plot", "-").out
    assert "#" in ascii_only


def test_help_of_a_closed_pipe(cli: Cli) -> None:
    """Help is silent about it too."""
    process = cli.start("--help", stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, messages = process.communicate()
    assert "Traceback" not in messages
