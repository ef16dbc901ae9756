"""Pages of lists: by position (`$skip`), or from item to item (`$continuationToken`).

A token names the item it stands next to, so pages asked by token neither repeat nor leave out an item when others come
and go meanwhile. It is signed: one that was altered, or made for another list or other filters, is refused.
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
    """A place in a sorted list: before or after the item with this key."""

    key: tuple[KeyValue, ...]
    backwards: bool = False


@frozen(kw_only=True)
class Window:
    """Which part of a list is asked for.

    Attributes:
        top: Items on the page.
        skip: Items to leave out; None when the page is asked by token.
        position: Where a page asked by token begins or ends; None for the first one.
    """

    top: int
    skip: int | None = 0
    position: Position | None = None


@frozen(kw_only=True)
class Ends:
    """Whether there is more of a list on either side of a page."""

    before: bool
    after: bool


def previous_skip(window: Window) -> int | None:
    """Say where the page before begins; None on the first."""
    return max(0, window.skip - window.top) if window.skip else None


def ends_of(window: Window, found: int) -> Ends:
    """Tell the ends of a page from how many items were found when one more than `top` was looked for."""
    more = found > window.top
    if window.skip is not None:
        return Ends(before=window.skip > 0, after=more)
    if window.position is None:
        return Ends(before=False, after=more)
    return Ends(before=more, after=True) if window.position.backwards else Ends(before=True, after=more)


def write_token(position: Position, *, scope: str, key: bytes) -> str:
    """Make a continuation token.

    Args:
        position: Where to continue.
        scope: The list and its filters.
        key: Secret to sign with.
    """
    payload = json.dumps([position.backwards, *position.key], separators=(",", ":")).encode()
    return urlsafe_b64encode(_sign(payload, scope, key) + payload).rstrip(b"=").decode()


def read_token(token: str, *, scope: str, key: bytes) -> Position | None:
    """Read a continuation token; None when it is not one of this list."""
    try:
        data = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (UnicodeEncodeError, Base64Error):
        return None
    signature, payload = data[:_SIGNATURE_BYTES], data[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _sign(payload, scope, key)):
        return None
    backwards, *values = json.loads(payload)
    return Position(tuple(values), backwards)


def scope_of(parts: Sequence[object]) -> str:
    """Write down what a token is good for."""
    return json.dumps(parts, default=str)


def _sign(payload: bytes, scope: str, key: bytes) -> bytes:
    return hmac.digest(key, scope.encode() + b"\n" + payload, sha256)[:_SIGNATURE_BYTES]
