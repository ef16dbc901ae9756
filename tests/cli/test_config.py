"""Profiles: flags win over environment variables, and these over the file, which keeps no secrets."""

import stat
from pathlib import Path
from typing import Any

import pytest

from itwin_imodels.cli.settings import resolve_settings
from itwin_imodels.errors import ConfigurationError
from itwin_imodels.profiles import Profiles
from tests.behaviour.helpers.places import Place
from tests.cli.conftest import History
from tests.cli.helpers.command import Cli

FILE = """# what I work with
profile = "home"

[profiles.home]
environment = "qa"
client_id = "native-home"

[profiles.work]
base_url = "https://imodels.example.com/imodels"
environment = "dev"
output = "json"
"""


def sources(cli: Cli, *options: str) -> dict[str, tuple[str | None, str]]:
    """Return each effective setting and its source."""
    return {each["setting"]: (each["value"], each["source"]) for each in cli.json("config", "show", *options)}


def test_a_profile_leads_to_a_service(quick: Cli, place: Place, history: History) -> None:
    """With profiles and the token, commands find the hub; each source takes precedence over the next."""
    bare = quick.with_(IMODELS_BASE_URL=None, IMODELS_ITWIN_ID=None)
    path = Path(bare.ok("config", "path").out.strip())
    assert path.is_relative_to(quick.home)
    bare.ok("config", "set", "base_url", place.base_url, "--profile", "hub")
    bare.ok("config", "set", "itwin_id", place.itwin_id)
    path.write_text("# mine\n" + path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    bare.ok("config", "set", "output", "jsonl")
    assert path.read_text().startswith("# mine\n")
    assert history.imodel_id in bare.ok("imodel", "show", "History").out
    assert sources(bare)["base_url"] == (place.base_url, "profile hub")
    bare.ok("config", "set", "environment", "qa", "--profile", "other")
    named = bare.with_(IMODELS_PROFILE="other", IMODELS_CLIENT_ID="native-abc")
    found = sources(named, "--environment", "dev", "--itwin", "mine")
    assert found["environment"] == ("dev", "flag")
    assert found["itwin_id"] == ("mine", "flag")
    assert found["client_id"] == ("native-abc", "IMODELS_CLIENT_ID")
    assert found["output"] == ("json", "flag")
    assert sources(named, "--profile", "hub")["itwin_id"] == (place.itwin_id, "profile hub")
    listed = bare.json("config", "list")
    assert [(each["profile"], each["current"]) for each in listed] == [("hub", True), ("other", False)]
    bare.ok("config", "use", "other")
    bare.ok("config", "unset", "environment")
    assert "No profile" not in bare.refused(2, "config", "delete", "other")
    bare.ok("config", "delete", "other", "--yes")
    assert "other" not in path.read_text()


def test_what_is_refused(quick: Cli) -> None:
    """Secrets, unknown settings, wrong values, profiles that are not there."""
    for setting in ("token", "client_secret", "share_key", "nonsense"):
        assert "secrets cannot be stored" in quick.refused(2, "config", "set", setting, "x")
    assert "one of production, qa, dev" in quick.refused(2, "config", "set", "environment", "moon")
    assert quick.refused(2, "config", "set", "base_url", "ftp://somewhere")
    assert "unknown profile 'gone'" in quick.refused(2, "imodel", "list", "--profile", "gone")
    assert "unknown profile 'gone'" in quick.refused(2, "config", "use", "gone")
    broken = quick.home / "broken.toml"
    broken.write_text("profile =")
    assert str(broken) in quick.with_(IMODELS_CONFIG=str(broken)).refused(1, "imodel", "list")


@pytest.mark.parametrize(
    "arguments",
    [
        ("imodel", "list", "--itwin", ""),
        ("imodel", "list", "--base-url", ""),
        ("imodel", "list", "--profile", ""),
        ("imodel", "clone", "0f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b", "--into", ""),
        ("config", "use", ""),
        ("config", "delete", "", "--yes"),
        ("config", "set", "output", "json", "--profile", ""),
    ],
)
def test_an_empty_value(quick: Cli, arguments: tuple[str, ...]) -> None:
    """A variable of a shell that is not set does not select something else."""
    quick.ok("config", "set", "environment", "qa", "--profile", "home")
    assert "empty" in quick.refused(2, *arguments) or "''" in quick.refused(2, *arguments)


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("imodel", "show", ""), "iModel"),
        (("imodel", "clone", "0f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b", "--into", " "), "iTwin"),
    ],
)
def test_an_empty_name(quick: Cli, arguments: tuple[str, ...], what: str) -> None:
    """The message says what lacks a name."""
    assert f"the id or name of the {what} must not be empty" in quick.refused(2, *arguments)


def test_the_profile_called_default(quick: Cli) -> None:
    """It is in use if none is selected, and stays so when another one is changed."""
    path = quick.home / "config.toml"
    path.write_text('[profiles.default]\nenvironment = "qa"\n')
    mine = quick.with_(IMODELS_CONFIG=str(path))
    mine.ok("config", "set", "environment", "dev", "--profile", "other")
    assert [(each["profile"], each["current"]) for each in mine.json("config", "list")] == [
        ("default", True),
        ("other", False),
    ]
    assert sources(mine)["environment"] == ("qa", "profile default")


