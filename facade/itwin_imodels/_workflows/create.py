"""Rules of creating iModels: what states mean, and how to continue after an interrupted creation."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import attrs

from itwin_imodels._core import checks
from itwin_imodels.errors import OperationFailed
from itwin_imodels.models import BaselineFileState, ContainerTypes, Extent, IModelCreationState, IModelTemplate

_CALLER: Final = 4
"""Frames from `warnings.warn` up to the code that calls a verb of the client."""

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


@attrs.frozen(kw_only=True)
class NewIModel:
    """The iModel to create.

    Attributes:
        itwin_id: The iTwin that it will belong to.
        name: Its name.
        description: Its description.
        extent: The part of the Earth that it covers.
        containers_enabled: The kinds of containers that it will have.
        horizontal_crs_id: Id of its coordinate system.
    """

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
    """Return whether a creation in a state has ended. Unknown states count as in progress."""
    return state in _SUCCEEDED or has_failed(state)


def has_failed(state: str) -> bool:
    """Return whether a creation in a state has failed."""
    return state in _REASONS


def failure(imodel_id: str, state: str) -> OperationFailed:
    """Return the error for a creation that has failed.

    Args:
        imodel_id: The iModel.
        state: The state of the operation, or of the baseline file if that is more specific.
    """
    return OperationFailed(
        f"iModel {imodel_id} was not created: {_REASONS[state]} (state {state}). It keeps its name until "
        f"client.imodels.delete({imodel_id!r}).",
        state=state,
    )


def is_unfinished(state: str) -> bool:
    """Return whether an iModel with a baseline file in a state has no content and never will."""
    return state in _WITHOUT_FILE


def note_on_waiting(imodel_id: str) -> str:
    """Return how to wait again."""
    return f"iModel {imodel_id} is still being created: wait for it with client.wait_for_imodel({imodel_id!r})."


def note_on_upload(imodel_id: str) -> str:
    """Return what a failed upload has left, and how to continue."""
    return (
        f"iModel {imodel_id} has its name but no baseline file. The service sends no second link for the upload: call "
        f"this again with replace_unfinished=True, or delete the iModel with client.imodels.delete({imodel_id!r})."
    )


def note_on_completion(imodel_id: str) -> str:
    """Return how to continue after an upload that was not confirmed."""
    return (
        f"The baseline file of iModel {imodel_id} is uploaded, but not confirmed: confirm it with "
        f"client.baseline_files.complete({imodel_id!r}), then wait with client.wait_for_imodel({imodel_id!r})."
    )


def note_on_namesake(imodel_id: str, state: str) -> str:
    """Return the state of the iModel that already has the name, and how to continue."""
    if is_unfinished(state):
        return (
            f"iModel {imodel_id} has this name and no baseline (state {state}), as an interrupted creation leaves it. "
            "The service sends no second link for the upload: replace_unfinished=True deletes it and starts again."
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
def waiting_noted(imodel_id: str) -> Iterator[None]:
    """Add a note about waiting again to an error that a block raises, unless the creation has failed."""
    try:
        yield
    except OperationFailed:
        raise
    except BaseException as error:
        error.add_note(note_on_waiting(imodel_id))
        raise


def warn_of_wait(verb: str) -> None:
    """Warn that `wait=False` of a creating verb is deprecated.

    Args:
        verb: Name of the verb.
    """
    warnings.warn(
        f"{verb}(wait=False) is deprecated; call begin_{verb}(), which returns the same",
        DeprecationWarning,
        stacklevel=_CALLER,
    )
