"""Rules of creating iModels: what states mean, and what to tell about an iModel that is left half made."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from itwin_imodels.errors import ConnectionFailed, OperationFailed
from itwin_imodels.models import BaselineFileState, IModelCreationState

_SUCCEEDED = frozenset({IModelCreationState.SUCCESSFUL.value, BaselineFileState.INITIALIZED.value})
_POPULATE = (
    "elements of the main iModel have no FederationGuid; run the job 'Populate Federation Guids' of the "
    "Transformations API on the main iModel, then fork it again"
)
_REASONS: Mapping[str, str] = {
    IModelCreationState.FAILED.value: "the service could not make it and gives no reason",
    IModelCreationState.MAIN_IMODEL_IS_MISSING_FEDERATION_GUIDS.value: _POPULATE,
    "sourceIsMissingFederationGuids": _POPULATE,  # an older name of the same
    BaselineFileState.INITIALIZATION_FAILED.value: "the service could not make an iModel of its baseline file",
    BaselineFileState.FILE_IS_BRIEFCASE.value: (
        "its baseline file is the working copy of a briefcase; take a file that belongs to none"
    ),
}
_WITHOUT_FILE = frozenset(
    {
        BaselineFileState.WAITING_FOR_FILE.value,
        BaselineFileState.INITIALIZATION_FAILED.value,
        BaselineFileState.FILE_IS_BRIEFCASE.value,
    }
)


def is_over(state: str) -> bool:
    """Tell whether a creation in a state has come to its end. States that are new to this client go on."""
    return state in _SUCCEEDED or has_failed(state)


def has_failed(state: str) -> bool:
    """Tell whether a creation in a state has failed."""
    return state in _REASONS


def failure(imodel_id: str, state: str) -> OperationFailed:
    """Make the error of a creation that has failed.

    Args:
        imodel_id: The iModel.
        state: The operation's state, or the baseline file's where that says more.
    """
    return OperationFailed(
        f"iModel {imodel_id} was not created: {_REASONS[state]} (state {state}). It still has its name; "
        f"client.imodels.delete({imodel_id!r}) gives it up.",
        state=state,
    )


def is_unfinished(state: str) -> bool:
    """Tell whether an iModel with a baseline file in a state has nothing in it, and never will have."""
    return state in _WITHOUT_FILE


def note_on_waiting(imodel_id: str) -> str:
    """Tell how to wait on."""
    return f"iModel {imodel_id} is still being made: client.wait_for_imodel({imodel_id!r}) waits for it."


def note_on_upload(imodel_id: str) -> str:
    """Tell what an upload that failed has left."""
    return (
        f"iModel {imodel_id} is left without its baseline file, and has its name. The service gives no second link to "
        "upload to: call this again with replace_unfinished=True, or give it up with "
        f"client.imodels.delete({imodel_id!r})."
    )


def note_on_completion(imodel_id: str) -> str:
    """Tell how to go on when the file is uploaded and the service was not told."""
    return (
        f"The baseline file of iModel {imodel_id} is uploaded, but not confirmed: "
        f"client.baseline_files.complete({imodel_id!r}) does that, then client.wait_for_imodel({imodel_id!r}) waits."
    )


def note_on_namesake(imodel_id: str, state: str) -> str:
    """Tell about the iModel that has the name already."""
    if is_unfinished(state):
        return (
            f"iModel {imodel_id} has this name and no baseline (state {state}), as an interrupted creation leaves it. "
            "The service gives no second link to upload to: replace_unfinished=True deletes it and begins anew."
        )
    if state == BaselineFileState.INITIALIZATION_SCHEDULED:
        return note_on_waiting(imodel_id)
    return f"iModel {imodel_id} has this name (state of its baseline file: {state})."


@contextmanager
def noted(note: str) -> Iterator[None]:
    """Add a note to whatever ends a block early."""
    try:
        yield
    except BaseException as error:
        error.add_note(note)
        raise


@contextmanager
def waiting_noted(imodel_id: str) -> Iterator[None]:
    """Say in what ends a wait early how to wait on, unless there is nothing to wait for any more."""
    try:
        yield
    except OperationFailed:
        raise
    except BaseException as error:
        error.add_note(note_on_waiting(imodel_id))
        raise


@contextmanager
def lost_answers_told(name: str | None) -> Iterator[None]:
    """Say in an error that the service may have begun to create an iModel, when its answer was lost.

    Args:
        name: The iModel's name; None if it is that of the iModel it is made from.
    """
    try:
        yield
    except ConnectionFailed as error:
        if error.reached:
            which = "of the same name" if name is None else f"named {name!r}"
            error.add_note(f"An iModel {which} may be there now; client.imodels.get_by_name() tells.")
        raise
