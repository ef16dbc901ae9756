"""Read local copies of timelines, as created by `mirror_timeline()`. No client is required.

>>> from itwin_imodels.mirror import open_mirror
>>> with open_mirror("bridge") as mirror:
...     for each in mirror.changesets(after=100):
...         print(each.changeset.index, each.path)
"""

from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from itwin_imodels._core import checks
from itwin_imodels._core.local_files import local_path
from itwin_imodels._mirror.database import MirrorDatabase, opened_to_read
from itwin_imodels._mirror.schema import DATABASE_NAME, application_of, changeset_of, synchronization_of
from itwin_imodels.errors import MirrorError
from itwin_imodels.models import MirroredChangeset

__all__ = ["DATABASE_NAME", "Mirror", "open_mirror"]

_BATCH_SIZE = 1000


def open_mirror(directory: str | PathLike[str]) -> "Mirror":
    """Open a mirror for reading. Another process can update it at the same time.

    Args:
        directory: Folder of the mirror, as passed to `mirror_timeline()`.

    Returns:
        The mirror. Use it as a context manager, or close it at the end.

    Raises:
        MirrorError: The folder contains no mirror, or its database cannot be used.

    Example:
        ```python
        with open_mirror(directory) as mirror:
            print(mirror.imodel_id, len(mirror))
        ```
    """
    folder = local_path(directory)
    return Mirror(folder, opened_to_read(folder))


class Mirror:
    """A local copy of a timeline; see `open_mirror()`. Safe to use from any thread."""

    def __init__(self, directory: Path, database: MirrorDatabase) -> None:
        """Wrap an open database."""
        self._directory = directory
        self._database = database

    @property
    def directory(self) -> Path:
        """Folder of the mirror."""
        return self._directory

    @property
    def imodel_id(self) -> str:
        """Id of the iModel."""
        return self._database.imodel_id

    def __len__(self) -> int:
        """Return the number of changesets in the mirror."""
        return self._database.count()

    def __bool__(self) -> bool:
        """Return True, even if there are no changesets."""
        return True

    def changesets(
        self, *, after: str | int | None = None, until: str | int | None = None
    ) -> Iterator[MirroredChangeset]:
        """Iterate over changesets, oldest first. They are read from the database during iteration.

        Args:
            after: Id or index of the changeset after which to begin; None, 0 or empty for the baseline.
            until: Id or index of the last changeset; None for the newest.

        Returns:
            An iterator over the changesets after `after`, up to and including `until`.

        Raises:
            KeyError: An id is not that of a changeset in the mirror.
            MirrorError: The database cannot be read.
            ValueError: `after` or `until` is invalid.

        Example:
            ```python
            with open_mirror(directory) as mirror:
                paths = [each.path for each in mirror.changesets(after=100, until=200)]
            ```
        """
        after_index = 0 if after is None else self._index(after)
        last_index = None if until is None else self._index(until)
        return self._rows(after_index, last_index)

    def get(self, changeset: str | int) -> MirroredChangeset:
        """Return a changeset.

        Args:
            changeset: Id or index of the changeset.

        Raises:
            KeyError: The mirror does not contain the changeset.
            MirrorError: The database cannot be read.
            ValueError: `changeset` is neither an id nor an index.

        Example:
            ```python
            with open_mirror(directory) as mirror:
                changeset = mirror.get(7).changeset
            ```
        """
        row = self._database.changeset(checks.changeset(changeset))
        if row is None:
            raise KeyError(changeset)
        return self._entity(row)

    def latest(self) -> MirroredChangeset | None:
        """Return the newest changeset, or None if there is none yet.

        Raises:
            MirrorError: The database cannot be read.
        """
        tip = self._database.tip()
        return None if tip is None else self.get(tip.index)

    def close(self) -> None:
        """Close the mirror."""
        self._database.close()

    def __enter__(self) -> Self:
        """Return the mirror itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the mirror."""
        self.close()

    def __repr__(self) -> str:
        """Return the class and the folder."""
        return f"Mirror({str(self._directory)!r})"

    def _index(self, place: str | int) -> int:
        if isinstance(place, int) or not place:
            return int(checks.changeset(place or 0))
        return self.get(place).changeset.index

    def _rows(self, after_index: int, last_index: int | None) -> Iterator[MirroredChangeset]:
        while rows := self._database.changesets(after_index, last_index, _BATCH_SIZE):
            yield from map(self._entity, rows)
            after_index = rows[-1]["changeset_index"]

    def _entity(self, row: Mapping[str, Any]) -> MirroredChangeset:
        try:
            return MirroredChangeset(
                changeset=changeset_of(self.imodel_id, row),
                path=None if row["verified"] is None else self._directory / f"{row['id']}.cs",
                application=application_of(row),
                synchronization_info=synchronization_of(row),
            )
        except (TypeError, ValueError, LookupError) as error:
            raise MirrorError(f"{self._database.path}: cannot read a row: {error}") from error
