"""Record differences between responses and the API definition. Disabled unless a folder is given."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from itwin_imodels._core.local_files import local_path

if TYPE_CHECKING:
    from itwin_imodels._drift.recorder import Recorder

VARIABLE: Final = "IMODELS_RECORD_DRIFT"


def recorder_of(folder: Path | str | None) -> "Recorder | None":
    """Return a recorder for a folder, or None if no folder is given.

    Args:
        folder: The folder; takes precedence over the environment variable `IMODELS_RECORD_DRIFT`.
    """
    chosen = folder or os.environ.get(VARIABLE)
    if not chosen:
        return None
    from itwin_imodels._drift.recorder import Recorder  # noqa: PLC0415 - loaded only if recording is enabled

    return Recorder(local_path(chosen))
