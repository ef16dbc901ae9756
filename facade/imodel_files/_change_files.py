"""Where changes are read from: files, folders and patterns in any order, or the mirror of a timeline."""

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
