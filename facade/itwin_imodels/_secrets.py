"""What must never be shown: tokens and the signatures of storage links."""

import re

_QUERY = re.compile(r"(https?://[^\s?'\"<>]+)\?[^\s'\"<>]*", re.IGNORECASE)
_CREDENTIALS = re.compile(r"\b(Bearer|Basic)\s+[^\s'\",;]+", re.IGNORECASE)


def without_query(url: str) -> str:
    """Leave out the query of an address, which may hold a signature."""
    address, mark, _ = url.partition("?")
    return f"{address}?…" if mark else address


def masked(text: str) -> str:
    """Leave out of a text what looks like credentials: queries of addresses and authorization values."""
    return _CREDENTIALS.sub(r"\1 …", _QUERY.sub(r"\1?…", text))
