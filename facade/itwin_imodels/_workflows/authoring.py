"""Options of a push in an authoring session."""

from typing import TypedDict

from itwin_imodels._transfer import ProgressCallback
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
