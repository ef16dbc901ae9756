"""Recording where the service's answers differ from the API definition. Off unless a folder is given."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from itwin_imodels._core.local_files import local_path

if TYPE_CHECKING:
    from itwin_imodels._drift.recorder import Recorder

VARIABLE: Final = "IMODELS_RECORD_DRIFT"


def recorder_of(folder: Path | str | None) -> "Recorder | None":
    """Return a recorder into a folder, or into that of the environment; None if neither names one.

    Args:
        folder: The folder; goes before the environment variable.
    """
    chosen = folder or os.environ.get(VARIABLE)
    if not chosen:
        return None
    from itwin_imodels._drift.recorder import Recorder  # noqa: PLC0415 - loaded only where something is recorded

    return Recorder(local_path(chosen))
