"""Signing in: with a browser, with a secret, and with what the environment has."""

import base64
import json
import re
import shutil

import pytest

from tests.auth.helpers.provider import Browser, provider
from tests.behaviour.helpers.places import Place
from tests.cli.conftest import History
from tests.cli.helpers.command import SECONDS, Cli
from tests.hub.helpers.visitor import enter_code


def test_a_person(cli: Cli) -> None:
    """Signs in with a browser, has tokens, signs out."""
    with provider() as server:
        person = cli.with_(
            IMODELS_TOKEN=None,
            IMODELS_CLIENT_ID="native",
            IMODELS_AUTHORITY=server.issuer,
            IMODELS_REDIRECT_URI="http://127.0.0.1:0/signin-callback",
            PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring",
        )
        assert "imodels auth login" in person.refused(5, "auth", "token")
        login = person.start("auth", "login", "--no-browser")
        assert login.stderr is not None
        assert "Open this URL" in login.stderr.readline()
        Browser()(login.stderr.readline().strip())
        _, said = login.communicate(timeout=240)
        assert (login.returncode, said.splitlines()[-1]) == (0, "Signed in with client native.")
        status = person.json("auth", "status")
        assert (status["way"], status["signed_in"], status["client_id"]) == ("sign_in", True, "native")
        printed = person.ok("auth", "token")
        assert re.fullmatch(r"\S+\n", printed.out)
        assert "secret" in printed.err
        person.ok("auth", "logout")
        assert person.run("auth", "status", "-o", "json").json["signed_in"] is False


@pytest.mark.thorough
def test_a_service(cli: Cli, place: Place, history: History) -> None:
    """An application is authenticated by its secret; its token works by itself too."""
    hub = place.base_url.removesuffix("/imodels")
    service = cli.with_(
        IMODELS_TOKEN=None,
        IMODELS_CLIENT_ID="ada-application",
        IMODELS_CLIENT_SECRET="ada-secret",  # noqa: S106 - that of a hub
        IMODELS_TOKEN_URL=f"{hub}/connect/token",
    )
    token = service.ok("auth", "token").out.strip()
    assert cli.with_(IMODELS_TOKEN=token).json("imodel", "show", "History")["id"] == history.imodel_id
    status = service.ok("auth", "status", "--output", "json")
    assert status.json["way"] == "client_credentials"
    assert "ada-secret" not in status.out
    wrong = service.with_(IMODELS_CLIENT_SECRET="wrong-secret").refused(5, "imodel", "list")  # noqa: S106 - nobody's
    assert "wrong-secret" not in wrong
    assert "IMODELS_CLIENT_ID" in service.with_(IMODELS_CLIENT_ID=None).refused(2, "imodel", "list")


def test_another_device(cli: Cli, place: Place) -> None:
    """The code is shown at once, and commands use the sign-in."""
    url = place.base_url.removesuffix("/imodels")
    person = cli.with_(IMODELS_TOKEN=None, IMODELS_AUTHORITY=url, IMODELS_CLIENT_ID="imodels-cli")
    login = person.start("auth", "login", "--device")
    assert login.stderr is not None
    shown = login.stderr.readline()
    found = re.match(r"Open (\S+) in any browser and enter the code (\S+)\.", shown)
    assert found, shown
    enter_code(found[1], found[2], "Grace")
    _, said = login.communicate(timeout=SECONDS)
    assert (login.returncode, said.splitlines()[-1]) == (0, "Signed in with client imodels-cli.")
    assert person.json("auth", "status")["signed_in"]
    assert person.json("itwin", "show", place.itwin_id)["id"] == place.itwin_id


def _person(cli: Cli, place: Place, **more: str) -> Cli:
    """Return the command of somebody who has no token yet."""
    url = place.base_url.removesuffix("/imodels")
    return cli.with_(IMODELS_TOKEN=None, IMODELS_AUTHORITY=url, IMODELS_CLIENT_ID="imodels-cli", **more)


