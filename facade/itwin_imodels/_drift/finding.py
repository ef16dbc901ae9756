"""One kind of difference between an answer and the definition, and what of an answer may be written down.

Values, ids, tokens and links never are. Names of unknown properties and headers, and error codes, are the finding
itself: they are written down as long as they look like names that a programmer chose.
"""

import re
from enum import StrEnum, unique
from typing import Final

import attrs

_NAME = re.compile(r"[A-Za-z_$@][A-Za-z0-9_$-]{0,47}", re.ASCII)
_HEXADECIMAL = re.compile(r"[0-9a-f-]{12,}", re.ASCII | re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z]{3,64}", re.ASCII)
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z.+-]{1,64}[0-9]{0,2}[a-z.+-]{0,64}", re.ASCII)
_MOST_DIGITS: Final = 3
"""An id that begins with a letter has more."""

MANY_NAMES: Final = "(many names)"
ODD_NAME: Final = "(odd name)"
ODD_CODE: Final = "(odd code)"
ODD_MEDIA_TYPE: Final = "(odd media type)"
NO_MEDIA_TYPE: Final = "(none)"


@unique
class Kind(StrEnum):
    """How an answer differs."""

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
    """No difference: an answer was compared. Its detail is the error code, if there is one."""


@attrs.frozen(order=True)
class Finding:
    """One kind of difference.

    Attributes:
        operation: The operation's id.
        status: The answer's status.
        kind: How it differs.
        schema: The named schema in which it differs; empty for a part of the answer that has no name.
        at: The place in that schema, such as `lockedObjects[].objectIds`; empty for the schema itself.
        detail: The type that was found, or the name, code or media type.
    """

    operation: str
    status: int
    kind: Kind = attrs.field(converter=Kind)
    schema: str = ""
    at: str = ""
    detail: str = ""


def shown_name(name: str) -> str:
    """Return the name of a property or header if it looks like one."""
    looks_like_id = _HEXADECIMAL.fullmatch(name) or sum(map(str.isdigit, name)) > _MOST_DIGITS
    return ODD_NAME if looks_like_id or not _NAME.fullmatch(name) else name


def shown_code(code: str) -> str:
    """Return an error code if it looks like one."""
    return code if _CODE.fullmatch(code) else ODD_CODE


def shown_media_type(media_type: str) -> str:
    """Return a media type, in lower case and without parameters, if it looks like one."""
    bare = media_type.partition(";")[0].strip().lower()
    if not bare:
        return NO_MEDIA_TYPE
    return bare if _MEDIA_TYPE.fullmatch(bare) else ODD_MEDIA_TYPE
