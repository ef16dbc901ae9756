"""Compare a response with the definition of its operation."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from itwin_imodels._drift.finding import Finding, Kind, shown_code, shown_media_type, shown_name
from itwin_imodels._drift.schemas import WHOLE_RESPONSE, Difference, differences

_COMMON_HEADERS: Final = frozenset(
    [
        "access-control-allow-credentials",
        "access-control-allow-headers",
        "access-control-allow-methods",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "access-control-max-age",
        "age",
        "allow",
        "alt-svc",
        "cache-control",
        "connection",
        "content-encoding",
        "content-language",
        "content-length",
        "content-security-policy",
        "content-type",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "date",
        "etag",
        "expires",
        "keep-alive",
        "last-modified",
        "nel",
        "permissions-policy",
        "pragma",
        "proxy-connection",
        "referrer-policy",
        "report-to",
        "server",
        "set-cookie",
        "strict-transport-security",
        "transfer-encoding",
        "upgrade",
        "vary",
        "via",
        "www-authenticate",
        "x-content-type-options",
        "x-frame-options",
        "x-powered-by",
        "x-xss-protection",
    ]
)
"""Headers of HTTP and of intermediaries, which API definitions do not list."""


@attrs.frozen(kw_only=True)
class SeenResponse:
    """A response from the service.

    Attributes:
        endpoint: Generated module of its operation.
        status: HTTP status.
        headers: Names of its headers.
        content_type: Value of its `Content-Type` header; empty if missing.
        content: Body.
    """

    endpoint: str
    status: int
    headers: tuple[str, ...]
    content_type: str
    content: bytes


def findings(contract: Mapping[str, Any], seen: SeenResponse) -> frozenset[Finding]:
    """Compare a response with the definition.

    Args:
        contract: Schemas of responses in the definition.
        seen: The response.

    Returns:
        The distinct differences, and a finding that counts the comparison itself.

    Raises:
        KeyError: The definition does not contain the operation.
    """
    operation = contract["operations"][seen.endpoint.rpartition(".")[2]]
    body = _parsed(seen)
    code = shown_code(_code(_error(body))) if _code(_error(body)) else ""
    found = [Difference(Kind.COMPARED, WHOLE_RESPONSE, code), *_differences(contract, operation, seen, body)]
    return frozenset(
        Finding(operation["id"], seen.status, kind, place.schema, place.at, detail) for kind, place, detail in found
    )


class _NoJson:
    """Marker for a body that is not JSON."""


def _differences(
    contract: Mapping[str, Any], operation: Mapping[str, Any], seen: SeenResponse, body: object
) -> Iterator[Difference]:
    answer = _defined(operation["answers"], seen.status)
    if answer is None:
        yield Difference(Kind.UNKNOWN_STATUS, WHOLE_RESPONSE)
    answer = answer or {"media": {}, "codes": []}
    yield from _unknown_headers(answer.get("headers", ()), seen.headers)
    yield from _unknown_codes(answer, _error(body))
    yield from _of_body(contract["schemas"], answer["media"], seen, body)


def _defined(answers: Mapping[str, Any], status: int) -> Any:  # noqa: ANN401 - JSON
    """Return the definition of a status: by its number, its class or the default."""
    keys = (str(status), f"{status // 100}XX", f"{status // 100}xx", "default")
    return next((answers[key] for key in keys if key in answers), None)


def _of_body(
    schemas: Mapping[str, Any], media: Mapping[str, Any], seen: SeenResponse, body: object
) -> Iterator[Difference]:
    if not seen.content:
        if media:
            yield Difference(Kind.NO_BODY, WHOLE_RESPONSE)
        return
    shown = shown_media_type(seen.content_type)
    if shown not in media:
        yield Difference(Kind.UNKNOWN_MEDIA_TYPE, WHOLE_RESPONSE, shown)
    if not _is_json(shown):
        return
    if isinstance(body, _NoJson):
        yield Difference(Kind.NOT_JSON, WHOLE_RESPONSE)
        return
    nearest = media.get(shown, next((schema for name, schema in media.items() if _is_json(name)), {}))
    yield from differences(schemas, nearest, body)


def _parsed(seen: SeenResponse) -> object:
    if not seen.content or not _is_json(shown_media_type(seen.content_type)):
        return _NoJson()
    try:
        return json.loads(seen.content)
    except (ValueError, RecursionError):
        return _NoJson()


def _is_json(media_type: str) -> bool:
    return media_type.endswith(("/json", "+json"))


def _unknown_headers(known: Iterable[str], names: Iterable[str]) -> Iterator[Difference]:
    for name in {each.lower() for each in names} - _COMMON_HEADERS - set(known):
        yield Difference(Kind.UNKNOWN_HEADER, WHOLE_RESPONSE, shown_name(name))


def _unknown_codes(answer: Mapping[str, Any], error: Mapping[str, Any]) -> Iterator[Difference]:
    """Compare the codes of an error, unless the definition of its status lists no codes."""
    if "codes" not in answer:
        return
    details = [each for each in _list(error.get("details")) if isinstance(each, dict)]
    groups = (
        (Kind.UNKNOWN_CODE, "codes", [error]),
        (Kind.UNKNOWN_DETAIL_CODE, "details", details),
        (Kind.UNKNOWN_INNER_CODE, "inner", [_object(each.get("innerError")) for each in details]),
    )
    for kind, key, holders in groups:
        codes = {_code(each) for each in holders} - {"", *answer.get(key, ())}
        for code in codes:
            yield Difference(kind, WHOLE_RESPONSE, shown_code(code))


def _error(body: object) -> Mapping[str, Any]:
    return _object(_object(body).get("error"))


def _code(holder: Mapping[str, Any]) -> str:
    code = holder.get("code")
    return code if isinstance(code, str) else ""


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