def _sign_in(person: Cli) -> tuple[int, str]:
    """Sign in with a code, and return the exit code and the last line of the messages."""
    login = person.start("auth", "login", "--device")
    assert login.stderr is not None
    found = re.match(r"Open (\S+) in any browser and enter the code (\S+)\.", login.stderr.readline())
    assert found
    enter_code(found[1], found[2], "Grace")
    _, said = login.communicate(timeout=SECONDS)
    return login.returncode, said.splitlines()[-1]


def test_a_sign_in_that_the_server_rejects(cli: Cli, place: Place) -> None:
    """A sign-in that was revoked elsewhere is not reported as valid."""
    person = _person(cli, place)
    assert _sign_in(person)[0] == 0
    copy = cli.home.with_name("copy")
    shutil.copytree(cli.home, copy)
    other = person.with_(HOME=str(copy))
    assert other.json("auth", "status")["signed_in"]
    person.ok("auth", "logout")
    status = person.with_(HOME=str(copy)).run("auth", "status", "--output", "json")
    assert (status.code, status.json["signed_in"]) == (5, False)
    assert "imodels auth login" in status.err


def test_a_sign_in_that_cannot_be_stored(cli: Cli, place: Place) -> None:
    """Without a refresh token, no later command can use the sign-in, so the command fails."""
    person = _person(cli, place, IMODELS_SCOPE="itwin-platform")
    code, said = _sign_in(person)
    assert code == 5
    assert "offline_access" in said
    assert not person.run("auth", "status", "--output", "json").json["signed_in"]


def test_nobody_to_sign_out(quick: Cli) -> None:
    """The message does not claim that a sign-in was deleted."""
    done = quick.with_(IMODELS_TOKEN=None, IMODELS_CLIENT_ID="native").ok("auth", "logout")
    assert done.err == "Nobody was signed in with client native at https://ims.bentley.com.\n"


def test_a_secret_without_an_application(quick: Cli) -> None:
    """A secret alone is not a credential."""
    said = quick.with_(IMODELS_TOKEN=None, IMODELS_CLIENT_SECRET="x").refused(2, "auth", "status")  # noqa: S106 - nobody's
    assert "IMODELS_CLIENT_ID is not" in said


@pytest.mark.parametrize("token", ["Bearer abc", " abc\n"])
def test_a_token_as_it_was_copied(quick: Cli, token: str) -> None:
    """What is printed is the token itself, as the client sends it."""
    assert quick.with_(IMODELS_TOKEN=token).ok("auth", "token").out == "abc\n"


def _jwt(**claims: object) -> str:
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims, 1)
    )


def test_an_opaque_token(quick: Cli) -> None:
    """The command says what it cannot know, and how to check the token."""
    opaque = quick.ok("auth", "status", "--output", "json")
    assert (opaque.json["user"], opaque.json["expires_at"]) == (None, None)
    assert "does not contain its user and expiry" in opaque.err
    assert "'imodels itwin list'" in opaque.err
    assert quick.ok("auth", "status", "--quiet").err == ""


def test_the_claims_of_a_token(quick: Cli) -> None:
    """A token that contains its user and expiry needs no comment; an expired one is reported as such."""
    told = quick.with_(IMODELS_TOKEN=_jwt(email="ada@example.com", exp=4_000_000_000)).ok(
        "auth", "status", "-o", "json"
    )
    assert (told.json["user"], told.json["expires_at"]) == ("ada@example.com", "2096-10-02T07:06:40Z")
    assert told.err == ""
    unnamed = quick.with_(IMODELS_TOKEN=_jwt(exp=4_000_000_000)).ok("auth", "status")
    assert "does not contain its user;" in unnamed.err
    expired = quick.with_(IMODELS_TOKEN=_jwt(email="ada@example.com", exp=1_000_000_000)).run(
        "auth", "status", "-o", "json"
    )
    assert (expired.code, expired.json["signed_in"]) == (5, False)
    assert "the token in IMODELS_TOKEN expired at 2001-09-09" in expired.err
