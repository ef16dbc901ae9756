"""People sign in at the certified server with a browser, and need not do it again."""

import asyncio
import json
import re
import socket
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import urlopen

import httpx
import pytest

from itwin_imodels._auth import signed_in_user
from itwin_imodels._auth.authorization import Authorization
from itwin_imodels._auth.loopback import RedirectListener
from itwin_imodels._core.secrets import Secret
from itwin_imodels.auth import AuthorizationCode, FileTokenStore, LoginRequired
from itwin_imodels.errors import AuthError, ConfigurationError
from itwin_imodels_hub import Fault, LocalHub
from tests.auth.helpers.provider import Browser, Provider
from tests.auth.helpers.secrecy import Watch
from tests.auth.helpers.time import Clock

CALLBACK = "http://127.0.0.1:0/signin-callback"
USE_THE_SIGN_IN = """
import sys
from pathlib import Path
from itwin_imodels.auth import AuthorizationCode, FileTokenStore
issuer, folder = sys.argv[1:]
auth = AuthorizationCode("native", authority=issuer, store=FileTokenStore(Path(folder)))
for _ in range(4):
    auth.get_token(refresh=True)
"""

New = Callable[..., AuthorizationCode]


@pytest.fixture
def browser() -> Browser:
    """Return a person with a browser."""
    return Browser()


@pytest.fixture
def new(provider: Provider, browser: Browser, tmp_path: Path) -> New:
    """Return a function that makes programs in which the same person signs in."""

    def make(**options: Any) -> AuthorizationCode:
        given = {
            "authority": provider.issuer,
            "redirect_uri": CALLBACK,
            "store": FileTokenStore(tmp_path),
            "open_browser": browser,
            **options,
        }
        return AuthorizationCode("native", **given)

    return make


def stored(folder: Path) -> str:
    """Return the refresh token that is kept in a folder."""
    (file,) = folder.glob("*.json")
    return str(json.loads(file.read_text(encoding="utf-8"))["refresh_token"])


def test_a_person_signs_in_once(provider: Provider, new: New, browser: Browser) -> None:
    """The browser is opened once; this program and the next get tokens without it."""
    auth = new()
    assert not auth.status().signed_in
    with pytest.raises(LoginRequired, match=r"call login\(\) first"):
        auth.get_token()
    auth.login()
    assert "You are signed in" in browser.page
    first = auth.get_token()
    assert provider.knows(first.value)
    assert auth.status().signed_in
    assert auth.status().access_token_expires_at == first.expires_at
    later = new()
    assert later.peek() is None
    assert later.status().signed_in
    assert later.status().access_token_expires_at is None
    assert "FileTokenStore" in later.status().kept_in
    second = later.get_token()
    assert second != first
    assert provider.knows(second.value)
    assert len(browser.opened) == 1


def test_the_address_that_is_opened_is_safe(new: New, browser: Browser, provider: Provider) -> None:
    """It has a SHA-256 challenge, a new state each time, and requests the consent that a refresh token requires."""
    new().login()
    new().login()
    queries = [dict(parse_qsl(urlsplit(url).query)) for url in browser.opened]
    for url, query in zip(browser.opened, queries, strict=True):
        assert url.startswith(f"{provider.issuer}/auth?")
        assert query["code_challenge_method"] == "S256"
        assert query["response_type"] == "code"
        assert query["scope"] == "itwin-platform offline_access"
        assert query["prompt"] == "consent"
        assert len(query["state"]) >= 32
    for name in ("state", "code_challenge"):
        assert queries[0][name] != queries[1][name]


def test_the_refresh_token_is_replaced_each_time(new: New, tmp_path: Path) -> None:
    """The server accepts each refresh token only once."""
    auth = new()
    auth.login()
    tokens = [stored(tmp_path)]
    for _ in range(3):
        auth.get_token(refresh=True)
        tokens.append(stored(tmp_path))
    assert len(set(tokens)) == 4


