"""How the database at a changeset is made: from which file, by which changesets."""

from collections.abc import Mapping
from typing import Self

from attrs import asdict, evolve, frozen
from sqlalchemy import Connection

from itwin_imodels_hub.blobs import names
from itwin_imodels_hub.store.changesets import changesets_between
from itwin_imodels_hub.store.records import CheckpointRecord, IModelRecord
from itwin_imodels_hub.store.versions import BASELINE_DB_NAME, newest_checkpoint


@frozen(kw_only=True)
class Recipe:
    """What is applied to what.

    Attributes:
        base: The database to begin with, in the blob store: a file, or a directory of blocks.
        db_name: Its name in the directory; None for a file.
        base_index: The changeset it is at; 0 for the baseline.
        base_id: The id of that changeset; empty for the baseline.
        base_name: Its name where checkpoints are kept in blocks.
        index: The changeset that the database shall be at.
        changeset_ids: The changesets in between, in their order.
    """

    base: str
    db_name: str | None = None
    base_index: int = 0
    base_id: str = ""
    base_name: str = BASELINE_DB_NAME
    index: int = 0
    changeset_ids: list[str]

    @property
    def changeset_id(self) -> str:
        """The id of the changeset that the database shall be at; empty for the baseline."""
        return self.changeset_ids[-1] if self.changeset_ids else self.base_id

    @property
    def is_baseline(self) -> bool:
        """Whether it is the baseline file as it is."""
        return not self.changeset_id

    def as_payload(self) -> dict[str, object]:
        """Give it as JSON takes it."""
        return asdict(self)

    @classmethod
    def from_payload(cls, payload: Mapping[str, object]) -> Self:
        """Read what `as_payload` gave."""
        return cls(**payload)  # type: ignore[arg-type] # what was written is read


def baseline_of(imodel: IModelRecord) -> Recipe:
    """Give the recipe of an iModel's baseline."""
    return Recipe(base=names.baseline(imodel.id), changeset_ids=[])


def find_recipe(connection: Connection, imodel: IModelRecord, index: int) -> Recipe:
    """Find the shortest way to the database at a changeset: from the nearest checkpoint that is made.

    Args:
        connection: A transaction.
        imodel: The iModel.
        index: A confirmed changeset, or 0.
    """
    nearest = newest_checkpoint(connection, imodel.number, up_to=index)
    start = baseline_of(imodel) if nearest is None or not nearest.changeset_index else _from(nearest)
    between = changesets_between(connection, imodel.number, start.base_index, index)
    return evolve(start, index=index, changeset_ids=between)


def _from(checkpoint: CheckpointRecord) -> Recipe:
    db_name = checkpoint.db_name or f"{checkpoint.changeset_id}.bim"
    in_blocks = checkpoint.blob is None
    return Recipe(
        base=checkpoint.blob or checkpoint.directory or "",
        db_name=db_name if in_blocks else None,
        base_index=checkpoint.changeset_index,
        base_id=checkpoint.changeset_id or "",
        base_name=db_name,
        index=checkpoint.changeset_index,
        changeset_ids=[],
    )
