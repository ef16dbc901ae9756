"""The errors that the package raises.

```
IModelsError
├── ConfigurationError           a setting, a variable or an extra is missing
├── AuthError                    no token could be got
│   └── auth.LoginRequired       a person has to sign in
├── ApiError                     the service refused (status, code, message, target, details)
│   ├── Unauthorized             401
│   ├── Forbidden                403
│   ├── NotFound                 404
│   ├── Conflict                 409
│   │   ├── AlreadyExists        the name or id is taken
│   │   ├── NotInitialized       the iModel is not initialized yet
│   │   ├── LockConflict         locks are held by other briefcases
│   │   ├── NewerChangesExist    pull first
│   │   │   ├── OutdatedPush     the parent is not the newest changeset
│   │   │   └── OutdatedLock     the objects have changed since
│   │   └── AnotherUserPushing   one push at a time
│   ├── ValidationFailed         400, 413, 415, 422
│   ├── RateLimited              429
│   └── ServerError              5xx
├── ConnectionFailed             no answer came
│   └── RequestTimeout           not in time
├── UnexpectedResponse           an answer that is not what the API promises
├── NameNotFound                 no entity has this name
├── FileError                    a file on this machine cannot be used
│   ├── UnreadableFile           it cannot be read; an OSError too
│   │   └── MissingFile          it does not exist; a FileNotFoundError too
│   └── InvalidFile              its content is invalid; a ValueError too
│       └── InvalidChangesetFile it is not the expected changeset file; a ChangesetFileError too
├── TransferError                a file could not be uploaded or downloaded
│   ├── LinkExpired              its link is no longer valid
│   ├── LinkMissing              the service returned no link to it
│   └── IntegrityError           it is not what was asked for
├── WebhookError                 a request is no event that can be trusted
│   ├── SignatureMismatch        it was not signed with the webhook's secret
│   └── MalformedEvent           it was signed, but is not an event
├── MirrorError                  a local copy of a timeline cannot be used
├── WaitTimeout                  a wait reached its deadline
└── OperationFailed              what was waited for failed
```
"""

from collections.abc import Mapping, Sequence
from typing import Self

import attrs

from imodel_files.changesets import ChangesetFileError

__all__ = [
    "AlreadyExists",
    "AnotherUserPushing",
    "ApiError",
    "AuthError",
    "ConfigurationError",
    "Conflict",
    "ConflictingLock",
    "ConnectionFailed",
    "ErrorDetail",
    "FileError",
    "Forbidden",
    "IModelsError",
    "IntegrityError",
    "InvalidChangesetFile",
    "InvalidFile",
    "LinkExpired",
    "LinkMissing",
    "LockConflict",
    "MalformedEvent",
    "MirrorError",
    "MissingFile",
    "NameNotFound",
    "NewerChangesExist",
    "NotFound",
    "NotInitialized",
    "OperationFailed",
    "OutdatedLock",
    "OutdatedPush",
    "RateLimited",
    "RequestTimeout",
    "ServerError",
    "SignatureMismatch",
    "TransferError",
    "Unauthorized",
    "UnexpectedResponse",
    "UnreadableFile",
    "ValidationFailed",
    "WaitTimeout",
    "WebhookError",
]


@attrs.frozen(kw_only=True)
class ErrorDetail:
    """One of the reasons that the service gives for an error.

    Attributes:
        code: The service's code, such as `InvalidValue`; codes that are new to this client pass through.
        message: What is wrong.
        target: The property, parameter or header that it is about, if the service says so.
        inner_code: A finer code, such as `MaximumNumberOfBriefcasesPerUser`.
    """

    code: str
    message: str = ""
    target: str | None = None
    inner_code: str | None = None

    def __str__(self) -> str:
        """The reason in one line."""
        code = f"{self.code}/{self.inner_code}" if self.inner_code else self.code
        about = f" ({self.target})" if self.target else ""
        return f"{code}{about}: {self.message}" if self.message else f"{code}{about}"


@attrs.frozen(kw_only=True)
class ConflictingLock:
    """A lock of somebody else that is in the way.

    Attributes:
        object_id: The locked object, such as `0x1f`.
        level: The level at which it is locked: `shared` or `exclusive`.
        briefcase_ids: The briefcases that hold it.
    """

    object_id: str
    level: str
    briefcase_ids: tuple[int, ...]

    def __str__(self) -> str:
        """The lock and its holders in one line."""
        holders = ", ".join(map(str, self.briefcase_ids))
        return f"{self.object_id} {self.level} by briefcase {holders}"


class IModelsError(Exception):
    """Base of everything that this package raises about the service and its files."""


class ConfigurationError(IModelsError):
    """A setting, an environment variable or an optional part of the package is missing."""


class AuthError(IModelsError):
    """No access token could be got."""


