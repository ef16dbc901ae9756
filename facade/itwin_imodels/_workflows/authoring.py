"""Rules for authoring sessions: the options of a push, and the error for an incomplete timeline."""

from typing import TypedDict

from itwin_imodels._transfer import ProgressCallback
from itwin_imodels.errors import UnexpectedResponse
from itwin_imodels.models import ContainingChanges, SynchronizationInfo


class PushOptions(TypedDict, total=False):
    """Options of `client.push_changeset()`, except the briefcase and the parent."""

    id: str | None
    description: str | None
    containing_changes: ContainingChanges | int | None
    group_id: str | None
    synchronization_info: SynchronizationInfo | None
    release_locks: bool
    timeout: float
    progress: ProgressCallback | None


def base_not_listed(imodel_id: str, changeset_id: str) -> UnexpectedResponse:
    """Return the error for a list of changesets that lacks the one that the work is based on."""
    return UnexpectedResponse(
        f"iModel {imodel_id}: the list of changesets lacks {changeset_id}, on which the work is based, so it is "
        "unknown whether the last push succeeded. The locks are kept: check the timeline, then call "
        "release_all_locks()."
    )
