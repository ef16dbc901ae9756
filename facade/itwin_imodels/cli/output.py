"""Output of data: tables for people, and three formats for scripts."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from itwin_imodels.cli.columns import View
from itwin_imodels.cli.plain import as_csv_cell, as_json
from itwin_imodels.cli.plain_tables import plain_table
from itwin_imodels.cli.query import Query

TABLE: Final = "table"
"""The format for people."""

_INDENT: Final = 2


class ReaderGoneError(Exception):
    """The reader of the output has closed the pipe."""


class Output:
    """Printer of data in one format."""

    def __init__(self, form: str, stream: TextIO, note: Callable[[str], None], query: Query | None = None) -> None:
        """Create a printer.

        Args:
            form: The format: `table`, `json`, `jsonl` or `csv`.
            stream: Stream to write the data to.
            note: Shows a message that is not part of the data.
            query: Selects from the JSON document, or from each line of `jsonl`; None prints all of it.
        """
        self._form = form
        self._stream = stream
        self._note = note
        self._query = query

    @property
    def is_table(self) -> bool:
        """Whether the format is for people."""
        return self._form == TABLE

    def item(self, item: object, view: View) -> None:
        """Print one item."""
        if self._form == "csv":
            self._csv([item], view)
        elif self._form == "jsonl":
            self.write(self._json(view.record(item)) + "\n")
        elif self._form == "json":
            self.write(self._json(view.record(item), indent=_INDENT) + "\n")
        else:
            from itwin_imodels.cli.tables import details  # noqa: PLC0415 - scripts need no tables

            self.write(details(item, view, self._stream))

    def items(self, items: Iterable[object], view: View) -> None:
        """Print several items; lines of JSON and CSV are written as the items arrive."""
        if self._form == "csv":
            self._csv(items, view)
        elif self._form == "jsonl":
            for item in items:
                self.write(self._json(view.record(item)) + "\n")
                flush(self._stream)
        elif self._form == "json":
            self.write(self._json([view.record(item) for item in items], indent=_INDENT) + "\n")
        else:
            self._table(list(items), view)

    def _table(self, items: list[object], view: View) -> None:
        text = plain_table(items, view, self._stream)
        if text is not None:
            self.write(text)
            return
        from itwin_imodels.cli.tables import table  # noqa: PLC0415 - slow to import

        text, left_out = table(items, view, self._stream)
        self.write(text)
        if left_out:
            self._note(f"The terminal is too narrow for: {', '.join(left_out)}.")

    def _json(self, value: object, *, indent: int | None = None) -> str:
        return as_json(value, indent=indent) if self._query is None else self._query.search(value, indent=indent)

    def _csv(self, items: Iterable[object], view: View) -> None:
        line = io.StringIO(newline="")
        writer = csv.writer(line, lineterminator="\r\n")  # otherwise, some versions of Python do not quote "\r"
        writer.writerow(view.fields)
        self._write_line(line)
        for item in items:
            writer.writerow([as_csv_cell(value) for value in view.record(item).values()])
            self._write_line(line)

    def _write_line(self, line: io.StringIO) -> None:
        self.write(line.getvalue().removesuffix("\r\n") + "\n")
        flush(self._stream)
        line.seek(0)
        line.truncate()

    def write(self, text: str) -> None:
        """Write text unchanged.

        Raises:
            ReaderGoneError: The reader has closed the pipe.
        """
        with _failures():
            self._stream.write(text)


def flush(stream: TextIO) -> None:
    """Flush a stream.

    Raises:
        ReaderGoneError: The reader has closed the pipe.
    """
    with _failures():
        stream.flush()


@contextmanager
def _failures() -> Iterator[None]:
    """Convert errors that occur on writing to standard output."""
    try:
        yield
    except BrokenPipeError:
        raise ReaderGoneError from None
    except OSError as error:
        raise OSError(error.errno, error.strerror, "standard output") from None
