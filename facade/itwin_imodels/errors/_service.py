"""Errors from the service: rejected requests and failed operations."""

from collections.abc import Mapping, Sequence
from typing import Self

import attrs

from itwin_imodels.errors._general import IModelsError


@attrs.frozen(kw_only=True)
class ErrorDetail:
    """One of the reasons for an error, as reported by the service.

    Attributes:
        code: The service's code, such as `InvalidValue`; codes unknown to this client are kept.
        message: The service's explanation.
        target: The property, parameter or header that is invalid; None if the service does not name it.
        inner_code: A more specific code, such as `MaximumNumberOfBriefcasesPerUser`; None if there is none.
    """

    code: str
    message: str = ""
    target: str | None = None
    inner_code: str | None = None

    def __str__(self) -> str:
        """Return the reason as one line."""
        code = f"{self.code}/{self.inner_code}" if self.inner_code else self.code
        about = f" ({self.target})" if self.target else ""
        return f"{code}{about}: {self.message}" if self.message else f"{code}{about}"


@attrs.frozen(kw_only=True)
class ConflictingLock:
    """A lock that conflicts with the request, and the briefcases that hold it.

    Attributes:
        object_id: The locked object, such as `0x1f`.
        level: The level at which it is locked: `shared` or `exclusive`.
        briefcase_ids: The briefcases that hold it.
    """

    object_id: str
    level: str
    briefcase_ids: tuple[int, ...]

    def __str__(self) -> str:
        """Return the lock and its holders as one line."""
        holders = ", ".join(map(str, self.briefcase_ids))
        plural = "s" if len(self.briefcase_ids) > 1 else ""
        return f"{self.object_id}: {self.level} lock of briefcase{plural} {holders}"


@attrs.frozen(kw_only=True)
class RateLimit:
    """The rate limit that a request exceeded. Each attribute is None if the response does not name it.

    Attributes:
        tier: Tier of the subscription.
        api: The API.
        operation: The operation, if it has its own limit.
        application: Client id of the application.
    """

    tier: str | None = None
    api: str | None = None
    operation: str | None = None
    application: str | None = None

    def __str__(self) -> str:
        """Return what the limit applies to."""
        facts = {"tier": self.tier, "API": self.api, "operation": self.operation, "application": self.application}
        return f"limit of {', '.join(f'{name} {value}' for name, value in facts.items() if value)}"


class ApiError(IModelsError):
    """The service rejected a request.

    Attributes:
        operation: The requested operation, such as `locks.update`.
        entity: The entity that it was requested for, such as `iModel 5e19bee0-…, briefcase 3`.
        status: HTTP status of the response.
        code: The service's code, such as `iModelNotFound`; empty if the response has none.
        message: The service's message.
        target: The part of the request that is invalid; None if the service does not name it.
        details: The individual reasons, if the service lists them.
        request_id: The id that the service or the gateway assigned to the request, for support cases.
        retry_after: Seconds after which the service asks clients to retry; None if the response does not specify it.
        body: The body of the response as text, at most its first 10,000 bytes, with secrets masked.
        hint: What to do next; empty if there is no advice.
    """

    _HINT = ""

    def __init__(  # noqa: PLR0913 - one argument for each fact of the response
        self,
        *,
        operation: str,
        entity: str = "",
        status: int,
        code: str = "",
        message: str = "",
        target: str | None = None,
        details: Sequence[ErrorDetail] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
        body: str = "",
    ) -> None:
        """Create an error from the contents of a response."""
        self.operation = operation
        self.entity = entity
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.details = tuple(details)
        self.request_id = request_id
        self.retry_after = retry_after
        self.body = body
        super().__init__(str(self))

    @property
    def hint(self) -> str:
        """What to do next; empty if there is no advice."""
        return self._HINT

    def has(self, code: str) -> bool:
        """Return whether the response contains a code, either as the code of the error or in its details.

        Args:
            code: The service's code, such as `ResourceQuotaExceeded`.
        """
        return code == self.code or any(code in (detail.code, detail.inner_code) for detail in self.details)

    def __str__(self) -> str:
        """Return what failed, on which entity, why, and what to do next."""
        about = f" on {self.entity}" if self.entity else ""
        code = f"{self.code} ({self.status})" if self.code else f"status {self.status}"
        lines = [f"{self.operation} failed{about}: {code}{': ' if self.message else ''}{self.message}"]
        lines += [f"- {detail}" for detail in self.details]
        lines += [f"- {fact}" for fact in self._facts()]
        if self.hint:
            lines.append(self.hint)
        if self.request_id:
            lines.append(f"Request id: {self.request_id}")
        return "\n".join(lines)

    def _facts(self) -> Sequence[str]:
        return ()

    def __reduce__(self) -> tuple[object, ...]:
        """Support pickling, so that the error can be raised in another process."""
        return _rebuilt, (type(self), {**self.__dict__})

    @classmethod
    def _from_facts(cls, facts: Mapping[str, object]) -> Self:
        error = cls.__new__(cls)
        error.__dict__.update(facts)
        error.args = (str(error),)
        return error


def _rebuilt(kind: type[ApiError], facts: Mapping[str, object]) -> ApiError:
    return kind._from_facts(facts)  # noqa: SLF001 - its counterpart in unpickling


class Unauthorized(ApiError):
    """The token is missing, unknown or expired."""

    _HINT = "Check that the token was issued for this environment, has the scope itwin-platform and has not expired."


class Forbidden(ApiError):
    """The caller does not have the required permission."""

    _HINT = "Request the permission on the iTwin or the iModel; client.permissions.get() returns those that you have."


