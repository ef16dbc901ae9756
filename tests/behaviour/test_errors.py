"""Every code that the service is known to send, and every form of an error in another format."""

import pytest

from itwin_imodels import IModelsClient, RetryPolicy, errors
from tests.behaviour.helpers.control import HubControl

IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"

CODES: list[tuple[int, str, type[errors.ApiError]]] = [
    (401, "HeaderNotFound", errors.Unauthorized),
    (401, "Unauthorized", errors.Unauthorized),
    (403, "InsufficientPermissions", errors.Forbidden),
    (404, "iModelNotFound", errors.NotFound),
    (404, "iTwinNotFound", errors.NotFound),
    (404, "BriefcaseNotFound", errors.NotFound),
    (404, "ChangesetNotFound", errors.NotFound),
    (404, "ChangesetGroupNotFound", errors.NotFound),
    (404, "ChangesetExtendedDataNotFound", errors.NotFound),
    (404, "NamedVersionNotFound", errors.NotFound),
    (404, "CheckpointNotFound", errors.NotFound),
    (404, "LockNotFound", errors.NotFound),
    (404, "UserNotFound", errors.NotFound),
    (404, "BaselineFileNotFound", errors.NotFound),
    (404, "FileNotFound", errors.NotFound),
    (404, "ShareNotFound", errors.NotFound),
    (409, "iModelNotInitialized", errors.NotInitialized),
    (409, "iModelExists", errors.AlreadyExists),
    (409, "NamedVersionExists", errors.AlreadyExists),
    (409, "NamedVersionOnChangesetExists", errors.AlreadyExists),
    (409, "ChangesetExists", errors.AlreadyExists),
    (409, "ChangesetExtendedDataExists", errors.AlreadyExists),
    (409, "ConflictWithAnotherUser", errors.AnotherUserPushing),
    (409, "NewerChangesExist", errors.NewerChangesExist),
    (409, "ChangesetGroupIsClosed", errors.Conflict),
    (409, "DataConflict", errors.Conflict),
    (409, "SomethingNew", errors.Conflict),
    (413, "RequestTooLarge", errors.ValidationFailed),
    (415, "UnsupportedMediaType", errors.ValidationFailed),
    (422, "InvalidiModelsRequest", errors.ValidationFailed),
    (429, "RateLimitExceeded", errors.RateLimited),
    (429, "TooManyRequests", errors.RateLimited),
    (500, "Unknown", errors.ServerError),
    (418, "SomethingNew", errors.ApiError),
    (520, "", errors.ServerError),
]
DETAILS = [
    "InvalidValue",
    "MissingRequiredProperty",
    "MissingRequiredParameter",
    "MissingRequiredHeader",
    "InvalidHeaderValue",
    "InvalidRequestBody",
    "MissingRequestBody",
    "InvalidChange",
    "ResourceQuotaExceeded",
    "MutuallyExclusivePropertiesProvided",
    "MutuallyExclusiveParametersProvided",
]


def refused(client: IModelsClient, kind: type[errors.ApiError] = errors.ApiError) -> errors.ApiError:
    """Send a request, and return the error."""
    with pytest.raises(kind) as caught:
        client.with_options(retry=RetryPolicy.never()).imodels.get(IMODEL)
    return caught.value


def test_every_code_has_its_class(client: IModelsClient, control: HubControl) -> None:
    """Status and code select the class; an unknown code gets the class of its status."""
    for status, code, kind in CODES:
        control.answer(status, {"error": {"code": code, "message": "As it is.", "target": "x"}})
        error = refused(client)
        assert type(error) is kind, code
        assert (error.status, error.code, error.message, error.target) == (status, code, "As it is.", "x")
        assert code in str(error)


