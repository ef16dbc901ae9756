"""Media types: normalization, and selection of those that the client uses."""

from collections.abc import Mapping
from typing import Any, TypeVar

from scripts.specs.walk import operations

JSON = "application/json"
BINARY = "application/octet-stream"
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
_OTHER_JSON = frozenset({"text/json", "application/*+json", "application/*", "*/*"})

_Content = TypeVar("_Content")


def is_json(media: str) -> bool:
    """Check whether a media type without parameters is any kind of JSON."""
    return media == JSON or media in _OTHER_JSON or media.endswith("+json")


def is_known(media: str, *, sent: bool) -> bool:
    """Check whether the generator supports a media type of a body or of a response."""
    return is_json(media) or media == BINARY or (media in _FORMS if sent else media.startswith("text/"))


def is_any(media: str) -> bool:
    """Check whether a media type is a range, such as ``application/*``."""
    return "*" in media


def is_versioned(media: str) -> bool:
    """Check whether a media type belongs to a vendor, whose types name the version of the API."""
    return media.startswith("application/vnd.")


def without_parameters(media: str) -> str:
    """Return a media type in lower case and without parameters such as a charset."""
    return media.partition(";")[0].strip().lower()


def bare(content: Mapping[str, _Content]) -> dict[str, _Content]:
    """Return the content with media types in lower case and without parameters; the first of equal ones is kept."""
    result: dict[str, _Content] = {}
    for media, body in content.items():
        result.setdefault(without_parameters(media), body)
    return result


def preferred(content: Mapping[str, _Content], *, only: bool) -> dict[str, _Content]:
    """Return the part of the content that the client uses.

    Args:
        content: Bodies by media type.
        only: Whether only one media type may remain. Otherwise all remain unless one is JSON.

    Returns:
        The JSON body if there is one, as ``application/json`` if that is among the types or if the type cannot be sent;
            otherwise the binary body, or the first body if none is binary.
    """
    kinds = [media for media in content if is_json(media)]
    if kinds:
        chosen = JSON if JSON in kinds else next((each for each in kinds if each not in _OTHER_JSON), kinds[0])
        return {JSON if chosen in _OTHER_JSON else chosen: content[chosen]}
    if not only or not content:
        return dict(content)
    chosen = BINARY if BINARY in content else next(iter(content))
    return {chosen: content[chosen]}


def unknown(document: dict[str, Any]) -> set[str]:
    """Return the media types of a corrected definition that the generator must treat as plain bytes."""
    found = set()
    for operation in operations(document):
        bodies = [(operation.node.get("requestBody", {}), True)]
        bodies += [(answer, False) for answer in operation.node.get("responses", {}).values()]
        found |= {media for body, sent in bodies for media in body.get("content", {}) if not is_known(media, sent=sent)}
    return found
