"""Differences between responses and the definition, and filters for the parts of a response that may be recorded.

Values, ids, tokens and links are never recorded. Names of unknown properties and headers, error codes and media types
are recorded if they look like names chosen by a programmer.
"""

import re
from enum import StrEnum, unique
from typing import Final

import attrs

_NAME = re.compile(r"[A-Za-z_$@][A-Za-z0-9_$-]{0,47}", re.ASCII)
_HEXADECIMAL = re.compile(r"[0-9a-f-]{12,}", re.ASCII | re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z]{3,64}", re.ASCII)
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z.+-]{1,64}[0-9]{0,2}[a-z.+-]{0,64}", re.ASCII)
_MAX_DIGITS: Final = 3
"""Maximum number of digits in a name; an id that begins with a letter has more."""

MANY_NAMES: Final = "(many names)"
ODD_NAME: Final = "(odd name)"
ODD_CODE: Final = "(odd code)"
ODD_MEDIA_TYPE: Final = "(odd media type)"
NO_MEDIA_TYPE: Final = "(none)"


@unique
class Kind(StrEnum):
    """Kind of difference between a response and the definition."""

    UNKNOWN_STATUS = "unknown status"
    UNKNOWN_MEDIA_TYPE = "unknown media type"
    UNKNOWN_HEADER = "unknown header"
    UNKNOWN_CODE = "unknown code"
    UNKNOWN_DETAIL_CODE = "unknown detail code"
    UNKNOWN_INNER_CODE = "unknown inner code"
    UNKNOWN_PROPERTY = "unknown property"
    UNKNOWN_VALUE = "unknown value"
    MISSING_PROPERTY = "missing property"
    OTHER_TYPE = "other type"
    NO_BODY = "no body"
    NOT_JSON = "not JSON"
    COMPARED = "compared"
    """Not a difference: counts a compared response. Its detail is the error code, if any."""


@attrs.frozen(order=True)
class Finding:
    """A difference, without values.

    Attributes:
        operation: Id of the operation.
        status: HTTP status of the response.
        kind: Kind of the difference.
        schema: Named schema that contains the difference; empty if the schema has no name.
        at: Path in the schema, such as `lockedObjects[].objectIds`; empty for the schema itself.
        detail: Type that was found, or the name, code or media type.
    """

    operation: str
    status: int
    kind: Kind = attrs.field(converter=Kind)
    schema: str = ""
    at: str = ""
    detail: str = ""


def shown_name(name: str) -> str:
    """Return the name of a property or header, or a placeholder if it does not look like a name."""
    looks_like_id = _HEXADECIMAL.fullmatch(name) or sum(map(str.isdigit, name)) > _MAX_DIGITS
    return ODD_NAME if looks_like_id or not _NAME.fullmatch(name) else name


def shown_code(code: str) -> str:
    """Return an error code, or a placeholder if it does not look like a code."""
    return code if _CODE.fullmatch(code) else ODD_CODE


def shown_media_type(media_type: str) -> str:
    """Return a media type in lower case without parameters, or a placeholder if it is missing or malformed."""
    bare = media_type.partition(";")[0].strip().lower()
    if not bare:
        return NO_MEDIA_TYPE
    return bare if _MEDIA_TYPE.fullmatch(bare) else ODD_MEDIA_TYPE
