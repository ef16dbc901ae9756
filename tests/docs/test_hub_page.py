"""The page about the hub is correct: its examples run, and its options, routes and settings exist."""

import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from typer.testing import CliRunner

from itwin_imodels.cli.app import app
from itwin_imodels_hub import LocalHub, SeedIModel, read_config
from itwin_imodels_hub.control.access import ControlAccess
from itwin_imodels_hub.control.api import PREFIX, control_routes
from itwin_imodels_hub.control.seeds import read_seeds
from tests.docs.pages import Page, output_of

HUB = Page("hub.md")
PAGE = HUB.text
CHANGES = b"changes"


def test_the_examples_in_python_run() -> None:
    """Each example runs separately and prints what it should."""
    printed = [output_of(block.code, {}) for block in HUB.blocks("python")]
    assert printed == ["As built\n", "429 2\n429\n"]


def test_the_options_are_those_of_the_command() -> None:
    """The page names every option of the command and no other."""
    result = CliRunner().invoke(app, ["hub", "serve", "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == 0
    existing = set(re.findall(r"--[a-z][a-z-]+", result.output)) - {"--help"}
    named = set(re.findall(r"--[a-z][a-z-]+", PAGE))
    assert named <= existing
    assert {option for option in existing if not option.startswith("--no-")} <= named


def test_the_routes_are_those_of_the_control_api() -> None:
    """The table has every route of the control API and no other."""
    with LocalHub() as hub:
        routes = control_routes(hub.control, ControlAccess())
        served = {(method, route.path) for route in routes for method in route.methods or ()}
    named = set(re.findall(rf"^\| `([A-Z]+) ({PREFIX}[a-z/]*)` \|", PAGE, re.MULTILINE))
    assert named == {(method, path) for method, path in served if method != "HEAD"}


def test_the_requests_to_the_hub_are_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each curl command of the page gets a successful response."""
    monkeypatch.chdir(tmp_path)
    commands = [line for block in HUB.blocks("sh") for line in block.code.splitlines() if line.startswith("curl ")]
    assert len(commands) == 5
    with LocalHub(seed="demo", control=True) as hub:
        # Those for the control API come last; none of their faults is about it.
        for command in commands:
            bearer = f"Authorization: Bearer {hub.control_secret}"
            response = request_of(command.replace("$control", bearer), hub.url)
            assert response.is_success, (command, response.text)


def request_of(command: str, url: str) -> httpx.Response:
    """Send to a hub what a curl command would send."""
    words = iter(shlex.split(command)[1:])
    options = {word: next(words) if word in {"-d", "-u", "-o", "-H", "--json"} else "" for word in words}
    (address,) = (word for word in options if not word.startswith("-"))
    kind = "application/json" if "--json" in options else "application/x-www-form-urlencoded"
    header, _, value = options.get("-H", "").partition(": ")
    headers = {"content-type": kind, **({header: value} if header else {})}
    data = options.get("-d") or options.get("--json")
    user, _, secret = options.get("-u", "").partition(":")
    return httpx.request(
        "GET" if data is None else "POST",
        url + urlsplit(address if "://" in address else f"//{address}").path,
        content=data,
        headers=headers,
        auth=(user, secret) if user else None,
        timeout=30,
    )


def test_the_settings_and_users_are_taken(tmp_path: Path) -> None:
    """The examples of a configuration file are some."""
    file = tmp_path / "hub.toml"
    configs = []
    for block in HUB.blocks("toml", "[settings]"):
        file.write_text(block.code, encoding="utf-8")
        configs.append(read_config(file))
    general, for_sign_in, behind_a_proxy, for_browsers = configs
    assert general.settings.index_step == 3
    assert [user.name for user in general.users] == ["lin"]
    assert [webhook.url for webhook in general.webhooks] == ["http://127.0.0.1:9000/events"]
    assert general.users[0].token == "chosen-by-the-operator"  # noqa: S105
    assert for_sign_in.settings.public_clients == ("native-abc123",)
    assert for_browsers.settings.allowed_origins == ("https://viewer.example.com", "http://localhost:3000")
    assert behind_a_proxy.settings.allowed_hosts == ("imodels.example.com",)


def test_the_addresses_are_served() -> None:
    """Each address in the first table, except for the control API, exists."""
    with LocalHub() as hub:
        served = {request for row in re.findall(r"^\| (`/.*?) \|", PAGE, re.MULTILINE) for request in row.split(", ")}
        assert "`/connect/authorize`" in served
        imodel_id = hub.control.create_imodel(SeedIModel(name="Bridge"))
        for path in (
            each.strip("`").format(id=imodel_id)
            for each in served - {"`/storage`", "`/_hub`", "`/accesscontrol/itwins`"}
        ):
            assert httpx.get(f"{hub.url}{path}", timeout=240).status_code not in {404, 500}, path


def test_the_seeds_are_planted(tmp_path: Path) -> None:
    """The example of a seeds file makes the iModel that it describes."""
    (block,) = HUB.blocks("toml", "[[imodels]]")
    file = tmp_path / "seeds.toml"
    file.write_text(block.code, encoding="utf-8")
    for name in re.findall(r'"(\S+\.bim)"', block.code):
        with closing(sqlite3.connect(tmp_path / name)) as database:
            database.execute("CREATE TABLE pier (id INTEGER PRIMARY KEY)")
    for name in re.findall(r'"(\S+\.cs)"', block.code):
        (tmp_path / name).write_bytes(CHANGES)
    (seed,) = read_seeds(file)
    with LocalHub(seed=file) as hub:
        headers = {"Authorization": f"Bearer {hub.token('grace')}"}
        path = f"{hub.base_url}/{seed.id}/changesets/1"
        changeset = httpx.get(path, headers=headers).json()["changeset"]
        checkpoint = httpx.get(f"{path}/checkpoint", headers=headers).json()["checkpoint"]
    assert changeset["description"] == "Piers"
    assert changeset["_links"]["namedVersion"] is not None
    assert (checkpoint["state"], checkpoint["_links"]["download"]) == ("successful", None)
    assert checkpoint["directoryAccessInfo"] is not None
