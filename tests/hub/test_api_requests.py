"""Invalid requests: each gets a response in the form of the service, and none causes an error of the hub."""

import json
import re
import socket
import time
from datetime import timedelta
from typing import Any

import pytest

from itwin_imodels_hub.api.routes import OPERATIONS
from itwin_imodels_hub.basis.settings import HubSettings
from scripts.specs.walk import operations, resolved
from tests.examples import DEFINITION
from tests.hub.helpers.desk import Desk, details_of, error_of

WRITING = [operation for operation in OPERATIONS if operation.method in {"POST", "PATCH"}]
BODYLESS = {"complete-imodel-baseline-file-upload", "add-imodel-to-my-recents"}
WITH_BODY = [operation for operation in WRITING if operation.id not in BODYLESS]


def address_of(operation: Any, imodel: str) -> str:
    """Fill in a path so that the body is read."""
    path = "/".join(operation.path)
    return path.replace("{id}", imodel).replace("{changeset}", "1").replace("{briefcaseId}", "2")


def test_share_keys_open_what_the_definition_says() -> None:
    """A share key permits the operations that our definition lists; the vendor's does not list any."""
    opened = {each.id for each in operations(DEFINITION) if {"ShareKey": []} in each.node.get("security", [])}
    assert {operation.id for operation in OPERATIONS if operation.accepts_share_key} == opened


@pytest.mark.thorough(keep=3)
@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.id)
def test_bodies(ada: Desk, imodel: str, operation: Any) -> None:
    """InvalidRequestBody, UnsupportedMediaType, InvalidValue, MissingRequestBody: bodies that cannot be read."""
    path = address_of(operation, imodel)

    def send(content: bytes, media_type: str | None = "application/json") -> Any:
        headers = {} if media_type is None else {"Content-Type": media_type}
        return ada.call(operation.method, path, content=content, headers=headers)

    broken = [b"{", b"[]", b"null", b'"x"', b"7", b"\xff\xfe", b'{"a": NaN}', b'{"a":' * 100_000, b"{}x", b"{'a': 1}"]
    for content in broken:
        response = send(content)
        assert details_of(response) == [("InvalidRequestBody", None)], content[:20]
        message = "Failed to parse request body. Make sure it is a valid JSON."
        assert response.json()["error"]["details"][0]["message"] == message
    found = details_of(send(json.dumps({"xyz\ud800\x00": 1}).encode()))
    assert any(code == "InvalidValue" and str(target).startswith("'xyz") for code, target in found)
    if operation.id != "update-imodel-changeset-group":
        for media_type in ("text/plain", "application/xml", "application/jsonx", "multipart/form-data"):
            assert error_of(send(b"{}", media_type)) == (415, "UnsupportedMediaType")
    for name in (None, "application/json; charset=utf-8", "APPLICATION/JSON"):
        assert send(b"{", name).status_code == 422
    if operation.id != "acquire-imodel-briefcase":
        assert details_of(send(b"")) == [("MissingRequestBody", None)]


@pytest.mark.thorough(keep=3)
@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.id)
def test_values_of_every_kind(ada: Desk, imodel: str, operation: Any) -> None:
    """InvalidValue: each property of each body is tested with values of every type."""
    (defined,) = (each.node for each in operations(DEFINITION) if each.id == operation.id)
    schema = resolved(DEFINITION, defined["requestBody"]["content"]["application/json"]["schema"])
    odd: list[object] = ["", " ", "x" * 300, "\x00", "\ud800", 0, -1, 2**31, 2**63, 1e400, 1.5, True, None, [], {}]
    odd += [[1], [None], [[]], [{}], {"x": 1}, {"latitude": "x"}, ["\ud800"], 10**400]
    for member in schema["properties"]:
        for value in odd:
            content = json.dumps({member: value}).replace("Infinity", "1e999").encode()
            response = ada.call(operation.method, address_of(operation, imodel), content=content)
            assert response.status_code < 500, (member, value)


@pytest.mark.thorough
def test_huge_body(ada: Desk, imodel: str) -> None:
    """RequestTooLarge: a body over the limit, be it valid or not, with and without its length."""
    large = json.dumps({"description": "x" * (3 << 20)}).encode()

    def pieces() -> Any:
        for _ in range(300):
            yield b"x" * 10_000

    for content in (large, pieces()):
        response = ada.call("PATCH", imodel, content=content)
        assert error_of(response) == (413, "RequestTooLarge")


