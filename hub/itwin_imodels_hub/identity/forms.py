"""Protection of forms against cross-site request forgery.

Another site can make a browser send a form, but the site knows neither the cookie of the page nor the seal in the form.
"""

import hmac
import re
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

COOKIE: Final = "imodels_hub_sign_in"

_MAX_AGE: Final = timedelta(hours=1)
_MARK = re.compile(r"[A-Za-z0-9_-]{43}")
_SEAL = re.compile(r"([0-9]{1,12})\.([0-9a-f]{64})")


def mark_of(cookie: str | None) -> str:
    """Return the mark of a browser: the one in its cookie, so that several pages can be open, or else a new one."""
    return cookie if cookie is not None and _MARK.fullmatch(cookie) else secrets.token_urlsafe(32)


def seal(mark: str, query: str, now: datetime, secret: bytes) -> str:
    """Return the seal of a form.

    Args:
        mark: Mark of the browser that receives the form.
        query: The request that the form answers.
        now: Current time.
        secret: Secret of the hub.
    """
    seconds = int(now.timestamp())
    return f"{seconds}.{_sign(mark, query, seconds, secret)}"


def is_sealed(seal: str, mark: str | None, query: str, now: datetime, secret: bytes) -> bool:
    """Check whether a form was sent from its own page in the same browser and is at most one hour old."""
    match = _SEAL.fullmatch(seal)
    if match is None or mark is None or not _MARK.fullmatch(mark):
        return False
    seconds = int(match[1])
    in_time = 0 <= int(now.timestamp()) - seconds <= _MAX_AGE.total_seconds()
    return hmac.compare_digest(match[2], _sign(mark, query, seconds, secret)) and in_time


def _sign(mark: str, query: str, seconds: int, secret: bytes) -> str:
    return hmac.new(secret, f"sign-in form\n{mark}\n{seconds}\n{query}".encode(), sha256).hexdigest()