class ApiError(IModelsError):
    """The service refused a request.

    Attributes:
        operation: What was asked for, such as `locks.update`.
        entity: On which entity, such as `iModel 5e19bee0-…, briefcase 3`.
        status: HTTP status of the answer.
        code: The service's code, such as `iModelNotFound`; empty when the answer had none.
        message: The service's message.
        target: The part of the request that it is about, if the service says so.
        details: The single reasons, where the service lists them.
        request_id: The service's or the gateway's id of the request, for a support case.
        retry_after: Seconds after which the service asks to try again.
        body: The answer's text as it came.
        hint: What to do next.
    """

    _HINT = ""

    def __init__(  # noqa: PLR0913 - each is one fact of the refusal
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
        """Put the facts of a refusal together."""
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
        """What to do next; empty when there is nothing better to say than the message."""
        return self._HINT

    def has(self, code: str) -> bool:
        """Tell whether the service gave a code, at any level: the error's own, a detail's or an inner one.

        Args:
            code: Such as `ResourceQuotaExceeded`.
        """
        return code == self.code or any(code in (detail.code, detail.inner_code) for detail in self.details)

    def __str__(self) -> str:
        """What failed, on what, why, and what to do next."""
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
        """Survive a trip to another process."""
        return _rebuilt, (type(self), {**self.__dict__})

    @classmethod
    def _from_facts(cls, facts: Mapping[str, object]) -> Self:
        error = cls.__new__(cls)
        error.__dict__.update(facts)
        error.args = (str(error),)
        return error


def _rebuilt(kind: type[ApiError], facts: Mapping[str, object]) -> ApiError:
    return kind._from_facts(facts)  # noqa: SLF001 - its other half


class Unauthorized(ApiError):
    """The token is missing, unknown or expired."""

    _HINT = "Check that the token is for this environment, has the scope itwin-platform and has not expired."


class Forbidden(ApiError):
    """The caller may not do this."""

    _HINT = "Ask for the permission on the iTwin or on the iModel; client.permissions.get() tells what you have."


class NotFound(ApiError):
    """There is no such entity, or the caller may not see it."""

    @property
    def hint(self) -> str:
        """What to do next."""
        if self.code == "FileNotFound":
            return "Upload the file to the link first, then confirm it."
        return "Check the id; an entity without permission to see it is reported as missing too."


class Conflict(ApiError):
    """The request does not fit the present state."""

    @property
    def hint(self) -> str:
        """What to do next."""
        if self.code == "ChangesetGroupIsClosed":
            return "Create a new changeset group; a closed one takes no more changesets."
        if self.code == "DataConflict":
            return "Upload a file of exactly the size that was announced."
        return ""


class AlreadyExists(Conflict):
    """The name or id is taken: iModel, Named Version, changeset, extended data."""

    _HINT = "Take another name, or get the entity that is there."

    @property
    def hint(self) -> str:
        """What to do next."""
        return self._HINT


class NotInitialized(Conflict):
    """The iModel is still being created."""

    @property
    def hint(self) -> str:
        """What to do next."""
        return "Wait until the iModel is initialized; client.operations.get() tells how far it is."


class LockConflict(Conflict):
    """Locks are held by other briefcases; nothing of the request was locked.

    Attributes:
        conflicting_locks: Which objects, at which level, by which briefcases.
    """

    conflicting_locks: tuple[ConflictingLock, ...]

    def __init__(self, *, conflicting_locks: Sequence[ConflictingLock] = (), **facts: object) -> None:
        """Put the facts of a refusal together."""
        self.conflicting_locks = tuple(conflicting_locks)
        super().__init__(**facts)  # type: ignore[arg-type]

    @property
    def hint(self) -> str:
        """What to do next."""
        return "Ask the holders to release them, or try again later."

    def _facts(self) -> Sequence[str]:
        return _shortened([str(lock) for lock in self.conflicting_locks])


class NewerChangesExist(Conflict):
    """The timeline has moved on: `OutdatedPush` or `OutdatedLock`.

    Attributes:
        object_ids: The objects that have changed since; only an `OutdatedLock` has them.
        changeset_ids: The changesets to pull, oldest first; only an `OutdatedPush` has them.
    """

    object_ids: tuple[str, ...]
    changeset_ids: tuple[str, ...]

    def __init__(self, *, object_ids: Sequence[str] = (), changeset_ids: Sequence[str] = (), **facts: object) -> None:
        """Put the facts of a refusal together."""
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
        """Return the same error with the changesets to pull.

        Args:
            changeset_ids: Their ids, oldest first.
        """
        return self._from_facts({**self.__dict__, "changeset_ids": tuple(changeset_ids)})


class OutdatedPush(NewerChangesExist):
    """The parent of the pushed changeset is not the newest changeset; `changeset_ids` are those to pull."""

    @property
    def hint(self) -> str:
        """What to do next."""
        return "Pull and apply the newer changesets, then push on top of them."


class OutdatedLock(NewerChangesExist):
    """Objects have changed after the changeset that the briefcase is at; `object_ids` are these objects."""

    @property
    def hint(self) -> str:
        """What to do next."""
        return "Pull and apply the newer changesets, then lock the objects again."


class AnotherUserPushing(Conflict):
    """Another briefcase's push is under way."""

    @property
    def hint(self) -> str:
        """What to do next."""
        return "Wait until the other push is finished, pull it, and try again."


class ValidationFailed(ApiError):
    """The service found the request invalid; the details tell which part."""

    @property
    def hint(self) -> str:
        """What to do next."""
        if self.has("ResourceQuotaExceeded"):
            return "Release briefcases that are no longer used, then try again."
        return ""


class RateLimited(ApiError):
    """Too many requests."""

    @property
    def hint(self) -> str:
        """What to do next."""
        wait = f"after {self.retry_after:g} seconds" if self.retry_after is not None else "later"
        return f"Try again {wait}, with fewer requests at a time."


class ServerError(ApiError):
    """The service or a gateway failed."""

    _HINT = "Try again later; it is not the request's fault."


class ConnectionFailed(IModelsError):
    """No answer came: no network, no such host, a broken connection.

    Attributes:
        reached: Whether the request may have reached the service, so that it may have acted.
    """

    def __init__(self, message: str, *, reached: bool = True) -> None:
        """Say what failed."""
        super().__init__(message)
        self.reached = reached


class RequestTimeout(ConnectionFailed):
    """No answer came in time."""


class UnexpectedResponse(IModelsError):
    """An answer that the API does not promise: not JSON, a member missing, a link to elsewhere, a list without end.

    Attributes:
        status: HTTP status of the answer.
        body: The beginning of the answer's text.
    """

    def __init__(self, message: str, *, status: int = 0, body: str = "") -> None:
        """Say what is unexpected."""
        super().__init__(message)
        self.status = status
        self.body = body


class NameNotFound(IModelsError):
    """No entity has this name. The service answered; its list does not contain the name.

    Attributes:
        entity: What was looked for, such as `iModel 5e19bee0-…, Named Version 'Issued'`.
    """

    def __init__(self, message: str, *, entity: str = "") -> None:
        """Name what was looked for."""
        super().__init__(message)
        self.entity = entity


class FileError(IModelsError):
    """A file on this machine cannot be used."""


class UnreadableFile(FileError, OSError):
    """A file cannot be read: it is a folder, access is denied, or the disk failed.

    The attributes are those of an `OSError`: `errno`, `strerror`, `filename`.
    """

    def __str__(self) -> str:
        """The file, and the reason."""
        if self.filename is None:
            return super().__str__()
        return f"cannot read {self.filename}: {self.strerror}"


class MissingFile(UnreadableFile, FileNotFoundError):
    """A file does not exist."""


class InvalidFile(FileError, ValueError):
    """The content of a file is not what is required, such as a baseline that is not a SQLite database."""


class InvalidChangesetFile(InvalidFile, ChangesetFileError):
    """A file is not a changeset file, not the expected one, or does not fit the database.

    What a verb raises is also an instance of the class in `imodel_files.changesets` that says what is wrong, such as
    `ChangesetIdMismatchError`, and has the attributes of that class.
    """


class TransferError(IModelsError):
    """A file could not be uploaded or downloaded."""


class LinkExpired(TransferError):
    """The storage refused the link: it is no longer valid, or never was."""


class LinkMissing(TransferError):
    """The service returned no link to a file; the caller may lack the permission to read the iModel."""


class IntegrityError(TransferError):
    """A file is not what it should be: another size, another content."""


class WebhookError(IModelsError):
    """A request that came for a webhook is no event that can be trusted; see `itwin_imodels.webhooks`."""


class SignatureMismatch(WebhookError):
    """The request was not signed with the webhook's secret: answer 401 and look no further."""


class MalformedEvent(WebhookError):
    """The request was signed with the webhook's secret, but its body is not an event."""


class MirrorError(IModelsError):
    """A local copy of a timeline cannot be used: it is of another one, of a newer version, or its database failed."""


class WaitTimeout(IModelsError):
    """A wait reached its deadline; what was waited for may still happen."""


class OperationFailed(IModelsError):
    """What was waited for has failed.

    Attributes:
        state: The state that the service reports.
    """

    def __init__(self, message: str, *, state: str = "") -> None:
        """Say what failed."""
        super().__init__(message)
        self.state = state


_SHOWN = 10


def _shortened(lines: Sequence[str]) -> Sequence[str]:
    if len(lines) <= _SHOWN:
        return lines
    return [*lines[:_SHOWN], f"and {len(lines) - _SHOWN} more"]
