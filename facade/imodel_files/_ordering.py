"""Order changeset files, folders and patterns by the timeline."""

import glob
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from imodel_files._change_errors import ChangesetOrderError
from imodel_files._change_instances import TimelineChangeset
from imodel_files._ids import is_id
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._parents import ParentSearch

FilePath: TypeAlias = str | os.PathLike[str]

_PATTERN: Final = "*.cs"
_NUMBER: Final = re.compile("([0-9]+)")
_MAX_SHOWN: Final = 3


def order_changesets(files: Iterable[FilePath], *, limits: Limits = DEFAULT_LIMITS) -> list[TimelineChangeset]:
    """Return changeset files in the order of the timeline.

    A file does not contain the id of its parent, but its own id is computed from that id and its content. Files that
    are named by their ids, ``<id>.cs``, are therefore ordered by trying the others as parents, which also verifies
    their ids. A ``changesets.json`` next to them, which the vendor's tools write, and the modification times of the
    files speed up the search. If any file has another name, all files keep the given order; those of a folder or a
    pattern are sorted by name, with numbers by value (``2.cs`` before ``10.cs``). A folder or pattern with several
    files that are named by their ids is then an error, because the order of these names has no meaning.

    Args:
        files: Files, folders (their ``*.cs`` files), and patterns such as ``"changesets/*.cs"``.
        limits: Limits on the size, memory and time that reading a file may take; see `Limits` for the defaults.

    Returns:
        The changesets. `parent_id` is None if the parent is unknown.

    Raises:
        ChangesetOrderError: A changeset is missing in between, or two files have the same parent; or there are both
            files with other names and a folder or pattern with several files that are named by their ids.
        ChangesetFileError: A file is invalid.
        OSError: A file cannot be read.

    Example:
        ```python
        for each in order_changesets(["changesets"]):
            print(each.index, each.id, each.path)
        ```
    """
    paths, named = expanded(files)
    if named is not None:
        return _ordered(named, limits)
    ids = (path.stem.lower() if is_id(path.stem) else "" for path in paths)
    pairs = enumerate(zip(paths, ids, strict=True), 1)
    return [TimelineChangeset(path=path, id=id_, parent_id=None, index=place) for place, (path, id_) in pairs]


def expanded(files: Iterable[FilePath]) -> tuple[list[Path], dict[str, Path] | None]:
    """Return the files that paths and patterns match, and these files by id; None if one of them has another name.

    A path without matches is returned unchanged.

    Raises:
        ChangesetOrderError: The names of the files in a folder or pattern do not state their order.
    """
    groups = [_expanded(os.fspath(each)) for each in files]
    paths = [path for group in groups for path in group]
    named = {path.stem.lower(): path for path in paths}
    if all(map(is_id, named)):
        return paths, named
    for group in groups:
        _check_names_state_order(group, paths)
    return paths, None


def _expanded(text: str) -> list[Path]:
    path = Path(text)
    if path.is_dir():
        return sorted(path.glob(_PATTERN), key=_natural)
    if path.exists():
        return [path]
    return sorted(map(Path, glob.glob(text)), key=_natural) or [path]  # noqa: PTH207 - as given


def _natural(path: Path) -> tuple[list[str | int], str]:
    """Return a key that sorts numbers in names by their value."""
    name = os.fspath(path)
    return [int(each) if number % 2 else each for number, each in enumerate(_NUMBER.split(name))], name


def lines(ids: Iterable[str], parents: Mapping[str, str]) -> Iterator[list[str]]:
    """Yield the lines that changesets form; each begins with one whose parent is not among them or has another child.

    Args:
        ids: The ids of the changesets.
        parents: The known parents, by changeset id.
    """
    known = dict.fromkeys(ids)
    children: dict[str, list[str]] = {}
    for each in known:
        if parents.get(each) in known:
            children.setdefault(parents[each], []).append(each)
    starts = [each for each in known if parents.get(each) not in known]
    while starts:
        line = [starts.pop(0)]
        while following := children.get(line[-1]):
            line.append(following[0])
            starts.extend(following[1:])
        yield line


def _check_names_state_order(group: Sequence[Path], paths: Iterable[Path]) -> None:
    """Check that the names of the files of a folder or pattern state their order, since `paths` has other names."""
    if sum(is_id(path.stem) for path in group) > 1:
        other = next(path for path in paths if not is_id(path.stem))
        raise ChangesetOrderError(
            f"the order of the files in {group[0].parent} is unknown: they are named by their ids, but {other} is not."
            " Pass the files in the order of the timeline, or without that one."
        )


def _ordered(files: Mapping[str, Path], limits: Limits) -> list[TimelineChangeset]:
    search = ParentSearch(files, "", limits)
    for error in search.errors.values():
        raise error
    all_lines = list(lines(files, search.parents))
    if len(all_lines) > 1:
        raise ChangesetOrderError(_gaps([line[0] for line in all_lines], search.parents, files))
    return [
        TimelineChangeset(path=files[each], id=each, parent_id=search.parents.get(each), index=index)
        for line in all_lines
        for index, each in enumerate(line, 1)
    ]


def _gaps(starts: list[str], parents: Mapping[str, str], files: Mapping[str, Path]) -> str:
    forks = [each for each in starts if parents.get(each) in files]
    if forks:
        return f"two of the files have the parent {parents[forks[0]]}; one of them is {forks[0]}"
    some = ", ".join(starts[:_MAX_SHOWN])
    return (
        f"{len(starts)} of {len(files)} changeset files have no parent among the others: {some}. Add the missing files."
    )
