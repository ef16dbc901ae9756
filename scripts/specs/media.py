"""Media types: which of several the client uses, and what they are called."""

from collections.abc import Collection, Mapping
from typing import TypeVar

JSON = "application/json"
BINARY = "application/octet-stream"
_OTHER_JSON = frozenset({"text/json", "application/*+json"})

_Content = TypeVar("_Content")


def is_json(media: str) -> bool:
    """Check whether a media type without parameters is JSON of any kind."""
    return media == JSON or media in _OTHER_JSON or media.endswith("+json")


def bare(content: Mapping[str, _Content]) -> dict[str, _Content]:
    """Return the content with media types in lower case and without parameters; the first of equal ones counts."""
    result: dict[str, _Content] = {}
    for media, body in content.items():
        result.setdefault(media.partition(";")[0].strip().lower(), body)
    return result


def preferred(content: Mapping[str, _Content], binary: Collection[str], *, only: bool) -> dict[str, _Content]:
    """Return the content with what the client uses of it.

    Args:
        content: Bodies by media type.
        binary: Media types that the generator is told to treat as plain bytes.
        only: Whether one media type may remain. Otherwise all remain unless one is JSON.

    Returns:
        The JSON body if there is one, as ``application/json`` where that is among the types or where the type cannot be
        sent; otherwise the first binary body or, without one, the first.
    """
    kinds = [media for media in content if is_json(media)]
    if kinds:
        chosen = JSON if JSON in kinds else next((each for each in kinds if each not in _OTHER_JSON), kinds[0])
        return {JSON if chosen in _OTHER_JSON else chosen: content[chosen]}
    if not only or len(content) < 2:  # noqa: PLR2004
        return dict(content)
    chosen = next((media for media in content if media in {BINARY, *binary}), next(iter(content)))
    return {chosen: content[chosen]}
