"""The command ``imodels``. It needs the extra ``cli``; without it the command says so."""

import sys

__all__ = ["main"]


def main() -> None:
    """Entry point of the command ``imodels``."""
    try:
        from itwin_imodels.cli.app import app  # noqa: PLC0415 - the extra may be missing
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "rich"):
            raise
        sys.exit("imodels needs the extra 'cli': pip install 'itwin-imodels[cli]'")
    app()
