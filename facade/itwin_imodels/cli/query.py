"""Select from JSON output with JMESPath."""

from collections.abc import Mapping
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Final

from itwin_imodels.cli.plain import as_json
from itwin_imodels.cli.settings import Settings

if TYPE_CHECKING:
    from jmespath.exceptions import JMESPathError
    from jmespath.parser import ParsedResult

_JSON: Final = ("json", "jsonl")
_FLAG: Final = "flag"
_SHOWN: Final = 80
_KINDS: Final = {"dict": "object", "list": "array", "NoneType": "null", "bool": "boolean", "str": "string"}
"""JSON types by their Python names."""


class Query:
    """A JMESPath expression."""

    def __init__(self, expression: str) -> None:
        """Parse an expression.

        Raises:
            ValueError: The expression is invalid.
        """
        import jmespath  # noqa: PLC0415 - few commands select
        from jmespath.exceptions import JMESPathError  # noqa: PLC0415 - as above

        self._text = shorten(expression, _SHOWN, placeholder="…")
        try:
            self._parsed: ParsedResult = jmespath.compile(expression)
            _check_functions(self._parsed.parsed)
        except JMESPathError as error:
            raise ValueError(f"invalid JMESPath expression {self._text!r}: {_reason(error)}") from None
        except RecursionError:
            raise ValueError(f"invalid JMESPath expression {self._text!r}: it is nested too deeply") from None

    def search(self, value: object, *, indent: int | None = None) -> str:
        """Return the data that the expression selects from plain data, as JSON; null if it selects nothing.

        Raises:
            ValueError: The expression does not support the data, or selects something that JSON lacks.
        """
        from jmespath.exceptions import JMESPathError  # noqa: PLC0415 - as above

        try:
            selection: object = self._parsed.search(value)
        except JMESPathError as error:
            raise self._mismatch(_reason(error)) from None
        except TypeError:  # JMESPath leaves comparisons of different types to Python
            reason = "it compares values of different types, or searches a string for a value of another type"
            raise self._mismatch(reason) from None
        except OverflowError:
            raise self._no_json("an infinite number or NaN") from None
        try:
            return as_json(selection, indent=indent)
        except ValueError:
            raise self._no_json("an infinite number or NaN") from None
        except TypeError:
            raise self._no_json("an expression (&)") from None

    def _mismatch(self, reason: str) -> ValueError:
        return ValueError(f"the JMESPath expression {self._text!r} does not match the output: {reason}")

    def _no_json(self, what: str) -> ValueError:
        return ValueError(f"the JMESPath expression {self._text!r} selects {what}, which JSON cannot represent")


def _check_functions(node: Mapping[str, Any]) -> None:
    """Check the names of functions and the numbers of their arguments, which JMESPath checks only when it calls them.

    Raises:
        UnknownFunctionError: No function has this name.
        ArityError: A function is called with a wrong number of arguments.
    """
    from jmespath.exceptions import ArityError, UnknownFunctionError  # noqa: PLC0415 - few commands select
    from jmespath.functions import Functions  # noqa: PLC0415 - as above

    if node.get("type") == "function_expression":
        name, count = node["value"], len(node["children"])
        if name not in Functions.FUNCTION_TABLE:
            raise UnknownFunctionError(f"unknown function {name}()")
        signature = Functions.FUNCTION_TABLE[name]["signature"]
        is_variadic = bool(signature) and signature[-1].get("variadic", False)
        if count < len(signature) or (count > len(signature) and not is_variadic):
            raise ArityError(len(signature), count, name)
    for child in node.get("children", ()):
        if isinstance(child, dict):
            _check_functions(child)


def _reason(error: "JMESPathError") -> str:
    from jmespath import exceptions  # noqa: PLC0415 - only on failure

    match error:
        case exceptions.EmptyExpressionError():
            return "it is empty"
        case exceptions.IncompleteExpressionError():
            return "it is incomplete"
        case exceptions.ArityError():
            return f"{error.function_name}() does not accept {error.actual_arity} arguments"
        case exceptions.ParseError():
            token = shorten(str(error.token_value), _SHOWN, placeholder="…")
            return f"unexpected {token!r} at character {error.lex_position + 1}"
        case exceptions.JMESPathTypeError():
            return f"{error.function_name}() does not accept {_KINDS.get(error.actual_type, error.actual_type)}"
        case _:
            return shorten(str(error), _SHOWN, placeholder="…")


def form_for(settings: Settings, query: Query | None) -> str:
    """Return the output format: the one from the settings, or a JSON format if there is a query.

    Raises:
        ValueError: A flag requests another format together with a query.
    """
    setting = settings.by_name["output"]
    if query is None or setting.value in _JSON:
        return setting.value or _JSON[0]
    if setting.source == _FLAG:
        raise ValueError(f"--query selects from JSON: use --output json or jsonl with it, not {setting.value}")
    return _JSON[0]
