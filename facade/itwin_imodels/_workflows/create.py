"""Rules for creating iModels: the meaning of states, and how to continue after an interruption."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import attrs

from itwin_imodels._core import checks
from itwin_imodels.errors import ApiError, NotFound, OperationFailed
from itwin_imodels.models import BaselineFileState, ContainerTypes, Extent, IModelCreationState, IModelTemplate

_CALLER: Final = 4
"""Number of frames from `warnings.warn` to the caller of a method of the client."""

_SUCCEEDED = frozenset({IModelCreationState.SUCCESSFUL.value, BaselineFileState.INITIALIZED.value})
_POPULATE = (
    "elements of the main iModel have no FederationGuid; run the job 'Populate Federation Guids' of the "
    "Transformations API on the main iModel, then fork it again"
)
_REASONS: Mapping[str, str] = {
    IModelCreationState.FAILED.value: "the service failed and gave no reason",
    IModelCreationState.MAIN_IMODEL_IS_MISSING_FEDERATION_GUIDS.value: _POPULATE,
    "sourceIsMissingFederationGuids": _POPULATE,  # an older name of the same state
    BaselineFileState.INITIALIZATION_FAILED.value: "the service could not initialize it from its baseline file",
    BaselineFileState.FILE_IS_BRIEFCASE.value: (
        "its baseline file is the working copy of a briefcase; use a file that does not belong to a briefcase"
    ),
}
_UNFINISHED = frozenset(
    {
        BaselineFileState.WAITING_FOR_FILE.value,
        BaselineFileState.INITIALIZATION_FAILED.value,
        BaselineFileState.FILE_IS_BRIEFCASE.value,
    }
)

_REJECTED_FILE = frozenset({"DataConflict", "FileNotFound"})
"""The service's error codes for an upload that is missing or incomplete, so that it can never be confirmed."""


@attrs.frozen(kw_only=True)
class NewIModel:
    """The properties of an iModel to create; see `client.create_imodel()`."""

    itwin_id: str
    name: str
    description: str | None
    extent: Extent | None
    containers_enabled: ContainerTypes | int | None
    horizontal_crs_id: str | None


def template_of(template_id: str, changeset_id: str | None) -> IModelTemplate:
    """Check the ids of a template, and return it."""
    return IModelTemplate(
        imodel_id=checks.identifier("template_id", template_id),
        changeset_id=checks.optional_changeset_id("changeset_id", changeset_id),
    )


def is_over(state: str) -> bool:
    """Return whether a creation in this state has ended. Unknown states count as in progress."""
    return state in _SUCCEEDED or has_failed(state)


def has_failed(state: str) -> bool:
    """Return whether a creation in this state has failed."""
    return state in _REASONS


def failure(imodel_id: str, state: str) -> OperationFailed:
    """Return the error for a creation that has failed.

    Args:
        imodel_id: Id of the iModel.
        state: The state of the operation, or that of the baseline file if it is more specific.
    """
    return OperationFailed(
        f"iModel {imodel_id} was not created: {_REASONS[state]} (state {state}). Its name stays in use "
        f"until you delete the iModel with client.imodels.delete({imodel_id!r}).",
        state=state,
    )


def is_unfinished(state: str) -> bool:
    """Return whether a baseline file in this state is missing or unusable, so that its iModel has no content."""
    return state in _UNFINISHED


def note_on_waiting(imodel_id: str) -> str:
    """Return the note on how to continue waiting."""
    return f"iModel {imodel_id} is still being created: wait for it with client.wait_for_imodel({imodel_id!r})."


def note_on_upload(imodel_id: str) -> str:
    """Return the note on what a failed upload has left and on how to continue."""
    return (
        f"iModel {imodel_id} was created, but has no baseline file. The service returns the upload link only once: "
        f"call this again with replace_unfinished=True, or delete the iModel with client.imodels.delete({imodel_id!r})."
    )


def note_on_completion(imodel_id: str) -> str:
    """Return the note on how to continue after an upload that was not confirmed."""
    return (
        f"The baseline file of iModel {imodel_id} is uploaded but not confirmed: confirm it with "
        f"client.baseline_files.complete({imodel_id!r}), then wait with client.wait_for_imodel({imodel_id!r})."
    )


def note_on_namesake(imodel_id: str, state: str) -> str:
    """Return the note on the iModel that already has the name and on how to continue."""
    if is_unfinished(state):
        reason = _REASONS.get(state, "its creation was probably interrupted")
        return (
            f"iModel {imodel_id} has this name but no baseline: {reason} (state {state}). The service returns the"
            " upload link only once: replace_unfinished=True deletes the iModel and starts over."
        )
    if state == BaselineFileState.INITIALIZATION_SCHEDULED:
        return note_on_waiting(imodel_id)
    return f"iModel {imodel_id} has this name (state of its baseline file: {state})."


@contextmanager
def noted(note: str) -> Iterator[None]:
    """Add a note to an error that a block raises."""
    try:
        yield
    except BaseException as error:
        error.add_note(note)
        raise


@contextmanager
def confirmation_noted(imodel_id: str) -> Iterator[None]:
    """Add a note on how to continue to an error that the confirmation of an upload raises."""
    try:
        yield
    except BaseException as error:
        is_rejected = isinstance(error, ApiError) and error.code in _REJECTED_FILE
        error.add_note((note_on_upload if is_rejected else note_on_completion)(imodel_id))
        raise


@contextmanager
def waiting_noted(imodel_id: str) -> Iterator[None]:
    """Add a note on how to continue waiting to an error that a block raises, unless waiting is pointless."""
    try:
        yield
    except (NotFound, OperationFailed):
        raise
    except BaseException as error:
        error.add_note(note_on_waiting(imodel_id))
        raise


def warn_of_wait(method: str) -> None:
    """Warn that `wait=False` is deprecated.

    Args:
        method: Name of the method that creates the iModel.
    """
    warnings.warn(
        f"{method}(wait=False) is deprecated; call begin_{method}(), which returns the same object."
        " Version 0.3 will reject this argument",
        DeprecationWarning,
        stacklevel=_CALLER,
    )
