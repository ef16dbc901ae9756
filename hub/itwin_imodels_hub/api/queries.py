"""Strict parsing of query parameters; all problems with a request are reported together."""

import re
from collections.abc import Collection, Sequence

from itwin_imodels_hub.api import errors
from itwin_imodels_hub.api.bodies import TEXT_MAXIMUM
from itwin_imodels_hub.api.errors import Detail
from itwin_imodels_hub.rules.id_formats import INT64_MAXIMUM, parse_uuid
from itwin_imodels_hub.rules.ordering import Order, parse_order
from itwin_imodels_hub.rules.texts import storable

PAGING = ("$skip", "$top", "$continuationToken")

_INTEGER = re.compile(r"-?[0-9]{1,19}")


class Query:
    """The parameters of a query. Unknown and repeated parameters are reported as problems."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Read decoded pairs."""
        self.pairs = pairs
        self.problems: list[Detail] = []
        self._values = dict(pairs)
        self._known: set[str] = set()

    def text(self, name: str) -> str | None:
        """Return a string unchanged, or None if it was not sent."""
        self._known.add(name)
        return self._values.get(name)

    def words(self, name: str) -> str | None:
        """Return a string of 1 to 255 characters that is not blank, or None."""
        value = self.text(name)
        if value is None:
            return None
        if not value.strip() or len(value) > TEXT_MAXIMUM or not storable(value):
            self.problems.append(errors.bad_parameter(name, value, f"'{name}' must have 1 to 255 characters."))
            return None
        return value

    def integer(self, name: str, minimum: int, hint: str, maximum: int = INT64_MAXIMUM) -> int | None:
        """Return an integer within bounds, or None; `hint` describes the permitted values."""
        value = self.text(name)
        if value is None:
            return None
        if not _INTEGER.fullmatch(value) or not minimum <= int(value) <= maximum:
            self.problems.append(errors.bad_parameter(name, value, f"'{name}' must be {hint}."))
            return None
        return int(value)

    def natural(self, name: str) -> int | None:
        """Return a non-negative integer, or None."""
        return self.integer(name, 0, "a non-negative integer")

    def choice(self, name: str, valid: Sequence[str]) -> str | None:
        """Return one of several permitted values, or None."""
        value = self.text(name)
        if value is not None and value not in valid:
            self.problems.append(errors.bad_choice(name, value, valid))
            return None
        return value

    def required_uuid(self, name: str) -> str:
        """Return a required UUID."""
        value = self.text(name)
        if not value:
            self.problems.append(errors.missing_parameter(name))
            return ""
        parsed = parse_uuid(value)
        if parsed is None:
            self.problems.append(errors.bad_parameter(name, value))
        return parsed or ""

    def order(self, names: Collection[str], *, several: bool, parameter: str = "$orderBy") -> list[Order]:
        """Return the criteria of `$orderBy`, or of the parameter that has this purpose."""
        value = self.text(parameter)
        if value is None:
            return []
        order = parse_order(value, names, several=several)
        if order is None:
            self.problems.append(errors.bad_parameter(parameter, value))
        return order or []

    def exclude(self, *names: str) -> None:
        """Add a problem if more than one of these parameters was sent."""
        sent = [name for name in names if name in self._values]
        if len(sent) > 1:
            self.problems.append(errors.exclusive_parameters(sent))

    def close(self) -> None:
        """Finish reading: report unknown and repeated parameters as problems."""
        names = [name for name, _ in self.pairs]
        for name in dict.fromkeys(names):
            if name not in self._known:
                message = f"'{name}' is not a parameter of this operation."
                self.problems.append(Detail(code="InvalidValue", message=message, target=name))
            elif names.count(name) > 1:
                message = f"'{name}' is given more than once."
                self.problems.append(Detail(code="InvalidValue", message=message, target=name))

    @property
    def filters(self) -> list[tuple[str, str]]:
        """The parameters other than those for paging, as sent."""
        return [(name, value) for name, value in self.pairs if name not in PAGING]
