"""Rules for waiting for checkpoints: the meaning of their states."""

from itwin_imodels.errors import OperationFailed
from itwin_imodels.models import Checkpoint, CheckpointState

NO_CHECKPOINT = "CheckpointNotFound"
"""The service's error code for a changeset without a checkpoint."""

_FAILED = frozenset({CheckpointState.FAILED.value, CheckpointState.NOT_GENERATED.value})


def is_over(checkpoint: Checkpoint) -> bool:
    """Return whether the generation of a checkpoint has succeeded or failed. Unknown states count as in progress."""
    return checkpoint.state == CheckpointState.SUCCESSFUL or checkpoint.state in _FAILED


def check_generated(checkpoint: Checkpoint) -> Checkpoint:
    """Check that the service has not failed to generate a checkpoint.

    Raises:
        OperationFailed: The generation failed.
    """
    if checkpoint.state in _FAILED:
        raise OperationFailed(
            f"the checkpoint of {place_of(checkpoint)} was not generated (state {checkpoint.state}). If the "
            "changeset has a Named Version, request the checkpoint again with "
            "client.checkpoints.create_for_named_version().",
            state=str(checkpoint.state),
        )
    return checkpoint


def place_of(checkpoint: Checkpoint) -> str:
    """Describe a checkpoint's point in the timeline, for messages."""
    if not checkpoint.changeset_index:
        return f"the baseline of iModel {checkpoint.imodel_id}"
    return f"changeset {checkpoint.changeset_id} (index {checkpoint.changeset_index}) of iModel {checkpoint.imodel_id}"
