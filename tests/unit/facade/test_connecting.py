"""The URL of a client, and errors for missing or invalid environment variables."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from itwin_imodels import AsyncIModelsClient, IModelsClient, RetryPolicy
from itwin_imodels._connection.address import base_url_of
from itwin_imodels._connection.from_env import connection_from_env
from itwin_imodels._core.network import shared_tls
from itwin_imodels._transfer.answer_timeout import AnswerTimeout
from itwin_imodels._transfer.wire_httpx import HttpxWire
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
    """Remove the variables from the environment."""
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
    """Production is the default."""
    assert base_url_of(base_url, environment) == url


@pytest.mark.parametrize(
    ("base_url", "environment", "complaint"),
    [
        ("http://127.0.0.1", "qa", "base_url and environment are mutually exclusive"),
        (None, "moon", "environment must be one of 'production', 'qa', 'dev', not 'moon'"),
        (None, "QA", "environment must be one of"),
        ("127.0.0.1", None, "base_url must begin with"),
        ("", None, "base_url must begin with"),
    ],
)
def test_a_wrong_address_is_reported(base_url: str | None, environment: str | None, complaint: str) -> None:
    """The error names the argument."""
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
    """A token before a share's key before an application; an empty variable counts as missing."""
    monkeypatch.setenv("IMODELS_CLIENT_ID", "an-application")
    monkeypatch.setenv("IMODELS_CLIENT_SECRET", "its-secret")
    assert isinstance(connection_from_env().auth, ClientCredentials)
    monkeypatch.setenv("IMODELS_SHARE_KEY", "a-key")
    assert connection_from_env().auth == ShareKey("a-key")
    monkeypatch.setenv("IMODELS_TOKEN", "")
    assert connection_from_env().auth == ShareKey("a-key")
    monkeypatch.setenv("IMODELS_TOKEN", "a-token")
    assert connection_from_env().auth == AccessToken("a-token")
    monkeypatch.setenv("IMODELS_TOKEN", " a-token\n")
    assert connection_from_env().auth == AccessToken("a-token")


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({}, "set IMODELS_TOKEN, or IMODELS_CLIENT_ID and IMODELS_CLIENT_SECRET, or IMODELS_SHARE_KEY"),
        ({"IMODELS_CLIENT_ID": "a"}, "set IMODELS_CLIENT_SECRET"),
        ({"IMODELS_CLIENT_SECRET": "s3cr3t"}, "set IMODELS_CLIENT_ID"),
        ({"IMODELS_TOKEN": "a", "IMODELS_ENVIRONMENT": "moon"}, r"'moon' \(read from IMODELS_ENVIRONMENT\)$"),
        ({"IMODELS_TOKEN": "a", "IMODELS_BASE_URL": "moon"}, r"base_url must begin.* \(read from IMODELS_BASE_URL\)$"),
        ({"IMODELS_TOKEN": "s3cr3t s3cr3t"}, "IMODELS_TOKEN"),
        ({"IMODELS_TOKEN": "Bearer s3cr3t"}, "IMODELS_TOKEN"),
        ({"IMODELS_SHARE_KEY": "s3cr3t\ns3cr3t"}, "IMODELS_SHARE_KEY"),
    ],
)
@pytest.mark.parametrize("client", [IModelsClient, AsyncIModelsClient])
def test_a_missing_or_wrong_variable_is_named(
    monkeypatch: pytest.MonkeyPatch,
    client: type[IModelsClient | AsyncIModelsClient],
    variables: dict[str, str],
    complaint: str,
) -> None:
    """The configuration error does not contain possible secrets."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        client.from_env()
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("client", [IModelsClient, AsyncIModelsClient])
def test_a_client_is_made_of_variables(
    monkeypatch: pytest.MonkeyPatch, client: type[IModelsClient | AsyncIModelsClient]
) -> None:
    """Options can be passed, too; the `repr` has the URL and no token."""
    monkeypatch.setenv("IMODELS_TOKEN", "secret-token")
    monkeypatch.setenv("IMODELS_ENVIRONMENT", "dev")
    made = client.from_env(timeout=3, retry=RetryPolicy.never())
    assert repr(made) == f"{client.__name__}(base_url='https://dev-api.bentley.com/imodels')"


FAULTY_ENVIRONMENTS = {
    "NO_PROXY": ("fe80::/10", "NO_PROXY: contains an entry that is not supported"),
    "ALL_PROXY": ("socks5://ada:se-cret@127.0.0.1:1", "ALL_PROXY: SOCKS proxies require socksio"),
    "HTTPS_PROXY": ("http://ada:se-cret@127.0.0.1:80x", "HTTPS_PROXY: invalid proxy URL"),
    "http_proxy": ("gopher://ada:se-cret@127.0.0.1", "http_proxy: invalid proxy URL"),
    "SSL_CERT_FILE": ("/no/such/file", "SSL_CERT_FILE: cannot read certificates from /no/such/file: No such file"),
    "SSLKEYLOGFILE": ("/no/such/folder/keys", "SSLKEYLOGFILE: cannot write /no/such/folder/keys: No such file"),
}
"""For each variable a value with which httpx cannot be used, and what is said of it."""


def list_imodels_sync() -> object:
    """A call of the synchronous client."""
    with IModelsClient("token", base_url="http://127.0.0.1:1") as client:
        return client.imodels.list("x").first()


def list_imodels_async() -> object:
    """A call of the asynchronous client."""

    async def call() -> object:
        async with AsyncIModelsClient("token", base_url="http://127.0.0.1:1") as client:
            return await client.imodels.list("x").first()

    return asyncio.run(call())


def sign_in() -> object:
    """A request to an authorization server."""
    return ClientCredentials("a", "b", token_url="http://127.0.0.1:1/token").get_token()  # noqa: S106 - of nobody


def connect_to_storage() -> object:
    """A connection to object storage."""
    shared_tls.cache_clear()
    return HttpxWire(
        tls=shared_tls(verify=True, trust_env=True), connect_timeout=1, answer_timeout=AnswerTimeout(idle=1, longest=1)
    )


@pytest.mark.parametrize("call", [list_imodels_sync, list_imodels_async, sign_in, connect_to_storage])
@pytest.mark.parametrize("variable", FAULTY_ENVIRONMENTS)
def test_a_faulty_environment_is_named(
    variable: str, call: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the variable, without a password in its value and without the traceback of a library."""
    value, text = FAULTY_ENVIRONMENTS[variable]
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as caught:
        call()
    assert text in str(caught.value)
    assert "se-cret" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_file_without_certificates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It exists, but is not PEM."""
    path = tmp_path / "certificates.pem"
    path.write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(ConfigurationError, match=r"^SSL_CERT_FILE: cannot read certificates from .*: .*NO_CERTIFICATE"):
        list_imodels_sync()
