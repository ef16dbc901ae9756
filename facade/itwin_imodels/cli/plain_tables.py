"""Tables for pipes and files, without styles or a width limit, because rich is slow to import."""

import os
from collections.abc import Sequence
from typing import Final, TextIO

from itwin_imodels.cli.columns import Column, View
from itwin_imodels.cli.streams import UNLIMITED, width_of

_GAP: Final = "  "
_FORCING: Final = ("FORCE_COLOR", "TTY_COMPATIBLE")
"""Environment variables that make rich treat a pipe as a terminal."""


def plain_table(items: Sequence[object], view: View, stream: TextIO) -> str | None:
    """Draw items as a table.

    Returns:
        The table; None if `tables` must draw it: for a terminal or a given width, or if the cells contain characters
        other than printable ASCII.
    """
    if stream.isatty() or width_of(stream) != UNLIMITED or any(os.environ.get(each) for each in _FORCING):
        return None
    titles = [column.title.upper() for column in view.columns]
    lines = [titles, *([column.cell(item).text for column in view.columns] for item in items)]
    if not all(text.isascii() and text.isprintable() for line in lines for text in line):
        return None
    widths = [max(map(len, texts)) for texts in zip(*lines, strict=True)]
    return "".join(f"{_line(texts, view.columns, widths)}\n" for texts in lines)


def _line(texts: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    padded = (
        text.rjust(width) if column.right else text.ljust(width)
        for text, column, width in zip(texts, columns, widths, strict=True)
    )
    return _GAP.join(padded).rstrip()
