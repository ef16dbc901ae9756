"""The command's own options. Each group of commands is a module of its own and is added here."""

from typing import Annotated

import typer

from itwin_imodels import __version__
from itwin_imodels.cli import hub

app = typer.Typer(name="imodels", no_args_is_help=True, add_completion=False)
app.add_typer(hub.app)


def _version(wanted: bool) -> None:  # noqa: FBT001 - the signature Typer calls
    if wanted:
        typer.echo(f"itwin-imodels {__version__}")
        raise typer.Exit


@app.callback()
def imodels(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Work with iModels: their changesets, briefcases, locks and Named Versions."""
