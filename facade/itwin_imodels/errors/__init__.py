"""The exceptions that the package raises.

```text
IModelsError
├── ConfigurationError           a setting, a variable or an extra is missing or invalid
├── AuthError                    no access token could be obtained
│   └── auth.LoginRequired       the user must sign in
├── ApiError                     the service rejected the request
│   ├── Unauthorized             401
│   ├── Forbidden                403
│   ├── NotFound                 404
│   ├── Conflict                 409
│   │   ├── AlreadyExists        the entity or its name already exists
│   │   ├── NotInitialized       the iModel is not initialized yet
│   │   ├── LockConflict         other briefcases hold the locks
│   │   ├── NewerChangesExist    newer changesets must be pulled first
│   │   │   ├── OutdatedPush     the parent is not the newest changeset
│   │   │   └── OutdatedLock     newer changesets changed the objects
│   │   └── AnotherUserPushing   another push is in progress
│   ├── ValidationFailed         400, 413, 415, 422
│   ├── RateLimited              429
│   └── ServerError              5xx
├── Cancelled                    a CancellationToken cancelled the call
├── ClientClosed                 the client was already closed; also a RuntimeError
├── ConnectionFailed             no response was received
│   └── RequestTimeout           no response was received in time
├── UnexpectedResponse           a response that does not conform to the API
├── NameNotFound                 no entity has this name
├── AmbiguousName                several entities have this name
├── FileError                    a local file cannot be used
│   ├── UnreadableFile           it cannot be read; also an OSError
│   │   └── MissingFile          it does not exist; also a FileNotFoundError
│   └── InvalidFile              its path or content is invalid; also a ValueError
│       └── InvalidChangesetFile it is not the expected changeset file; also a ChangesetFileError
├── TransferError                a file could not be uploaded or downloaded
│   ├── LinkExpired              its link has expired
│   ├── LinkMissing              the service returned no link to it
│   └── IntegrityError           its size or content is not as expected
├── WebhookError                 a webhook request cannot be trusted or read
│   ├── SignatureMismatch        it was not signed with the webhook's secret
│   └── MalformedEvent           its signature is valid, but its body is not an event
├── MirrorError                  a local copy of a timeline cannot be used
├── FleetError                   a fleet's target, scheduler or format cannot be used
├── WaitTimeout                  a wait or a transfer exceeded its timeout
└── OperationFailed              an operation of the service failed
```
"""

from itwin_imodels.errors._files import (
    FileError,
    IntegrityError,
    InvalidChangesetFile,
    InvalidFile,
    LinkExpired,
    LinkMissing,
    MirrorError,
    MissingFile,
    TransferError,
    UnreadableFile,
)
from itwin_imodels.errors._general import (
    AmbiguousName,
    AuthError,
    Cancelled,
    ClientClosed,
    ConfigurationError,
    FleetError,
    IModelsError,
    MalformedEvent,
    NameNotFound,
    SignatureMismatch,
    WaitTimeout,
    WebhookError,
)
from itwin_imodels.errors._responses import ConnectionFailed, RequestTimeout, UnexpectedResponse
from itwin_imodels.errors._service import (
    AlreadyExists,
    AnotherUserPushing,
    ApiError,
    Conflict,
    ConflictingLock,
    ErrorDetail,
    Forbidden,
    LockConflict,
    NewerChangesExist,
    NotFound,
    NotInitialized,
    OperationFailed,
    OutdatedLock,
    OutdatedPush,
    RateLimit,
    RateLimited,
    ServerError,
    Unauthorized,
    ValidationFailed,
)

__all__ = [
    "AlreadyExists",
    "AmbiguousName",
    "AnotherUserPushing",
    "ApiError",
    "AuthError",
    "Cancelled",
    "ClientClosed",
    "ConfigurationError",
    "Conflict",
    "ConflictingLock",
    "ConnectionFailed",
    "ErrorDetail",
    "FileError",
    "FleetError",
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
    "RateLimit",
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

for _name in __all__:
    globals()[_name].__module__ = __name__  # shown in tracebacks and stored in pickles
