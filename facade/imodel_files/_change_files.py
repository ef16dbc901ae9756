"""Sources of changes: files, folders and patterns in any order, or the mirror of a timeline."""

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Protocol, TypeAlias

from imodel_files._chain import ChainLink
from imodel_files._change_errors import ChangesetOrderError, MissingChangesetError
from imodel_files._change_instances import TimelineChangeset
from imodel_files._limits import Limits
from imodel_files._ordering import FilePath, order_changesets


class PushedChangeset(Protocol):
    """A changeset of a mirror; `itwin_imodels.models.MinimalChangeset` implements this protocol."""

    @property
    def id(self) -> str:
        """The changeset id."""

    @property
    def parent_id(self) -> str:
        """The id of its parent."""

    @property
    def index(self) -> int:
        """The changeset index."""

    @property
    def creator_id(self) -> str | None:
        """The id of the user who pushed it."""

    @property
    def push_date_time(self) -> datetime | None:
        """The time of the push."""


class MirroredFile(Protocol):
    """A changeset of a mirror and its file; `itwin_imodels.models.MirroredChangeset` implements this protocol."""

    @property
    def changeset(self) -> PushedChangeset:
        """The changeset."""

    @property
    def path(self) -> Path | None:
        """The path of the file; None if the mirror lacks it."""


class TimelineMirror(Protocol):
    """The mirror of a timeline; `itwin_imodels.mirror.Mirror` implements this protocol."""

    @property
    def directory(self) -> Path:
        """The folder of the mirror."""

    def changesets(self, *, after: str | int | None = None, until: str | int | None = None) -> Iterator[MirroredFile]:
        """Return the changesets of a range, in order."""

    def get(self, changeset: str | int) -> MirroredFile:
        """Return a changeset by its id or index."""


class PointInTimeline(Protocol):
    """An object that identifies a changeset, such as a Named Version."""

    @property
    def changeset_index(self) -> int:
        """The index of the changeset."""


Place: TypeAlias = str | int | PointInTimeline | None
"""A changeset: its id or index, or a Named Version.

0 or an empty string is the baseline. None is the baseline at the start of a range, and the newest changeset at its end.
"""


class FileTimeline:
    """A timeline of changeset files."""

    def __init__(self, source: FilePath | Iterable[FilePath | ChainLink], limits: Limits) -> None:
        """Create the timeline. The files are not read yet."""
        self._source = [source] if isinstance(source, str | os.PathLike) else list(source)
        self._limits = limits
        self._timeline: list[TimelineChangeset] | None = None

    def changesets(self, after: Place, until: Place) -> Iterator[TimelineChangeset]:
        """Yield the changesets of a range.

        Raises:
            KeyError: The timeline does not contain `after` or `until`.
            ChangesetOrderError: The files do not form a single timeline.
            ValueError: The range ends before it starts.
            OSError: A file cannot be read.
        """
        timeline = self._all()
        first, last = index_of(after, timeline), index_of(until, timeline)
        _check_range(first, last)
        for each in timeline:
            if (first is None or each.index > first) and (last is None or each.index <= last):
                yield each

    def _all(self) -> list[TimelineChangeset]:
        if self._timeline is None:
            links = [each for each in self._source if isinstance(each, ChainLink)]
            if len(links) == len(self._source):
                self._timeline = [_linked(each, place) for place, each in enumerate(links, 1)]
                _check_links(links)
            else:
                self._timeline = order_changesets(
                    (each.path if isinstance(each, ChainLink) else each for each in self._source), limits=self._limits
                )
        return self._timeline


def _linked(link: ChainLink, place: int) -> TimelineChangeset:
    return TimelineChangeset(
        path=link.path, id=link.id.lower(), parent_id=link.parent_id or "", index=link.index or place
    )


def _check_links(links: list[ChainLink]) -> None:
    for before, after in pairwise(links):
        if after.parent_id is not None and after.parent_id.lower() != before.id.lower():
            raise ChangesetOrderError(f"changeset {after.id} does not follow {before.id}, the link before it")


class MirrorTimeline:
    """The timeline of a mirror."""

    def __init__(self, mirror: TimelineMirror) -> None:
        """Create the timeline of an open mirror."""
        self.mirror = mirror

    def changesets(self, after: Place, until: Place) -> Iterator[TimelineChangeset]:
        """Yield the changesets of a range; see `FileTimeline.changesets`."""
        first, last = _plain(after), _plain(until)
        _check_range(*(None if each is None else self._index(each) for each in (first, last)))
        yield from map(mirrored, self.mirror.changesets(after=first, until=last))

    def get(self, changeset: str | int) -> TimelineChangeset:
        """Return a changeset by its id or index."""
        return mirrored(self.mirror.get(changeset))

    def _index(self, changeset: str | int) -> int:
        """Return the index of a changeset; that of the baseline or in a gap before the newest one is valid, too."""
        if changeset == 0:
            return 0
        try:
            return self.get(changeset).index
        except KeyError:
            if isinstance(changeset, str) or next(iter(self.mirror.changesets(after=changeset)), None) is None:
                raise
            return changeset


def mirrored(file: MirroredFile) -> TimelineChangeset:
    """Convert a changeset of a mirror."""
    changeset = file.changeset
    return TimelineChangeset(
        path=file.path,
        id=changeset.id,
        parent_id=changeset.parent_id,
        index=changeset.index,
        creator_id=changeset.creator_id,
        push_date_time=changeset.push_date_time,
    )


def path_of(changeset: TimelineChangeset) -> FilePath:
    """Return the path of a changeset's file.

    Raises:
        MissingChangesetError: The mirror lacks the file.
    """
    if changeset.path is None:
        raise MissingChangesetError(changeset.id, "the mirror lacks its file. Update the mirror.")
    return changeset.path


def _check_range(first: int | None, last: int | None) -> None:
    if first is not None and last is not None and last < first:
        raise ValueError(f"the range starts after changeset {first}, but ends with {last}")


def index_of(place: Place, changesets: Sequence[TimelineChangeset]) -> int | None:
    """Return the index of a place, which may be in a gap; 0 for the baseline, None if the range has no such end.

    Raises:
        KeyError: No changeset has this id, or the index is before the one that precedes the first changeset, or after
            the last.
    """
    plain = _plain(place)
    if plain is None:
        return None
    if isinstance(plain, int):
        if plain and (not changesets or not changesets[0].index <= plain + 1 <= changesets[-1].index + 1):
            raise KeyError(place)
        return plain
    for each in changesets:
        if each.id == plain.lower():
            return each.index
    raise KeyError(place)


def _plain(place: Place) -> str | int | None:
    """Return the id or index of a place; 0 for the baseline."""
    plain = place if place is None or isinstance(place, str | int) else place.changeset_index
    return 0 if plain == "" else plain