@pytest.mark.thorough
def test_programs_share_a_sign_in(new: New, provider: Provider, tmp_path: Path) -> None:
    """Three programs that refresh continuously do not use each other's refresh token."""
    new().login()
    command = [sys.executable, "-c", USE_THE_SIGN_IN, provider.issuer, str(tmp_path)]
    programs = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for program in programs:
        _, text = program.communicate(timeout=240)
        assert program.returncode == 0, text
    new().get_token()


def test_a_sign_in_that_has_ended_asks_for_another(new: New, provider: Provider, tmp_path: Path, watch: Watch) -> None:
    """The stored sign-in is deleted; the next login replaces it."""
    auth = new()
    auth.login()
    refresh_token = stored(tmp_path)
    access_token = auth.get_token().value
    provider.revoke(refresh_token)
    text = watch.failure(LoginRequired, lambda: auth.get_token(refresh=True), refresh_token, access_token)
    assert "invalid_grant" in text
    assert not auth.status().signed_in
    auth.login()
    auth.get_token(refresh=True)


def test_an_interactive_program_opens_the_browser_by_itself(
    new: New, provider: Provider, browser: Browser, tmp_path: Path
) -> None:
    """The browser opens if nobody has signed in or the sign-in has expired; once for many threads."""
    auth = new(interactive=True)
    barrier = threading.Barrier(5)
    found: list[str] = []

    def ask() -> None:
        barrier.wait()
        found.append(auth.get_token().value)

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(browser.opened) == 1
    provider.revoke(stored(tmp_path))
    assert provider.knows(auth.get_token(refresh=True).value)
    assert len(browser.opened) == 2


def test_logging_out_ends_the_sign_in(new: New, provider: Provider, tmp_path: Path) -> None:
    """The sign-in is revoked here and at the server; a second logout has no effect."""
    auth = new()
    auth.login()
    refresh_token = stored(tmp_path)
    assert provider.knows(refresh_token)
    auth.logout()
    assert not provider.knows(refresh_token)
    assert not auth.status().signed_in
    assert auth.peek() is None
    with pytest.raises(LoginRequired):
        auth.get_token()
    auth.logout()


def test_a_client_refreshes_once_for_all_that_were_refused(new: New, provider: Provider) -> None:
    """Counted at the server."""
    auth = new()
    auth.login()
    authorization = Authorization.of(auth)
    first = authorization.header()
    before = provider.token_requests

    async def all_refused() -> list[Secret | None]:
        return await asyncio.gather(*(authorization.aheader(refresh_of=first) for _ in range(50)))

    (again,) = set(asyncio.run(all_refused()))
    assert again != first
    assert provider.token_requests == before + 1


def test_a_server_that_is_down_leaves_the_present_token_in_use(
    new: New, provider: Provider, clock: Clock, watch: Watch
) -> None:
    """The refresh token is kept and was not sent twice, because it may be accepted only once."""
    auth = new(clock=clock)
    auth.login()
    first = auth.get_token()
    assert first.expires_at is not None
    clock.time = first.expires_at
    clock.advance(-30)
    before = provider.token_requests
    provider.fail(500)
    assert auth.get_token() is first
    assert provider.token_requests == before + 1
    assert "status 500" in watch.log.text
    assert first.value not in watch.log.text
    clock.advance(29)
    assert auth.get_token() is not first


def test_a_login_without_offline_access_lasts_for_one_token(new: New, tmp_path: Path, browser: Browser) -> None:
    """It replaces a sign-in with a refresh token."""
    auth = new(scope="itwin-platform")
    auth.login()
    assert "prompt" not in browser.opened[0]
    assert auth.status().signed_in
    auth.get_token()
    assert not list(tmp_path.glob("*.json"))
    assert not new(scope="itwin-platform").status().signed_in


