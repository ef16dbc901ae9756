"""Programs in a browser, from another origin than the hub's: in Chromium, and what the headers say in detail."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from itwin_imodels_hub import Fault, HubSettings, LocalHub
from tests.browser import browser, window

__all__ = ["browser"]

CALL = """async ([url, options]) => {
  try {
    const answer = await fetch(url, options);
    return {status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text()};
  } catch (error) {
    return {failed: error.name};
  }
}"""
FAILED = {"failed": "TypeError"}
ORIGIN = "http://localhost:3000"


class _Page(BaseHTTPRequestHandler):
    """An empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Viewer</title><link rel=icon href=data:,>")

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@contextmanager
def site() -> Iterator[str]:
    """Serve a page with a separate origin, and yield the origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def viewer() -> Iterator[str]:
    """Yield the origin of a program that the hub knows."""
    with site() as origin:
        yield origin


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    """Yield the origin of a program that it does not know."""
    with site() as origin:
        yield origin


@pytest.fixture(scope="module")
def hub(viewer: str) -> Iterator[LocalHub]:
    """Serve a hub that the viewer may call."""
    settings = HubSettings(allowed_origins=[viewer, ORIGIN])
    with LocalHub(settings=settings, seed="demo", control=True) as hub:
        yield hub


class Program:
    """A program in a page."""

    def __init__(self, page: Page, hub: LocalHub) -> None:
        """Call a hub from a page."""
        self._page = page
        self._bearer = {"Authorization": f"Bearer {hub.token()}"}

    def fetch(self, url: str, method: str = "GET", body: object = None, **headers: str) -> dict[str, Any]:
        """Call a URL as the user, and return what the page receives."""
        options: dict[str, Any] = {"method": method, "headers": {**self._bearer, **headers}}
        if body is not None:
            options["body"] = body if isinstance(body, str) else json.dumps(body)
            options["headers"].setdefault("Content-Type", "application/json")
        return self.plain(url, **options)

    def plain(self, url: str, **options: Any) -> dict[str, Any]:
        """Call an address with these options of fetch only."""
        return dict(self._page.evaluate(CALL, [url, options]))


@contextmanager
def program(browser: Browser, hub: LocalHub, origin: str) -> Iterator[Program]:
    """Open a page of an origin."""
    with window(browser, complains=True) as page:
        page.goto(origin)
        yield Program(page, hub)


def test_a_program_in_a_browser_authors(browser: Browser, hub: LocalHub, viewer: str) -> None:
    """From another origin it lists, creates, pushes, reads files by range and headers, and learns of errors."""
    with program(browser, hub, viewer) as page:
        (demo,) = json.loads(page.fetch(f"{hub.base_url}/?iTwinId={hub.itwin_id}")["text"])["iModels"]
        assert page.fetch(f"{hub.url}/itwins")["status"] == 200
        made = page.fetch(hub.base_url, "POST", {"iTwinId": hub.itwin_id, "name": "Bridge"})
        assert made["status"] == 201
        imodel = json.loads(made["text"])["iModel"]["id"]
        path = f"{hub.base_url}/{imodel}"
        briefcase = json.loads(page.fetch(f"{path}/briefcases", "POST", {})["text"])["briefcase"]["briefcaseId"]
        body = {"id": "a" * 40, "parentId": "", "briefcaseId": briefcase, "fileSize": 10}
        changeset = json.loads(page.fetch(f"{path}/changesets", "POST", body)["text"])["changeset"]
        upload = changeset["_links"]["upload"]["href"]
        headers = {"x-ms-blob-type": "BlockBlob", "Content-Type": "application/octet-stream"}
        sent = page.plain(upload, method="PUT", headers=headers, body="0123456789")
        assert (sent["status"], sent["headers"]["x-ms-request-server-encrypted"]) == (201, "true")
        confirmed = {"state": "fileUploaded", "briefcaseId": briefcase}
        assert page.fetch(f"{path}/changesets/{'a' * 40}", "PATCH", confirmed)["status"] == 200
        found = json.loads(page.fetch(f"{path}/changesets/1")["text"])["changeset"]
        part = page.plain(found["_links"]["download"]["href"], headers={"Range": "bytes=3-6"})
        assert (part["status"], part["text"], part["headers"]["content-range"]) == (206, "3456", "bytes 3-6/10")
        assert part["headers"]["etag"]
        assert page.fetch(f"{path}/briefcases/{briefcase}", "DELETE")["status"] == 204
        clone = page.fetch(f"{hub.base_url}/{demo['id']}/clone", "POST", {"iTwinId": hub.itwin_id, "name": "Clone"})
        assert clone["status"] == 202
        assert clone["headers"]["location"].startswith(hub.base_url)
        missing = page.fetch(f"{hub.base_url}/{'0' * 8}-0000-4000-8000-{'0' * 12}")
        assert (missing["status"], "iModelNotFound" in missing["text"]) == (404, True)
        hub.control.faults.add(Fault.rate_limited(retry_after=17))
        limited = page.fetch(path)
        assert (limited["status"], limited["headers"]["retry-after"]) == (429, "17")


def test_a_program_in_a_browser_gets_a_token(browser: Browser, hub: LocalHub, viewer: str) -> None:
    """It can use the metadata, the keys and the token endpoint."""
    with program(browser, hub, viewer) as page:
        metadata = json.loads(page.plain(f"{hub.url}/.well-known/openid-configuration")["text"])
        assert page.plain(metadata["jwks_uri"])["status"] == 200
        form = "grant_type=client_credentials&client_id=ada-application&client_secret=ada-secret"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Requested-With": "viewer"}
        answer = page.plain(metadata["token_endpoint"], method="POST", headers=headers, body=form)
        assert "access_token" in json.loads(answer["text"])


def test_a_strange_program_reads_nothing(browser: Browser, hub: LocalHub, stranger: str) -> None:
    """A user's token does not change that, and requests with a preflight have no effect."""
    with program(browser, hub, stranger) as page:
        for path in ("/imodels", "/itwins", "/webhooks", "/.well-known/openid-configuration", "/connect/userinfo", "/"):
            assert page.fetch(f"{hub.url}{path}") == FAILED
            assert page.plain(f"{hub.url}{path}") == FAILED
        assert page.fetch(hub.base_url, "POST", {"iTwinId": hub.itwin_id, "name": "Stolen"}) == FAILED
    names = httpx.get(
        f"{hub.base_url}/?iTwinId={hub.itwin_id}", headers={"Authorization": f"Bearer {hub.token()}"}
    ).text
    assert "Stolen" not in names