def test_the_limit_is_named(client: IModelsClient, control: HubControl, caplog: pytest.LogCaptureFixture) -> None:
    """The platform's headers of 429 are in the error and in the log of retries; without them there is no limit."""
    headers = {
        "ITwinPlatform-RateLimited-Tier": "Basic",
        "ITwinPlatform-RateLimited-API": "iModels",
        "ITwinPlatform-RateLimited-Operation": "Clone iModel",
        "ITwinPlatform-RateLimited-Application": "service-abc",
        "Retry-After": "0",
    }
    body = {"error": {"code": "RateLimitExceeded", "message": "Too many."}}
    control.answer(429, body, headers=headers)
    error = refused(client)
    assert isinstance(error, errors.RateLimited)
    assert error.limit == errors.RateLimit(
        tier="Basic", api="iModels", operation="Clone iModel", application="service-abc"
    )
    named = "limit of tier Basic, API iModels, operation Clone iModel, application service-abc"
    assert f"\n- {named}\n" in str(error)
    control.answer(429, body, headers={"ITwinPlatform-RateLimited-Tier": "", "Retry-After": "0"})
    error = refused(client)
    assert isinstance(error, errors.RateLimited)
    assert error.limit is None
    control.answer(429, body, headers=headers)
    with caplog.at_level("INFO", logger="itwin_imodels"), pytest.raises(errors.NotFound):
        client.imodels.get(IMODEL)
    assert f"Too many; {named}; retrying in " in caplog.text


def test_every_detail_is_reported(client: IModelsClient, control: HubControl) -> None:
    """All details of a response are available, known and new ones, with their messages and targets."""
    details = [{"code": code, "message": f"{code} it is.", "target": code.lower()} for code in [*DETAILS, "New"]]
    control.answer(422, {"error": {"code": "InvalidiModelsRequest", "message": "Cannot.", "details": details}})
    error = refused(client, errors.ValidationFailed)
    assert [(each.code, each.message, each.target) for each in error.details] == [
        (each["code"], each["message"], each["target"]) for each in details
    ]
    assert all(error.has(code) for code in DETAILS)
    assert not error.has("Other")


def test_members_of_lock_errors_stand_beside_the_code(client: IModelsClient, control: HubControl) -> None:
    """Conflicting locks and newer objects are read from where the service puts them."""
    conflict = {"objectId": "0x5", "lockLevel": "shared", "briefcaseIds": [2, 7]}
    body = {"code": "ConflictWithAnotherUser", "message": "Lock(s) is owned.", "conflictingLocks": [conflict]}
    control.answer(409, {"error": body})
    with pytest.raises(errors.LockConflict) as caught:
        client.locks.update(IMODEL, 3, exclusive=["0x5"])
    (lock,) = caught.value.conflicting_locks
    assert (lock.object_id, lock.level, lock.briefcase_ids) == ("0x5", "shared", (2, 7))
    newer = {"code": "NewerChangesExist", "message": "Newer.", "objectIds": [f"0x{number:x}" for number in range(30)]}
    control.answer(409, {"error": newer})
    with pytest.raises(errors.NewerChangesExist) as stale:
        client.locks.update(IMODEL, 3, exclusive=["0x5"])
    assert len(stale.value.object_ids) == 30
    assert "and 20 more" in str(stale.value)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, '{"code": "Denied", "message": "No."}', ("Denied", "No.")),
        (401, '{"message": "No."}', ("", "No.")),
        (401, '{"error": "invalid_token"}', ("", "invalid_token")),
        (403, "", ("", "Forbidden")),
        (404, "<html><body>Not here</body></html>", ("", "Not Found")),
        (409, "[1, 2]", ("", "Conflict")),
        (404, '{"error": {"code": 7, "message": null, "details": "x"}}', ("", "Not Found")),
        (422, '{"error": {"code": "A", "details": [1, {"code": "B"}, {"innerError": 3}]}}', ("A", "")),
        (409, '{"error": {"code": "ConflictWithAnotherUser", "conflictingLocks": 5}}', ("ConflictWithAnotherUser", "")),
        (502, "<html>Bad gateway</html>", ("", "Bad Gateway")),
        (520, "<html>Web server is returning an unknown error</html>", ("", "")),
        (404, "\ufeff{", ("", "Not Found")),
    ],
)
def test_errors_of_no_form_are_errors_all_the_same(
    client: IModelsClient, control: HubControl, status: int, body: str, told: tuple[str, str]
) -> None:
    """Status and text are kept for a gateway's page, an empty body and a body of another form."""
    control.answer(status, body)
    error = refused(client)
    assert (error.status, error.body) == (status, body)
    assert (error.code, error.message) == told
    assert f"iModel {IMODEL}" in str(error)


def test_redirects_are_not_followed(client: IModelsClient, control: HubControl) -> None:
    """A redirect is an error, because following it would send the token along."""
    control.answer(302, "", headers={"location": "http://127.0.0.1:9/imodels"})
    assert refused(client).status == 302
