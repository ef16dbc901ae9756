"""Five operations as documented by the service: each documented error arrives with its class and message.

The hub first sends each documented body literally. In the second half, the errors are caused by states of the hub.
"""

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import pytest

from itwin_imodels import IModelsClient, RetryPolicy, errors
from itwin_imodels.errors import ErrorDetail
from tests.behaviour.conftest import OpenClient
from tests.behaviour.helpers.control import HubControl
from tests.behaviour.helpers.making import UNKNOWN_CHANGESET, UNKNOWN_ID, announce, new_name, push_many, put

IMODEL = "5e19bee0-3aea-4355-a9f0-c6df9989ee7d"
GROUP = "80e7afd9-5df8-4ae0-8810-d1a35069b4a2"
CHANGESET = "1f2e04b666edce395e37a795e2231e995cbf8349"

HEADER_NOT_FOUND = ("HeaderNotFound", "Header Authorization was not found in the request. Access denied.")
FORBIDDEN = ("InsufficientPermissions", "The user has insufficient permissions for the requested operation.")
NO_IMODEL = ("iModelNotFound", "Requested iModel is not available.")
NOT_INITIALIZED = ("iModelNotInitialized", "iModel is not initialized.")
MEDIA_TYPE = ("UnsupportedMediaType", "Media Type is not supported.")
TOO_MANY = ("TooManyRequests", "More requests were received than the subscription rate-limit allows.")
RATE_LIMIT = (
    "RateLimitExceeded",
    "The client sent more requests than allowed by this API for the current tier of the client.",
)
MISSING = "Required property is missing."
NO_JSON = ErrorDetail(code="InvalidRequestBody", message="Failed to parse request body. Make sure it is a valid JSON.")


@attrs.frozen(kw_only=True)
class Page:
    """An operation and the errors that its page documents.

    Attributes:
        name: Name of the client's method.
        call: Calls the method, on entities that need not exist.
        method: The HTTP method.
        path: End of the path.
        entity: The entity of the call.
        errors: Code and message by status and kind of error.
        invalid: Message of the response with status 422.
        details: Details of that response.
    """

    name: str
    call: Callable[[IModelsClient], object]
    method: str
    path: str
    entity: str
    errors: Mapping[tuple[int, type[errors.ApiError]], tuple[str, str]]
    invalid: str
    details: tuple[ErrorDetail, ...]


