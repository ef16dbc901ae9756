"""Service applications get tokens from the hub and from the certified server, and report failures."""

import asyncio
import logging
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from itwin_imodels._auth.authorization import Authorization
from itwin_imodels._core.secrets import Secret
from itwin_imodels.auth import ClientCredentials
from itwin_imodels.errors import AuthError, ConfigurationError, ConnectionFailed, RequestTimeout
from itwin_imodels.testing import no_waiting
from itwin_imodels_hub import Fault, LocalHub
from tests.auth.helpers.provider import Provider
from tests.auth.helpers.secrecy import Watch
from tests.auth.helpers.time import Clock

SECRET = "ada-secret"  # noqa: S105 - of the hub's first user
HEAVY = ("authlib", "httpx", "tenacity", "keyring", "platformdirs", "filelock", "webbrowser", "http.server", "asyncio")
VARIABLES = ("CLIENT_ID", "CLIENT_SECRET", "SCOPE", "ENVIRONMENT", "TOKEN_URL")


def ada(hub: LocalHub, secret: str = SECRET, timeout: float = 15.0) -> ClientCredentials:
    """The application of the hub's first user."""
    return ClientCredentials("ada-application", secret, token_url=f"{hub.url}/connect/token", timeout=timeout)


def answer(body: str, status: int = 200, times: int = 1) -> Fault:
    """Respond instead of the token endpoint."""
    return Fault(
        path="^/connect/token",
        action="answer",
        status=status,
        body=body,
        headers={"content-type": "application/json"},
        times=times,
    )


def requests(hub: LocalHub) -> int:
    """Return the number of requests to the token endpoint."""
    return sum(request.path == "/connect/token" for request in hub.control.log.requests)


def test_the_hub_takes_the_token(hub: LocalHub) -> None:
    """It is the token of the application's user, and valid for as long as the hub says."""
    credentials = ada(hub)
    before = datetime.now(UTC)
    token = credentials.get_token()
    assert token.expires_at is not None
    assert token.expires_at - before >= hub.hub.settings.token_lifetime
    header = Authorization.of(credentials).header()
    assert header is not None
    headers = {"Authorization": header.value}
    me = httpx.get(f"{hub.base_url}/?iTwinId={hub.itwin_id}", headers=headers)
    assert me.status_code == 200
    assert requests(hub) == 1


def test_the_certified_server_takes_the_credentials(provider: Provider) -> None:
    """It recognizes the token, with the requested scope."""
    credentials = ClientCredentials("service", "the-secret-of-the-service", token_url=provider.token_url)
    token = credentials.get_token()
    assert provider.knows(token.value)
    assert token.expires_at is not None
    assert timedelta(seconds=590) < token.expires_at - datetime.now(UTC) <= timedelta(seconds=600)
    assert credentials.get_token(refresh=True) != token


def test_the_certified_server_refuses(provider: Provider, watch: Watch) -> None:
    """The errors are OAuth's, with a hint."""
    wrong = ClientCredentials("service", "not-the-right-secret", token_url=provider.token_url)
    text = watch.failure(AuthError, wrong.get_token, "not-the-right-secret")
    assert "invalid_client: client authentication failed" in text
    assert "Check that the client id and secret are correct" in text
    right = {"client_secret": "the-secret-of-the-service", "token_url": provider.token_url}
    public = ClientCredentials("native", **right)  # type: ignore[arg-type]
    assert "rejected the request: " in watch.failure(AuthError, public.get_token, "the-secret-of-the-service")


