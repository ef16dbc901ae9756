"""The page about authentication is correct: its examples run, and the names in it exist."""

import functools
import re
import webbrowser
from pathlib import Path

import pytest

import itwin_imodels.auth
from itwin_imodels import errors
from itwin_imodels._auth.client_credentials import _OPTIONAL, _REQUIRED
from itwin_imodels._core.waiting import instantly
from itwin_imodels.auth import AuthorizationCode, DeviceCode, FileTokenStore
from itwin_imodels_hub import LocalHub
from tests.auth.helpers.provider import Browser, provider
from tests.docs.pages import Page, output_of
from tests.hub.helpers.visitor import click, enter_code

AUTHENTICATION = Page("authentication.md")
PAGE = AUTHENTICATION.text
EXAMPLES = [block.code for block in AUTHENTICATION.blocks("python")]


def test_there_are_examples() -> None:
    """There is an example of each way of authentication that is code."""
    assert len(EXAMPLES) == 7


@pytest.mark.parametrize("example", EXAMPLES[1:2] + EXAMPLES[5:])
def test_an_example_runs(example: str) -> None:
    """The example runs separately, and finds what it requires."""
    assert output_of(example, {}) == "True\n"


def test_the_example_with_variables_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example runs with the variables of the table."""
    with LocalHub(seed="demo") as hub:
        for name in ("IMODELS_SCOPE", "IMODELS_ENVIRONMENT"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("IMODELS_CLIENT_ID", "ada-application")
        monkeypatch.setenv("IMODELS_CLIENT_SECRET", "ada-secret")
        monkeypatch.setenv("IMODELS_TOKEN_URL", f"{hub.url}/connect/token")
        assert output_of(EXAMPLES[0], {}) == "True\n"


def test_the_example_with_a_person_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The example runs with another server than the vendor's, and another port and folder than a user has."""
    with provider() as server:
        here = functools.partial(
            AuthorizationCode,
            authority=server.issuer,
            redirect_uri="http://127.0.0.1:0/signin-callback",
            store=FileTokenStore(tmp_path),
        )
        monkeypatch.setattr(itwin_imodels.auth, "AuthorizationCode", here)
        browser = Browser()
        monkeypatch.setattr(webbrowser, "open", browser)
        assert output_of(EXAMPLES[2], {}) == "True\n"
        assert output_of(EXAMPLES[2], {}) == "True\n"
        assert len(browser.opened) == 1


def test_the_example_at_a_hub_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The example runs when a person clicks on a user."""
    here = functools.partial(
        AuthorizationCode, redirect_uri="http://127.0.0.1:0/signin-callback", store=FileTokenStore(tmp_path)
    )
    monkeypatch.setattr(itwin_imodels.auth, "AuthorizationCode", here)
    monkeypatch.setattr(webbrowser, "open", click)
    assert output_of(EXAMPLES[4], {}) == "True\n"


def test_the_example_on_another_device_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The example runs when a person enters the code."""
    here = functools.partial(
        DeviceCode,
        store=FileTokenStore(tmp_path),
        prompt=lambda prompt: enter_code(prompt.verification_uri, prompt.user_code),
    )
    monkeypatch.setattr(itwin_imodels.auth, "DeviceCode", here)
    with instantly():
        assert output_of(EXAMPLES[3], {}) == "True\n"


def test_the_variables_are_those_that_are_read() -> None:
    """Each has a row of the table."""
    named = re.findall(r"^\| `(IMODELS_[A-Z_]+)` \|", PAGE, re.MULTILINE)
    assert named == [*_REQUIRED.values(), *_OPTIONAL.values()]


def test_the_names_exist() -> None:
    """Those of the package and those of the errors."""
    rows = re.findall(r"^\| `(?:auth=)?([A-Z][A-Za-z]+)", PAGE, re.MULTILINE)
    kinds = {*itwin_imodels.auth.__all__, *errors.__all__, "ValueError"}
    assert {name for name in rows if not name.startswith("IMODELS")} <= kinds
    for name in itwin_imodels.auth.__all__:
        if name not in ("AuthLike", "KeyringTokenStore", "LoginStatus"):
            assert name in PAGE, name
