"""Making checkpoints: the database at a changeset, in one file and in blocks.

All is made in files that nobody else sees. What is stored under its own name is whole, and what the hub's database
names is stored.
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

Forms = Literal["v1", "v2", "both"]
"""The forms of a checkpoint: one file, blocks, both."""

_logger = logging.getLogger(__name__)

_BATCH = 500
"""Changesets that are applied to one copy of the database; what is known of each is held until they are."""
_PLACE_NAMES = ("ParentChangeSetId", "parentChangeset")


class CheckpointError(Exception):
    """A checkpoint cannot be made. The text says why, without what only concerns this machine."""


@frozen(kw_only=True)
class Made:
    """A checkpoint that is stored, but not known yet.

    Attributes:
        size: Bytes of the database.
        blob: The whole file; None in blocks only.
        draft: The blocks; None in one file only.
    """

    size: int
    blob: str | None
    draft: Draft | None

    @property
    def directory(self) -> str | None:
        """Where the blocks are."""
        return None if self.draft is None else self.draft.directory


class Checkpoints:
    """Makes checkpoints in a store of files."""

    def __init__(
        self,
        blobs: BlobStore,
        blocks: CheckpointBlocks,
        workspace: Workspace,
        check: Callable[[], None],
        *,
        forms: Forms = "both",
    ) -> None:
        """Work on a store of files.

        Args:
            blobs: Where baselines, changesets and checkpoints are.
            blocks: What cuts databases into blocks.
            workspace: Where databases are while they are made.
            check: Called often; what it raises ends the work.
            forms: What is made of each database.
        """
        self._blobs = blobs
        self._blocks = blocks
        self._workspace = workspace
        self._check = check
        self._forms = forms

    @contextmanager
    def database(self, imodel_id: str, recipe: Recipe, *, as_baseline: bool = False) -> Iterator[Path]:
        """Make the database at a changeset, in a file that goes at the end of the block.

        Args:
            imodel_id: The iModel whose changesets are applied.
            recipe: How it is made.
            as_baseline: Whether it begins a timeline of its own, and so is at no changeset.

        Raises:
            CheckpointError: It cannot be made.
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
            note_place(file, "" if as_baseline else recipe.changeset_id, recipe.index)
            yield file

    def make(self, imodel_id: str, recipe: Recipe, make_known: Callable[[Made], bool]) -> None:
        """Make the checkpoint of a changeset.

        Args:
            imodel_id: The iModel.
            recipe: How the database is made.
            make_known: Called with what is stored; publishes it while nobody else publishes checkpoints of the iModel,
                and gives whether that could be done. Called again otherwise.

        Raises:
            CheckpointError: It cannot be made.
        """
        blob = names.checkpoint(imodel_id, recipe.index)
        directory = names.checkpoint_blocks(imodel_id)
        with self._file(imodel_id, recipe, blob) as file:
            known = False
            while not known:
                known = make_known(self._store(file, blob, directory, recipe))

    def publish(self, made: Made) -> bool:
        """Let readers of blocks find a checkpoint, while nobody else publishes one of the iModel; see `make`."""
        return made.draft is None or self._blocks.publish(made.draft)

    def keep_baseline(self, imodel_id: str, number: int) -> CheckpointRecord:
        """Make the checkpoint of the baseline of a new iModel, whose file is stored.

        Args:
            imodel_id: The iModel, which nobody else works on yet.
            number: Its number.

        Raises:
            CheckpointError: It shall be in blocks only, and the file is no whole database.
        """
        blob, directory = names.baseline(imodel_id), names.checkpoint_blocks(imodel_id)
        self._blobs.delete_all(f"{directory}/")  # of an attempt that was ended half-way
        with self._blobs.local(blob) as file:
            return baseline_checkpoint(
                number,
                self._blobs.size(blob) or 0,
                blob=None if self._forms == "v2" else blob,
                directory=self._directory(imodel_id, BASELINE_DB_NAME, file, None, self._forms),
            )

    def keep(
        self, imodel_id: str, record: CheckpointRecord, file: Path, forms: Forms | None, parent: str | None
    ) -> CheckpointRecord:
        """Store a checkpoint that was made elsewhere.

        Args:
            imodel_id: The iModel, which nobody else works on yet.
            record: What is known of the checkpoint.
            file: The database.
            forms: What is made of it, where that is said; by default what is made of all, as far as can be.
            parent: Name of the checkpoint before it.

        Returns:
            The record with what is stored.

        Raises:
            CheckpointError: It shall be in blocks, and the file is no whole database.
            OSError: The file cannot be read.
        """
        wanted = forms or self._forms
        blob = None
        if wanted != "v2":
            blob = names.checkpoint(imodel_id, record.changeset_index)
            self._blobs.add_file(blob, file)
        directory = self._directory(imodel_id, record.db_name or "", file, parent, wanted, strict=forms is not None)
        return evolve(record, size=file.stat().st_size, blob=blob, directory=directory)

    def _directory(  # noqa: PLR0913 - each is a fact about the database
        self, imodel_id: str, name: str, file: Path, parent: str | None, forms: Forms, *, strict: bool = False
    ) -> str | None:
        """Store a database in blocks where it shall be, and give the directory.

        A file that is no whole database has no blocks, unless it would be nowhere then.
        """
        if forms == "v1":
            return None
        directory = names.checkpoint_blocks(imodel_id)
        try:
            self._blocks.publish(self._blocks.draft(directory, name, file, parent))
        except CloudSqliteError as error:
            if strict or forms == "v2":
                raise CheckpointError(f"{name} cannot be kept in blocks: {error.reason}") from error
            _logger.warning("%s of iModel %s cannot be kept in blocks: %s", name, imodel_id, error.reason)
            return None
        return directory

    @contextmanager
    def _file(self, imodel_id: str, recipe: Recipe, blob: str) -> Iterator[Path]:
        """Give the database: the file that is stored, be it by an attempt that was ended half-way, or a new one."""
        found = self._blobs.size(blob) is not None
        with self._blobs.local(blob) if found else self.database(imodel_id, recipe) as file:
            yield file

    def _store(self, file: Path, blob: str, directory: str, recipe: Recipe) -> Made:
        in_file, in_blocks = self._forms != "v2", self._forms != "v1"
        if in_file and self._blobs.size(blob) is None:
            self._blobs.add_file(blob, file)
        draft = None
        try:
            if in_blocks:
                self._blocks.sweep(directory)
                draft = self._blocks.draft(directory, f"{recipe.changeset_id}.bim", file, recipe.base_name)
        except CloudSqliteError as error:
            raise CheckpointError(f"it cannot be kept in blocks: {error.reason}") from error
        return Made(size=file.stat().st_size, blob=blob if in_file else None, draft=draft)

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
                reason = error.reason if isinstance(error, CloudSqliteError) else "its file is not there"
                raise CheckpointError(f"{_base_of(recipe)} cannot be read: {reason}") from error
            yield file

    def _apply(self, imodel_id: str, recipe: Recipe, first: int, start: Path, target: Path) -> None:
        """Apply one batch of changesets."""
        ids = recipe.changeset_ids[first : first + _BATCH]
        parent_id = recipe.changeset_ids[first - 1] if first else recipe.base_id
        with ExitStack() as opened:
            paths: dict[str, str] = {}

            def links() -> Iterator[ChainLink]:
                for changeset_id, parent in zip(ids, [parent_id, *ids], strict=False):
                    self._check()
                    path = opened.enter_context(_changeset_file(self._blobs, imodel_id, changeset_id))
                    paths[str(path)] = changeset_id
                    yield ChainLink(path, changeset_id, parent)

            try:
                report = apply_changesets(
                    start, links(), target, parent_id=parent_id, progress=lambda *_: self._check()
                )
            except ChangesetFileError as error:
                raise CheckpointError(_told(error, paths.get(error.path), recipe)) from error
            except ImportError as error:
                raise CheckpointError(str(error)) from error
        if not report.is_clean:
            _logger.warning(
                "Checkpoint of iModel %s, up to changeset %s: %d changes were applied over what was there, %d were"
                " skipped, %d statements had no effect",
                imodel_id,
                ids[-1],
                report.overridden,
                report.skipped,
                len(report.skipped_statements),
            )