def test_a_linked_file(quick: Cli) -> None:
    """The link stays, and the file that it leads to is changed."""
    path, link = quick.home / "dotfiles.toml", quick.home / "config.toml"
    path.write_text(FILE)
    link.symlink_to(path)
    quick.with_(IMODELS_CONFIG=str(link)).ok("config", "set", "environment", "dev")
    assert link.is_symlink()
    assert 'environment = "dev"\nclient_id' in path.read_text()


def test_a_file_from_an_editor_of_windows(quick: Cli) -> None:
    """A byte order mark is no part of the content."""
    path = quick.home / "config.toml"
    path.write_text(FILE, encoding="utf-8-sig")
    mine = quick.with_(IMODELS_CONFIG=str(path))
    assert sources(mine)["environment"] == ("qa", "profile home")
    mine.ok("config", "set", "environment", "dev")
    assert sources(mine)["environment"] == ("dev", "profile home")


def test_profiles_that_are_apart(quick: Cli) -> None:
    """A new profile keeps its setting; a file that cannot be edited without damage is left alone."""
    path = quick.home / "config.toml"
    mine = quick.with_(IMODELS_CONFIG=str(path))
    path.write_text('[profiles.a]\noutput = "json"\n\n[other]\nx = 1\n\n[profiles.b]\noutput = "csv"\n')
    mine.ok("config", "set", "environment", "qa", "--profile", "new")
    assert sources(mine, "--profile", "new")["environment"] == ("qa", "profile new")
    path.write_text(dotted := 'profiles.a.output = "json"\nprofile = "a"\n')
    assert str(path) in mine.refused(1, "config", "set", "environment", "qa", "--profile", "new")
    assert path.read_text() == dotted


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profiles:
    """Those of the file above."""
    for name in ("IMODELS_BASE_URL", "IMODELS_ENVIRONMENT", "IMODELS_PROFILE", "IMODELS_OUTPUT", "IMODELS_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "config.toml"
    path.write_text(FILE)
    monkeypatch.setenv("IMODELS_CONFIG", str(path))
    return Profiles.read()


@pytest.mark.parametrize(
    ("flags", "variables", "base_url", "environment"),
    [
        ({}, {}, None, "qa"),
        ({}, {"IMODELS_PROFILE": "work"}, "https://imodels.example.com/imodels", "dev"),
        ({"environment": "qa"}, {"IMODELS_PROFILE": "work"}, None, "qa"),
        ({}, {"IMODELS_PROFILE": "work", "IMODELS_ENVIRONMENT": "qa"}, None, "qa"),
        ({}, {"IMODELS_BASE_URL": "http://b", "IMODELS_ENVIRONMENT": "dev"}, "http://b", "dev"),
        ({"base_url": "http://a"}, {"IMODELS_BASE_URL": "http://b"}, "http://a", "qa"),
    ],
)
def test_addresses_and_environments(  # noqa: PLR0913, PLR0917 - a case has as many facts
    profiles: Profiles,
    monkeypatch: pytest.MonkeyPatch,
    flags: dict[str, str],
    variables: dict[str, str],
    base_url: str | None,
    environment: str,
) -> None:
    """A base URL applies unless a source with a higher precedence sets an environment."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = resolve_settings(flags, profiles, None)
    assert (found["base_url"], found["environment"]) == (base_url, environment)


def test_no_secret_is_sent_to_the_server_of_another_environment(
    profiles: Profiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An environment replaces all addresses of the profile, or the tokens of one server would be sent to another."""
    path = profiles.path
    urls = {name: f"https://example.com/{name}" for name in ("base_url", "authority", "token_url")}
    path.write_text("[profiles.work]\n" + "".join(f'{name} = "{url}"\n' for name, url in urls.items()))
    kept = resolve_settings({}, Profiles.read(), "work")
    assert {name: kept[name] for name in urls} == urls
    monkeypatch.setenv("IMODELS_TOKEN_URL", "https://example.com/mine")
    found = resolve_settings({"environment": "qa"}, Profiles.read(), "work")
    assert [found[name] for name in ("environment", *urls)] == ["qa", None, None, None]


@pytest.mark.parametrize(
    "text",
    ["profiles = 1", "profile = 1", "[profiles]\nhome = 1", "[profiles.home]\noutput = 1", "a = '"],
)
def test_a_file_that_makes_no_sense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: Any) -> None:
    """The message names the file."""
    path = tmp_path / "config.toml"
    path.write_text(text)
    monkeypatch.setenv("IMODELS_CONFIG", str(path))
    with pytest.raises(ConfigurationError, match=r"config\.toml"):
        Profiles.read()


def test_a_secret_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that was written by hand is rejected and not used."""
    path = tmp_path / "config.toml"
    path.write_text('[profiles.default]\ntoken = "secret-of-mine"\n')
    monkeypatch.setenv("IMODELS_CONFIG", str(path))
    with pytest.raises(ValueError, match=r"config\.toml: .*secrets cannot be stored") as caught:
        resolve_settings({}, Profiles.read(), None)
    assert "secret-of-mine" not in str(caught.value)
