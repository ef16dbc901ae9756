"""JSON bodies of responses."""

import json
import re
from codecs import BOM_UTF8
from typing import Any, Final

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
