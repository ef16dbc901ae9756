"""The standard streams: their encodings, and replacements of closed streams."""

import codecs
import io
import json
import os
import sys
from typing import Final, TextIO

UNLIMITED: Final = 100_000
"""Width of a stream that is not a terminal."""
DEFAULT_ENCODING: Final = "utf-8"
"""Encoding of data formats, regardless of the terminal's encoding."""

_ESCAPING: Final = "imodels.escape"
_REPLACING: Final = "replace"


def open_closed_streams() -> None:
    """Open the null device in place of closed standard streams.

    Otherwise, the next files that are opened would take the places of the streams and receive their output.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding=DEFAULT_ENCODING))  # noqa: PTH123, SIM115 - stays open


def replace_unencodable(stream: TextIO) -> TextIO:
    """Replace characters that the encoding of a stream lacks."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=_REPLACING)
    return stream


def encode_as(stream: TextIO, encoding: str) -> TextIO:
    """Set the encoding of a stream of data; characters that the encoding lacks are escaped as in JSON."""
    if isinstance(stream, io.TextIOWrapper):
        codecs.register_error(_ESCAPING, _escaped)
        stream.reconfigure(encoding=encoding, errors=_ESCAPING, newline="\n")
    return stream


def check_encoding(encoding: str) -> None:
    """Check the name of an encoding.

    Raises:
        ValueError: No text encoding has this name.
    """
    try:
        "".encode(encoding)
    except LookupError:
        raise ValueError(f"unknown encoding {encoding!r}: use a name such as utf-8, utf-8-sig or cp1252") from None


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


def width_of(stream: TextIO) -> int:
    """Return the width of a stream: `COLUMNS` if set, or else the width of the terminal; `UNLIMITED` for pipes."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return int(columns)
    return os.get_terminal_size(stream.fileno()).columns or UNLIMITED if stream.isatty() else UNLIMITED
