"""Selection from JSON output with JMESPath."""

from typing import TYPE_CHECKING, Final

from itwin_imodels.cli.settings import Settings

if TYPE_CHECKING:
    from jmespath.parser import ParsedResult

_JSON: Final = ("json", "jsonl")
_FLAG: Final = "flag"


class Query:
    """A JMESPath expression."""

    def __init__(self, expression: str) -> None:
        """Parse an expression.

        Raises:
            ValueError: The expression is invalid.
        """
        import jmespath  # noqa: PLC0415 - few commands select
        from jmespath.exceptions import JMESPathError  # noqa: PLC0415 - as above

        self._text = expression
        try:
            self._parsed: ParsedResult = jmespath.compile(expression)
        except JMESPathError as error:
            raise ValueError(f"invalid JMESPath expression {expression!r}: {error}") from None

    def search(self, value: object) -> object:
        """Return what the expression selects from plain data; None if that is nothing.

        Raises:
            ValueError: A function of the expression does not support the data.
        """
        from jmespath.exceptions import JMESPathError  # noqa: PLC0415 - as above

        try:
            found: object = self._parsed.search(value)
        except JMESPathError as error:
            raise ValueError(f"the JMESPath expression {self._text!r} does not fit the output: {error}") from None
        return found


def form_for(settings: Settings, query: Query | None) -> str:
    """Return the output format: that of the settings, or with a query a format of JSON.

    Raises:
        ValueError: A flag requests another format together with a query.
    """
    found = settings.found["output"]
    if query is None or found.value in _JSON:
        return found.value or _JSON[0]
    if found.source == _FLAG:
        raise ValueError(f"--query selects from JSON: use --output json or jsonl with it, not {found.value}")
    return _JSON[0]