@pytest.mark.thorough(keep=1)
@pytest.mark.parametrize("known", [True, False])
def test_the_control_api_and_the_pages_are_for_no_program(
    browser: Browser,
    hub: LocalHub,
    viewer: str,
    stranger: str,
    known: bool,  # noqa: FBT001 - a case
) -> None:
    """Whatever its origin, and also with the secret."""
    secret = {"Authorization": f"Bearer {hub.control_secret}"}
    with program(browser, hub, viewer if known else stranger) as page:
        for path in ("/_hub/time", "/_hub/log", "/", "/hub/events", "/connect/authorize?client_id=imodels-cli"):
            assert page.fetch(f"{hub.url}{path}", **secret) == FAILED
            assert page.plain(f"{hub.url}{path}") == FAILED
        fault = '{"path": "^/imodels", "times": 1000, "action": "drop"}'
        assert page.fetch(f"{hub.url}/_hub/faults", "POST", fault, **secret) == FAILED
        simple = {"method": "POST", "mode": "no-cors", "headers": {"Content-Type": "text/plain"}, "body": fault}
        page.plain(f"{hub.url}/_hub/faults", **simple)
        page.plain(f"{hub.url}/_hub/reset", method="POST", mode="no-cors")
    assert hub.control.faults.waiting == ()
    assert hub.token() == "ada-token"
    assert hub.hub.blobs.names() != []


# What the headers say.


def preflight(url: str, origin: str, method: str = "PATCH", headers: str = "authorization,x-ms-blob-type") -> Any:
    """Ask as a browser does before it sends a request."""
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }
    return httpx.options(url, headers=asked, timeout=240)


@pytest.mark.parametrize("path", ["/connect/authorize", "/connect/device", "/connect/device/decision"])
def test_sign_in_pages_are_for_no_program(hub: LocalHub, path: str) -> None:
    """A page that shows users must not be readable, even for a known origin."""
    answer = httpx.get(f"{hub.url}{path}", headers={"Origin": ORIGIN}, timeout=240)
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/imodels/x",
        "/itwins",
        "/accesscontrol/itwins/x/roles",
        "/webhooks",
        "/storage/a/b/c",
        "/connect/token",
        "/connect/deviceauthorization",
    ],
)
def test_preflights_are_answered(hub: LocalHub, path: str) -> None:
    """No token is required; a known origin gets all requested permissions, others a rejection."""
    answer = preflight(f"{hub.url}{path}", ORIGIN)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization,x-ms-blob-type"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    for other in ("https://localhost:3000", "http://localhost:30000", "http://evil.example", "null"):
        refused = preflight(f"{hub.url}{path}", other)
        assert refused.status_code == 400
        assert "Access-Control-Allow-Origin" not in refused.headers


def test_answers_name_the_origin_and_what_it_may_read(hub: LocalHub) -> None:
    """Caches therefore separate responses for different origins."""
    answer = httpx.get(f"{hub.url}/itwins", headers={"Origin": ORIGIN}, timeout=240)
    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Origin" in answer.headers["Vary"]
    exposed = answer.headers["Access-Control-Expose-Headers"].split(", ")
    assert {"Location", "Create-iModel-Operation", "Retry-After"} <= set(exposed)


@pytest.mark.parametrize("path", ["/connect/authorize", "/connect/device"])
def test_sign_in_pages_are_for_no_origin(hub: LocalHub, path: str) -> None:
    """Not even for a known one, which may call the endpoints beside them."""
    answer = httpx.get(f"{hub.url}{path}", headers={"Origin": ORIGIN}, timeout=240)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert preflight(f"{hub.url}/connect/deviceauthorization", ORIGIN).is_success


def test_by_default_no_origin_is_known() -> None:
    """This includes origins on this machine."""
    with LocalHub() as hub:
        assert preflight(hub.base_url, ORIGIN).status_code == 400
        answer = httpx.get(f"{hub.url}/itwins", headers={"Origin": ORIGIN}, timeout=240)
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "origin", ["*", "null", "localhost:3000", "https://a.example/", "https://A.example", "ftp://a.example", "https://"]
)
def test_origins_that_cannot_be(origin: str) -> None:
    """They would match none, or all."""
    with pytest.raises(ValueError, match="allowed_origins"):
        HubSettings(allowed_origins=[origin])
