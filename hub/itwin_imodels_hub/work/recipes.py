"""Recipes for databases: a base and the changesets to apply to it."""

from collections.abc import Mapping
from typing import Final, Self

from attrs import asdict, evolve, field, fields, frozen
from sqlalchemy import Connection

from itwin_imodels_hub.blobs import names
from itwin_imodels_hub.store.changesets import changesets_between
from itwin_imodels_hub.store.records import CheckpointRecord, IModelRecord
from itwin_imodels_hub.store.versions import BASELINE_DB_NAME, newest_checkpoint

_SCHEMA_CHANGES: Final = 1
"""Bit of `containing_changes`."""


@frozen(kw_only=True)
class Recipe:
    """A recipe for the database at a changeset.

    Attributes:
        base: Blob name of the base database: a file or a directory of blocks.
        db_name: Name of the base in the directory; None for a file.
        base_index: Changeset index of the base; 0 for the baseline.
        base_id: Changeset id of the base; empty for the baseline.
        base_name: Name of the base among the block-based checkpoints.
        index: Changeset index of the result.
        changeset_ids: Changesets to apply, in order.
        schema_changeset_ids: Those among `changeset_ids` that were pushed as schema changes.
    """

    base: str
    db_name: str | None = None
    base_index: int = 0
    base_id: str = ""
    base_name: str = BASELINE_DB_NAME
    index: int = 0
    changeset_ids: list[str]
    schema_changeset_ids: list[str] = field(factory=list)

    @property
    def changeset_id(self) -> str:
        """Changeset id of the result; empty for the baseline."""
        return self.changeset_ids[-1] if self.changeset_ids else self.base_id

    @property
    def is_baseline(self) -> bool:
        """Whether the result is the unchanged baseline."""
        return not self.changeset_id

    def as_payload(self) -> dict[str, object]:
        """Return the recipe as a JSON object."""
        return asdict(self)

    @classmethod
    def from_payload(cls, payload: Mapping[str, object]) -> Self:
        """Create a recipe from the result of `as_payload`; other members are ignored."""
        members = {each.name: payload[each.name] for each in fields(cls) if each.name in payload}
        return cls(**members)  # type: ignore[arg-type] # written by as_payload


def baseline_of(imodel: IModelRecord) -> Recipe:
    """Return the recipe of the baseline of an iModel."""
    return Recipe(base=names.baseline(imodel.id), changeset_ids=[])


def find_recipe(connection: Connection, imodel: IModelRecord, index: int) -> Recipe:
    """Return the shortest recipe for the database at a changeset, based on the nearest successful checkpoint.

    Args:
        connection: A transaction.
        imodel: The iModel.
        index: Index of a confirmed changeset, or 0.
    """
    nearest = newest_checkpoint(connection, imodel.number, up_to=index)
    start = baseline_of(imodel) if nearest is None or not nearest.changeset_index else _recipe_from(nearest)
    between = changesets_between(connection, imodel.number, start.base_index, index)
    ids = [changeset_id for changeset_id, _ in between]
    of_schema = [changeset_id for changeset_id, kinds in between if kinds & _SCHEMA_CHANGES]
    return evolve(start, index=index, changeset_ids=ids, schema_changeset_ids=of_schema)


def _recipe_from(checkpoint: CheckpointRecord) -> Recipe:
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
