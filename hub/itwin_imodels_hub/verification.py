"""Checking that a changeset file gives its id, with the format package that comes along with the hub."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

_MODULE = "imodel_files.changesets"
_FUNCTION = "compute_changeset_id"


class VerificationUnavailableError(RuntimeError):
    """The hub is set to verify changesets but has nothing to do it with."""


def changeset_verifier() -> Callable[[Path, str], str]:
    """Find the function that computes the id of a changeset from its file and the id of its parent.

    Raises:
        VerificationUnavailableError: It is not there.
    """
    try:
        found: Callable[[Path, str], str] = getattr(import_module(_MODULE), _FUNCTION)
    except (ImportError, AttributeError) as error:
        raise VerificationUnavailableError(
            f"The setting verify_changesets needs {_FUNCTION}() of {_MODULE}, which is not there."
        ) from error
    return found


def verify_changeset(path: Path, changeset_id: str, parent_id: str) -> bool:
    """Tell whether a file gives the id it was announced with.

    Raises:
        VerificationUnavailableError: There is no function to do it with.
    """
    try:
        return changeset_verifier()(path, parent_id) == changeset_id
    except (ValueError, OSError):
        return False
