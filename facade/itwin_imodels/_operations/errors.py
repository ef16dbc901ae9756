"""Conversion of error responses to exceptions."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from itwin_imodels import errors
from itwin_imodels._core.retrying import retry_after_seconds
from itwin_imodels._core.secrets import masked
from itwin_imodels._operations.call import Call
from itwin_imodels._operations.json_body import parse_json

_BY_STATUS: Mapping[int, type[errors.ApiError]] = {
    400: errors.ValidationFailed,
    401: errors.Unauthorized,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    413: errors.ValidationFailed,
    415: errors.ValidationFailed,
    422: errors.ValidationFailed,
    429: errors.RateLimited,
}
_BY_CODE: Mapping[str, type[errors.Conflict]] = {
    "ChangesetExists": errors.AlreadyExists,
    "ChangesetExtendedDataExists": errors.AlreadyExists,
    "NamedVersionExists": errors.AlreadyExists,
    "NamedVersionOnChangesetExists": errors.AlreadyExists,
    "iModelExists": errors.AlreadyExists,
    "iModelNotInitialized": errors.NotInitialized,
}
_REQUEST_IDS = ("x-correlation-id", "x-request-id", "request-id", "apim-request-id", "x-ms-request-id")
_LIMIT_FACTS = ("tier", "api", "operation", "application")
_MAX_BODY_SIZE = 10_000
_CLIENT_ERRORS = range(400, 500)


def error_of(
    call: Call[Any], status: int, headers: Mapping[str, str], content: bytes, now: datetime
) -> errors.ApiError:
    """Return the exception for an error response.

    Args:
        call: The failed call.
        status: HTTP status of the response.
        headers: Headers of the response; looked up by lower-case names.
        content: Body of the response, which may be anything.
        now: The current time, with a time zone.
    """
    body = content[:_MAX_BODY_SIZE].decode("utf-8", "replace")
    error = _error_object(content)
    code = _text(error.get("code"))
    facts: dict[str, Any] = {
        "operation": call.name,
        "entity": call.entity,
        "status": status,
        "code": code,
        "message": _text(error.get("message")) or ("" if code else _phrase(status)),
        "target": _text(error.get("target")) or None,
        "details": tuple(_details(error.get("details"))),
        "request_id": next((_text(headers[name]) for name in _REQUEST_IDS if headers.get(name)), None),
        "retry_after": retry_after_seconds(headers.get("retry-after"), now, headers.get("date")),
        "body": masked(body),
    }
    if status in _CLIENT_ERRORS and code == "NewerChangesExist":
        return _outdated(call, error)(object_ids=_texts(error.get("objectIds")), **facts)
    if status in _CLIENT_ERRORS and code == "ConflictWithAnotherUser":
        if "conflictingLocks" in error or call.name.startswith("locks."):
            return errors.LockConflict(conflicting_locks=_locks(error.get("conflictingLocks")), **facts)
        return errors.AnotherUserPushing(**facts)
    kind = _kind(status, code)
    return kind(limit=_limit(headers), **facts) if kind is errors.RateLimited else kind(**facts)


def _limit(headers: Mapping[str, str]) -> errors.RateLimit | None:
    named = {name: _text(headers.get(f"itwinplatform-ratelimited-{name}")) or None for name in _LIMIT_FACTS}
    return errors.RateLimit(**named) if any(named.values()) else None


def _outdated(call: Call[Any], error: Mapping[str, Any]) -> type[errors.NewerChangesExist]:
    if "objectIds" in error or call.name.startswith("locks."):
        return errors.OutdatedLock
    return errors.OutdatedPush if call.name.startswith("changesets.") else errors.NewerChangesExist


def _kind(status: int, code: str) -> type[errors.ApiError]:
    if status in _CLIENT_ERRORS and code in _BY_CODE:
        return _BY_CODE[code]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return errors.ServerError
    return _BY_STATUS.get(status, errors.ApiError)


def _error_object(content: bytes) -> Mapping[str, Any]:
    try:
        body = parse_json(content)
    except ValueError:
        return {}
    if not isinstance(body, dict):
        return {}
    error = body.get("error", body)
    return error if isinstance(error, dict) else {"message": error}


def _details(value: object) -> list[errors.ErrorDetail]:
    return [
        errors.ErrorDetail(
            code=_text(detail.get("code")),
            message=_text(detail.get("message")),
            target=_text(detail.get("target")) or None,
            inner_code=_text(_object(detail.get("innerError")).get("code")) or None,
        )
        for detail in _objects(value)
    ]


def _locks(value: object) -> list[errors.ConflictingLock]:
    return [
        errors.ConflictingLock(
            object_id=_text(lock.get("objectId")),
            level=_text(lock.get("lockLevel")),
            briefcase_ids=tuple(each for each in _list(lock.get("briefcaseIds")) if type(each) is int),
        )
        for lock in _objects(value)
    ]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _text(value: object) -> str:
    return masked(value) if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    return [_text(each) for each in _list(value) if isinstance(each, str)]


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [each for each in _list(value) if isinstance(each, dict)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
