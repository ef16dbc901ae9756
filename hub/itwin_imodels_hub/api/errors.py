"""Errors of the service: codes, statuses and messages."""

from collections.abc import Mapping, Sequence

from attrs import define, field, frozen

from itwin_imodels_hub.rules.locks import Conflict


@frozen(kw_only=True)
class Detail:
    """One problem with a request."""

    code: str
    message: str
    target: str | None = None
    inner_code: str | None = None

    def body(self) -> dict[str, object]:
        """Return the JSON form; inapplicable members are omitted."""
        body: dict[str, object] = {"code": self.code, "message": self.message}
        if self.target is not None:
            body["target"] = self.target
        if self.inner_code is not None:
            body["innerError"] = {"code": self.inner_code}
        return body


@define
class ServiceError(Exception):
    """A request fails with an error response.

    Attributes:
        status: HTTP status code.
        code: Error code of the service.
        message: Error message.
        details: Problems of the request, for status 422.
        extra: Additional members of `error`.
        headers: Additional headers of the response.
    """

    status: int
    code: str
    message: str
    details: Sequence[Detail] = field(default=(), kw_only=True)
    extra: Mapping[str, object] = field(factory=dict[str, object], kw_only=True)
    headers: Mapping[str, str] = field(factory=dict[str, str], kw_only=True)

    def body(self) -> dict[str, object]:
        """Return the JSON body."""
        error: dict[str, object] = {"code": self.code, "message": self.message, **self.extra}
        if self.details:
            error["details"] = [detail.body() for detail in self.details]
        return {"error": error}


_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_LOCK = "Lock(s)"


def not_found(entity: str) -> ServiceError:
    """Return the error for an entity that is missing or invisible to the caller; the message contains `entity`."""
    code = "Lock" if entity == _LOCK else entity.replace(" ", "")
    return ServiceError(404, f"{code}NotFound", f"Requested {entity} is not available.")


def header_not_found() -> ServiceError:
    """Return the error for missing credentials."""
    message = "Header Authorization was not found in the request. Access denied."
    return ServiceError(401, "HeaderNotFound", message, headers=_CHALLENGE)


def unauthorized() -> ServiceError:
    """Return the error for a token or share key that is invalid or not accepted here."""
    message = (
        "Access denied due to invalid access_token. "
        "Make sure that issuer is correct, the token is not expired and is not corrupted."
    )
    return ServiceError(401, "Unauthorized", message, headers=_CHALLENGE)


def insufficient_permissions() -> ServiceError:
    """Return the error for an entity that the caller may see but not use in this way."""
    message = "The user has insufficient permissions for the requested operation."
    return ServiceError(403, "InsufficientPermissions", message)


def not_initialized() -> ServiceError:
    """Return the error for an iModel that is not initialized."""
    return ServiceError(409, "iModelNotInitialized", "iModel is not initialized.")


def exists(entity: str, code: str | None = None) -> ServiceError:
    """Return the error for an entity that already exists. The code is the service's; the wording is ours."""
    return ServiceError(409, code or f"{entity.replace(' ', '')}Exists", f"{entity} already exists.")


def name_exists(entity: str, scope: str) -> ServiceError:
    """Return the error for a duplicate name. The code is the service's; the wording is ours."""
    code = f"{entity.replace(' ', '')}Exists"
    return ServiceError(409, code, f"{entity} with the same name already exists within the {scope}.")


def another_user_pushing() -> ServiceError:
    """Return the error for a push that conflicts with a pending push of another briefcase."""
    return ServiceError(409, "ConflictWithAnotherUser", "Another user is pushing a Changeset.")


def parent_not_newest() -> ServiceError:
    """Return the error for a push whose parent is not the newest changeset. The code is inferred."""
    message = "Parent Changeset is not the latest Changeset of the iModel. Pull newer Changesets first."
    return ServiceError(409, "NewerChangesExist", message)


def group_closed() -> ServiceError:
    """Return the error for a push to a closed changeset group, or for closing it again."""
    return ServiceError(409, "ChangesetGroupIsClosed", "Requested Changeset Group is closed.")


def data_conflict(message: str) -> ServiceError:
    """Return the error for contradictory data."""
    return ServiceError(409, "DataConflict", message)


def locks_conflict(conflicts: Sequence[Conflict]) -> ServiceError:
    """Return the error for locks that conflict with those of other briefcases."""
    locks = [
        {"objectId": item.object_id, "lockLevel": item.level.word, "briefcaseIds": list(item.briefcase_ids)}
        for item in conflicts
    ]
    message = "Lock(s) is owned by another Briefcase."
    return ServiceError(409, "ConflictWithAnotherUser", message, extra={"conflictingLocks": locks})


def newer_locks(object_ids: Sequence[str]) -> ServiceError:
    """Return the error for a lock request that requires a pull first."""
    message = "One or more objects have been locked in a newer Changeset."
    return ServiceError(409, "NewerChangesExist", message, extra={"objectIds": list(object_ids)})


def too_large() -> ServiceError:
    """Return the error for a request that exceeds a size limit. Status and wording are ours."""
    return ServiceError(413, "RequestTooLarge", "The request is larger than allowed.")


def unsupported_media_type() -> ServiceError:
    """Return the error for a body whose media type is not JSON."""
    return ServiceError(415, "UnsupportedMediaType", "Media Type is not supported.")


def too_slow() -> ServiceError:
    """Return the error for a body that was not received in time; how the real service responds is unknown."""
    return ServiceError(408, "RequestTimeout", "The request body did not arrive in time.")


