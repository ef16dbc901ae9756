"""The command's own options, and where its groups of commands are. A group is imported when it is used."""

import importlib
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from itwin_imodels import __version__

GROUPS: Final = {
    "auth": "Sign in and out, and see who you are to the service.",
    "baseline": "The files that timelines begin with.",
    "briefcase": "Numbered working copies of an iModel.",
    "changeset": "The timeline: list, push, pull and check changesets.",
    "checkpoint": "Whole databases at points of the timeline.",
    "config": "Profiles: where to connect to, and with what defaults.",
    "extended-data": "Data of applications kept with changesets.",
    "favorite": "Your favorite iModels.",
    "group": "Changeset groups: changesets that belong together.",
    "hub": "The iModels API, served from this machine.",
    "imodel": "iModels: create, copy, change and delete them.",
    "lock": "Who may change what.",
    "mirror": "Keep a copy of a timeline in a folder.",
    "operation": "How far the creation of an iModel is.",
    "permission": "Who may do what.",
    "recent": "The iModels that you used last.",
    "share": "Keys by which anybody may read an iModel.",
    "thumbnail": "Pictures of iModels.",
    "user": "Who works with an iModel.",
    "version": "Named Versions: names for points of the timeline.",
}
"""The groups, which are modules of this package, and what their help says in one line."""


class LazyGroup(TyperGroup):
    """Imports a group of commands when it is used; its own help needs none of them."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - as its base has them
        """Know the names of the groups, so that a typing error can be told from them."""
        super().__init__(**options)
        self.commands.update(dict.fromkeys(GROUPS))  # type: ignore[arg-type] # their names are what counts

    def list_commands(self, _: Any) -> list[str]:  # noqa: ANN401 - the context, whose class is Typer's own affair
        """Give the names of the groups."""
        return list(GROUPS)

    def get_command(self, _: Any, cmd_name: str) -> Any:  # noqa: ANN401 - as above
        """Import a group."""
        if cmd_name not in GROUPS:
            return None
        module = importlib.import_module(f"itwin_imodels.cli.{cmd_name.replace('-', '_')}")
        return get_command(module.app)

    def format_commands(self, _: Any, formatter: Any) -> None:  # noqa: ANN401 - as above
        """List the groups in the help."""
        with formatter.section("Commands"):
            formatter.write_dl(list(GROUPS.items()))


app = typer.Typer(
    name="imodels",
    cls=LazyGroup,
    no_args_is_help=True,
    rich_markup_mode=None,  # its help is plain text: that takes a third of the time
    pretty_exceptions_enable=False,
    epilog="Each command has its own --help with an example.",
)


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
