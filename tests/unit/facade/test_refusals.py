"""Every rejection of the service becomes an error with all its content, but without secrets."""

import json
from datetime import UTC, datetime
from typing import Any

import attrs
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itwin_imodels import errors
from itwin_imodels._operations.call import Call, read_no_content
from itwin_imodels._operations.errors import error_of
from scripts.specs.walk import operations
from tests.calls import CALLS, label, operation_id
from tests.examples import DEFINITION, answers

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
OPERATIONS = {operation.id: operation for operation in operations(DEFINITION)}
LOCKS: Call[Any] = Call(name="locks.update", endpoint="x", entity="iModel a, briefcase 2", read=read_no_content)
PUSH: Call[Any] = Call(name="changesets.create", endpoint="x", entity="iModel a", read=read_no_content)


def refused(
    status: int, body: object = None, headers: dict[str, str] | None = None, call: Call[Any] = PUSH
) -> errors.ApiError:
    """Return the error for a response."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return error_of(call, status, httpx.Headers(headers or {}), content, NOW)


def coded(code: str, **more: object) -> dict[str, object]:
    """Return the body of a rejection."""
    return {"error": {"code": code, "message": "No.", **more}}


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "InvalidiModelsRequest", errors.ValidationFailed),
        (413, "RequestTooLarge", errors.ValidationFailed),
        (415, "UnsupportedMediaType", errors.ValidationFailed),
        (422, "InvalidiModelsRequest", errors.ValidationFailed),
        (401, "HeaderNotFound", errors.Unauthorized),
        (403, "InsufficientPermissions", errors.Forbidden),
        (404, "iModelNotFound", errors.NotFound),
        (404, "FutureNotFound", errors.NotFound),
        (409, "iModelExists", errors.AlreadyExists),
        (409, "ChangesetExists", errors.AlreadyExists),
        (409, "NamedVersionExists", errors.AlreadyExists),
        (409, "NamedVersionOnChangesetExists", errors.AlreadyExists),
        (409, "ChangesetExtendedDataExists", errors.AlreadyExists),
        (409, "iModelNotInitialized", errors.NotInitialized),
        (409, "NewerChangesExist", errors.OutdatedPush),
        (409, "ConflictWithAnotherUser", errors.AnotherUserPushing),
        (409, "ChangesetGroupIsClosed", errors.Conflict),
        (409, "FutureConflict", errors.Conflict),
        (409, "", errors.Conflict),
        (429, "RateLimitExceeded", errors.RateLimited),
        (500, "InternalServerError", errors.ServerError),
        (503, "", errors.ServerError),
        (520, "", errors.ServerError),
        (503, "iModelExists", errors.ServerError),
        (408, "", errors.ApiError),
        (418, "Teapot", errors.ApiError),
        (302, "", errors.ApiError),
    ],
)
def test_a_refusal_has_a_class_of_its_own(status: int, code: str, kind: type[errors.ApiError]) -> None:
    """The code selects it if it is more specific than the status."""
    error = refused(status, coded(code))
    assert type(error) is kind
    assert (error.status, error.code, error.message) == (status, code, "No.")


def test_a_conflict_of_locks_tells_who_holds_them() -> None:
    """Entries that do not conform to the definition are omitted."""
    body = coded(
        "ConflictWithAnotherUser",
        conflictingLocks=[
            {"objectId": "0x1", "lockLevel": "exclusive", "briefcaseIds": [2, 3]},
            {"objectId": 5, "briefcaseIds": ["x", None, True, 4]},
            "x",
        ],
    )
    error = refused(409, body, call=LOCKS)
    assert isinstance(error, errors.LockConflict)
    assert error.conflicting_locks == (
        errors.ConflictingLock(object_id="0x1", level="exclusive", briefcase_ids=(2, 3)),
        errors.ConflictingLock(object_id="", level="", briefcase_ids=(4,)),
    )
    assert "0x1: exclusive lock of briefcases 2, 3" in str(error)
    assert isinstance(refused(409, coded("ConflictWithAnotherUser"), call=LOCKS), errors.LockConflict)


def test_newer_changes_tell_which_objects() -> None:
    """When it is about locks."""
    error = refused(409, coded("NewerChangesExist", objectIds=["0x1", 5, "0x2"]), call=LOCKS)
    assert type(error) is errors.OutdatedLock
    assert error.object_ids == ("0x1", "0x2")
    assert "changed since: 0x1" in str(error)


@pytest.mark.parametrize(
    ("operation", "objects", "kind"),
    [
        ("changesets.create", {}, errors.OutdatedPush),
        ("changesets.confirm", {}, errors.OutdatedPush),
        ("locks.update", {}, errors.OutdatedLock),
        ("future.operation", {"objectIds": ["0x1"]}, errors.OutdatedLock),
        ("future.operation", {}, errors.NewerChangesExist),
    ],
)
def test_newer_changes_are_in_the_way_of_a_push_or_of_locks(
    operation: str, objects: dict[str, object], kind: type[errors.NewerChangesExist]
) -> None:
    """Each has its own class; only what is neither has that of the parent."""
    error = refused(409, coded("NewerChangesExist", **objects), call=attrs.evolve(PUSH, name=operation))
    assert type(error) is kind
    assert (error.changeset_ids, error.object_ids) == ((), tuple(objects.get("objectIds", ())))  # type: ignore[arg-type]


def test_the_text_tells_what_failed_on_what_why_and_what_to_do() -> None:
    """One fact a line."""
    body = coded(
        "InvalidiModelsRequest",
        target="name",
        details=[
            {"code": "InvalidValue", "message": "Too long.", "target": "name"},
            {"code": "ResourceQuotaExceeded", "innerError": {"code": "MaximumNumberOfBriefcasesPerUser"}},
            5,
        ],
    )
    error = refused(422, body, {"x-correlation-id": "support-7", "Retry-After": "9"})
    assert str(error).splitlines() == [
        "changesets.create failed on iModel a: InvalidiModelsRequest (422): No.",
        "- InvalidValue (name): Too long.",
        "- ResourceQuotaExceeded/MaximumNumberOfBriefcasesPerUser",
        "Release briefcases that are no longer used, then try again.",
        "Request id: support-7",
    ]
    assert (error.target, error.request_id, error.retry_after) == ("name", "support-7", 9)
    assert error.has("MaximumNumberOfBriefcasesPerUser")
    assert error.has("InvalidiModelsRequest")
    assert not error.has("Other")
    assert json.loads(error.body) == body


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "Bad Gateway"),
        (b"<html>Bad gateway</html>", "Bad Gateway"),
        (b"null", "Bad Gateway"),
        (b"[]", "Bad Gateway"),
        (b'{"error": null}', "Bad Gateway"),
        (b'{"error": "invalid_token"}', "invalid_token"),
        (b'{"message": "Out of order"}', "Out of order"),
        (b'{"statusCode": 502, "message": 5}', "Bad Gateway"),
        (b"\xff\xfe", "Bad Gateway"),
    ],
)
def test_a_gateways_answer_is_reported_as_well_as_it_can_be(body: bytes, message: str) -> None:
    """This applies to any content; the text begins with the request."""
    error = refused(502, body)
    assert error.message == message
    assert str(error).startswith(f"changesets.create failed on iModel a: status 502: {message}")


@pytest.mark.parametrize("status", [404, 409, 422, 503])
def test_no_secret_is_in_an_error(status: int) -> None:
    """This applies to its text, its attributes and its `repr`."""
    link = "https://store.example/a?sig=s3cr3t"
    body = {
        "error": {
            "code": "ConflictWithAnotherUser",
            "message": f"No access to {link} with Bearer s3cr3t",
            "details": [{"code": "x", "message": f"see {link}", "target": link, "innerError": {"code": link}}],
            "target": link,
            "objectIds": [link],
            "conflictingLocks": [{"objectId": link, "lockLevel": link}],
            "shareKey": "s3cr3t",
        }
    }
    error = refused(status, body, {"x-request-id": link}, call=LOCKS)
    assert "s3cr3t" not in str(error) + repr(error) + error.body + repr(vars(error))


def test_a_long_list_of_facts_is_shortened() -> None:
    """The text stays readable; the error has all of them."""
    error = refused(409, coded("NewerChangesExist", objectIds=[hex(number) for number in range(500)]))
    assert isinstance(error, errors.OutdatedLock)
    assert len(error.object_ids) == 500
    assert len(str(error).splitlines()) < 15
    assert "and 490 more" in str(error)


@pytest.mark.parametrize("call", CALLS, ids=label)
def test_every_documented_refusal_is_understood(call: Call[Any]) -> None:
    """Code, message, target and details arrive, and the class is the status's."""
    for answer in answers(OPERATIONS[operation_id(call)]):
        if answer.status < 400:
            continue
        error = refused(answer.status, answer.value, call=call)
        expected = answer.value["error"]
        assert type(error) is not errors.ApiError
        assert error.status == answer.status
        assert error.code == expected["code"]
        assert error.message == expected["message"]
        assert error.target == expected.get("target")
        assert [detail.code for detail in error.details] == [each["code"] for each in expected.get("details", [])]
        assert all(text in str(error) for text in (call.name, call.entity, error.code, error.message, error.hint))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
