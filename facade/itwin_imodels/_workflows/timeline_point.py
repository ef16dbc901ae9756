"""Rules for selecting a point in the timeline."""

from uuid import UUID

from itwin_imodels.errors import NameNotFound
from itwin_imodels.models import Changeset, MinimalNamedVersion, TimelinePoint

NO_NAMED_VERSION = "NamedVersionNotFound"
"""The service's error code for a missing Named Version."""


def check_one_selector(**selectors: bool) -> None:
    """Check that a point is selected by exactly one argument.

    Args:
        **selectors: Whether the caller passed the argument of this name.

    Raises:
        ValueError: The caller passed no argument or several.
    """
    used = [name for name, is_given in selectors.items() if is_given]
    if len(used) != 1:
        names = " and ".join(used) or "none"
        raise ValueError(f"pass exactly one of {', '.join(selectors)} (got {names})")


def baseline(imodel_id: str) -> TimelinePoint:
    """Return the point of the baseline."""
    return TimelinePoint(imodel_id=imodel_id, index=0, changeset_id="", changeset=None)


def point_of(imodel_id: str, changeset: Changeset | None) -> TimelinePoint:
    """Return the point of a changeset; None means the baseline."""
    if changeset is None:
        return baseline(imodel_id)
    return TimelinePoint(
        imodel_id=imodel_id, index=changeset.index, changeset_id=changeset.id.lower(), changeset=changeset
    )


def checked_named_version(imodel_id: str, named_version: MinimalNamedVersion) -> MinimalNamedVersion:
    """Check that a Named Version belongs to an iModel, and return it.

    Raises:
        ValueError: It belongs to another iModel.
    """
    if named_version.imodel_id.lower() != imodel_id.lower():
        raise ValueError(f"named_version belongs to iModel {named_version.imodel_id}, not to {imodel_id}")
    return named_version


def may_be_id(text: str) -> bool:
    """Return whether a string has the form of a Named Version's id; it can still be a name."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def no_named_version(imodel_id: str, name: str) -> NameNotFound:
    """Return the error for a name that no Named Version has."""
    return NameNotFound(
        f"iModel {imodel_id} has no Named Version {name!r}. Check the name; it is case-sensitive.",
        entity=f"iModel {imodel_id}, Named Version {name!r}",
    )