class NotFound(ApiError):
    """The entity does not exist, or the caller may not see it."""

    @property
    def hint(self) -> str:
        """What to do next."""
        if self.code == "FileNotFound":
            return "Upload the file to the link first, then confirm the upload."
        return "Check the id; entities that you may not see are also reported as missing."


class Conflict(ApiError):
    """The request conflicts with the current state of the entity."""

    @property
    def hint(self) -> str:
        """What to do next."""
        if self.code == "ChangesetGroupIsClosed":
            return "Create a new changeset group; a closed one accepts no changesets."
        if self.code == "DataConflict":
            return "Upload a file of exactly the size that was announced."
        return ""


class AlreadyExists(Conflict):
    """The name or id is already in use, or the changeset already has a Named Version or extended data."""

    @property
    def hint(self) -> str:
        """What to do next."""
        if self.code in {"iModelExists", "NamedVersionExists"}:
            return "Choose another name, or use the existing entity."
        return "Use the existing entity."


class NotInitialized(Conflict):
    """The iModel is still being created."""

    @property
    def hint(self) -> str:
        """What to do next."""
        return "Wait until the iModel is initialized; client.operations.get() returns the state of its creation."


class LockConflict(Conflict):
    """Other briefcases hold locks on some of the objects. No object was locked.

    Attributes:
        conflicting_locks: The conflicting locks: object, level and holders of each.
    """

    conflicting_locks: tuple[ConflictingLock, ...]

    def __init__(self, *, conflicting_locks: Sequence[ConflictingLock] = (), **facts: object) -> None:
        """Create an error from the contents of a response."""
        self.conflicting_locks = tuple(conflicting_locks)
        super().__init__(**facts)  # type: ignore[arg-type]

    @property
    def hint(self) -> str:
        """What to do next."""
        return "Ask the holders to release these locks, or try again later."

    def _facts(self) -> Sequence[str]:
        return _shortened([str(lock) for lock in self.conflicting_locks])


class NewerChangesExist(Conflict):
    """The timeline has changesets that the caller has not pulled yet.

    Usually raised as `OutdatedPush` or `OutdatedLock`.

    Attributes:
        object_ids: The objects that newer changesets changed; empty unless the error is an `OutdatedLock`.
        changeset_ids: The changesets to pull, oldest first; empty unless the error is an `OutdatedPush`.
    """

    object_ids: tuple[str, ...]
    changeset_ids: tuple[str, ...]

    def __init__(self, *, object_ids: Sequence[str] = (), changeset_ids: Sequence[str] = (), **facts: object) -> None:
        """Create an error from the contents of a response."""
        self.object_ids = tuple(object_ids)
        self.changeset_ids = tuple(changeset_ids)
        super().__init__(**facts)  # type: ignore[arg-type]

    @property
    def hint(self) -> str:
        """What to do next."""
        return "Pull and apply the newer changesets, then try again."

    def _facts(self) -> Sequence[str]:
        objects = [f"changed since: {object_id}" for object_id in self.object_ids]
        changesets = [f"to pull: changeset {changeset_id}" for changeset_id in self.changeset_ids]
        return [*_shortened(objects), *_shortened(changesets)]

    def naming(self, changeset_ids: Sequence[str]) -> "NewerChangesExist":
        """Return a copy of the error that lists the changesets to pull.

        Args:
            changeset_ids: Ids of these changesets, oldest first.
        """
        return self._from_facts({**self.__dict__, "changeset_ids": tuple(changeset_ids)})


class OutdatedPush(NewerChangesExist):
    """The parent of the pushed changeset is not the newest changeset; `changeset_ids` lists those to pull."""

    @property
    def hint(self) -> str:
        """What to do next."""
        return "Pull and apply the newer changesets, then push on top of them."


class OutdatedLock(NewerChangesExist):
    """The objects were changed by changesets newer than the briefcase's; `object_ids` lists them."""

    @property
    def hint(self) -> str:
        """What to do next."""
        return "Pull and apply the newer changesets, then lock the objects again."


class AnotherUserPushing(Conflict):
    """A push by another briefcase is in progress."""

    @property
    def hint(self) -> str:
        """What to do next."""
        return "Wait until the other push is finished, pull it, and try again."


class ValidationFailed(ApiError):
    """The request is invalid; the details name the invalid parts."""

    @property
    def hint(self) -> str:
        """What to do next."""
        if self.has("ResourceQuotaExceeded"):
            return "Release briefcases that are no longer used, then try again."
        return ""


class RateLimited(ApiError):
    """The caller has sent too many requests.

    Attributes:
        limit: The limit that was exceeded; None if the response does not name it, as when the response comes
            from a service behind the gateway.
    """

    limit: RateLimit | None

    def __init__(self, *, limit: RateLimit | None = None, **facts: object) -> None:
        """Create an error from the contents of a response."""
        self.limit = limit
        super().__init__(**facts)  # type: ignore[arg-type]

    def _facts(self) -> Sequence[str]:
        return (str(self.limit),) if self.limit else ()

    @property
    def hint(self) -> str:
        """What to do next."""
        wait = f"after {self.retry_after:g} seconds" if self.retry_after is not None else "later"
        return f"Try again {wait}, with fewer concurrent requests."


class ServerError(ApiError):
    """The service or a gateway failed."""

    _HINT = "Try again later; the request itself is not the cause."


class OperationFailed(IModelsError):
    """An operation of the service has failed.

    Attributes:
        state: The state that the service reports, such as `failed`; empty if it reports none.
    """

    def __init__(self, message: str, *, state: str = "") -> None:
        """Create an error."""
        super().__init__(message)
        self.state = state


_SHOWN = 10


def _shortened(lines: Sequence[str]) -> Sequence[str]:
    if len(lines) <= _SHOWN:
        return lines
    return [*lines[:_SHOWN], f"and {len(lines) - _SHOWN} more"]
