"""Tables for people, fitted to the width of the terminal."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from itwin_imodels.cli.cells import Cell, cell
from itwin_imodels.cli.columns import Column, View
from itwin_imodels.cli.plain import as_json, fields, has_fields, plain
from itwin_imodels.cli.streams import UNLIMITED, width_of

_GAP: Final = 2
_SHRUNK: Final = 16
"""Minimum width of a column that shrinks, if its content is that wide."""
_COMFORTABLE: Final = 40
"""Width to which columns shrink before ids are cut."""
_LONGEST_WORD: Final = 32
"""Length of the longest word that is never broken, such as an e-mail address."""
_DETAIL: Final = 40
"""Minimum width of a value next to its name: that of a changeset id."""
_LONGEST_SHORT_ID: Final = 20
"""Length of the longest id that is never cut, such as that of an element."""
_KEPT_OF_ID: Final = 9
_SCALARS: Final = (str, int, float, bool, type(None))


def table(items: Sequence[object], view: View, stream: TextIO) -> tuple[str, list[str]]:
    """Draw items as a table.

    On a narrow terminal, wide columns that can shrink are narrowed first; then ids are cut; then empty columns are
    omitted and columns are narrowed further; finally, other columns are omitted.

    Returns:
        The table, and a list of the parts that do not fit on the terminal.
    """
    columns = list(view.columns)
    rows = [[column.cell(item) for column in columns] for item in items]
    width = width_of(stream)
    whole, narrow = rows, []
    if fitting(columns, rows, width, _COMFORTABLE) < len(columns):
        cut = [
            [_cut(each) if column.is_id else each for column, each in zip(columns, row, strict=True)] for row in rows
        ]
        if any(fitting(columns, cut, width, n) > fitting(columns, rows, width, n) for n in (_SHRUNK, _COMFORTABLE)):
            rows = cut
        if items and fitting(columns, rows, width, UNLIMITED) < len(columns):
            used = [number for number in range(len(columns)) if number == 0 or any(row[number].text for row in rows)]
            columns, rows, whole = [columns[n] for n in used], _only(used, rows), _only(used, whole)
        kept = range(fitting(columns, rows, width))
        if _only(kept, rows) != _only(kept, whole):
            narrow.append("whole ids")
        narrow += [column.title for column in columns[len(kept) :]]
        columns, rows = columns[: len(kept)], _only(kept, rows)
    drawn = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for column, each in zip(columns, _widths(columns, rows, width), strict=True):
        justify = "right" if column.right else "left"
        drawn.add_column(column.title.upper(), width=each, no_wrap=not column.shrinks, overflow="fold", justify=justify)  # type: ignore[arg-type] # mypy widens the literal
    for row in rows:
        drawn.add_row(*[Text(each.text, each.style) for each in row])
    return render(drawn, stream, width), narrow


def _only(numbers: Iterable[int], rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
    return [[row[number] for number in numbers] for row in rows]


def _cut(whole: Cell) -> Cell:
    return whole if len(whole.text) <= _LONGEST_SHORT_ID else Cell(f"{whole.text[:_KEPT_OF_ID]}…", whole.style)


def details(item: object, view: View, stream: TextIO) -> str:
    """Draw an item as a list of its fields; on a narrow terminal, values are placed below their names."""
    values = view.values(item)
    cells = {path: shown for name, value in values.items() for path, shown in flatten(value, name)}
    width = width_of(stream)
    drawn = Table.grid(padding=(0, _GAP, 0, 0))
    if max(map(len, cells)) + _GAP + _DETAIL > width:
        drawn.add_column(overflow="fold")
        for name, shown in cells.items():
            drawn.add_row(Text(name, "bold"))
            drawn.add_row(Padding(Text(shown.text, shown.style), (0, 0, 0, _GAP)))
    else:
        drawn.add_column(style="bold", no_wrap=True)
        drawn.add_column(overflow="fold")
        for name, shown in cells.items():
            drawn.add_row(name, Text(shown.text, shown.style))
    return render(drawn, stream, width)


def flatten(value: object, path: str) -> Iterator[tuple[str, Cell]]:
    """Yield the parts of a value with their paths, such as `extent.south_west.latitude`."""
    if has_fields(value):
        for name, each in fields(value).items():
            yield from flatten(each, f"{path}.{name}")
    else:
        yield path, detail(value, path.rpartition(".")[2])


def detail(value: object, name: str) -> Cell:
    """Format the value of a field; nested values are formatted as JSON."""
    simple = plain(value)
    if isinstance(simple, _SCALARS):
        return cell(value, name)
    if isinstance(simple, list) and all(isinstance(each, str) for each in simple):
        return cell(" ".join(map(str, simple)))
    return cell(as_json(simple))


def fitting(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: int, shrunk: int = _SHRUNK) -> int:
    """Return the number of columns that fit into a width, at least 1, if some of them shrink to a given width."""
    needed = 0
    for number, column in enumerate(columns):
        needed += _least(column, number, rows, shrunk) + (_GAP if number else 0)
        if number and needed > width:
            return number
    return len(columns)


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: int) -> list[int]:
    """Return the widths of columns, narrowing the widest ones first if they do not fit into a width."""
    widths = [_natural(column, number, rows) for number, column in enumerate(columns)]
    least = [_least(column, number, rows, _SHRUNK) for number, column in enumerate(columns)]
    for _ in range(sum(widths) + _GAP * (len(columns) - 1) - width):
        wider = [number for number in range(len(columns)) if widths[number] > least[number]]
        if wider:
            widths[max(wider, key=widths.__getitem__)] -= 1
    return widths


def _natural(column: Column, number: int, rows: Sequence[Sequence[Cell]]) -> int:
    return max([cell_len(column.title), *(cell_len(row[number].text) for row in rows)])


def _least(column: Column, number: int, rows: Sequence[Sequence[Cell]], shrunk: int) -> int:
    """Return the minimum width of a column; words are broken only if they are long."""
    natural = _natural(column, number, rows)
    if not column.shrinks:
        return natural
    words = [cell_len(word) for row in rows for word in row[number].text.split()]
    return min(natural, max([shrunk, cell_len(column.title), *(each for each in words if each <= _LONGEST_WORD)]))


def render(drawn: Table, stream: TextIO, width: int) -> str:
    """Render a table as a string, with colors if the stream supports them."""
    plain = False if os.environ.get("NO_COLOR") else None  # None detects it from the stream
    console = Console(file=stream, width=width, force_terminal=plain, highlight=False, emoji=False, markup=False)
    with console.capture() as capture:
        console.print(drawn)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())
