"""Access tokens and the types that a client accepts as `auth`."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol, TypeAlias, runtime_checkable

import attrs

_VISIBLE = re.compile(r"[\x21-\x7e]+")
_BEARER = re.compile(r"Bearer(\s+|$)", re.IGNORECASE)


def _credential(_: object, attribute: Any, value: str) -> None:  # noqa: ANN401 - as attrs declares it
    """Check that a field can be sent in a header. Errors omit the value, which is secret."""
    if not isinstance(value, str):
        raise TypeError(f"{attribute.name} must be a string, not {type(value).__name__}")
    if not value:
        raise ValueError(f"{attribute.name} must not be empty")
    if not _VISIBLE.fullmatch(value):
        raise ValueError(f"{attribute.name} must contain only visible ASCII characters")


def _aware(_: object, attribute: Any, value: datetime | None) -> None:  # noqa: ANN401 - as attrs declares it
    """Check that a field is None or a datetime with a time zone."""
    if value is None:
        return
    if not isinstance(value, datetime):
        raise TypeError(f"{attribute.name} must be a datetime, not {type(value).__name__}")
    if value.utcoffset() is None:
        raise ValueError(f"{attribute.name} must have a time zone")


@attrs.frozen
class AccessToken:
    """An access token for the service. Its `repr` omits the value.

    Args:
        value: The token itself, without `Bearer`.
        expires_at: When it expires, with a time zone; None if unknown.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: The value is empty or contains characters not allowed in a header, or the time has no time zone.

    Example:
        ```python
        AccessToken("eyJhbGciOi…", datetime.now(UTC) + timedelta(hours=1))
        ```
    """

    value: str = attrs.field(repr=False, validator=_credential)
    expires_at: datetime | None = attrs.field(default=None, validator=_aware)


@attrs.frozen
class ShareKey:
    """The key of a share, which grants read access to one iModel without an account. Its `repr` omits the key.

    Args:
        key: The key, `share_key` of a `Share`.

    Raises:
        TypeError: The key is not a string.
        ValueError: The key is empty or contains characters not allowed in a header.

    Example:
        ```python
        IModelsClient(auth=ShareKey(os.environ["SHARE_KEY"]))
        ```
    """

    key: str = attrs.field(repr=False, validator=_credential)


@runtime_checkable
class TokenSource(Protocol):
    """Interface of a token source, which caches access tokens and knows when they expire.

    Several threads may call both methods concurrently.
    """

    def get_token(self, *, refresh: bool = False) -> AccessToken:
        """Return a valid token. This may block on a request to a server.

        Args:
            refresh: Whether the service rejected the current token, so that a new one must be obtained even if the
                current one seems valid.

        Returns:
            The token.

        Raises:
            AuthError: No token can be obtained.
        """
        ...

    def peek(self) -> AccessToken | None:
        """Return the cached token without blocking.

        Returns:
            The token, or None if `get_token` must be called.
        """
        ...


AuthLike: TypeAlias = (
    str
    | AccessToken
    | ShareKey
    | TokenSource
    | Callable[[], str | AccessToken]
    | Callable[[], Awaitable[str | AccessToken]]
)
"""Types that a client accepts as `auth`: a token, a share key, a token source, or a function that returns a token."""


def token_of(token: object, name: str) -> AccessToken:
    """Convert a string or a token to a token; a leading `Bearer` is removed.

    Args:
        token: A string or a token.
        name: Name of the value, for error messages.

    Raises:
        TypeError: The value is neither a string nor a token.
        ValueError: The string cannot be a token.
    """
    if isinstance(token, AccessToken):
        return token
    if not isinstance(token, str):
        raise TypeError(f"{name} must be a token, not {type(token).__name__}")
    text = token.strip()
    match = _BEARER.match(text)
    value = text[match.end() :] if match else text
    if not _VISIBLE.fullmatch(value):
        raise ValueError(f"{name} must be a token: one or more visible ASCII characters without white space")
    return AccessToken(value)
