"""Options of a push in an authoring session."""

from typing import TypedDict

from itwin_imodels._transfer import ProgressCallback
from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import ContainingChanges, SynchronizationInfo


class PushOptions(TypedDict, total=False):
    """Options of a push, besides the briefcase and the parent."""

    id: str | None
    description: str | None
    containing_changes: ContainingChanges | int | None
    group_id: str | None
    synchronization_info: SynchronizationInfo | None
    release_locks: bool
    timeout: float
    progress: ProgressCallback | None


def base_not_listed(imodel_id: str, changeset_id: str) -> UnexpectedResponse:
    """Return the error for a timeline in which the changeset that the work is based on is missing."""
    return UnexpectedResponse(
        f"iModel {imodel_id}: the list of changesets lacks {changeset_id}, on which the work is based, so that nobody "
        "knows whether a push succeeded. The locks are kept: look for the push, then use release_all_locks()."
    )