def test_permission_that_is_not_given_is_reported(new: New, browser: Browser) -> None:
    """The error has the server's message; the page shows it too."""
    browser.consents = False
    with pytest.raises(AuthError, match="access_denied: End-User aborted interaction"):
        new().login()
    assert "The sign-in failed" in browser.page


def redirect(change: Callable[[dict[str, str]], Mapping[str, str]]) -> Callable[[str], bool]:
    """Return a browser that redirects immediately, with a query derived from that of the request."""

    def open_browser(url: str) -> bool:
        query = dict(parse_qsl(urlsplit(url).query))
        # Not by httpx, whose own log would hold the code.
        with suppress(HTTPError):
            urlopen(f"{query['redirect_uri']}?{urlencode(change(query))}").close()  # noqa: S310 - of this machine
        return True

    return open_browser


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda _: {"code": "stolen-code", "state": "another"}, "does not belong to this sign-in"),
        (lambda _: {"code": "stolen-code"}, "does not belong to this sign-in"),
        (lambda _: {"error": "access_denied", "state": "another"}, "does not belong to this sign-in"),
        (lambda query: {"state": query["state"]}, "contains no code"),
        (lambda query: {"state": query["state"], "code": ""}, "contains no code"),
        (lambda query: {"state": query["state"], "code": "stolen-code", "iss": "https://evil"}, "from another server"),
        (lambda query: {"state": query["state"], "code": "stolen-code"}, "invalid_grant"),
        (lambda query: {"state": query["state"], "error": "<b>odd</b>"}, "rejected the request: <b>odd</b>"),
    ],
)
def test_an_answer_that_is_not_the_servers_is_refused(
    new: New, watch: Watch, change: Callable[[dict[str, str]], Mapping[str, str]], text: str
) -> None:
    """Nothing of it is stored."""
    auth = new(open_browser=redirect(change))
    assert text in watch.failure(AuthError, auth.login, "stolen" + "-code")
    assert not auth.status().signed_in


def test_only_the_redirect_is_answered(new: New, browser: Browser) -> None:
    """Other addresses return 404, repeatedly; connections without a request are ignored."""
    statuses: list[int] = []
    idle: list[socket.socket] = []

    def curious(url: str) -> bool:
        callback = urlsplit(dict(parse_qsl(urlsplit(url).query))["redirect_uri"])
        idle.append(socket.create_connection((callback.hostname or "", callback.port or 0)))
        others = ("/", "/favicon.ico", "/signin-callback/x?code=1")
        statuses.extend(httpx.get(f"http://{callback.netloc}{path}").status_code for path in others)
        statuses.append(httpx.post(callback.geturl(), params={"code": "1"}).status_code)
        return browser(url)

    auth = new(open_browser=curious)
    auth.login()
    assert statuses == [404, 404, 404, 501]
    assert auth.status().signed_in
    for connection in idle:
        connection.close()


def test_the_page_is_plain_and_safe() -> None:
    """It contains nothing of the request, runs no script and is not cached."""
    with RedirectListener("http://127.0.0.1:0/back", lambda _: False) as listener:
        answer = httpx.get(listener.redirect_uri, params={"error": "<script>alert(1)</script>"})
        assert listener.wait(1) == {"error": "<script>alert(1)</script>"}
    assert answer.status_code == 400
    assert "script" not in answer.text
    assert answer.headers["content-security-policy"] == "default-src 'none'"
    assert answer.headers["cache-control"] == "no-store"


def test_localhost_is_listened_on_at_all_its_addresses(unused_port: int) -> None:
    """A browser may use any of them."""
    with RedirectListener(f"http://localhost:{unused_port}/back", lambda _: True) as listener:
        assert listener.redirect_uri == f"http://localhost:{unused_port}/back"
        for _, _, _, _, address in socket.getaddrinfo("localhost", unused_port, type=socket.SOCK_STREAM):
            host = f"[{address[0]}]" if ":" in str(address[0]) else address[0]
            try:
                assert httpx.get(f"http://{host}:{unused_port}/back").status_code == 200
            except httpx.ConnectError:
                assert ":" in str(host)  # a machine without IPv6


