"""Sources of changes: files, folders and patterns in any order, or the mirror of a timeline."""

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeAlias

from imodel_files._chain import ChainLink
from imodel_files._change_errors import MissingChangesetError
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

None, 0 or an empty string is the baseline at the start of a range, and the newest changeset at its end."""


class FileTimeline:
    """A timeline of changeset files."""

    def __init__(self, source: FilePath | Iterable[FilePath | ChainLink], limits: Limits) -> None:
        """Create the timeline. The files are not read yet."""
        self._source = [source] if isinstance(source, str | os.PathLike) else list(source)
        self._limits = limits
        self._found: list[TimelineChangeset] | None = None

    def changesets(self, after: Place, until: Place) -> Iterator[TimelineChangeset]:
        """Yield the changesets of a range.

        Raises:
            KeyError: No changeset has the id given as `after` or `until`; an index is not checked.
            ChangesetOrderError: The files do not form a single timeline.
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
    """The timeline of a mirror."""

    def __init__(self, mirror: TimelineMirror) -> None:
        """Create the timeline of an open mirror."""
        self.mirror = mirror

    def changesets(self, after: Place, until: Place) -> Iterator[TimelineChangeset]:
        """Yield the changesets of a range; see `FileTimeline.changesets`."""
        found = self.mirror.changesets(after=_plain(after) or None, until=_plain(until) or None)
        yield from map(mirrored, found)

    def get(self, index: int) -> TimelineChangeset:
        """Return the changeset with an index."""
        return mirrored(self.mirror.get(index))


def mirrored(found: MirroredFile) -> TimelineChangeset:
    """Convert a changeset of a mirror."""
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
    """Return the path of a changeset's file.

    Raises:
        MissingChangesetError: The mirror lacks the file.
    """
    if changeset.path is None:
        raise MissingChangesetError(changeset.id, "the mirror lacks its file. Update the mirror.")
    return changeset.path


def index_of(place: Place, changesets: Sequence[TimelineChangeset]) -> int | None:
    """Return the index of the changeset at a place; None for the baseline or the newest changeset.

    Raises:
        KeyError: No changeset has this id.
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
