"""What can happen to a request: what services, proxies and networks are known to do."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.faults.helpers.proxy import Fault, Handler, Misfortune, Reply

JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html"}
ELSEWHERE = "http://127.0.0.2:9/imodels"
"""An address of nobody, which no client may send a token to."""

STALL = 1.0
"""Seconds of silence; clients of the matrix wait half as long."""


def _error(code: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": "It cannot be."}}).encode()


def _answer(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> Misfortune:
    return lambda _handler, _reply: Reply(status, headers or JSON, body)


def _refusal(status: int, code: str, headers: dict[str, str] | None = None) -> Misfortune:
    return _answer(status, _error(code), {**JSON, **(headers or {})})


def _reset(handler: Handler, _: Reply) -> None:
    handler.reset()


def _cut(handler: Handler, reply: Reply) -> None:
    handler.send(Reply(reply.status, reply.headers, reply.body[: len(reply.body) // 2]), length=len(reply.body) + 1)


def _stalled(handler: Handler, reply: Reply) -> None:
    _cut(handler, reply)
    handler.until_given_up(STALL)


def _silent(handler: Handler, _: Reply) -> None:
    handler.until_given_up(STALL)


def _dripping(handler: Handler, reply: Reply) -> None:
    handler.send(Reply(reply.status, reply.headers, b""), length=len(reply.body) + 1)
    with suppress(OSError):
        for byte in reply.body[:20]:
            handler.wfile.write(bytes([byte]))
            time.sleep(STALL / 20)


def _body(change: Callable[[bytes], bytes]) -> Misfortune:
    return lambda _handler, reply: Reply(reply.status, reply.headers, change(reply.body))


def _json(change: Callable[[Any], Any]) -> Misfortune:
    """Change the value of a JSON answer; other answers become empty objects."""

    def happen(handler: Handler, reply: Reply) -> Reply:
        try:
            value = json.loads(reply.body)
        except ValueError:
            return Reply(200, JSON, b"{}")
        origin = f"http://{handler.headers['Host']}{handler.path}"
        return Reply(reply.status, JSON, json.dumps(change((value, origin))).encode())

    return happen


def _next(made: Callable[[str], Any]) -> Misfortune:
    def change(given: tuple[Any, str]) -> Any:
        value, origin = given
        if isinstance(value, dict) and isinstance(value.get("_links"), dict):
            value["_links"]["next"] = made(origin)
        return value

    return _json(change)


def _items(change: Callable[[list[Any]], list[Any]]) -> Misfortune:
    def each(given: tuple[Any, str]) -> Any:
        value, _ = given
        return {name: change(member) if isinstance(member, list) else member for name, member in value.items()}

    return _json(each)


BEFORE: dict[str, Misfortune] = {
    "401": _refusal(401, "HeaderNotFound"),
    "403": _refusal(403, "InsufficientPermissions"),
    "404": _refusal(404, "iModelNotFound"),
    "408": _answer(408),
    "409": _refusal(409, "ConflictWithAnotherUser"),
    "413": _answer(413, b"<html>too large</html>", HTML),
    "422": _refusal(422, "InvalidiModelsRequest"),
    "429": _refusal(429, "RateLimitExceeded", {"retry-after": "0"}),
    "429 absurd": _refusal(429, "RateLimitExceeded", {"retry-after": "Fri, 31 Dec 9999 23:59:59 -9959"}),
    "429 bare": _answer(429),
    "500": _answer(500),
    "502 page": _answer(502, b"<html><h1>Bad Gateway</h1></html>", HTML),
    "503": _refusal(503, "ServiceUnavailable", {"retry-after": "0"}),
    "520": _answer(520, b"<html>unknown error</html>", HTML),
    "reset": _reset,
    "silent": _silent,
    "page": _answer(200, b"<html>please sign in</html>", HTML),
    "redirect": _answer(302, b"", {"location": ELSEWHERE}),
}
"""Happen before the hub acts."""

AFTER: dict[str, Misfortune] = {
    "500 after": _answer(500),
    "504 after": _answer(504, b"<html>Gateway Timeout</html>", HTML),
    "reset after": _reset,
    "silent after": _silent,
    "cut": _cut,
    "stalled": _stalled,
    "dripping": _dripping,
    "empty": _body(lambda _: b""),
    "half": _body(lambda body: body[: len(body) // 2]),
    "no JSON": _body(lambda _: b"\xff\x00 no JSON"),
    "{}": _answer(200, b"{}"),
    "null": _answer(200, b"null"),
    "[]": _answer(200, b"[]"),
    "error in 200": _answer(200, _error("Unknown")),
    "foreign next": _next(lambda _: {"href": ELSEWHERE}),
    "circular next": _next(lambda origin: {"href": origin}),
    "odd next": _next(lambda _: {"href": 5}),
    "lost items": _items(lambda items: items[1:]),
    "double items": _items(lambda items: [*items, *items]),
    "huge": _answer(200, b" " * (1 << 20) + b"{}"),
}
"""Happen to the answer, after the hub has acted."""

FAULTS = (
    *(Fault(name, happen, acts=False) for name, happen in BEFORE.items()),
    *(Fault(f"{name} always", BEFORE[name], acts=False, lasts=True) for name in ("401", "429", "500", "reset")),
    *(Fault(name, happen) for name, happen in AFTER.items()),
    *(Fault(f"{name} always", AFTER[name], lasts=True) for name in ("cut", "{}", "reset after")),
)
