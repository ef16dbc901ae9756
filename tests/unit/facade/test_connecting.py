"""Where a client connects to, and what it says when an environment variable is missing or wrong."""

import pytest

from itwin_imodels import AsyncIModelsClient, IModelsClient, RetryPolicy
from itwin_imodels._connection.address import base_url_of, connection_from_env
from itwin_imodels.auth import AccessToken, ClientCredentials, ShareKey
from itwin_imodels.errors import ConfigurationError

VARIABLES = (
    "IMODELS_BASE_URL",
    "IMODELS_ENVIRONMENT",
    "IMODELS_TOKEN",
    "IMODELS_SHARE_KEY",
    "IMODELS_CLIENT_ID",
    "IMODELS_CLIENT_SECRET",
    "IMODELS_SCOPE",
    "IMODELS_TOKEN_URL",
)


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the variables out of the environment."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("base_url", "environment", "url"),
    [
        (None, None, "https://api.bentley.com/imodels"),
        (None, "production", "https://api.bentley.com/imodels"),
        (None, "qa", "https://qa-api.bentley.com/imodels"),
        (None, "dev", "https://dev-api.bentley.com/imodels"),
        ("http://127.0.0.1:5000/imodels/", None, "http://127.0.0.1:5000/imodels"),
    ],
)
def test_the_address_is_given_or_that_of_an_environment(
    base_url: str | None, environment: str | None, url: str
) -> None:
    """Production where nothing is said."""
    assert base_url_of(base_url, environment) == url


@pytest.mark.parametrize(
    ("base_url", "environment", "complaint"),
    [
        ("http://127.0.0.1", "qa", "base_url and environment exclude each other"),
        (None, "moon", "environment must be one of 'production', 'qa', 'dev', not 'moon'"),
        (None, "QA", "environment must be one of"),
        ("127.0.0.1", None, "base_url must begin with"),
        ("", None, "base_url must begin with"),
    ],
)
def test_a_wrong_address_is_told(base_url: str | None, environment: str | None, complaint: str) -> None:
    """By the name of the argument."""
    with pytest.raises(ValueError, match=complaint):
        base_url_of(base_url, environment)


def test_variables_give_the_address_and_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address wins over an environment."""
    monkeypatch.setenv("IMODELS_TOKEN", "secret-token")
    monkeypatch.setenv("IMODELS_ENVIRONMENT", "qa")
    found = connection_from_env()
    assert (found.base_url, found.auth) == ("https://qa-api.bentley.com/imodels", AccessToken("secret-token"))
    assert "secret-token" not in repr(found)
    monkeypatch.setenv("IMODELS_BASE_URL", "http://127.0.0.1:5000/imodels")
    assert connection_from_env().base_url == "http://127.0.0.1:5000/imodels"


def test_the_first_way_to_be_let_in_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token before a share's key before an application; an empty variable is none."""
    monkeypatch.setenv("IMODELS_CLIENT_ID", "an-application")
    monkeypatch.setenv("IMODELS_CLIENT_SECRET", "its-secret")
    assert isinstance(connection_from_env().auth, ClientCredentials)
    monkeypatch.setenv("IMODELS_SHARE_KEY", "a-key")
    assert connection_from_env().auth == ShareKey("a-key")
    monkeypatch.setenv("IMODELS_TOKEN", "")
    assert connection_from_env().auth == ShareKey("a-key")
    monkeypatch.setenv("IMODELS_TOKEN", "a-token")
    assert connection_from_env().auth == AccessToken("a-token")


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({}, "set IMODELS_TOKEN, or IMODELS_CLIENT_ID and IMODELS_CLIENT_SECRET, or IMODELS_SHARE_KEY"),
        ({"IMODELS_CLIENT_ID": "a"}, "set IMODELS_CLIENT_SECRET"),
        ({"IMODELS_CLIENT_SECRET": "s3cr3t"}, "set IMODELS_CLIENT_ID"),
        ({"IMODELS_TOKEN": "a", "IMODELS_ENVIRONMENT": "moon"}, "'moon'.*IMODELS_ENVIRONMENT"),
        ({"IMODELS_TOKEN": "a", "IMODELS_BASE_URL": "moon"}, "base_url must begin.*IMODELS_BASE_URL"),
        ({"IMODELS_TOKEN": "s3cr3t s3cr3t"}, "IMODELS_TOKEN"),
        ({"IMODELS_TOKEN": "Bearer s3cr3t"}, "IMODELS_TOKEN"),
        ({"IMODELS_SHARE_KEY": "s3cr3t\n"}, "IMODELS_SHARE_KEY"),
    ],
)
@pytest.mark.parametrize("client", [IModelsClient, AsyncIModelsClient])
def test_a_missing_or_wrong_variable_is_named(
    monkeypatch: pytest.MonkeyPatch,
    client: type[IModelsClient | AsyncIModelsClient],
    variables: dict[str, str],
    complaint: str,
) -> None:
    """As an error of configuration, which does not repeat what may be secret."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        client.from_env()
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("client", [IModelsClient, AsyncIModelsClient])
def test_a_client_is_made_of_variables(
    monkeypatch: pytest.MonkeyPatch, client: type[IModelsClient | AsyncIModelsClient]
) -> None:
    """With the options that are given beside; its `repr` shows the address and no token."""
    monkeypatch.setenv("IMODELS_TOKEN", "secret-token")
    monkeypatch.setenv("IMODELS_ENVIRONMENT", "dev")
    made = client.from_env(timeout=3, retry=RetryPolicy.never())
    assert repr(made) == f"{client.__name__}(base_url='https://dev-api.bentley.com/imodels')"
