"""Access tokens, and what gives them."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol, TypeAlias, runtime_checkable

import attrs

_VISIBLE = re.compile(r"[\x21-\x7e]+")
_BEARER = re.compile(r"Bearer(\s+|$)", re.IGNORECASE)


def _credential(_: object, attribute: Any, value: str) -> None:  # noqa: ANN401 - attrs' own form
    """Validator of attrs: what can stand in a header. What is wrong is told without showing it."""
    if not isinstance(value, str):
        raise TypeError(f"{attribute.name} must be text, not {type(value).__name__}")
    if not value:
        raise ValueError(f"{attribute.name} must not be empty")
    if not _VISIBLE.fullmatch(value):
        raise ValueError(f"{attribute.name} must be visible ASCII characters without white space")


def _aware(_: object, attribute: Any, value: datetime | None) -> None:  # noqa: ANN401 - attrs' own form
    """Validator of attrs: a point in time with its zone."""
    if value is None:
        return
    if not isinstance(value, datetime):
        raise TypeError(f"{attribute.name} must be a datetime, not {type(value).__name__}")
    if value.utcoffset() is None:
        raise ValueError(f"{attribute.name} must have a time zone")


@attrs.frozen
class AccessToken:
    """What a client shows the service to be let in. Its value is in no `repr`.

    Args:
        value: The token itself, without `Bearer`.
        expires_at: When it ends, with time zone; None when that is not known.

    Raises:
        TypeError: An argument is of another type.
        ValueError: The value is empty or cannot stand in a header, or the time has no zone.

    Example:
        ```python
        AccessToken("eyJhbGciOi…", datetime.now(UTC) + timedelta(hours=1))
        ```
    """

    value: str = attrs.field(repr=False, validator=_credential)
    expires_at: datetime | None = attrs.field(default=None, validator=_aware)


@attrs.frozen
class ShareKey:
    """Reads a shared iModel without an account: whoever has the key of the share is let in. The key is in no `repr`.

    Args:
        key: The key, as the share was created with.

    Raises:
        TypeError: It is not text.
        ValueError: It is empty or cannot stand in a header.

    Example:
        ```python
        IModelsClient(auth=ShareKey(os.environ["SHARE_KEY"]))
        ```
    """

    key: str = attrs.field(repr=False, validator=_credential)


@runtime_checkable
class TokenSource(Protocol):
    """What gives access tokens and knows when they end. Any object with these two methods is one.

    Both may be called by several threads at the same time.
    """

    def get_token(self, *, refresh: bool = False) -> AccessToken:
        """Give a token that can be used now. This may wait for a server.

        Args:
            refresh: The service has refused the present token: get another one, even if this one seems valid.

        Returns:
            The token.

        Raises:
            AuthError: No token can be got.
        """
        ...

    def peek(self) -> AccessToken | None:
        """Give the token at hand, without waiting for anything.

        Returns:
            The token, or None when `get_token` has to be called.
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
"""What a client takes as `auth`: a token, a share's key, a source of tokens, or a function that gives a token."""


def token_of(given: object, name: str) -> AccessToken:
    """Read what a caller gave as a token; a leading `Bearer` is left out.

    Args:
        given: Text or a token.
        name: What to call it in an error.

    Raises:
        TypeError: It is neither.
        ValueError: The text cannot be a token.
    """
    if isinstance(given, AccessToken):
        return given
    if not isinstance(given, str):
        raise TypeError(f"{name} must be a token, not {type(given).__name__}")
    text = given.strip()
    found = _BEARER.match(text)
    value = text[found.end() :] if found else text
    if not _VISIBLE.fullmatch(value):
        raise ValueError(f"{name} must be a token: visible ASCII characters without white space, and not empty")
    return AccessToken(value)
