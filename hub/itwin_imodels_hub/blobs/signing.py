"""The parts that all link formats share: signer, permissions, rejection."""

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


class LinkRefused(Exception):  # noqa: N818 - an outcome, like the codes it contains
    """A link does not permit the requested operation.

    Attributes:
        code: Error code of the imitated storage service.
        detail: Reason, safe to send to the client.
    """

    def __init__(self, code: str, detail: str) -> None:
        """Reject a link with an error code and the reason."""
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@frozen(kw_only=True)
class Signer:
    """A signer of links.

    Attributes:
        key: Signing key.
        now: Clock for the start and expiry of links; returns timezone-aware times.
        account: Name of the storage account: the first segment of each path.
    """

    key: bytes = field(repr=False)
    now: Callable[[], datetime]
    account: str

    def sign(self, *lines: str) -> bytes:
        """Return the signature of a text, passed as lines."""
        # Each format has a fixed number of lines, so a line break in a value yields a text that was never signed.
        return hmac.digest(self.key, "\n".join(lines).encode(), sha256)


class LinkVerifier(Protocol):
    """Verifies links; see `SignedLinks`."""

    @property
    def account(self) -> str:
        """Name of the storage account: the first segment of each path."""

    def verify(self, permission: str, name: str, query: str) -> None:
        """Raise LinkRefused unless a link permits an operation."""

    def scope(self, permission: str, name: str, query: str) -> str:
        """Verify a link and return its scope."""


def parse_time(text: str, form: str) -> datetime:
    """Parse a time in a link."""
    return datetime.strptime(text, form).replace(tzinfo=UTC)
