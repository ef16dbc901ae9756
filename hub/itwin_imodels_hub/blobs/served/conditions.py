"""Conditional requests: evaluation of If-Match and related headers (RFC 9110, section 13)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from itwin_imodels_hub.blobs.folder.records import BlobInfo

CONDITIONAL_HEADERS = ("if-match", "if-none-match", "if-modified-since", "if-unmodified-since")


class Outcome(Enum):
    """The outcome of a conditional request."""

    PROCEED = "proceed"
    NOT_MODIFIED = "not modified"  # the client already has this version
    FAILED = "failed"
    EXISTS = "exists"  # the blob to create already exists


def judge(headers: Mapping[str, str], info: BlobInfo | None, *, reading: bool) -> Outcome:
    """Evaluate the conditional headers of a request.

    Args:
        headers: Request headers, with lower-case names or a case-insensitive lookup.
        info: The blob; None if it is missing.
        reading: Whether the request only reads.

    Returns:
        The outcome.

    Raises:
        ValueError: A header contains an invalid HTTP date.
    """
    since, until = _date(headers.get("if-modified-since")), _date(headers.get("if-unmodified-since"))
    match, none_match = headers.get("if-match"), headers.get("if-none-match")
    if match is not None:
        if not _matches(match, info):
            return Outcome.FAILED
    elif until is not None and info is not None and info.last_modified > until:
        return Outcome.FAILED
    if none_match is not None:
        if _matches(none_match, info):
            return _not_met(reading=reading, creating=none_match.strip() == "*")
    elif since is not None and info is not None and info.last_modified <= since:
        return _not_met(reading=reading, creating=False)
    return Outcome.PROCEED


def _not_met(*, reading: bool, creating: bool) -> Outcome:
    if reading:
        return Outcome.NOT_MODIFIED
    return Outcome.EXISTS if creating else Outcome.FAILED


def _matches(tags: str, info: BlobInfo | None) -> bool:
    if info is None:
        return False
    accepted = [tag.strip().removeprefix("W/").strip('"') for tag in tags.split(",")]
    return accepted == ["*"] or info.etag.strip('"') in accepted


def _date(value: str | None) -> datetime | None:
    if value is None:
        return None
    parsed = parsedate_to_datetime(value)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
