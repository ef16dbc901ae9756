"""Failures of requests that services, proxies and networks are known to cause."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from tests.faults.helpers.proxy import AGAIN, Fault, Handler, Misfortune, Reply

JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html"}
ELSEWHERE = "http://127.0.0.2:9/imodels"
"""An unused address to which no client may send a token."""

STALL = 1.0
"""Length of a pause in seconds; the read timeout of the clients is half of it."""


def _error(code: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": "It cannot be."}}).encode()


def _answer(status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> Misfortune:
    return lambda _handler, _reply: Reply(status, headers or JSON, body)


def _refusal(status: int, code: str, headers: dict[str, str] | None = None) -> Misfortune:
    return _answer(status, _error(code), {**JSON, **(headers or {})})


def _reset(handler: Handler, _: Reply) -> None:
    handler.reset()


def _refused(handler: Handler, _: Reply) -> None:
    handler.server.refuse()
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
    """Change the value of a JSON response; other responses become empty objects."""

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


def _missing_page(handler: Handler, reply: Reply) -> Reply:
    """Link to the page after the next one."""
    following = _next_link(reply.body)
    if following is None:
        return reply
    value = json.loads(reply.body)
    value["_links"]["next"] = json.loads(handler.page_at(following).body)["_links"].get("next")
    return Reply(reply.status, JSON, json.dumps(value).encode())


def _next_link(body: bytes) -> str | None:
    try:
        link = json.loads(body)["_links"]["next"]
    except (ValueError, TypeError, KeyError):
        return None
    return None if link is None else str(link["href"])


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
    "refused": _refused,
    "silent": _silent,
    "page": _answer(200, b"<html>please sign in</html>", HTML),
    "redirect": _answer(302, b"", {"location": ELSEWHERE}),
}
"""Failures before the hub acts."""

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
    "not JSON": _body(lambda _: b"\xff\x00 no JSON"),
    "{}": _answer(200, b"{}"),
    "null": _answer(200, b"null"),
    "[]": _answer(200, b"[]"),
    "error in 200": _answer(200, _error("Unknown")),
    "foreign next": _next(lambda _: {"href": ELSEWHERE}),
    "circular next": _next(lambda origin: {"href": origin}),
    "odd next": _next(lambda _: {"href": 5}),
    "no next": _next(lambda _: None),
    "page again": _next(lambda origin: {"href": f"{origin}{AGAIN}"}),
    "missing page": _missing_page,
    "empty page": _items(lambda _: []),
    "lost items": _items(lambda items: items[1:]),
    "duplicate items": _items(lambda items: [*items, *items]),
    "huge": _answer(200, b" " * (1 << 20) + b"{}"),
}
"""Failures of the response, after the hub has acted."""

CERTIFICATES = ("untrusted", "expired", "for another name")
"""Invalid certificates that the service starts to use with a request."""

FAULTS = (
    *(Fault(name, happen, acts=False) for name, happen in BEFORE.items()),
    *(Fault(f"{name} always", BEFORE[name], acts=False, lasts=True) for name in ("401", "429", "500", "reset")),
    *(Fault(name, happen) for name, happen in AFTER.items()),
    *(Fault(f"{name} always", AFTER[name], lasts=True) for name in ("cut", "{}", "reset after")),
    *(Fault(f"certificate {name}", _reset, certificate=name) for name in CERTIFICATES),
)

COMPLETE = "complete"
"""Outcome of a workflow that succeeds; otherwise, the outcome is the name of the error."""

_ALWAYS = "; the same happens to all later requests of this kind"
_ABOUT = {
    "401": "the token is rejected",
    "403": "a permission is missing",
    "404": "the iModel does not exist",
    "408": "408 without a body",
    "409": "409 with the code `ConflictWithAnotherUser`",
    "413": "413 with an HTML page",
    "422": "422 for an invalid request",
    "429": "429 with `Retry-After: 0`",
    "429 absurd": "429 with a date in the year 9999 as `Retry-After`",
    "429 bare": "429 without `Retry-After` and without a body",
    "500": "500, and the service did not act",
    "502 page": "502 with an HTML page",
    "503": "503 with `Retry-After: 0`",
    "520": "520 with an HTML page",
    "reset": "the connection breaks before the service acts",
    "refused": "the connection breaks, and later connections are refused",
    "silent": "no response within the read timeout, and the service did not act",
    "page": "200 with an HTML page, such as a sign-in page",
    "redirect": "a redirect to another host",
    "500 after": "500, although the service acted",
    "504 after": "504 with an HTML page, although the service acted",
    "reset after": "the connection breaks after the service acted",
    "silent after": "no response, although the service acted",
    "cut": "the connection breaks in the middle of the response",
    "stalled": "the response pauses in the middle for longer than the read timeout",
    "dripping": "the response arrives byte by byte and ends early",
    "empty": "an empty body",
    "half": "half of the body, with a matching `Content-Length`",
    "not JSON": "a body that is not JSON",
    "{}": "`{}` instead of the expected body",
    "null": "`null` instead of the expected body",
    "[]": "`[]` instead of the expected body",
    "error in 200": "200 with the body of an error response",
    "foreign next": "the link to the next page leads to another host",
    "circular next": "the link to the next page leads to the same page",
    "odd next": "the link to the next page is a number",
    "no next": "the link to the next page is missing",
    "page again": "the next page repeats the entities of the current one",
    "missing page": "the link to the next page skips a page",
    "empty page": "a page without entities",
    "lost items": "the first entity of a page is missing",
    "duplicate items": "a page contains each entity twice",
    "huge": "1 MiB of white space, followed by `{}`, instead of the expected body",
    **{
        f"certificate {name}": f"from this request on, the certificate of the server is {name}" for name in CERTIFICATES
    },
}
ABOUT = {fault.name: _ABOUT.get(fault.name) or _ABOUT[fault.name.removesuffix(" always")] + _ALWAYS for fault in FAULTS}
"""Description of each fault."""