def test_unknown_addresses(ada: Desk, imodel: str) -> None:
    """Unknown paths are not found, and wrong methods are not allowed, in the form of the service."""
    for path in (f"{imodel}/nothing", f"{imodel}/changesets/1/2/3", f"{imodel}//changesets/", f"{imodel}/locks/x/y"):
        assert error_of(ada.get(path)) == (404, "ResourceNotFound")
    for path in ("/nothing", "/imodelsx", "/storage", "/connect", "/%2e%2e/imodels"):
        assert error_of(ada.client.get(path)) == (404, "ResourceNotFound")
    response = ada.call("DELETE", imodel, "changesets")
    assert error_of(response) == (405, "MethodNotAllowed")
    assert response.headers["allow"] == "GET, POST"
    assert ada.client.get("/connect/token").status_code == 405


def raw(ada: Desk, request: bytes, *, pause: float = 0) -> bytes:
    """Send bytes literally, and read the response to its end."""
    url = ada.client.base_url
    with socket.create_connection((url.host, url.port or 80), timeout=120) as connection:
        connection.sendall(request)
        time.sleep(pause)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
            if re.search(rb"\r\n\r\n.*\}\s*$", answer, re.DOTALL):
                break
        return answer


def test_climbing_paths(ada: Desk) -> None:
    """iModelNotFound: paths with `..` are unknown ids."""
    for path in ("/imodels/..", "/imodels/../../etc/passwd", "/imodels/..%2f..%2fetc", "/imodels/%00", "/imodels/."):
        request = (
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ada-token\r\nConnection: close\r\n\r\n"
        )
        answer = raw(ada, request.encode())
        assert answer.startswith(b"HTTP/1.1 404"), path
        assert b"NotFound" in answer


class TestSlowBodies:
    """Bodies that do not arrive in time."""

    @pytest.fixture
    def settings(self) -> HubSettings:
        """Allow little time."""
        return HubSettings(body_timeout=timedelta(seconds=1))

    def test_cut_off(self, ada: Desk, imodel: str) -> None:
        """A body that stops half-way gets a response, and blocks nobody."""
        head = f"PATCH /imodels/{imodel} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ada-token\r\n"
        request = f"{head}Content-Length: 100\r\n\r\n{{".encode()
        url = ada.client.base_url
        with socket.create_connection((url.host, url.port or 80), timeout=120) as slow:
            slow.sendall(request)
            assert ada.patch(imodel, name="B").status_code == 200
        assert raw(ada, request).startswith(b"HTTP/1.1 408")
        form = b"POST /connect/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\ngrant"
        assert raw(ada, form).startswith(b"HTTP/1.1 408")


def test_lost_connection(ada: Desk, imodel: str) -> None:
    """A client that disconnects in the middle of its body changes nothing."""
    head = f"PATCH /imodels/{imodel} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ada-token\r\n"
    url = ada.client.base_url
    for _ in range(5):
        with socket.create_connection((url.host, url.port or 80), timeout=120) as connection:
            connection.sendall(f'{head}Content-Length: 100\r\n\r\n{{"name": "B"'.encode())
    assert ada.get(imodel).json()["iModel"]["name"] == "Model"


def test_odd_headers_are_taken(ada: Desk, imodel: str) -> None:
    """Unknown headers, and odd values of others, are ignored."""
    headers = {"X-Correlation-Id": "1", "Prefer": "respond-async, Return=Representation", "Accept": "text/html"}
    assert ada.call("GET", imodel, "briefcases", headers=headers).status_code == 200
    assert ada.call("GET", imodel, headers={"Prefer": ""}).status_code == 200


def test_unexpected_errors_tell_nothing(ada: Desk, imodel: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of the hub gets a response in the form of the service, without details."""

    def fail(*_: object) -> None:
        raise RuntimeError("something private")

    monkeypatch.setattr("itwin_imodels_hub.api.access.parse_uuid", fail)
    ada.client.event_hooks = {}
    response = ada.get(imodel)
    assert error_of(response) == (500, "Unknown")
    assert "private" not in response.text