def rate_limited(
    retry_after: int | str, *, tier: str | None, operation: str | None, application: str | None
) -> ServiceError:
    """Return the error for an exceeded rate limit; the header values are ours, except the application."""
    message = "The client sent more requests than allowed by this API for the current tier of the client."
    about = {"Tier": tier and tier.title(), "API": "iModels", "Operation": operation, "Application": application}
    headers = {f"ITwinPlatform-RateLimited-{name}": value for name, value in about.items() if value}
    return ServiceError(429, "RateLimitExceeded", message, headers={"Retry-After": str(retry_after), **headers})


def invalid_request(message: str, details: Sequence[Detail], code: str = "InvalidiModelsRequest") -> ServiceError:
    """Return the error for invalid input, with all problems."""
    return ServiceError(422, code, message, details=details)


def itwin_not_found() -> ServiceError:
    """Return the error for an iTwin that is missing or invisible, in the spelling of the Access Control API."""
    return ServiceError(404, "ItwinNotFound", "Requested iTwin is not available.")


def unknown_address() -> ServiceError:
    """Return the error for an unknown path; the wording is ours."""
    return ServiceError(404, "ResourceNotFound", "Requested resource is not available.")


def method_not_allowed(allowed: Sequence[str]) -> ServiceError:
    """Return the error for an unsupported method; the wording is ours."""
    message = "The method is not allowed for the requested resource."
    return ServiceError(405, "MethodNotAllowed", message, headers={"Allow": ", ".join(allowed)})


def storage_unavailable() -> ServiceError:
    """Return the error for unavailable blob storage. Code and wording are ours."""
    message = "The file storage cannot be reached at the moment. Nothing was changed; retry the request."
    return ServiceError(503, "StorageUnavailable", message, headers={"Retry-After": "5"})


def disk_full() -> ServiceError:
    """Return the error for a full disk of the hub. Code and wording are ours."""
    message = "The disk of the hub is full. Nothing was changed; free space and retry the request."
    return ServiceError(503, "StorageUnavailable", message, headers={"Retry-After": "5"})


def database_busy() -> ServiceError:
    """Return the error for a change that waited too long for another one, such as a dump. Code and wording are ours."""
    message = "The database is busy. Nothing was changed; retry the request."
    return ServiceError(503, "DatabaseBusy", message, headers={"Retry-After": "5"})


def unexpected() -> ServiceError:
    """Return the error for a defect of the hub; details are in its log."""
    return ServiceError(500, "Unknown", "An unexpected error occurred.")


# Problems of a request.

_SHOWN = 255


def _shown(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"


def bad_parameter(name: str, value: str, hint: str = "") -> Detail:
    """Return the detail for an invalid query parameter or property."""
    message = f"'{_shown(value)}' is not a valid '{name}' value.{hint and ' '}{hint}"
    return Detail(code="InvalidValue", message=message, target=name)


def bad_choice(name: str, value: str, valid: Sequence[str]) -> Detail:
    """Return the detail for a value that is not one of the permitted ones."""
    words = ", ".join(f"'{word}'" for word in valid)
    return bad_parameter(name, value, f"Valid '{name}' values are: {words}.")


def bad_property(name: str, hint: str, target: str | None = None) -> Detail:
    """Return the detail for an invalid property."""
    message = f"Provided '{name}' value is not valid. {hint}"
    return Detail(code="InvalidValue", message=message, target=target or name)


def too_long(name: str, maximum: int, target: str) -> Detail:
    """Return the detail for a string that is too long; the service words this differently for device names."""
    words = f"'{name}'" if name == "deviceName" else f"'{name}' value"
    message = f"Provided {words} is not valid. The value exceeds allowed {maximum} characters."
    return Detail(code="InvalidValue", message=message, target=target)


def bad_type(name: str, expected: str, target: str | None = None) -> Detail:
    """Return the detail for a property with the wrong type."""
    return bad_property(name, f"Expected a value of type '{expected}'.", target)


def missing_property(target: str) -> Detail:
    """Return the detail for a missing property."""
    return Detail(code="MissingRequiredProperty", message="Required property is missing.", target=target)


def missing_parameter(target: str) -> Detail:
    """Return the detail for a missing query parameter; the wording is ours."""
    return Detail(code="MissingRequiredParameter", message="Required parameter is missing.", target=target)


def missing_header(target: str) -> Detail:
    """Return the detail for a missing header."""
    return Detail(code="MissingRequiredHeader", message="Required header is missing.", target=target)


def not_json() -> Detail:
    """Return the detail for a body that is not JSON."""
    message = "Failed to parse request body. Make sure it is a valid JSON."
    return Detail(code="InvalidRequestBody", message=message)


def no_body() -> Detail:
    """Return the detail for a missing body; the wording is ours."""
    return Detail(code="MissingRequestBody", message="Request body is missing.")


def exclusive_properties(names: Sequence[str]) -> Detail:
    """Return the detail for mutually exclusive properties; the wording is ours."""
    words = ", ".join(f"'{name}'" for name in names)
    message = f"Mutually exclusive properties are provided: {words}."
    return Detail(code="MutuallyExclusivePropertiesProvided", message=message)


def exclusive_parameters(names: Sequence[str]) -> Detail:
    """Return the detail for mutually exclusive query parameters; the wording is ours."""
    words = ", ".join(f"'{name}'" for name in names)
    message = f"Mutually exclusive parameters are provided: {words}."
    return Detail(code="MutuallyExclusiveParametersProvided", message=message)
