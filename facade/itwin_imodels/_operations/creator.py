"""The creators of entities."""

from itwin_imodels.models import BaselineFile, ChangesetGroup, IModel, MinimalChangeset, NamedVersion

Created = IModel | BaselineFile | MinimalChangeset | ChangesetGroup | NamedVersion
"""The entities that have a creator."""


def creator_of(entity: Created) -> tuple[str, str | None]:
    """Return the ids of an entity's iModel and of the user who created the entity, if known."""
    return entity.id if isinstance(entity, IModel) else entity.imodel_id, entity.creator_id
