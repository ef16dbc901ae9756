"""Strict parsing of JSON bodies; all problems with a request are reported together."""

import json
from collections.abc import Mapping, Sequence
from typing import NoReturn

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.errors import Detail
from itwin_imodels_hub.rules.id_formats import INT32_MAXIMUM, parse_uuid
from itwin_imodels_hub.rules.texts import storable

TEXT_MAXIMUM = 255
_UNBOUNDED = 1 << 20


class NotJSONError(ValueError):
    """A body is not a JSON object."""


def parse_object(content: bytes) -> dict[str, object]:
    """Parse a JSON object.

    Raises:
        NotJSONError: The content is not a JSON object.
    """
    try:
        value = json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotJSONError from error
    if not isinstance(value, dict):
        raise NotJSONError
    return value


def _refuse(_: str) -> NoReturn:
    raise NotJSONError


class Fields:
    """The members of a JSON object.

    The methods return the value of a member, or None if it is missing, null or invalid; errors are added to `problems`.
    The methods for required members always return a value of the right type, so that reading can continue. Use
    these values only after the block of `Context.fields`, which raises the problems at its end.
    """

    def __init__(self, values: Mapping[str, object], problems: list[Detail] | None = None, *, prefix: str = "") -> None:
        """Read `values`.

        Args:
            values: The members.
            problems: List that collects problems; None creates one.
            prefix: Prefix of member names in messages, for inner objects.
        """
        self._values = values
        self.problems: list[Detail] = [] if problems is None else problems
        self._prefix = prefix
        self._known: set[str] = set()
        self._targets: dict[str, str] = {}
        self._inner_fields: list[Fields] = []
        self._any_of: tuple[str, ...] = ()

    def set_target(self, name: str, target: str) -> None:
        """Set the target name for problems of a member."""
        self._targets[name] = target

    def was_sent(self, name: str) -> bool:
        """Check whether a member was sent, possibly as null."""
        return name in self._values

    def text(self, name: str, *, maximum: int = TEXT_MAXIMUM, blank: bool = True) -> str | None:
        """Read a string of at most `maximum` characters."""
        value = self._value(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self._add(errors.bad_type(self._label(name), "string", self._target(name)))
        elif len(value) > maximum:
            self._add(errors.too_long(self._label(name), maximum, self._target(name)))
        elif not blank and not value.strip():
            self._add(errors.bad_property(self._label(name), "The value must not be empty.", self._target(name)))
        elif not storable(value):
            hint = "The value contains characters that are not allowed."
            self._add(errors.bad_property(self._label(name), hint, self._target(name)))
        else:
            return value
        return None

    def required_text(self, name: str, *, maximum: int = TEXT_MAXIMUM) -> str:
        """Read a required string that must not be blank."""
        return (self.text(name, maximum=maximum, blank=False) if self._check_present(name) else None) or ""

    def integer(self, name: str, *, minimum: int = -INT32_MAXIMUM - 1, maximum: int = INT32_MAXIMUM) -> int | None:
        """Read an integer."""
        value = self._value(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self._add(errors.bad_type(self._label(name), "integer", self._target(name)))
        elif not minimum <= value <= maximum:
            hint = f"The value must be between {minimum} and {maximum}."
            self._add(errors.bad_property(self._label(name), hint, self._target(name)))
        else:
            return value
        return None

    def required_integer(self, name: str, *, minimum: int = 0, maximum: int = INT32_MAXIMUM) -> int:
        """Read a required integer."""
        return (self.integer(name, minimum=minimum, maximum=maximum) if self._check_present(name) else None) or 0

    def degrees(self, name: str, maximum: int) -> float:
        """Read a required angle from -`maximum` to `maximum` degrees."""
        value = self._value(name) if self._check_present(name) else 0
        if value is None or isinstance(value, bool) or not isinstance(value, int | float):
            self._add(errors.bad_type(self._label(name), "number", self._target(name)))
        elif not -maximum <= value <= maximum:
            hint = f"The value must be between -{maximum} and {maximum}."
            self._add(errors.bad_property(self._label(name), hint, self._target(name)))
        else:
            return value
        return 0

    def flag(self, name: str) -> bool:
        """Read a boolean; False if it is missing."""
        value = self._value(name)
        if value is not None and not isinstance(value, bool):
            self._add(errors.bad_type(self._label(name), "boolean", self._target(name)))
        return value is True

    def choice(self, name: str, valid: Sequence[str]) -> str | None:
        """Read one of several permitted strings."""
        value = self.text(name, maximum=_UNBOUNDED)
        if value is not None and value not in valid:
            self._add(errors.bad_choice(self._label(name), value, valid))
            return None
        return value

    def required_choice(self, name: str, valid: Sequence[str]) -> str:
        """Read a required member that is one of several permitted strings."""
        return (self.choice(name, valid) if self._check_present(name) else None) or ""

    def uuid(self, name: str) -> str | None:
        """Read a UUID."""
        value = self.text(name, maximum=_UNBOUNDED)
        if value is None:
            return None
        parsed = parse_uuid(value)
        if parsed is None:
            self._add(errors.bad_parameter(self._label(name), value))
        return parsed

    def required_uuid(self, name: str) -> str:
        """Read a required UUID."""
        return (self.uuid(name) if self._check_present(name) else None) or ""

    def texts(self, name: str, *, empty: bool = False) -> list[str] | None:
        """Read a list of strings; `empty` permits an empty list."""
        value = self._value(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) and storable(item) for item in value):
            self._add(errors.bad_type(self._label(name), "array", self._target(name)))
        elif not value and not empty:
            self._add(errors.bad_property(self._label(name), "The list must not be empty.", self._target(name)))
        else:
            return value
        return None

    def inner(self, name: str, *, target: str | None = None) -> "Fields | None":
        """Read an inner object; `target` replaces the target name of all its problems."""
        value = self._value(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._add(errors.bad_type(self._label(name), "object", self._target(name)))
            return None
        return self._inner(name, value, target)

    def objects(self, name: str) -> "list[Fields] | None":
        """Read a list of objects."""
        value = self._value(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._add(errors.bad_type(self._label(name), "array", self._target(name)))
            return None
        return [self._inner(f"{name}[{place}]", item, None) for place, item in enumerate(value)]

    def require(self, name: str) -> None:
        """Add a problem if a member is missing or null."""
        self._check_present(name)

    def require_any(self, *names: str) -> set[str]:
        """Return the names of the sent members.

        If none was sent, `close` reports the first as missing, unless there are other problems.
        """
        self._any_of = names
        return {name for name in names if self.was_sent(name)}

    def problem(self, detail: Detail) -> None:
        """Add a problem that the caller found."""
        self._add(detail)

    def close(self) -> None:
        """Finish reading, including inner objects: add a problem for each unread member."""
        for inner in self._inner_fields:
            inner.close()
        for name in self._values.keys() - self._known:
            shown = name if storable(name) else repr(name)
            self._add(errors.bad_property(self._label(shown), "The property is unknown.", self._target(shown)))
        if self._any_of and not self.problems and not any(map(self.was_sent, self._any_of)):
            self._add(errors.missing_property(self._any_of[0]))

    def _inner(self, name: str, values: Mapping[str, object], target: str | None) -> "Fields":
        inner = Fields(values, self.problems, prefix=f"{self._label(name)}.")
        if target is not None:
            inner._targets = dict.fromkeys((*values, "southWest", "northEast", "latitude", "longitude"), target)
        self._inner_fields.append(inner)
        return inner

    def _value(self, name: str) -> object:
        self._known.add(name)
        return self._values.get(name)

    def _check_present(self, name: str) -> bool:
        if self._value(name) is None:
            self._add(errors.missing_property(self._target(name)))
            return False
        return True

    def _label(self, name: str) -> str:
        return f"{self._prefix}{name}"

    def _target(self, name: str) -> str:
        return self._targets.get(name, self._label(name))

    def _add(self, detail: Detail) -> None:
        self.problems.append(detail)
