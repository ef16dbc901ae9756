"""What all forms of pre-signed links have in common: a secret, a clock, the permissions and the refusal."""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, Protocol

from attrs import field, frozen

READ: Final = "r"
WRITE: Final = "w"
DELETE: Final = "d"
LIST: Final = "l"


class LinkRefused(Exception):  # noqa: N818 - reads as what happened, like the codes it carries
    """A link does not allow what was asked of it.

    Attributes:
        code: Error code of the storage service that the link imitates.
        detail: Why, in words that may be told to the client.
    """

    def __init__(self, code: str, detail: str) -> None:
        """Refuse with an error code and the reason."""
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@frozen(kw_only=True)
class Signer:
    """Signs links.

    Attributes:
        key: Secret to sign with.
        now: Clock that links begin and expire by; returns aware times.
        account: Name of the storage account: the first segment of each path.
    """

    key: bytes = field(repr=False)
    now: Callable[[], datetime]
    account: str

    def sign(self, *lines: str) -> bytes:
        """Return the signature of some lines."""
        # Each form has its own number of lines, so a line break in a value gives a text that was never signed.
        return hmac.digest(self.key, "\n".join(lines).encode(), sha256)


class LinkVerifier(Protocol):
    """Decides what a link permits; see `SignedLinks`."""

    @property
    def account(self) -> str:
        """Name of the storage account: the first segment of each path."""

    def verify(self, permission: str, name: str, query: str) -> None:
        """Raise LinkRefused unless a link permits an act."""

    def scope(self, permission: str, name: str, query: str) -> str:
        """Check like `verify` and return what the link is for."""


def parse_time(text: str, form: str) -> datetime:
    """Parse a time of a link."""
    return datetime.strptime(text, form).replace(tzinfo=UTC)
