"""What is compared and which difference breaks a client, as tables and small rules."""

from collections.abc import Callable, Collection
from enum import Enum
from typing import Any, NamedTuple

from scripts.specs.diff.reading import (
    Bound,
    Schema,
    bound_reader,
    default_of,
    format_of,
    multiple_of,
    pattern_of,
    type_of,
)


class Side(Enum):
    """Who writes a value: the client (request) or the service (answer)."""

    REQUEST = "request"
    ANSWER = "answer"


class Flag(NamedTuple):
    """Something that is so or not: how its change is told, and on which side which direction breaks."""

    on: str
    off: str
    breaking: Collection[tuple[Side, bool]] = ()


REQUIRED = Flag("now required", "no longer required", {(Side.REQUEST, True), (Side.ANSWER, False)})
NULL = Flag("may now be null", "may no longer be null", {(Side.ANSWER, True), (Side.REQUEST, False)})
UNIQUE = Flag("entries must now differ", "entries may now be equal", {(Side.REQUEST, True)})
CLOSED = Flag("takes no other properties now", "takes other properties now", {(Side.REQUEST, True)})
DEPRECATED = Flag("deprecated", "no longer deprecated")
PREVIEW = Flag("now a technical preview", "no longer a technical preview")

BREAKING_PRESENCE = {
    ("operation", "removed"),
    ("parameter", "removed"),
    ("parameter", "added, required"),
    ("request body", "removed"),
    ("request body", "added, required"),
    ("request media type", "removed"),
    ("request property", "removed"),
    ("request property", "added, required"),
    ("request alternative", "removed"),
    ("success answer", "removed"),
    ("answer media type", "removed"),
    ("answer header", "removed"),
    ("answer property", "removed"),
    ("answer alternative", "added"),
}
"""What breaks a client by coming or going; every other coming and going is compatible."""

COMPATIBLE_FORMATS: dict[Side, tuple[tuple[set[str | None], set[str | None]], ...]] = {
    # The service takes at least what it took.
    Side.REQUEST: (
        ({"uuid", "uri"}, {None}),
        ({"int32"}, {"int64", None}),
        ({"float"}, {"double", None}),
    ),
    # The same characters or the same number, with a stricter or looser promise about them.
    Side.ANSWER: (
        ({"uuid", "uri", None}, {"uuid", "uri", None}),
        ({"int32", "int64", None}, {"int32", "int64", None}),
        ({"float", "double", None}, {"float", "double", None}),
    ),
}
"""Changes of a format, from one of the first set to one of the second, that break nobody; all others do."""


class Facet(NamedTuple):
    """A keyword with a value: how it is read from a form, and when its change breaks."""

    name: str
    read: Callable[[Schema], Any]
    breaks: Callable[[Side, Any, Any], bool]


def _always(_side: Side, _old: object, _new: object) -> bool:
    return True


def _never(_side: Side, _old: object, _new: object) -> bool:
    return False


def _format_breaks(side: Side, old: str | None, new: str | None) -> bool:
    return not any(old in before and new in after for before, after in COMPATIBLE_FORMATS[side])


def _bound_breaks(side: Side, old: Bound | None, new: Bound | None) -> bool:
    return side is Side.REQUEST and new is not None and (old is None or new > old)


def _pattern_breaks(side: Side, _old: str | None, new: str | None) -> bool:
    return side is Side.REQUEST and new is not None


def _multiple_breaks(side: Side, old: float | None, new: float | None) -> bool:
    return side is Side.REQUEST and new is not None and (old is None or old % new != 0)


FORM_FACETS = (
    Facet("type", type_of, _always),
    Facet("format", format_of, _format_breaks),
    Facet("minimum", bound_reader("minimum", 1, "exclusiveMinimum"), _bound_breaks),
    Facet("maximum", bound_reader("maximum", -1, "exclusiveMaximum"), _bound_breaks),
    Facet("minLength", bound_reader("minLength", 1), _bound_breaks),
    Facet("maxLength", bound_reader("maxLength", -1), _bound_breaks),
    Facet("minItems", bound_reader("minItems", 1), _bound_breaks),
    Facet("maxItems", bound_reader("maxItems", -1), _bound_breaks),
    Facet("minProperties", bound_reader("minProperties", 1), _bound_breaks),
    Facet("maxProperties", bound_reader("maxProperties", -1), _bound_breaks),
    Facet("multipleOf", multiple_of, _multiple_breaks),
    Facet("pattern", pattern_of, _pattern_breaks),
)
VALUE_FACETS = (Facet("default", default_of, _never),)