def test_fifty_threads_and_fifty_tasks_ask_once(hub: LocalHub) -> None:
    """This applies at the start, and after all tokens were rejected: the server counts one request each."""
    credentials = ada(hub)
    authorization = Authorization.of(credentials)
    barrier = threading.Barrier(50)

    def ask(refresh_of: Secret | None) -> Secret | None:
        barrier.wait()
        return authorization.header(refresh_of=refresh_of)

    async def all_ask(refresh_of: Secret | None) -> list[Secret | None]:
        return await asyncio.gather(*(authorization.aheader(refresh_of=refresh_of) for _ in range(50)))

    with ThreadPoolExecutor(50) as pool:
        (first,) = set(pool.map(ask, [None] * 50))
        assert requests(hub) == 1
        (second,) = set(pool.map(ask, [first] * 50))
    assert requests(hub) == 2
    (third,) = set(asyncio.run(all_ask(second)))
    assert requests(hub) == 3
    assert len({first, second, third}) == 3
    other = Authorization.of(ada(hub))

    async def all_begin() -> list[Secret | None]:
        return await asyncio.gather(*(other.aheader() for _ in range(50)))

    assert len(set(asyncio.run(all_begin()))) == 1
    assert requests(hub) == 4


def test_passing_failures_are_repeated(hub: LocalHub, caplog: pytest.LogCaptureFixture) -> None:
    """After a 5xx status and a broken connection, the third attempt gets the token."""
    caplog.set_level(logging.INFO, "itwin_imodels")
    hub.control.faults.add(answer("", status=502))
    hub.control.faults.add(Fault(path="^/connect/token", action="drop"))
    ada(hub).get_token()
    assert requests(hub) == 3
    messages = [record.getMessage() for record in caplog.records if record.name.startswith("itwin_imodels")]
    assert len(messages) == 2
    assert "status 502; retrying in" in messages[0]


def test_waits_are_skipped_for_tests(hub: LocalHub) -> None:
    """A sign-in is retried at once inside `no_waiting()`."""
    hub.control.faults.add(Fault.rate_limited(path="^/connect/token", retry_after=20))
    begun = time.monotonic()
    with no_waiting():
        ada(hub).get_token()
    assert time.monotonic() - begun < 15


def test_a_server_that_stays_down_is_reported(hub: LocalHub, watch: Watch) -> None:
    """After three attempts; the cause is a failed connection where it was the network."""
    hub.control.faults.add(answer("", status=503, times=3))
    assert "/connect/token: status 503" in watch.failure(AuthError, ada(hub).get_token, SECRET)
    assert requests(hub) == 3
    hub.control.faults.add(Fault(path="^/connect/token", action="drop", times=3))
    with pytest.raises(AuthError, match="no usable response from ") as caught:
        ada(hub).get_token()
    assert isinstance(caught.value.__cause__, ConnectionFailed)


def test_a_server_that_is_not_there_is_reported(watch: Watch, unused_port: int) -> None:
    """The error is a failed connection."""
    nowhere = ClientCredentials("ada-application", SECRET, token_url=f"http://127.0.0.1:{unused_port}/connect/token")
    assert "ConnectError" in watch.failure(AuthError, nowhere.get_token, SECRET)


