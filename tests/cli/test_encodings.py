"""Output in encodings that lack characters, and without standard streams."""

import csv
import io
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from itwin_imodels import IModelsClient
from tests.behaviour.helpers.making import new_name
from tests.behaviour.helpers.places import Place
from tests.cli.helpers.command import IMODELS, Cli
from tests.unit.imodel_files.plant import Plant, element

NARROW = "cp1252"
SNOWMAN = "☃"


@pytest.fixture
def name(client: IModelsClient, place: Place) -> Iterator[str]:
    """Name of an iModel that few encodings can show."""
    imodel = client.create_imodel(place.itwin_id, new_name(f"Brücke {SNOWMAN} 橋"))
    yield imodel.name
    client.imodels.delete(imodel.id)


def output(cli: Cli, *arguments: object, encoding: str = NARROW) -> tuple[int, bytes, str]:
    """Run a command whose standard streams have an encoding, and return exit code, output and messages."""
    done = subprocess.run(
        [*IMODELS, *map(str, arguments)],
        check=False,
        capture_output=True,
        env={**cli.environment, "PYTHONIOENCODING": encoding},
    )
    return done.returncode, done.stdout, done.stderr.decode(encoding, "replace")


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("encoding", [NARROW, "ascii"])
def test_data_are_utf_8(cli: Cli, name: str, encoding: str) -> None:
    """Whatever the encoding of the terminal is."""
    for form in ("json", "jsonl", "csv"):
        code, out, said = output(cli, "imodel", "list", "--output", form, encoding=encoding)
        assert (code, said) == (0, "")
        assert name in out.decode()
        assert b"\r" not in out


def test_tables_replace(cli: Cli, name: str) -> None:
    """What cannot be shown becomes a question mark; the rest is shown."""
    code, out, said = output(cli, "imodel", "list")
    assert (code, said) == (0, "")
    assert name.replace(SNOWMAN, "?").replace("橋", "?") in out.decode(NARROW)
    code, out, _ = output(cli, "imodel", "show", "No ☃", encoding="ascii")
    assert (code, out) == (3, b"")


@pytest.mark.thorough
def test_another_encoding(cli: Cli, name: str) -> None:
    """An option, a variable or a profile selects it; characters that it lacks are escaped as in JSON."""
    code, out, _ = output(cli, "imodel", "list", "-o", "json", "--encoding", "latin-1")
    assert code == 0
    assert name in [each["name"] for each in json.loads(out.decode("latin-1"))]
    assert "Brücke \\u2603".encode("latin-1") in out
    code, out, _ = output(cli.with_(IMODELS_ENCODING="utf-8-sig"), "imodel", "list", "-o", "csv")
    assert out.startswith(b"\xef\xbb\xbfid,")
    assert name in [row["name"] for row in csv.DictReader(io.StringIO(out.decode("utf-8-sig")))]
    for wrong in ("klingon", "base64"):
        assert f"unknown encoding '{wrong}'" in cli.refused(2, "imodel", "list", "--encoding", wrong)


def test_exports_are_utf_8(cli: Cli, tmp_path: Path) -> None:
    """Those to the standard output, too."""
    plant = Plant(tmp_path)
    plant.push(element(0x20000000001, code=f"P-{SNOWMAN}"))
    code, out, said = output(cli, "changeset", "export", plant.folder, "-", "-d", plant.baseline)
    assert (code, said) == (0, "")
    assert SNOWMAN in out.decode()


def test_a_reader_that_has_had_enough_of_an_export(cli: Cli, tmp_path: Path) -> None:
    """The command prints no message and does not fail, even if it has more to write than fits into a buffer."""
    plant = Plant(tmp_path)
    plant.push(*(element(0x20000000001 + number, code=f"P-{number}") for number in range(400)))
    assert cli.unread("changeset", "export", plant.folder, "-", "-d", plant.baseline) == (0, "")


def test_help_and_messages(cli: Cli) -> None:
    """Help has characters that ASCII lacks."""
    code, out, said = output(cli, "auth", "token", "--help", encoding="ascii")
    assert (code, said) == (0, "")
    assert b"imodels auth token" in out


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams(cli: Cli, name: str, tmp_path: Path, closed: str) -> None:
    """This is not an error; the command does its work and writes the right files."""
    script = tmp_path / "script.sh"
    script.write_text(f'exec "$@" {closed}\n')
    for arguments in (
        ("imodel", "update", name, "--description", "Done"),
        ("imodel", "list", "-o", "jsonl"),
        ("config", "set", "itwin_id", "mine"),
        ("--help",),
    ):
        done = subprocess.run(
            ["sh", str(script), *IMODELS, *arguments],  # noqa: S607 - whichever the system has
            check=False,
            capture_output=True,
            env={key: value for key, value in cli.environment.items() if key != "PYTHONIOENCODING"},
        )
        assert done.returncode == 0, done
        assert b"Traceback" not in done.stderr
    assert cli.json("imodel", "show", name)["description"] == "Done"
    assert os.listdir(cli.home)  # noqa: PTH208 - whether there is anything
