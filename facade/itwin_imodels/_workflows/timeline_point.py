"""Rules of naming a point of the timeline."""

from uuid import UUID

from itwin_imodels.errors import NotFound
from itwin_imodels.models import Changeset, MinimalNamedVersion, TimelinePoint

NO_NAMED_VERSION = "NamedVersionNotFound"
"""The service's code for a Named Version that is not there."""


def check_one_selector(**given: bool) -> None:
    """Insist that exactly one way to name a point is used.

    Args:
        **given: Whether each of them is.

    Raises:
        ValueError: There are none or several.
    """
    used = [name for name, is_given in given.items() if is_given]
    if len(used) != 1:
        found = " and ".join(used) or "none"
        raise ValueError(f"give exactly one of {', '.join(given)}, not {found}")


def baseline(imodel_id: str) -> TimelinePoint:
    """Give the point at which a timeline begins."""
    return TimelinePoint(imodel_id=imodel_id, index=0, changeset_id="", changeset=None)


def point_of(imodel_id: str, changeset: Changeset | None) -> TimelinePoint:
    """Give the point of a changeset; that of the baseline for None."""
    if changeset is None:
        return baseline(imodel_id)
    return TimelinePoint(
        imodel_id=imodel_id, index=changeset.index, changeset_id=changeset.id.lower(), changeset=changeset
    )


def checked_named_version(imodel_id: str, named_version: MinimalNamedVersion) -> MinimalNamedVersion:
    """Insist that a Named Version is one of an iModel.

    Raises:
        ValueError: It is one of another.
    """
    if named_version.imodel_id.lower() != imodel_id.lower():
        raise ValueError(f"named_version belongs to iModel {named_version.imodel_id}, not to {imodel_id}")
    return named_version


def may_be_id(text: str) -> bool:
    """Tell whether a text may be the id of a Named Version; it may still be a name."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def no_named_version(imodel_id: str, wanted: str) -> NotFound:
    """Make the error about a Named Version that is not there."""
    return NotFound(
        operation="named_versions.list",
        entity=f"iModel {imodel_id}, Named Version {wanted!r}",
        status=404,
        code=NO_NAMED_VERSION,
        message="No Named Version has this id, or exactly this name; upper and lower case differ.",
    )
