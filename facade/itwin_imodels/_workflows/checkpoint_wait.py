"""Rules of waiting for checkpoints: what their states mean."""

from itwin_imodels.errors import OperationFailed
from itwin_imodels.models import Checkpoint, CheckpointState

NO_CHECKPOINT = "CheckpointNotFound"
"""The service's error code for a changeset without a checkpoint."""

_FAILED = frozenset({CheckpointState.FAILED.value, CheckpointState.NOT_GENERATED.value})


def is_over(checkpoint: Checkpoint) -> bool:
    """Return whether the service has finished a checkpoint or failed. Unknown states count as in progress."""
    return checkpoint.state == CheckpointState.SUCCESSFUL or checkpoint.state in _FAILED


def check_made(checkpoint: Checkpoint) -> Checkpoint:
    """Check that the service has made a checkpoint.

    Raises:
        OperationFailed: It has not.
    """
    if checkpoint.state in _FAILED:
        raise OperationFailed(
            f"the checkpoint of {place_of(checkpoint)} was not made (state {checkpoint.state}). Request it again with "
            "client.checkpoints.create_for_named_version()",
            state=str(checkpoint.state),
        )
    return checkpoint


def place_of(checkpoint: Checkpoint) -> str:
    """Return the name of a checkpoint's point of the timeline, for messages."""
    if not checkpoint.changeset_index:
        return f"the baseline of iModel {checkpoint.imodel_id}"
    return f"changeset {checkpoint.changeset_id} (index {checkpoint.changeset_index}) of iModel {checkpoint.imodel_id}"