bodies = st.one_of(
    st.binary(),
    json_values.map(json.dumps).map(str.encode),
    st.fixed_dictionaries(
        {
            "error": st.fixed_dictionaries(
                {},
                optional={
                    "code": json_values
                    | st.sampled_from(["ConflictWithAnotherUser", "NewerChangesExist", "iModelExists", "DataConflict"]),
                    "message": json_values,
                    "target": json_values,
                    "details": json_values
                    | st.lists(
                        st.fixed_dictionaries({}, optional={"code": json_values, "innerError": json_values}), max_size=3
                    ),
                    "objectIds": json_values,
                    "conflictingLocks": json_values
                    | st.lists(
                        st.fixed_dictionaries({}, optional={"objectId": json_values, "briefcaseIds": json_values}),
                        max_size=3,
                    ),
                },
            )
        }
    ).map(lambda body: json.dumps(body).encode()),
)


@settings(deadline=None)
@given(
    st.integers(100, 999),
    bodies,
    st.dictionaries(st.sampled_from(["retry-after", "x-request-id", "x-correlation-id"]), st.text(), max_size=3),
    st.sampled_from([LOCKS, PUSH]),
)
def test_any_answer_becomes_an_error(status: int, content: bytes, headers: dict[str, str], call: Call[Any]) -> None:
    """Creating the error never fails, and its text has the request and the response."""
    error = error_of(call, status, headers, content, NOW)
    assert isinstance(error, errors.ApiError)
    assert error.status == status
    assert str(error).startswith(f"{call.name} failed on {call.entity}: ")
    assert str(status) in str(error)
    assert len(error.body) <= 20_000


def test_a_body_that_is_nested_too_deeply_is_no_fault() -> None:
    """The same applies to a very long one, of which the beginning is kept."""
    assert refused(500, b"[" * 100_000).status == 500
    assert len(refused(500, b"x" * 100_000).body) == 10_000