def test_the_address_of_ipv6_can_be_used() -> None:
    """This requires IPv6 on the machine; otherwise, the error says so."""
    try:
        listener = RedirectListener("http://[::1]:0/back", lambda _: True)
    except AuthError as error:
        assert "cannot listen on port 0 of ::1" in str(error)  # noqa: PT017 - depends on the machine
        return
    with listener:
        assert httpx.get(listener.redirect_uri).status_code == 200


def test_a_port_in_use_is_reported(new: New, browser: Browser) -> None:
    """Before a browser is opened."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AuthError, match=f"cannot listen on port {port} of 127.0.0.1"):
            new(redirect_uri=f"http://127.0.0.1:{port}/signin-callback").login()
    assert not browser.opened


def test_nobody_comes(new: New) -> None:
    """The wait ends."""
    with pytest.raises(AuthError, match=r"nobody signed in within 0\.05 s"):
        new(open_browser=lambda _: None, timeout=0.05).login()


def test_no_browser_can_be_opened(new: New, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default is the system's browser."""
    opened: list[str] = []

    def fail(url: str) -> bool:
        opened.append(url)
        return False

    monkeypatch.setattr(webbrowser, "open", fail)
    with pytest.raises(AuthError, match="pass open_browser=print"):
        new(open_browser=None).login()
    assert "/auth?" in opened[0]


def test_nothing_secret_is_shown(new: New, watch: Watch, tmp_path: Path) -> None:
    """Neither the object nor the logs of any library show secrets, from the sign-in to the logout."""
    auth = new()
    auth.login()
    secrets = [auth.get_token().value, stored(tmp_path)]
    secrets += [auth.get_token(refresh=True).value, stored(tmp_path)]
    text = f"{auth!r} {auth} {auth.status()!r}"
    auth.logout()
    text += watch.log.text
    assert "/token" in text
    for secret in secrets:
        assert secret not in text


def test_logging_out_without_the_server_is_reported(
    new: New, provider: Provider, tmp_path: Path, hub: LocalHub
) -> None:
    """The tokens are forgotten on this machine all the same."""
    auth = new()
    auth.login()
    refresh_token = stored(tmp_path)
    elsewhere = new(authority=hub.url)
    FileTokenStore(tmp_path).save(elsewhere._login, refresh_token)
    hub.control.faults.add(Fault(path="openid-configuration", action="answer", status=404))
    with pytest.raises(
        AuthError, match=r"signed out on this machine, but the refresh token was not revoked: .* status 404"
    ):
        elsewhere.logout()
    assert not elsewhere.status().signed_in
    assert provider.knows(refresh_token)


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (400, '{"error": "unsupported_token_type"}', "revoke rejected the request: unsupported_token_type"),
        (403, "<html>", "revoke rejected the request: status 403"),
        (200, '{"error": "odd", "error_description": "the-refresh-token is odd"}', "the request: odd: … is odd"),
        (200, "", ""),
    ],
)
def test_a_server_that_does_not_take_the_token_back_is_reported(  # noqa: PLR0913, PLR0917 - fixtures and one case
    new: New, hub: LocalHub, tmp_path: Path, status: int, body: str, text: str
) -> None:
    """The sign-in is deleted here anyway."""
    endpoints = dict.fromkeys(("authorization_endpoint", "token_endpoint", "revocation_endpoint"), f"{hub.url}/revoke")
    hub.control.faults.add(Fault(path="well-known", action="answer", status=200, body=json.dumps(endpoints)))
    hub.control.faults.add(Fault(path="revoke", action="answer", status=status, body=body))
    auth = new(authority=hub.url)
    FileTokenStore(tmp_path).save(auth._login, "the-refresh-token")
    with pytest.raises(AuthError, match=re.escape(text)) if text else nullcontext():
        auth.logout()
    assert not auth.status().signed_in