def test_a_slow_server_is_reported(hub: LocalHub, watch: Watch) -> None:
    """The error is a timeout."""
    hub.control.faults.add(Fault(path="^/connect/token", delay=0.5, times=3))
    credentials = ada(hub, timeout=0.05)
    with pytest.raises(AuthError, match="ReadTimeout") as caught:
        credentials.get_token()
    assert isinstance(caught.value.__cause__, RequestTimeout)
    assert SECRET not in watch.log.text
    while requests(hub) < 3:  # they are logged at their end, which must not come into another test
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<html>sign in to the hotel's network</html>", "returned an invalid token response"),
        ("[1, 2]", "returned an invalid token response"),
        ("{}", "returned an invalid token response: 'access_token' is missing"),
        ('{"access_token": "topsecret", "refresh_token": 7}', "returned an invalid token response"),
        ('{"access_token": 7, "token_type": "Bearer"}', "returned an invalid token response"),
        ('{"access_token": "top\\nsecret", "token_type": "Bearer"}', "returned an invalid token response"),
        ('{"access_token": "topsecret", "token_type": "DPoP"}', "returned an invalid token response"),
        ('{"access_token": "topsecret", "token_type": "Bearer", "expires_in": "soon"}', "invalid token response"),
        ('{"access_token": "topsecret", "token_type": "Bearer", "expires_in": 1e300}', "invalid token response"),
        ('{"access_token": "topsecret", "token_type": "Bearer", "expires_in": [1]}', "invalid token response"),
    ],
)
def test_an_answer_that_is_no_token_is_reported(hub: LocalHub, watch: Watch, body: str, text: str) -> None:
    """The response is not shown, because it may contain a token anyway."""
    hub.control.faults.add(answer(body))
    assert text in watch.failure(AuthError, ada(hub).get_token, SECRET, "secret", "hotel")


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (400, '{"error": "invalid_scope"}', "rejected the request: invalid_scope.\nCheck the scope"),
        (400, '{"error": "invalid_client", "error_description": "unknown: ada-secret"}', "invalid_client: unknown: …"),
        (401, '{"error": "odd", "error_description": "Gr\\u00fc\\u00dfe \\"an\\"\\nalle"}', 'odd: Grüße "an" alle'),
        (400, '{"error": {"code": 7}}', "rejected the request: {'code': 7}"),
        (403, "<html>no</html>", "rejected the request: status 403"),
        (404, "{}", "rejected the request: status 404"),
        (302, "", "rejected the request: status 302"),
    ],
)
def test_a_refusal_is_reported(hub: LocalHub, watch: Watch, status: int, body: str, text: str) -> None:
    """The error has the OAuth code, the server's message and a hint; the request is not repeated."""
    hub.control.faults.add(answer(body, status=status))
    assert text in watch.failure(AuthError, ada(hub).get_token, SECRET)
    assert requests(hub) == 1


def test_a_long_description_is_cut(hub: LocalHub, watch: Watch) -> None:
    """A complete page in a message would not help."""
    hub.control.faults.add(answer(f'{{"error": "odd", "error_description": "{"x" * 10_000}"}}', status=400))
    assert len(watch.failure(AuthError, ada(hub).get_token, SECRET)) < 700


@pytest.mark.parametrize("lifetime", ["", ', "expires_in": null', ', "expires_in": "3600"', ', "expires_in": 3599.5'])
def test_the_end_of_a_token_may_be_missing_or_odd(hub: LocalHub, lifetime: str) -> None:
    """Without an expiry, the token is used until it is rejected."""
    hub.control.faults.add(answer(f'{{"access_token": "abc"{lifetime}}}'))
    credentials = ada(hub)
    token = credentials.get_token()
    assert token.value == "abc"
    assert (token.expires_at is not None) == ("3" in lifetime)
    assert credentials.get_token() is token


def test_the_token_is_replaced_before_its_end(hub: LocalHub, clock: Clock) -> None:
    """The given clock applies."""
    url = f"{hub.url}/connect/token"
    credentials = ClientCredentials("ada-application", SECRET, token_url=url, clock=clock)
    first = credentials.get_token()
    clock.advance(hub.hub.settings.token_lifetime.total_seconds() - 61)
    assert credentials.peek() is first
    clock.advance(1)
    assert credentials.peek() is None
    assert credentials.get_token() is not first