def note_place(file: Path, changeset_id: str, index: int) -> None:
    """Note in a database which changeset it is at, as iTwin.js does; it applies what it misses otherwise.

    Databases without the table for it, which are no iModels, stay as they are.

    Args:
        file: The database.
        changeset_id: The changeset; empty for a baseline, which has no such note.
        index: Its index.
    """
    with closing(sqlite3.connect(file)) as database:
        try:
            tables = database.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'be_Local'")
            has_table = tables.fetchone() is not None
        except sqlite3.DatabaseError:  # no database at all
            return
        if not has_table:
            return
        with database:
            database.executemany("DELETE FROM be_Local WHERE Name = ?", [(name,) for name in _PLACE_NAMES])
            if changeset_id:
                both = json.dumps({"id": changeset_id, "index": index}, separators=(",", ":"))
                notes = zip(_PLACE_NAMES, (changeset_id, both), strict=True)
                database.executemany("INSERT INTO be_Local (Name, Val) VALUES (?, ?)", notes)


def failure_of(error: Exception) -> str:
    """Say in words for users why a checkpoint failed; what is unexpected is in the log only."""
    if isinstance(error, CheckpointError):
        return str(error)
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "the log of the hub says more"
    return f"{type(error).__name__}: {reason}"


@contextmanager
def _changeset_file(blobs: BlobStore, imodel_id: str, changeset_id: str) -> Iterator[Path]:
    with ExitStack() as opened:
        try:
            path = opened.enter_context(blobs.local(names.changeset(imodel_id, changeset_id)))
        except KeyError as error:
            raise CheckpointError(f"changeset {changeset_id}: its file is not there") from error
        yield path


def _told(error: ChangesetFileError, changeset_id: str | None, recipe: Recipe) -> str:
    """Repeat an error with the name of the changeset instead of the file's."""
    text = str(error).removeprefix(f"{error.path}: ")
    if changeset_id is None:
        return f"{_base_of(recipe)}: {text}"
    return text if text.startswith(f"changeset {changeset_id}") else f"changeset {changeset_id}: {text}"


def _base_of(recipe: Recipe) -> str:
    return f"the checkpoint of changeset {recipe.base_index}" if recipe.base_id else "the baseline"
