"""JSON bodies of responses."""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable
from functools import cache
from typing import Any, Final

_LARGE: Final = 64 * 1024
"""Minimum size in bytes of a body that orjson parses; below it, importing orjson takes longer than it saves."""

_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def parse_json(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    r"""Parse a body.

    A lone surrogate, such as `\ud800`, is replaced by U+FFFD, since no file, database, header or terminal accepts it.

    Raises:
        ValueError: The body is not JSON in UTF-8, or it is nested too deeply.
    """
    text = content.removeprefix(BOM_UTF8).decode()
    if "\\" in text and _SURROGATE.search(text):  # the first test is faster by far, and most bodies fail it
        text = _ESCAPE.sub(lambda match: r"\ufffd" if match[1] else match[0], text)
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deeply") from error


def parse_quickly(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    """Parse a large body with orjson, in a third of the time that `parse_json` takes.

    Integers outside 64 bits become floats. All other values are those that `parse_json` returns.

    Returns:
        The JSON; None if the body is small, if orjson is not installed (extra `fast`), or if it rejects the body.
    """
    loads = _orjson_loads() if len(content) >= _LARGE else None
    if loads is None:
        return None
    try:
        return loads(content)
    except ValueError:  # the standard parser accepts more, and its errors are those that users know
        return None


@cache
def _orjson_loads() -> Callable[[bytes], Any] | None:
    try:
        import orjson  # noqa: PLC0415 - optional
    except ImportError:
        return None
    return orjson.loads
