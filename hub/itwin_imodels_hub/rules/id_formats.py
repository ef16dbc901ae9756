"""Parse ids in paths, queries and bodies."""

import re
from typing import Final

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CHANGESET_ID: Final = re.compile(r"[0-9a-f]{40}")
_INDEX: Final = re.compile(r"[0-9]{1,39}")
_OBJECT_ID: Final = re.compile(r"0[xX]0*([0-9a-fA-F]{1,16})")

INT32_MAXIMUM: Final = 2**31 - 1
INT64_MAXIMUM: Final = 2**63 - 1


def parse_uuid(text: str) -> str | None:
    """Return a UUID in lower case, or None if the string is invalid."""
    return text.lower() if _UUID.fullmatch(text) else None


def is_changeset_id(text: str) -> bool:
    """Check whether a string consists of 40 lower-case hexadecimal digits."""
    return _CHANGESET_ID.fullmatch(text) is not None


def parse_index(text: str) -> int | None:
    """Parse a changeset index in a path segment: up to 39 digits (an id has 40); return None if invalid."""
    return int(text) if _INDEX.fullmatch(text) else None


def parse_int32(text: str) -> int | None:
    """Parse a non-negative 32-bit integer; return None if the string is invalid."""
    number = parse_index(text)
    return number if number is not None and number <= INT32_MAXIMUM else None


def parse_object_id(text: str) -> str | None:
    """Return an object id of up to 64 bits in canonical form, or None if the string is invalid."""
    match = _OBJECT_ID.fullmatch(text)
    return None if match is None else f"0x{match[1].lower()}"
