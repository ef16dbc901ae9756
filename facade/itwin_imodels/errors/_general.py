"""The base class, and errors about settings, credentials, names, webhooks, fleets and waits."""

from collections.abc import Sequence
from typing import Self


class IModelsError(Exception):
    """Base class of the exceptions in `itwin_imodels.errors` and of `auth.LoginRequired`."""


class ConfigurationError(IModelsError):
    """A setting, an environment variable or an extra of the package is missing or invalid."""


class AuthError(IModelsError):
    """No access token could be obtained, or a stored sign-in could not be read, written or deleted."""


class Cancelled(IModelsError):
    """A `CancellationToken` cancelled the call. Received data is kept: repeat the call to resume."""


class ClientClosed(IModelsError, RuntimeError):
    """The client was already closed."""


class NameNotFound(IModelsError):
    """No entity in the list that the service returned has this name.

    Attributes:
        entity: The entity that was searched for, such as `iModel 5e19bee0-…, Named Version 'Issued'`.
    """

    def __init__(self, message: str, *, entity: str = "") -> None:
        """Create an error for an entity that was not found by name."""
        super().__init__(message)
        self.entity = entity


class AmbiguousName(IModelsError):
    """Several entities have this name.

    Attributes:
        entity: The entity that was searched for, such as `iTwin 'Sun City'`.
        ids: Ids of entities with this name; the list may be incomplete.
    """

    def __init__(self, message: str, *, entity: str = "", ids: tuple[str, ...] = ()) -> None:
        """Create an error for a name that does not identify one entity."""
        super().__init__(message)
        self.entity = entity
        self.ids = ids

    @classmethod
    def of(cls, what: str, name: str, ids: Sequence[str]) -> Self:
        """Create an error that lists the ids.

        Args:
            what: The kind of entity, such as `iTwin`.
            name: The name.
            ids: Ids of the entities with this name.
        """
        message = f"several {what}s are named {name!r}: {', '.join(ids)}. Pass the id instead of the name."
        return cls(message, entity=f"{what} {name!r}", ids=tuple(ids))


class WebhookError(IModelsError):
    """A webhook request cannot be trusted or read; see `itwin_imodels.webhooks`."""


class SignatureMismatch(WebhookError):
    """The request was not signed with the webhook's secret. Respond with status 401 and do not process its body."""


class MalformedEvent(WebhookError):
    """The signature of the request is valid, but its body is not an event."""


class FleetError(IModelsError):
    """A fleet cannot be mirrored or read: its target, its scheduler or its format cannot be used."""


class WaitTimeout(IModelsError):
    """A wait or a transfer exceeded its timeout. An operation may still succeed; repeat a transfer to resume it."""
