"""Create checkpoints: the database at a changeset, as one file, as blocks, or both.

Databases are built in private files. A blob gets its final name only when it is complete, and the database of the hub
refers only to stored blobs.
"""

import json
import logging
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Literal

from attrs import evolve, frozen

from imodel_files.changesets import ChainLink, ChangesetFileError, apply_changesets
from imodel_files.cloud_sqlite import CloudSqliteError
from itwin_imodels_hub.blobs import BlobStore, names
from itwin_imodels_hub.store.records import CheckpointRecord
from itwin_imodels_hub.store.versions import BASELINE_DB_NAME, baseline_checkpoint
from itwin_imodels_hub.work.checkpoint_blocks import CheckpointBlocks, Draft
from itwin_imodels_hub.work.recipes import Recipe
from itwin_imodels_hub.work.workspace import Workspace

Formats = Literal["v1", "v2", "both"]
"""Formats of a checkpoint: one file (v1), blocks (v2), or both."""

_logger = logging.getLogger(__name__)

_BATCH = 500
"""Maximum number of changesets applied per batch; their reports stay in memory until the batch is complete."""
_POSITION_NAMES = ("ParentChangeSetId", "parentChangeset")


class CheckpointError(Exception):
    """A checkpoint cannot be created. The message is for users and contains no local paths."""


@frozen(kw_only=True)
class StoredCheckpoint:
    """A checkpoint that is stored but not yet recorded.

    Attributes:
        size: Size of the database in bytes.
        blob: Name of the blob with the whole file; None if it is stored as blocks only.
        draft: The blocks; None if it is stored as a file only.
    """

    size: int
    blob: str | None
    draft: Draft | None

    @property
    def directory(self) -> str | None:
        """Directory of the blocks; None if the checkpoint has no blocks."""
        return None if self.draft is None else self.draft.directory