@pytest.mark.parametrize(
    ("status", "body", "text"),
    [
        (404, "", "returned status 404"),
        (200, "<html>", "did not return a JSON object"),
        (200, "[]", "did not return a JSON object"),
        (200, "{}", "authorization_endpoint must be a URL"),
        (200, '{"authorization_endpoint": "https://a/b", "token_endpoint": 7}', "token_endpoint must be a string"),
        (
            200,
            '{"authorization_endpoint": "https://a/b", "token_endpoint": "http://a/b"}',
            "token_endpoint must begin with https://",
        ),
    ],
)
def test_a_server_that_does_not_describe_itself_is_reported(  # noqa: PLR0913, PLR0917 - fixtures and one case
    new: New, hub: LocalHub, browser: Browser, status: int, body: str, text: str
) -> None:
    """No browser is opened with an unsafe address."""
    hub.control.faults.add(Fault(path="well-known", action="answer", status=status, body=body))
    with pytest.raises(AuthError, match=text):
        new(authority=hub.url).login()
    assert not browser.opened


def test_a_server_without_revocation_is_left_alone(new: New, hub: LocalHub, tmp_path: Path) -> None:
    """Logging out forgets."""
    body = '{"authorization_endpoint": "https://a/b", "token_endpoint": "https://a/c"}'
    hub.control.faults.add(Fault(path="well-known", action="answer", status=200, body=body))
    auth = new(authority=hub.url)
    FileTokenStore(tmp_path).save(auth._login, "token")
    auth.logout()
    assert not auth.status().signed_in
    assert len(hub.control.log.requests) == 1


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"client_id": " "}, "client_id must not be empty"),
        ({"scope": ""}, "scope must not be empty"),
        ({"timeout": -1}, "timeout must be"),
        ({"environment": "test"}, "environment must be one of"),
        ({"authority": "http://ims.bentley.com"}, "authority must begin with https://"),
        ({"redirect_uri": "https://localhost:3000/x"}, "redirect_uri must be an http URL on this machine"),
        ({"redirect_uri": "http://example.com/x"}, "redirect_uri must be an http URL on this machine"),
        ({"redirect_uri": "http://ada@localhost/x"}, "redirect_uri must be an http URL on this machine"),
        ({"redirect_uri": "http://localhost/x?y=1"}, "redirect_uri must not have a query"),
        ({"redirect_uri": "http://localhost:99999/x"}, "redirect_uri must be an http URL on this machine"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, object], text: str) -> None:
    """The error is raised when the object is created."""
    with pytest.raises(ValueError, match=text):
        AuthorizationCode(**{"client_id": "native", **given})  # type: ignore[arg-type]


def test_the_vendors_servers_are_the_default() -> None:
    """The redirect is that of the vendor's own command-line client."""
    auth = AuthorizationCode("native-abc")
    assert auth.authority == "https://ims.bentley.com"
    assert auth.redirect_uri == "http://localhost:3000/signin-callback"
    assert AuthorizationCode("native-abc", environment="qa").authority == "https://qa-ims.bentley.com"
    with pytest.raises(AttributeError):
        auth.scope = "other"


def test_the_default_store_is_chosen_late(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Making the object needs no extra and touches no keyring."""
    chosen: list[FileTokenStore] = []

    def choose() -> FileTokenStore:
        chosen.append(FileTokenStore(tmp_path))
        return chosen[-1]

    monkeypatch.setattr(signed_in_user, "default_store", choose)
    auth = AuthorizationCode("native-abc")
    assert not chosen
    assert not auth.status().signed_in
    assert not auth.status().signed_in
    assert len(chosen) == 1


def test_the_missing_extra_is_named(new: New, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is raised at sign-in."""
    monkeypatch.setitem(sys.modules, "authlib.oauth2", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'itwin-imodels\[auth\]'"):
        new().login()