PAGES = [
    Page(
        name="locks.release_chunk",
        call=lambda client: client.locks.release_chunk(IMODEL, 2, changeset_id=CHANGESET),
        method="POST",
        path="/locks/release-chunk",
        entity=f"iModel {IMODEL}, briefcase 2",
        errors={
            (401, errors.Unauthorized): HEADER_NOT_FOUND,
            (403, errors.Forbidden): FORBIDDEN,
            (404, errors.NotFound): NO_IMODEL,
            (409, errors.NotInitialized): NOT_INITIALIZED,
            (415, errors.ValidationFailed): MEDIA_TYPE,
            (429, errors.RateLimited): RATE_LIMIT,
        },
        invalid="Cannot release Locks chunk.",
        details=(
            ErrorDetail(
                code="InvalidValue",
                message="Provided 'briefcaseId' value is not valid. Expected a value of type 'integer'.",
                target="BriefcaseId",
            ),
            ErrorDetail(code="MissingRequiredProperty", message=MISSING, target="BriefcaseId"),
            NO_JSON,
        ),
    ),
    Page(
        name="locks.list",
        call=lambda client: client.locks.list(IMODEL).all(),
        method="GET",
        path="/locks",
        entity=f"iModel {IMODEL}",
        errors={
            (401, errors.Unauthorized): HEADER_NOT_FOUND,
            (404, errors.NotFound): NO_IMODEL,
            (429, errors.RateLimited): TOO_MANY,
        },
        invalid="Cannot get Locks.",
        details=(
            ErrorDetail(
                code="InvalidValue",
                message="'-1' is not a valid '$skip' value. '$skip' must be a non-negative integer.",
                target="$skip",
            ),
        ),
    ),
    Page(
        name="changeset_groups.close",
        call=lambda client: client.changeset_groups.close(IMODEL, GROUP),
        method="PATCH",
        path=f"/changesetgroups/{GROUP}",
        entity=f"iModel {IMODEL}, changeset group {GROUP}",
        errors={
            (401, errors.Unauthorized): HEADER_NOT_FOUND,
            (403, errors.Forbidden): FORBIDDEN,
            (404, errors.NotFound): NO_IMODEL,
            (409, errors.Conflict): ("ChangesetGroupIsClosed", "Requested Changeset Group is closed."),
            (429, errors.RateLimited): TOO_MANY,
        },
        invalid="Cannot update Changeset Group.",
        details=(
            ErrorDetail(
                code="InvalidValue",
                message="'abc' is not a valid 'state' value. Valid 'state' values are: 'completed'.",
                target="state",
            ),
            ErrorDetail(code="MissingRequiredProperty", message=MISSING, target="state"),
            NO_JSON,
        ),
    ),
    Page(
        name="briefcases.acquire",
        call=lambda client: client.briefcases.acquire(IMODEL, device_name="Device name"),
        method="POST",
        path="/briefcases",
        entity=f"iModel {IMODEL}",
        errors={
            (401, errors.Unauthorized): HEADER_NOT_FOUND,
            (403, errors.Forbidden): FORBIDDEN,
            (404, errors.NotFound): NO_IMODEL,
            (409, errors.NotInitialized): NOT_INITIALIZED,
            (415, errors.ValidationFailed): MEDIA_TYPE,
            (429, errors.RateLimited): TOO_MANY,
        },
        invalid="Cannot acquire Briefcase.",
        details=(
            ErrorDetail(
                code="InvalidValue",
                message="Provided 'deviceName' is not valid. The value exceeds allowed 255 characters.",
                target="deviceName",
            ),
            ErrorDetail(
                code="ResourceQuotaExceeded",
                message="Maximum number of Briefcases per user limit reached.",
                inner_code="MaximumNumberOfBriefcasesPerUser",
            ),
        ),
    ),
    Page(
        name="changesets.confirm",
        call=lambda client: client.changesets.confirm(IMODEL, CHANGESET, briefcase_id=2),
        method="PATCH",
        path=f"/changesets/{CHANGESET}",
        entity=f"iModel {IMODEL}, briefcase 2, changeset {CHANGESET}",
        errors={
            (401, errors.Unauthorized): HEADER_NOT_FOUND,
            (403, errors.Forbidden): FORBIDDEN,
            (404, errors.NotFound): NO_IMODEL,
            (409, errors.AnotherUserPushing): ("ConflictWithAnotherUser", "Another user is pushing a Changeset."),
            (415, errors.ValidationFailed): MEDIA_TYPE,
            (429, errors.RateLimited): TOO_MANY,
        },
        invalid="Cannot update Changeset.",
        details=(
            ErrorDetail(
                code="InvalidValue",
                message="Provided 'state' value is not valid. Should be set to 'fileUploaded'.",
                target="state",
            ),
            ErrorDetail(code="MissingRequiredProperty", message=MISSING, target="state"),
            NO_JSON,
        ),
    ),
]
HINTS = {
    401: "itwin-platform",
    403: "permissions.get()",
    404: "Check the id",
    429: "after 7 seconds",
}

each_page = pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])


def refused(client: IModelsClient, page: Page) -> errors.ApiError:
    """Call the operation of a page, and return the error."""
    with pytest.raises(errors.ApiError) as caught:
        page.call(client.with_options(retry=RetryPolicy.never()))
    return caught.value


@each_page
def test_each_documented_refusal_arrives(client: IModelsClient, control: HubControl, page: Page) -> None:
    """Its class corresponds to the error, and its text says what failed, on which entity, why, and what to do next."""
    for (status, kind), (code, message) in page.errors.items():
        headers = {"x-correlation-id": f"request-{status}"} | ({"retry-after": "7"} if status == 429 else {})
        body = {"error": {"code": code, "message": message}}
        control.answer(status, body, headers=headers, path=f"^/imodels/{IMODEL}{page.path}$", method=page.method)
        error = refused(client, page)
        assert type(error) is kind
        assert (error.operation, error.entity) == (page.name, page.entity)
        assert (error.status, error.code, error.message) == (status, code, message)
        assert (error.target, error.details, error.request_id) == (None, (), f"request-{status}")
        assert error.retry_after == (7 if status == 429 else None)
        first, *rest = str(error).splitlines()
        assert first == f"{page.name} failed on {page.entity}: {code} ({status}): {message}"
        assert f"Request id: request-{status}" in rest
        assert HINTS.get(status, error.hint) in str(error)
        assert "ada-token" not in f"{error!r}{error}{error.body}"


