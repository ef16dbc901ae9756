"""Paging through lists: by offset (`$skip`) or by cursor (`$continuationToken`).

A token contains the key of the item at the page boundary, so that cursor paging neither repeats nor omits items when
other items are added or removed in the meantime. Tokens are signed: a token that was altered, or was issued for a
different list or different filters, is rejected.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from hashlib import sha256

from attrs import frozen

KeyValue = str | int

_SIGNATURE_BYTES = 16


@frozen
class Position:
    """A position in a sorted list: after the item with this key, or before it if `backwards` is set.

    If `inclusive` is set, the item itself belongs to the page, too.
    """

    key: tuple[KeyValue, ...]
    backwards: bool = False
    inclusive: bool = False


@frozen(kw_only=True)
class Window:
    """The requested part of a list.

    Attributes:
        top: Items per page.
        skip: Items to skip; None for cursor paging.
        position: Start or end of the page in cursor paging; None for the first page.
    """

    top: int
    skip: int | None = 0
    position: Position | None = None


@frozen(kw_only=True)
class Ends:
    """Whether the list continues before and after a page."""

    before: bool
    after: bool


def previous_skip(window: Window) -> int | None:
    """Return the `$skip` of the previous page, or None for the first page."""
    return max(0, window.skip - window.top) if window.skip else None


def ends_of(window: Window, count: int) -> Ends:
    """Return whether more items exist before and after a page; `count` items were read, at most `top` + 1."""
    more = count > window.top
    if window.skip is not None:
        return Ends(before=window.skip > 0, after=more)
    if window.position is None:
        return Ends(before=False, after=more)
    return Ends(before=more, after=True) if window.position.backwards else Ends(before=True, after=more)


def write_token(position: Position, *, scope: str, key: bytes) -> str:
    """Create a continuation token.

    Args:
        position: Position at which the list continues.
        scope: The list and its filters.
        key: Signing key.
    """
    flags = position.backwards + 2 * position.inclusive
    payload = json.dumps([flags, *position.key], separators=(",", ":")).encode()
    return urlsafe_b64encode(_sign(payload, scope, key) + payload).rstrip(b"=").decode()


def read_token(token: str, *, scope: str, key: bytes) -> Position | None:
    """Read a continuation token; return None if it is invalid or belongs to another list."""
    try:
        data = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (UnicodeEncodeError, Base64Error):
        return None
    signature, payload = data[:_SIGNATURE_BYTES], data[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _sign(payload, scope, key)):
        return None
    flags, *values = json.loads(payload)  # tokens of older versions have a boolean instead
    return Position(tuple(values), backwards=bool(flags & 1), inclusive=bool(flags & 2))


def scope_of(parts: Sequence[object]) -> str:
    """Return the string that binds a token to a list and its filters."""
    return json.dumps(parts, default=str)


def _sign(payload: bytes, scope: str, key: bytes) -> bytes:
    return hmac.digest(key, scope.encode() + b"\n" + payload, sha256)[:_SIGNATURE_BYTES]
