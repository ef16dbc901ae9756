"""Forms that only the page they stand on can send.

Another site may let a browser send anything, but knows neither the cookie that came with the page nor the seal in it.
"""

import hmac
import re
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

COOKIE: Final = "imodels_hub_sign_in"

_LONGEST: Final = timedelta(hours=1)
_MARK = re.compile(r"[A-Za-z0-9_-]{43}")
_SEAL = re.compile(r"([0-9]{1,12})\.([0-9a-f]{64})")


def mark_of(cookie: str | None) -> str:
    """Give the mark of a browser: the one that its cookie holds, so that several pages can be open, else a new one."""
    return cookie if cookie is not None and _MARK.fullmatch(cookie) else secrets.token_urlsafe(32)


def seal(mark: str, question: str, now: datetime, secret: bytes) -> str:
    """Seal a form.

    Args:
        mark: Of the browser that the form is for.
        question: What the form answers.
        now: The present time.
        secret: The hub's secret.
    """
    seconds = int(now.timestamp())
    return f"{seconds}.{_sign(mark, question, seconds, secret)}"


def is_sealed(given: str, mark: str | None, question: str, now: datetime, secret: bytes) -> bool:
    """Tell whether a form comes from its own page, in the browser that had it, within an hour."""
    found = _SEAL.fullmatch(given)
    if found is None or mark is None or not _MARK.fullmatch(mark):
        return False
    seconds = int(found[1])
    in_time = 0 <= int(now.timestamp()) - seconds <= _LONGEST.total_seconds()
    return hmac.compare_digest(found[2], _sign(mark, question, seconds, secret)) and in_time


def _sign(mark: str, question: str, seconds: int, secret: bytes) -> str:
    return hmac.new(secret, f"sign-in form\n{mark}\n{seconds}\n{question}".encode(), sha256).hexdigest()
