"""A griffe extension for attrs classes: derives the constructor arguments from the fields.

Users of the package create instances of classes whose docstrings contain `Args:`, so these classes get the constructor
that attrs will generate. The fields of other classes are documented as attributes.
"""

from collections.abc import Iterator
from typing import Any

import griffe

_DECORATORS = ("attr.", "attrs.")


class AttrsParameters(griffe.Extension):
    """Adds the constructors of attrs classes to griffe's data."""

    def on_class_members(self, *, cls: griffe.Class, **_: Any) -> None:
        """Add a constructor to an attrs class."""
        decorators = [each for each in cls.decorators if each.callable_path.startswith(_DECORATORS)]
        documented = cls.docstring is not None and "Args:" in cls.docstring.value
        if not decorators or not documented or "__init__" in cls.members:
            return
        keyword_only = "kw_only=True" in str(decorators[0].value)
        parameters = griffe.Parameters(*_parameters(cls, keyword_only=keyword_only))
        cls.set_member("__init__", griffe.Function("__init__", parameters=parameters, returns="None"))


def _parameters(cls: griffe.Class, *, keyword_only: bool) -> Iterator[griffe.Parameter]:
    kind = griffe.ParameterKind.keyword_only if keyword_only else griffe.ParameterKind.positional_or_keyword
    yield griffe.Parameter("self", kind=griffe.ParameterKind.positional_or_keyword)
    for name, each in cls.members.items():
        if not isinstance(each, griffe.Attribute) or each.annotation is None or "property" in each.labels:
            continue
        options = _options(each)
        if options.get("init") != "False" and not str(each.annotation).startswith("ClassVar"):
            inner_kind = griffe.ParameterKind.keyword_only if options.get("kw_only") == "True" else kind
            made = "..." if "factory" in options else None
            default = each.value if options is _PLAIN else options.get("default", made)
            yield griffe.Parameter(name.lstrip("_"), annotation=each.annotation, kind=inner_kind, default=default)


_PLAIN: dict[str, Any] = {}


def _options(field: griffe.Attribute) -> dict[str, Any]:
    """Return the arguments of `attrs.field()`, or `_PLAIN` if the field has a plain default."""
    value = field.value
    if isinstance(value, griffe.ExprCall) and str(value.function).rpartition(".")[2] == "field":
        return {each.name: str(each.value) for each in value.arguments if isinstance(each, griffe.ExprKeyword)}
    return _PLAIN