class Checkpoints:
    """Creates checkpoints."""

    def __init__(
        self,
        blobs: BlobStore,
        blocks: CheckpointBlocks,
        workspace: Workspace,
        check: Callable[[], None],
        *,
        forms: Formats = "both",
    ) -> None:
        """Create checkpoints in a blob store.

        Args:
            blobs: Store of baselines, changesets and checkpoints.
            blocks: Splits databases into blocks.
            workspace: Temporary folder for databases.
            check: Called regularly; may raise to stop the work.
            forms: Formats of each checkpoint.
        """
        self._blobs = blobs
        self._blocks = blocks
        self._workspace = workspace
        self._check = check
        self._forms = forms

    @contextmanager
    def database(self, imodel_id: str, recipe: Recipe, *, as_baseline: bool = False) -> Iterator[Path]:
        """Create the database at a changeset, in a file that is deleted at the end of the block.

        Args:
            imodel_id: The iModel whose changesets are applied.
            recipe: How to create the database.
            as_baseline: Whether the database becomes the baseline of a new timeline and therefore records no changeset.

        Raises:
            CheckpointError: The database cannot be created.
        """
        with self._workspace.folder() as folder:
            file = folder / "database.bim"
            with self._base(recipe, folder) as base:
                start = base
                for first in range(0, len(recipe.changeset_ids), _BATCH):
                    self._apply(imodel_id, recipe, first, start, file)
                    start = file
                if start is base:
                    shutil.copyfile(base, file)
            record_position(file, "" if as_baseline else recipe.changeset_id, recipe.index)
            yield file

    def make(self, imodel_id: str, recipe: Recipe, publish: Callable[[StoredCheckpoint], bool]) -> None:
        """Create the checkpoint of a changeset.

        Args:
            imodel_id: Id of the iModel.
            recipe: How to create the database.
            publish: Called with the stored checkpoint; publishes it while no other checkpoint of the iModel is being
                published, and returns whether it succeeded. If not, it is called again.

        Raises:
            CheckpointError: The checkpoint cannot be created.
        """
        blob = names.checkpoint(imodel_id, recipe.index)
        directory = names.checkpoint_blocks(imodel_id)
        with self._file(imodel_id, recipe, blob) as file:
            is_published = False
            while not is_published:
                is_published = publish(self._store(file, blob, directory, recipe))

    def publish(self, made: StoredCheckpoint) -> bool:
        """Publish the blocks of a checkpoint; the caller must prevent concurrent publishing; see `make`."""
        return made.draft is None or self._blocks.publish(made.draft)

    def store_baseline(self, imodel_id: str, number: int) -> CheckpointRecord:
        """Create the baseline checkpoint of a new iModel whose baseline file is stored.

        Args:
            imodel_id: The iModel; no other work may run on it.
            number: Key of the iModel in the hub's database.

        Raises:
            CheckpointError: Blocks are the only configured format, and the file is not a complete database.
        """
        blob, directory = names.baseline(imodel_id), names.checkpoint_blocks(imodel_id)
        self._blobs.delete_all(f"{directory}/")  # left over from an interrupted attempt
        with self._blobs.local(blob) as file:
            return baseline_checkpoint(
                number,
                self._blobs.size(blob) or 0,
                blob=None if self._forms == "v2" else blob,
                directory=self._directory(imodel_id, BASELINE_DB_NAME, file, None, self._forms),
            )

    def store_existing(
        self, imodel_id: str, record: CheckpointRecord, file: Path, forms: Formats | None, parent: str | None
    ) -> CheckpointRecord:
        """Store a checkpoint that was created elsewhere.

        Args:
            imodel_id: The iModel; no other work may run on it.
            record: Metadata of the checkpoint.
            file: The database.
            forms: Formats to store; None stores the configured ones where possible.
            parent: Name of the checkpoint whose blocks the new one probably shares; None if there is none.

        Returns:
            The record, updated with the stored blobs.

        Raises:
            CheckpointError: Blocks are required, and the file is not a complete database.
            OSError: The file cannot be read.
        """
        chosen = forms or self._forms
        blob = None
        if chosen != "v2":
            blob = names.checkpoint(imodel_id, record.changeset_index)
            self._blobs.add_file(blob, file)
        directory = self._directory(imodel_id, record.db_name or "", file, parent, chosen, strict=forms is not None)
        return evolve(record, size=file.stat().st_size, blob=blob, directory=directory)

    def _directory(  # noqa: PLR0913 - all describe the database
        self, imodel_id: str, name: str, file: Path, parent: str | None, forms: Formats, *, strict: bool = False
    ) -> str | None:
        """Store a database as blocks if required, and return the directory; None if it is not stored as blocks.

        If the file is not a complete database, log a warning and return None.

        Raises:
            CheckpointError: The file is not a complete database, and blocks are required.
        """
        if forms == "v1":
            return None
        directory = names.checkpoint_blocks(imodel_id)
        try:
            self._blocks.publish(self._blocks.draft(directory, name, file, parent))
        except CloudSqliteError as error:
            if strict or forms == "v2":
                raise CheckpointError(f"cannot store {name} as blocks: {error.reason}") from error
            _logger.warning("Cannot store %s of iModel %s as blocks: %s", name, imodel_id, error.reason)
            return None
        return directory

    @contextmanager
    def _file(self, imodel_id: str, recipe: Recipe, blob: str) -> Iterator[Path]:
        """Yield the database: the stored file, which may be from an interrupted attempt, or else a new file."""
        is_stored = self._blobs.size(blob) is not None
        with self._blobs.local(blob) if is_stored else self.database(imodel_id, recipe) as file:
            yield file

    def _store(self, file: Path, blob: str, directory: str, recipe: Recipe) -> StoredCheckpoint:
        in_file, in_blocks = self._forms != "v2", self._forms != "v1"
        if in_file and self._blobs.size(blob) is None:
            self._blobs.add_file(blob, file)
        draft = None
        try:
            if in_blocks:
                self._blocks.sweep(directory)
                draft = self._blocks.draft(directory, f"{recipe.changeset_id}.bim", file, recipe.base_name)
        except CloudSqliteError as error:
            raise CheckpointError(f"cannot store the database as blocks: {error.reason}") from error
        return StoredCheckpoint(size=file.stat().st_size, blob=blob if in_file else None, draft=draft)

    @contextmanager
    def _base(self, recipe: Recipe, folder: Path) -> Iterator[Path]:
        with ExitStack() as opened:
            try:
                if recipe.db_name is None:
                    file = opened.enter_context(self._blobs.local(recipe.base))
                else:
                    file = folder / "base.bim"
                    self._blocks.assemble(recipe.base, recipe.db_name, file)
            except (KeyError, CloudSqliteError) as error:
                reason = error.reason if isinstance(error, CloudSqliteError) else "the file is missing"
                raise CheckpointError(f"cannot read {_base_of(recipe)}: {reason}") from error
            yield file

    def _apply(self, imodel_id: str, recipe: Recipe, first: int, start: Path, target: Path) -> None:
        """Apply one batch of changesets."""
        ids = recipe.changeset_ids[first : first + _BATCH]
        parent_id = recipe.changeset_ids[first - 1] if first else recipe.base_id
        of_schema = frozenset(recipe.schema_changeset_ids)
        with ExitStack() as opened:
            paths: dict[str, str] = {}

            def links() -> Iterator[ChainLink]:
                for changeset_id, parent in zip(ids, [parent_id, *ids], strict=False):
                    self._check()
                    path = opened.enter_context(_changeset_file(self._blobs, imodel_id, changeset_id))
                    paths[str(path)] = changeset_id
                    has_schema_changes = changeset_id in of_schema
                    yield ChainLink(path, changeset_id, parent, has_schema_changes=has_schema_changes)

            try:
                report = apply_changesets(
                    start, links(), target, parent_id=parent_id, progress=lambda *_: self._check()
                )
            except ChangesetFileError as error:
                raise CheckpointError(_message_of(error, paths.get(error.path), recipe)) from error
            except ImportError as error:
                raise CheckpointError(str(error)) from error
        if not report.is_clean:
            _logger.warning(
                "Checkpoint of iModel %s, up to changeset %s: %d changes replaced conflicting values, %d were"
                " skipped, %d statements had no effect",
                imodel_id,
                ids[-1],
                report.overridden,
                report.skipped,
                len(report.skipped_statements),
            )