def test_nothing_secret_is_shown(provider: Provider, watch: Watch) -> None:
    """Neither the object nor the logs of any library show secrets."""
    credentials = ClientCredentials("service", "the-secret-of-the-service", token_url=provider.token_url)
    token = credentials.get_token().value
    text = f"{credentials!r} {credentials} {credentials.get_token()!r} {watch.log.text}"
    assert "/token" in watch.log.text
    assert "the-secret-of-the-service" not in text
    assert token not in text


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"client_id": ""}, "client_id must not be empty"),
        ({"client_secret": "  "}, "client_secret must not be empty"),
        ({"scope": ""}, "scope must not be empty"),
        ({"environment": "test"}, "environment must be one of"),
        ({"timeout": 0}, "timeout must be"),
        ({"token_url": "http://ims.bentley.com/connect/token"}, "token_url must begin with https://"),
        ({"token_url": "ftp://localhost/"}, "token_url must begin with https://"),
        ({"token_url": "https://ada:pw@localhost/"}, "token_url must be a URL"),
        ({"token_url": "https://localhost:abc/"}, "token_url must be a URL"),
        ({"token_url": "https://[::1/"}, "token_url must be a URL"),
        ({"token_url": "connect/token"}, "token_url must be a URL"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, object], text: str) -> None:
    """The error is raised when the object is created; secrets are sent only over https or within this machine."""
    arguments: dict[str, object] = {"client_id": "service-abc", "client_secret": "hush", **given}
    with pytest.raises(ValueError, match=text) as caught:
        ClientCredentials(**arguments)  # type: ignore[arg-type]
    assert "hush" not in str(caught.value)
    with pytest.raises(TypeError, match="client_secret must be a string, not bytes"):
        ClientCredentials("service-abc", b"hush")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ("production", "https://ims.bentley.com/connect/token"),
        ("qa", "https://qa-ims.bentley.com/connect/token"),
        ("dev", "https://qa-ims.bentley.com/connect/token"),
    ],
)
def test_the_environment_says_where(monkeypatch: pytest.MonkeyPatch, environment: str, url: str) -> None:
    """The environment is an argument or a variable."""
    assert ClientCredentials("a", "b", environment=environment).token_url == url
    set_variables(monkeypatch, CLIENT_ID="a", CLIENT_SECRET="b", ENVIRONMENT=environment)  # noqa: S106
    assert ClientCredentials.from_env().token_url == url


def set_variables(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    """Set our variables to these values and no others."""
    for name in VARIABLES:
        monkeypatch.delenv(f"IMODELS_{name}", raising=False)
    for name, value in values.items():
        monkeypatch.setenv(f"IMODELS_{name}", value)


def test_the_variables_are_read(monkeypatch: pytest.MonkeyPatch, hub: LocalHub) -> None:
    """All five; those that may be left out may be empty."""
    url = f"{hub.url}/connect/token"
    set_variables(
        monkeypatch,
        CLIENT_ID="ada-application",
        CLIENT_SECRET=SECRET,
        TOKEN_URL=url,
        SCOPE="other-scope",
        ENVIRONMENT="",
    )
    credentials = ClientCredentials.from_env()
    assert (credentials.token_url, credentials.scope, credentials.environment) == (url, "other-scope", "production")
    credentials.get_token()


def test_missing_and_wrong_variables_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has the names of the variables."""
    set_variables(monkeypatch)
    with pytest.raises(ConfigurationError, match="set IMODELS_CLIENT_ID and IMODELS_CLIENT_SECRET"):
        ClientCredentials.from_env()
    set_variables(monkeypatch, CLIENT_ID="a", CLIENT_SECRET=" ")  # noqa: S106 - as good as none
    with pytest.raises(ConfigurationError, match="set IMODELS_CLIENT_SECRET"):
        ClientCredentials.from_env()
    set_variables(monkeypatch, CLIENT_ID="a", CLIENT_SECRET="b", ENVIRONMENT="test")  # noqa: S106
    with pytest.raises(ConfigurationError, match=r"environment must be one of .*IMODELS_ENVIRONMENT"):
        ClientCredentials.from_env()


def test_the_missing_extra_is_named(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is raised when a token is required."""
    monkeypatch.setitem(sys.modules, "authlib.oauth2", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'itwin-imodels\[auth\]'"):
        ada(hub).get_token()


def test_the_import_is_light() -> None:
    """Modules for signing in are imported when they are required."""
    code = f"import sys, itwin_imodels.auth; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
