"""Errors of the service: codes, statuses and messages."""

from collections.abc import Mapping, Sequence

from attrs import define, field, frozen

from itwin_imodels_hub.rules.locks import Conflict


@frozen(kw_only=True)
class Detail:
    """One problem of a request."""

    code: str
    message: str
    target: str | None = None
    inner_code: str | None = None

    def body(self) -> dict[str, object]:
        """Give the JSON form; what does not apply is left out."""
        body: dict[str, object] = {"code": self.code, "message": self.message}
        if self.target is not None:
            body["target"] = self.target
        if self.inner_code is not None:
            body["innerError"] = {"code": self.inner_code}
        return body


@define
class ServiceError(Exception):
    """A request that fails.

    Attributes:
        status: HTTP status.
        code: The service's code.
        message: Text for people.
        details: Problems of the request, in the form of 422 answers.
        extra: More members of `error`.
        headers: More headers of the answer.
    """

    status: int
    code: str
    message: str
    details: Sequence[Detail] = field(default=(), kw_only=True)
    extra: Mapping[str, object] = field(factory=dict[str, object], kw_only=True)
    headers: Mapping[str, str] = field(factory=dict[str, str], kw_only=True)

    def body(self) -> dict[str, object]:
        """Give the JSON body."""
        error: dict[str, object] = {"code": self.code, "message": self.message, **self.extra}
        if self.details:
            error["details"] = [detail.body() for detail in self.details]
        return {"error": error}


_CHALLENGE = {"WWW-Authenticate": "Bearer"}
_LOCK = "Lock(s)"


def not_found(entity: str) -> ServiceError:
    """Something is not there, or not for this caller; `entity` as the message names it."""
    code = "Lock" if entity == _LOCK else entity.replace(" ", "")
    return ServiceError(404, f"{code}NotFound", f"Requested {entity} is not available.")


def header_not_found() -> ServiceError:
    """There is no token."""
    message = "Header Authorization was not found in the request. Access denied."
    return ServiceError(401, "HeaderNotFound", message, headers=_CHALLENGE)


def unauthorized() -> ServiceError:
    """The token or share key is not good, or not for this."""
    message = (
        "Access denied due to invalid access_token. "
        "Make sure that issuer is correct, the token is not expired and is not corrupted."
    )
    return ServiceError(401, "Unauthorized", message, headers=_CHALLENGE)


def insufficient_permissions() -> ServiceError:
    """The caller may see it but not do this."""
    message = "The user has insufficient permissions for the requested operation."
    return ServiceError(403, "InsufficientPermissions", message)


def not_initialized() -> ServiceError:
    """The iModel is not ready."""
    return ServiceError(409, "iModelNotInitialized", "iModel is not initialized.")


def exists(entity: str, code: str | None = None) -> ServiceError:
    """Something of this name or id is there already. Apart from the codes, the wording is ours."""
    return ServiceError(409, code or f"{entity.replace(' ', '')}Exists", f"{entity} already exists.")


def name_exists(entity: str, scope: str) -> ServiceError:
    """A name is taken. Apart from the codes, the wording is ours."""
    code = f"{entity.replace(' ', '')}Exists"
    return ServiceError(409, code, f"{entity} with the same name already exists within the {scope}.")


def another_user_pushing() -> ServiceError:
    """A push of somebody else waits for its file."""
    return ServiceError(409, "ConflictWithAnotherUser", "Another user is pushing a Changeset.")


def parent_not_newest() -> ServiceError:
    """A push begins on an old changeset. That this is the code is inferred."""
    message = "Parent Changeset is not the latest Changeset of the iModel. Pull newer Changesets first."
    return ServiceError(409, "NewerChangesExist", message)


def group_closed() -> ServiceError:
    """The changeset group takes no more."""
    return ServiceError(409, "ChangesetGroupIsClosed", "Requested Changeset Group is closed.")


def data_conflict(message: str) -> ServiceError:
    """Data contradicts other data."""
    return ServiceError(409, "DataConflict", message)


def locks_conflict(conflicts: Sequence[Conflict]) -> ServiceError:
    """Other briefcases hold locks in the way."""
    found = [
        {"objectId": item.object_id, "lockLevel": item.level.word, "briefcaseIds": list(item.briefcase_ids)}
        for item in conflicts
    ]
    message = "Lock(s) is owned by another Briefcase."
    return ServiceError(409, "ConflictWithAnotherUser", message, extra={"conflictingLocks": found})


