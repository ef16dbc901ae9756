"""Who created an entity."""

from itwin_imodels.models import BaselineFile, ChangesetGroup, IModel, MinimalChangeset, NamedVersion

Created = IModel | BaselineFile | MinimalChangeset | ChangesetGroup | NamedVersion
"""What has a creator."""


def creator_of(entity: Created) -> tuple[str, str | None]:
    """Give the iModel of an entity and the user who created it, if that is known."""
    return entity.id if isinstance(entity, IModel) else entity.imodel_id, entity.creator_id