@each_page
def test_the_documented_details_arrive(client: IModelsClient, control: HubControl, page: Page) -> None:
    """All problems of a request are reported together: code, message, target and inner code of each."""
    details = [
        {
            "code": detail.code,
            "message": detail.message,
            **({"target": detail.target} if detail.target else {}),
            **({"innerError": {"code": detail.inner_code}} if detail.inner_code else {}),
        }
        for detail in page.details
    ]
    body = {"error": {"code": "InvalidiModelsRequest", "message": page.invalid, "details": details}}
    control.answer(422, body, path=f"{page.path}$", method=page.method)
    error = refused(client, page)
    assert type(error) is errors.ValidationFailed
    assert (error.status, error.code, error.message) == (422, "InvalidiModelsRequest", page.invalid)
    assert error.details == page.details
    assert all(f"- {detail}" in str(error) for detail in page.details)
    assert all(error.has(detail.inner_code or detail.code) for detail in page.details)


# What states of the hub bring about.


@pytest.mark.usefixtures("control")  # the live service may look at other things first
@each_page
def test_nobody_is_let_in_without_a_token(open_client: OpenClient, client: IModelsClient, page: Page) -> None:
    """A missing and an invalid token are different errors; with a valid one, the next error is the unknown iModel."""
    error = refused(open_client(), page)
    assert (type(error), error.code) == (errors.Unauthorized, "HeaderNotFound")
    error = refused(open_client("no-such-token"), page)
    assert (type(error), error.code) == (errors.Unauthorized, "Unauthorized")
    assert "no-such-token" not in str(error)
    error = refused(client, page)
    assert (type(error), error.code) == (errors.NotFound, "iModelNotFound")


@pytest.mark.usefixtures("control")  # the live service only recommends a media type
def test_another_media_type_is_refused(client: IModelsClient, imodel_id: str) -> None:
    """The caller's own headers are sent, even if they cause an error."""
    strange = client.with_options(headers={"Content-Type": "text/plain"})
    for attempt in (
        lambda: strange.locks.release_chunk(imodel_id, 2),
        lambda: strange.briefcases.acquire(imodel_id),
        lambda: strange.changesets.confirm(imodel_id, CHANGESET, briefcase_id=2),
    ):
        with pytest.raises(errors.ValidationFailed) as caught:
            attempt()
        assert (caught.value.status, caught.value.code) == (415, "UnsupportedMediaType")


def test_only_looking_does_not_allow_the_changes(
    viewer: IModelsClient, client: IModelsClient, imodel_id: str, briefcase_id: int
) -> None:
    """InsufficientPermissions of the four pages that change something; the locks may be looked at."""
    group = client.changeset_groups.create(imodel_id)
    assert viewer.locks.list(imodel_id).all() == []
    for attempt in (
        lambda: viewer.locks.release_chunk(imodel_id, briefcase_id),
        lambda: viewer.changeset_groups.close(imodel_id, group.id),
        lambda: viewer.briefcases.acquire(imodel_id),
        lambda: viewer.changesets.confirm(imodel_id, CHANGESET, briefcase_id=briefcase_id),
    ):
        with pytest.raises(errors.Forbidden) as caught:
            attempt()
        assert caught.value.code == "InsufficientPermissions"


def test_nothing_is_changed_before_initialization(client: IModelsClient, itwin_id: str) -> None:
    """Locks cannot be released and briefcases not acquired in an iModel that waits for its file."""
    imodel = client.imodels.create(itwin_id, new_name("Waiting"), baseline_file_size=4096)
    try:
        for attempt in (
            lambda: client.briefcases.acquire(imodel.id),
            lambda: client.locks.release_chunk(imodel.id, 2),
            lambda: client.changeset_groups.close(imodel.id, GROUP),
            lambda: client.changesets.confirm(imodel.id, CHANGESET, briefcase_id=2),
        ):
            with pytest.raises((errors.NotInitialized, errors.NotFound)) as caught:
                attempt()
            assert caught.value.code in {
                "iModelNotInitialized",
                "BriefcaseNotFound",
                "ChangesetNotFound",
                "ChangesetGroupNotFound",
            }
    finally:
        client.imodels.delete(imodel.id)


