"""Where changes are read from: files, folders and patterns in any order, or the mirror of a timeline."""

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from imodel_files._chain import ChainLink
from imodel_files._change_errors import ChangesetOrderError, MissingChangesetError
from imodel_files._change_instances import TimelineChangeset
from imodel_files._ids import IdComputation, is_id
from imodel_files._limits import DEFAULT_LIMITS, Limits
from imodel_files._payload import open_payload

_PATTERN: Final = "*.cs"


class PushedChangeset(Protocol):
    """A changeset as a mirror has it; `itwin_imodels.models.MinimalChangeset` is one."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def parent_id(self) -> str:
        """The id of the changeset before it."""

    @property
    def index(self) -> int:
        """Its index."""

    @property
    def creator_id(self) -> str | None:
        """The user who pushed it."""

    @property
    def push_date_time(self) -> datetime | None:
        """When it was pushed."""


class MirroredFile(Protocol):
    """A changeset of a mirror with its file; `itwin_imodels.models.MirroredChangeset` is one."""

    @property
    def changeset(self) -> PushedChangeset:
        """The changeset."""

    @property
    def path(self) -> Path | None:
        """Its file."""


class TimelineMirror(Protocol):
    """The mirror of a timeline; `itwin_imodels.mirror.Mirror` is one."""

    @property
    def directory(self) -> Path:
        """Where it is."""

    def changesets(self, *, after: str | int | None = None, until: str | int | None = None) -> Iterator[MirroredFile]:
        """Return its changesets in order."""

    def get(self, changeset: str | int) -> MirroredFile:
        """Return one of its changesets."""


class PointInTimeline(Protocol):
    """What names a changeset, such as a Named Version."""

    @property
    def changeset_index(self) -> int:
        """The index of the changeset."""


FilePath: TypeAlias = str | os.PathLike[str]
Place: TypeAlias = str | int | PointInTimeline | None
"""A changeset: its id or index, or a Named Version; None, 0 or empty for the baseline or the newest changeset."""


class FileTimeline:
    """Changesets in files."""

    def __init__(self, source: FilePath | Iterable[FilePath | ChainLink], limits: Limits) -> None:
        """Look at no file yet."""
        self._source = [source] if isinstance(source, str | os.PathLike) else list(source)
        self._limits = limits
        self._found: list[TimelineChangeset] | None = None

    def changesets(self, after: Place, until: Place) -> Iterator[TimelineChangeset]:
        """Yield the changesets of a range.

        Raises:
            KeyError: There is no changeset with an id.
            ChangesetOrderError: The files form no line.
            OSError: A file cannot be read.
        """
        found = self._all()
        first, last = index_of(after, found) or 0, index_of(until, found)
        for each in found:
            if each.index > first and (last is None or each.index <= last):
                yield each

    def _all(self) -> list[TimelineChangeset]:
        if self._found is None:
            links = [each for each in self._source if isinstance(each, ChainLink)]
            if len(links) == len(self._source):
                self._found = [_linked(each, place) for place, each in enumerate(links, 1)]
            else:
                self._found = order_changesets(
                    (each.path if isinstance(each, ChainLink) else each for each in self._source), limits=self._limits
                )
        return self._found


def _linked(link: ChainLink, place: int) -> TimelineChangeset:
    return TimelineChangeset(
        path=link.path, id=link.id.lower(), parent_id=link.parent_id or "", index=link.index or place
    )


class MirrorTimeline:
    """Changesets of a mirror."""

    def __init__(self, mirror: TimelineMirror) -> None:
        """Use an open mirror."""
        self.mirror = mirror

    def changesets(self, after: Place, until: Place) -> Iterator[TimelineChangeset]:
        """Yield the changesets of a range; see `FileTimeline.changesets`."""
        found = self.mirror.changesets(after=_plain(after) or None, until=_plain(until) or None)
        yield from map(mirrored, found)

    def get(self, index: int) -> TimelineChangeset:
        """Return a changeset."""
        return mirrored(self.mirror.get(index))


def mirrored(found: MirroredFile) -> TimelineChangeset:
    """Return a changeset of a mirror."""
    changeset = found.changeset
    return TimelineChangeset(
        path=found.path,
        id=changeset.id,
        parent_id=changeset.parent_id,
        index=changeset.index,
        creator_id=changeset.creator_id,
        push_date_time=changeset.push_date_time,
    )


def path_of(changeset: TimelineChangeset) -> FilePath:
    """Return the file of a changeset.

    Raises:
        MissingChangesetError: It has none.
    """
    if changeset.path is None:
        raise MissingChangesetError(changeset.id, "the mirror does not have its file. Bring the mirror up to date.")
    return changeset.path


def index_of(place: Place, changesets: Sequence[TimelineChangeset]) -> int | None:
    """Return the index of a changeset that is named by its id, its index or a Named Version.

    Raises:
        KeyError: There is no changeset with this id.
    """
    plain = _plain(place)
    if isinstance(plain, int) or not plain:
        return plain or None
    for each in changesets:
        if each.id == plain.lower():
            return each.index
    raise KeyError(place)


def _plain(place: Place) -> str | int | None:
    return place if place is None or isinstance(place, str | int) else place.changeset_index


def order_changesets(files: Iterable[FilePath], *, limits: Limits = DEFAULT_LIMITS) -> list[TimelineChangeset]:
    """Return changeset files in the order of the timeline.

    No file states which changeset it follows, but its id shows it: it is computed from the parent's id and the content.
    So files that are named by their ids, `<id>.cs`, are ordered by trying which of the others each one follows, which
    also proves their ids. Files under other names keep the order in which they are given.

    Args:
        files: Files, folders, whose ``*.cs`` files are taken, and patterns such as ``"changesets/*.cs"``.
        limits: What each file may claim.

    Returns:
        The changesets. `parent_id` of the first is None if it is neither the first of its iModel nor known.

    Raises:
        ChangesetOrderError: Files are missing in between, or follow the same changeset.
        ChangesetFileError: A file is invalid.
        OSError: A file cannot be read.

    Example:
        ```python
        for each in order_changesets(["changesets"]):
            print(each.index, each.id, each.path)
        ```
    """
    paths = [path for each in files for path in _expanded(os.fspath(each))]
    ids = [path.stem.lower() if is_id(path.stem) else "" for path in paths]
    if all(ids):
        return _ordered(dict(zip(ids, paths, strict=True)), limits)
    pairs = enumerate(zip(paths, ids, strict=True), 1)
    return [TimelineChangeset(path=path, id=id_, parent_id=None, index=place) for place, (path, id_) in pairs]


def _expanded(text: str) -> list[Path]:
    """Return the files that a path or pattern stands for; a path without any stands for itself."""
    path = Path(text)
    if path.is_dir():
        return sorted(path.glob(_PATTERN))
    return [path] if path.exists() else [Path(each) for each in sorted(glob.glob(text))] or [path]  # noqa: PTH207 - as given


def _ordered(files: dict[str, Path], limits: Limits) -> list[TimelineChangeset]:
    """Follow the files from the one whose parent is not among them to the last."""
    parents = _parents(files, limits)
    children = {parent: changeset_id for changeset_id, parent in parents.items() if parent}
    starts = [changeset_id for changeset_id in files if not parents[changeset_id]]
    if files and len(starts) != 1:
        some = ", ".join(starts[:3])
        raise ChangesetOrderError(
            f"{len(starts)} of {len(files)} changeset files follow none of the others: {some}. Add those in between."
        )
    found: list[TimelineChangeset] = []
    current = starts[0] if starts else None
    while current is not None:
        found.append(
            TimelineChangeset(path=files[current], id=current, parent_id=parents[current], index=len(found) + 1)
        )
        current = children.get(current)
    if len(found) < len(files):
        raise ChangesetOrderError(f"only {len(found)} of {len(files)} changeset files form a line")
    return found


def _parents(files: dict[str, Path], limits: Limits) -> dict[str, str | None]:
    """Find the parent of each file: the file before it as given, else any other, or none as for the first."""
    found: dict[str, str | None] = {}
    left = dict.fromkeys(["", *files])
    before = ""
    for changeset_id, path in files.items():
        parent = _parent(path, changeset_id, [before], limits)
        if parent is None:
            others = [each for each in left if each not in {before, changeset_id}]
            parent = _parent(path, changeset_id, others, limits)
        if parent is not None:
            left.pop(parent, None)
        found[changeset_id] = parent
        before = changeset_id
    return found


def _parent(path: Path, changeset_id: str, candidates: list[str], limits: Limits) -> str | None:
    """Return the candidate that gives a file its id; None if none does."""
    with open_payload(path, limits) as payload:
        computations = [IdComputation(parent, payload.prefix) for parent in candidates]
        for block in payload.body:
            for each in computations:
                each.update(block)
    results = (parent for parent, each in zip(candidates, computations, strict=True) if each.result() == changeset_id)
    return next(results, None)