def newer_locks(object_ids: Sequence[str]) -> ServiceError:
    """The caller has to pull before locking."""
    message = "One or more objects have been locked in a newer Changeset."
    return ServiceError(409, "NewerChangesExist", message, extra={"objectIds": list(object_ids)})


def too_large() -> ServiceError:
    """The body, or what it holds, is over a limit. Status and wording are ours."""
    return ServiceError(413, "RequestTooLarge", "The request is larger than allowed.")


def unsupported_media_type() -> ServiceError:
    """The body is not JSON by its own word."""
    return ServiceError(415, "UnsupportedMediaType", "Media Type is not supported.")


def too_slow() -> ServiceError:
    """The body did not arrive in time; the service's answer is not known."""
    return ServiceError(408, "RequestTimeout", "The request body did not arrive in time.")


def rate_limited(seconds: int) -> ServiceError:
    """Try again later."""
    message = "The client sent more requests than allowed by this API for the current tier of the client."
    return ServiceError(429, "RateLimitExceeded", message, headers={"Retry-After": str(seconds)})


def invalid_request(message: str, details: Sequence[Detail]) -> ServiceError:
    """The input is not valid; all problems at once."""
    return ServiceError(422, "InvalidiModelsRequest", message, details=details)


def unknown_address() -> ServiceError:
    """No operation has this path; the wording is ours."""
    return ServiceError(404, "ResourceNotFound", "Requested resource is not available.")


def method_not_allowed(allowed: Sequence[str]) -> ServiceError:
    """No operation of this path has this method; the wording is ours."""
    message = "The method is not allowed for the requested resource."
    return ServiceError(405, "MethodNotAllowed", message, headers={"Allow": ", ".join(allowed)})


def storage_unavailable() -> ServiceError:
    """The files cannot be reached; whoever comes again later loses nothing. Code and wording are ours."""
    message = "The storage of the files cannot be reached at the moment. Nothing was changed; send the request again."
    return ServiceError(503, "StorageUnavailable", message, headers={"Retry-After": "5"})


def unexpected() -> ServiceError:
    """A defect of the hub; its log says more."""
    return ServiceError(500, "Unknown", "An unexpected error occurred.")


# Problems of a request.

_SHOWN = 255


def _shown(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"


def bad_parameter(name: str, value: str, hint: str = "") -> Detail:
    """A query parameter or property has a value that it cannot have."""
    message = f"'{_shown(value)}' is not a valid '{name}' value.{hint and ' '}{hint}"
    return Detail(code="InvalidValue", message=message, target=name)


def bad_choice(name: str, value: str, valid: Sequence[str]) -> Detail:
    """A value is none of those there are."""
    words = ", ".join(f"'{word}'" for word in valid)
    return bad_parameter(name, value, f"Valid '{name}' values are: {words}.")


def bad_property(name: str, hint: str, target: str | None = None) -> Detail:
    """A property has a value that it cannot have."""
    message = f"Provided '{name}' value is not valid. {hint}"
    return Detail(code="InvalidValue", message=message, target=target or name)


def bad_type(name: str, expected: str, target: str | None = None) -> Detail:
    """A property is of another type."""
    return bad_property(name, f"Expected a value of type '{expected}'.", target)


def missing_property(target: str) -> Detail:
    """A property is not there."""
    return Detail(code="MissingRequiredProperty", message="Required property is missing.", target=target)


def missing_parameter(target: str) -> Detail:
    """A query parameter is not there; the wording is ours."""
    return Detail(code="MissingRequiredParameter", message="Required parameter is missing.", target=target)


def missing_header(target: str) -> Detail:
    """A header is not there."""
    return Detail(code="MissingRequiredHeader", message="Required header is missing.", target=target)


def not_json() -> Detail:
    """The body cannot be read."""
    message = "Failed to parse request body. Make sure it is a valid JSON."
    return Detail(code="InvalidRequestBody", message=message)


def no_body() -> Detail:
    """There is no body; the wording is ours."""
    return Detail(code="MissingRequestBody", message="Request body is missing.")


def exclusive_properties(names: Sequence[str]) -> Detail:
    """Properties were sent that exclude each other; the wording is ours."""
    words = ", ".join(f"'{name}'" for name in names)
    message = f"Mutually exclusive properties are provided: {words}."
    return Detail(code="MutuallyExclusivePropertiesProvided", message=message)


def exclusive_parameters(names: Sequence[str]) -> Detail:
    """Query parameters were sent that exclude each other; the wording is ours."""
    words = ", ".join(f"'{name}'" for name in names)
    message = f"Mutually exclusive parameters are provided: {words}."
    return Detail(code="MutuallyExclusiveParametersProvided", message=message)