def record_position(file: Path, changeset_id: str, index: int) -> None:
    """Record the current changeset in a database the way iTwin.js does, so that iTwin.js applies only later changesets.

    Databases without the table `be_Local`, which are not iModels, are left unchanged.

    Args:
        file: The database.
        changeset_id: Id of the changeset; empty for a baseline, which records none.
        index: Index of the changeset.
    """
    with closing(sqlite3.connect(file)) as database:
        try:
            tables = database.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'be_Local'")
            has_table = tables.fetchone() is not None
        except sqlite3.DatabaseError:  # not a database
            return
        if not has_table:
            return
        with database:
            database.executemany("DELETE FROM be_Local WHERE Name = ?", [(name,) for name in _POSITION_NAMES])
            if changeset_id:
                both = json.dumps({"id": changeset_id, "index": index}, separators=(",", ":"))
                notes = zip(_POSITION_NAMES, (changeset_id, both), strict=True)
                database.executemany("INSERT INTO be_Local (Name, Val) VALUES (?, ?)", notes)


def failure_of(error: Exception) -> str:
    """Return the reason for a failure, for users, without the details of unexpected errors, which the caller logs."""
    if isinstance(error, CheckpointError):
        return str(error)
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "see the hub's log"
    return f"{type(error).__name__}: {reason}"


@contextmanager
def _changeset_file(blobs: BlobStore, imodel_id: str, changeset_id: str) -> Iterator[Path]:
    with ExitStack() as opened:
        try:
            path = opened.enter_context(blobs.local(names.changeset(imodel_id, changeset_id)))
        except KeyError as error:
            raise CheckpointError(f"changeset {changeset_id}: the file is missing") from error
        yield path


def _message_of(error: ChangesetFileError, changeset_id: str | None, recipe: Recipe) -> str:
    """Return the message of an error with the changeset id instead of the path."""
    text = str(error).removeprefix(f"{error.path}: ")
    if changeset_id is None:
        return f"{_base_of(recipe)}: {text}"
    return text if text.startswith(f"changeset {changeset_id}") else f"changeset {changeset_id}: {text}"


def _base_of(recipe: Recipe) -> str:
    return f"the checkpoint of changeset {recipe.base_index}" if recipe.base_id else "the baseline"
