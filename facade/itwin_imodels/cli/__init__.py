"""The command ``imodels``, which requires the extra ``cli``."""

import os
import sys

from itwin_imodels.cli.streams import open_closed_streams, replace_unencodable

__all__ = ["main"]

_EXTRA = ("jmespath", "platformdirs", "rich", "tomlkit", "typer")
_INTERRUPTED = 130


def main() -> None:
    """Run the command ``imodels``."""
    open_closed_streams()
    replace_unencodable(sys.stdout)
    try:
        from itwin_imodels.cli.app import app  # noqa: PLC0415 - the extra may be missing

        app(prog_name="imodels")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        sys.exit("imodels requires the extra 'cli': pip install 'itwin-imodels[cli]'")
    except OSError as error:  # help could not be written; commands report their errors themselves
        sys.exit(f"imodels: 'standard output': {error.strerror}")
    except KeyboardInterrupt:
        _leave()
    except SystemExit as ending:
        if ending.code == _INTERRUPTED:
            _leave()
        raise


def _leave() -> None:
    """Exit at once, because threads of native libraries that still transfer files can block a normal exit."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_INTERRUPTED)