def test_what_a_page_cannot_find(client: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """Each entity of an operation has a separate code if it is missing."""
    created, _ = announce(client, imodel_id, briefcase_id, None)
    for attempt, code in (
        (lambda: client.locks.release_chunk(imodel_id, 9), "BriefcaseNotFound"),
        (
            lambda: client.locks.release_chunk(imodel_id, briefcase_id, changeset_id=UNKNOWN_CHANGESET),
            "ChangesetNotFound",
        ),
        (lambda: client.locks.release_chunk(imodel_id, briefcase_id), "LockNotFound"),
        (lambda: client.changeset_groups.close(imodel_id, UNKNOWN_ID), "ChangesetGroupNotFound"),
        (
            lambda: client.changesets.confirm(imodel_id, UNKNOWN_CHANGESET, briefcase_id=briefcase_id),
            "ChangesetNotFound",
        ),
        (lambda: client.changesets.confirm(imodel_id, created.id, briefcase_id=9), "BriefcaseNotFound"),
        (lambda: client.changesets.confirm(imodel_id, created.id, briefcase_id=briefcase_id), "FileNotFound"),
    ):
        with pytest.raises(errors.NotFound) as caught:
            attempt()
        assert (caught.value.status, caught.value.code) == (404, code)


def test_one_push_at_a_time(client: IModelsClient, other: IModelsClient, imodel_id: str, briefcase_id: int) -> None:
    """Another user's push prevents an announcement, and cannot be confirmed in its place."""
    theirs = other.briefcases.acquire(imodel_id).briefcase_id
    created, content = announce(client, imodel_id, briefcase_id, None)
    put(created.upload, content)
    with pytest.raises(errors.AnotherUserPushing) as caught:
        announce(other, imodel_id, theirs, None)
    assert (caught.value.code, caught.value.operation) == ("ConflictWithAnotherUser", "changesets.create")
    with pytest.raises(errors.AnotherUserPushing) as caught:
        other.changesets.confirm(imodel_id, created.id, briefcase_id=theirs)
    assert (caught.value.code, caught.value.operation) == ("ConflictWithAnotherUser", "changesets.confirm")
    assert "Wait until the other push is finished" in str(caught.value)


def test_briefcases_are_limited_per_minute_and_in_total(
    client: IModelsClient, control: HubControl, imodel_id: str
) -> None:
    """The two limits are different errors with different advice."""
    hasty = client.with_options(retry=RetryPolicy.never())
    for _ in range(6):
        hasty.briefcases.acquire(imodel_id)
    with pytest.raises(errors.RateLimited) as limited:
        hasty.briefcases.acquire(imodel_id)
    assert (limited.value.status, limited.value.code) == (429, "RateLimitExceeded")
    assert limited.value.retry_after is not None
    assert 0 < limited.value.retry_after <= 60
    assert f"after {limited.value.retry_after:g} seconds" in str(limited.value)
    control.advance(61)
    for _ in range(2):
        hasty.briefcases.acquire(imodel_id)
    with pytest.raises(errors.ValidationFailed) as full:
        hasty.briefcases.acquire(imodel_id)
    (detail,) = full.value.details
    assert (detail.code, detail.inner_code, detail.target) == (
        "ResourceQuotaExceeded",
        "MaximumNumberOfBriefcasesPerUser",
        None,
    )
    assert "Release briefcases" in str(full.value)


def test_a_group_that_outlived_its_time_is_closed(
    client: IModelsClient, control: HubControl, imodel_id: str, briefcase_id: int
) -> None:
    """The service closes a group by itself; its state reports that, and it is not closed again."""
    push_many(client, imodel_id, briefcase_id, 1)
    group = client.changeset_groups.create(imodel_id)
    control.advance(48 * 3600)
    assert client.changeset_groups.get(imodel_id, group.id).state == "timedOut"
    with pytest.raises(errors.Conflict) as caught:
        client.changeset_groups.close(imodel_id, group.id)
    assert caught.value.code == "ChangesetGroupIsClosed"


def test_the_documented_answers_are_read(client: IModelsClient, control: HubControl) -> None:
    """The documented success of each page is read literally."""
    href = f"https://api.bentley.com/imodels/{IMODEL}"
    briefcase: dict[str, Any] = {
        "id": "2",
        "briefcaseId": 2,
        "displayName": "#2 Device Name",
        "ownerId": "42101fba-847a-4f4e-85a8-a4bed89065e4",
        "acquiredDateTime": "2020-10-20T10:51:33.1700000Z",
        "fileSize": 2048,
        "deviceName": "Device Name",
        "application": None,
        "_links": {
            "owner": {"href": f"{href}/users/42101fba"},
            "checkpoint": {"href": f"{href}/briefcases/checkpoint"},
        },
    }
    control.answer(201, {"briefcase": briefcase}, method="POST")
    acquired = client.briefcases.acquire(IMODEL)
    assert (acquired.briefcase_id, acquired.device_name, acquired.file_size) == (2, "Device Name", 2048)
    assert acquired.acquired_date_time.isoformat() == "2020-10-20T10:51:33.170000+00:00"

    control.answer(200, {"isLastChunk": True}, method="POST")
    assert client.locks.release_chunk(IMODEL, 2) is True

    shared = {"lockLevel": "shared", "objectIds": ["0x1", "0x2", "0xab"]}
    exclusive = {"lockLevel": "exclusive", "objectIds": ["0x3", "0x4", "0xac"]}
    last = {"lockLevel": "shared", "objectIds": ["0x12", "0x21", "0xff"]}
    locks = [{"briefcaseId": 2, "lockedObjects": [shared, exclusive]}, {"briefcaseId": 3, "lockedObjects": [last]}]
    control.answer(200, {"locks": locks, "_links": {"self": None, "prev": None, "next": None}}, method="GET")
    first, second = client.locks.list(IMODEL)
    assert (first.briefcase_id, first.shared, first.exclusive) == (2, ("0x1", "0x2", "0xab"), ("0x3", "0x4", "0xac"))
    assert (second.briefcase_id, second.shared, second.exclusive) == (3, ("0x12", "0x21", "0xff"), ())

    group = {
        "id": GROUP,
        "state": "completed",
        "description": "MicroStation Connector",
        "creatorId": "ea4dfb9f-7f66-4c6f-82c5-0efad1636a1f",
        "createdDateTime": "2024-02-01T11:13:36.6630000Z",
        "_links": {"creator": {"href": f"{href}/users/ea4dfb9f-7f66-4c6f-82c5-0efad1636a1f"}},
    }
    control.answer(200, {"changesetGroup": group}, method="PATCH")
    closed = client.changeset_groups.close(IMODEL, GROUP)
    assert (closed.state, closed.description, closed.creator_id) == (
        "completed",
        "MicroStation Connector",
        "ea4dfb9f-7f66-4c6f-82c5-0efad1636a1f",
    )

    changeset = {
        "id": CHANGESET,
        "displayName": "256",
        "description": "Changeset 15",
        "index": 256,
        "parentId": "f7618612c572d7db8e3e6095d622d0d8aff22874",
        "state": "fileUploaded",
        "containingChanges": 0,
        "fileSize": 109,
        "briefcaseId": 2,
        "groupId": "1a038d01-5b2d-44d9-b4ca-e8d21805983c",
        "creatorId": "ea4dfb9f-7f66-4c6f-82c5-0efad1636a1f",
        "pushDateTime": "2020-10-21T06:35:30.7000000Z",
        "application": None,
        "synchronizationInfo": None,
        "_links": {
            "creator": {"href": f"{href}/users/ea4dfb9f-7f66-4c6f-82c5-0efad1636a1f"},
            "namedVersion": None,
            "currentOrPrecedingCheckpoint": None,
            "self": {"href": f"{href}/changesets/{CHANGESET}"},
            "download": None,
        },
    }
    control.answer(200, {"changeset": changeset}, method="PATCH")
    confirmed = client.changesets.confirm(IMODEL, CHANGESET, briefcase_id=2)
    assert (confirmed.index, confirmed.display_name, confirmed.file_size) == (256, "256", 109)
    assert (confirmed.parent_id, confirmed.group_id) == (changeset["parentId"], changeset["groupId"])
    assert (confirmed.download, confirmed.checkpoint_changeset, confirmed.synchronization_info) == (None, None, None)
    assert dict(confirmed.extra) == {}
