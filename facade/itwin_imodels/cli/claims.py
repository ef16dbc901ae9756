"""Claims of an access token. They are not verified: only the service can do that."""

import base64
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

_PARTS: Final = 3
_NAMES: Final = ("email", "name", "preferred_username", "sub", "client_id")


@dataclass(frozen=True, kw_only=True)
class Claims:
    """Claims of a token.

    Attributes:
        user: The user or application that it was issued for; None if unknown.
        expires_at: When it expires; None if unknown.
    """

    user: str | None = None
    expires_at: datetime | None = None


def bare_token(text: str) -> str:
    """Return a token without surrounding white space and a leading `Bearer`, as the client sends it."""
    return re.sub(r"^Bearer\s+", "", text.strip(), flags=re.IGNORECASE)


def claims_of(token: str) -> Claims:
    """Read the claims of a token; an opaque one has none."""
    parts = bare_token(token).split(".")
    if len(parts) != _PARTS:
        return Claims()
    try:
        content: Any = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        user = next((str(content[name]) for name in _NAMES if content.get(name)), None)
        expires = content.get("exp")
        return Claims(user=user, expires_at=None if expires is None else datetime.fromtimestamp(float(expires), UTC))
    except (ValueError, TypeError, AttributeError, OverflowError):
        return Claims()
