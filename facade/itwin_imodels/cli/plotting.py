"""Charts of a timeline: pushes and bytes per day, and changed elements per changeset."""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from itwin_imodels.cli import cells, views
from itwin_imodels.cli.rows import Day
from itwin_imodels.cli.run import Run
from itwin_imodels.cli.streams import width_of
from itwin_imodels.errors import ConfigurationError

if TYPE_CHECKING:
    from imodel_files.changes import ClassSummary
    from itwin_imodels.models import Changeset

_FORMATS: Final = (".png", ".svg")
_BLOCKS: Final = " ▏▎▍▌▋▊▉█"
_WIDEST: Final = 120
_NARROWEST: Final = 4
_CLASSES: Final = 8
"""Maximum number of classes with a separate color."""
_EXTRA: Final = "saving images requires the extra 'plot': pip install 'itwin-imodels[cli,plot]'"


def days(changesets: "Iterable[Changeset]") -> list[Day]:
    """Count pushes and bytes of each day with pushes, oldest first."""
    pushes, sizes = Counter[date](), Counter[date]()
    for changeset in changesets:
        if changeset.push_date_time is not None:
            day = changeset.push_date_time.astimezone().date()
            pushes[day] += 1
            sizes[day] += changeset.file_size
    return [Day(day=day.isoformat(), pushes=pushes[day], file_size=sizes[day]) for day in sorted(pushes)]


def draw(run: Run, days: Sequence[Day]) -> None:
    """Print a bar for each day; in formats for scripts, print the numbers."""
    if not run.output.is_table:
        run.list(days, views.DAY)
        return
    for line in bars(days, min(width_of(sys.stdout), _WIDEST), blocks=_has_blocks(sys.stdout.encoding)):
        run.output.write(f"{line}\n")


def bars(days: Sequence[Day], width: int, *, blocks: bool) -> list[str]:
    """Return one line per day, with a bar for the number of pushes. Gaps between days are marked by a separate line.

    Args:
        days: The days.
        width: Maximum length of a line in characters.
        blocks: Whether block elements of Unicode can be used.
    """
    most = max((day.pushes for day in days), default=0)
    labels = [f"{day.pushes:>{len(str(most))}}  {cells.size(day.file_size)}" for day in days]
    room = max(_NARROWEST, width - len("2026-01-31  ") - 2 - max(map(len, labels), default=0))
    lines: list[str] = []
    before: date | None = None
    for day, label in zip(days, labels, strict=True):
        now = date.fromisoformat(day.day)
        if before is not None and (gap := (now - before).days - 1) > 0:
            lines.append(f"{'':10}  ({cells.counted(gap, 'day')} without a push)")
        before = now
        lines.append(f"{day.day}  {_bar(day.pushes / most, room, blocks=blocks):<{room}}  {label}")
    return lines


def _bar(part: float, room: int, *, blocks: bool) -> str:
    if not blocks:
        return "#" * max(1, round(part * room))
    eighths = max(1, round(part * room * 8))
    return _BLOCKS[8] * (eighths // 8) + _BLOCKS[eighths % 8].strip()


def _has_blocks(encoding: str) -> bool:
    try:
        _BLOCKS.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def save(days: Sequence[Day], file: Path, *, title: str) -> None:
    """Save an image with two charts: pushes per day above bytes per day.

    Args:
        days: The days.
        file: File to write; its name must end with .png or .svg.
        title: Title of the image.

    Raises:
        ConfigurationError: The extra `plot` is not installed.
        ValueError: The extension of the file is not supported.
    """
    figure = _figure(file)
    above, below = figure.subplots(2, 1, sharex=True)
    moments = [date.fromisoformat(day.day) for day in days]
    above.bar(moments, [day.pushes for day in days], width=timedelta(days=0.9))
    above.set_title(title.replace("$", r"\$"))
    above.set_ylabel("pushes per day")
    below.bar(moments, [day.file_size / 1e6 for day in days], width=timedelta(days=0.9))
    below.set_ylabel("MB per day")
    figure.autofmt_xdate()
    figure.savefig(file)


def save_classes(summaries: "Iterable[ClassSummary]", file: Path) -> None:
    """Save an image with a stacked bar for each changeset: its changed elements by class.

    Args:
        summaries: The classes of each changeset, ordered by changeset.
        file: The file to write; its name must end with .png or .svg.

    Raises:
        ConfigurationError: The extra `plot` is not installed.
        ValueError: The extension of the file is not supported.
    """
    figure = _figure(file)
    places, counts = per_class(summaries)
    axes = figure.subplots()
    bottom = [0] * len(places)
    for name, values in counts.items():
        axes.bar(places, values, bottom=bottom, width=0.9, label=name.replace("$", r"\$"))
        bottom = [low + value for low, value in zip(bottom, values, strict=True)]
    axes.set_xlabel("changeset")
    axes.set_ylabel("changed elements")
    axes.locator_params(integer=True)
    if counts:
        axes.legend(fontsize="small")
    figure.savefig(file)


def per_class(summaries: "Iterable[ClassSummary]") -> tuple[list[int], dict[str, list[int]]]:
    """Count the changed elements of each changeset by class. All but the classes with the most changes count as one.

    Returns:
        The indexes of the changesets, and the counts of each class, in the order of the changesets.
    """
    by_index: dict[int, Counter[str]] = {}
    totals = Counter[str]()
    for each in summaries:
        name = each.class_name or "unknown"
        place = 0 if each.changeset is None else each.changeset.index
        by_index.setdefault(place, Counter())[name] += each.total
        totals[name] += each.total
    most = [name for name, _ in totals.most_common(_CLASSES)]
    counts = {name: [each[name] for each in by_index.values()] for name in most}
    if len(totals) > len(most):
        counts["others"] = [each.total() - sum(each[name] for name in most) for each in by_index.values()]
    return list(by_index), counts


def _figure(file: Path) -> Any:  # noqa: ANN401 - a class of an optional dependency
    """Create an empty image.

    Raises:
        ConfigurationError: The extra `plot` is not installed.
        ValueError: The extension of the file is not supported.
    """
    if file.suffix.lower() not in _FORMATS:
        raise ValueError(f"{file}: the name must end with {' or '.join(_FORMATS)}")
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 - the extra may be missing
    except ModuleNotFoundError as error:
        raise ConfigurationError(_EXTRA) from error
    return Figure(figsize=(10, 5), layout="constrained")
