"""The top-level options and the groups of commands, which are imported on first use."""

import importlib
from typing import Annotated, Any, Final

import typer
from typer.main import get_command

from itwin_imodels import __version__
from itwin_imodels.cli.groups import CommandGroup

GROUPS: Final = {
    "auth": "Sign in and out, and show the credentials in use.",
    "baseline": "Show and confirm baseline files (the databases that timelines start from).",
    "briefcase": "Acquire, list and release briefcases (numbered working copies).",
    "changeset": "List, push, pull, apply and verify changesets.",
    "checkpoint": "Download checkpoints (complete databases at points in the timeline).",
    "config": "Manage profiles (named sets of connection and default settings).",
    "extended-data": "Read and set the data that applications attach to changesets.",
    "favorite": "Manage your favorite iModels.",
    "fleet": "Mirror the timelines of whole iTwins to object storage or a folder.",
    "group": "Create, list and close changeset groups.",
    "hub": "Run the iModels API on this machine.",
    "imodel": "Create, list, copy, update and delete iModels.",
    "itwin": "List iTwins, which contain iModels.",
    "lock": "Acquire, list and release locks.",
    "mirror": "Maintain a local copy of a timeline in a folder.",
    "operation": "Show the progress of creating an iModel.",
    "permission": "Show and set permissions.",
    "recent": "Manage the list of your recently used iModels.",
    "share": "Manage shares (keys that grant anyone read access to an iModel).",
    "thumbnail": "Download and replace thumbnails of iModels.",
    "user": "Show the users who have worked with an iModel.",
    "version": "Manage Named Versions (named points in the timeline).",
}
"""The groups, which are modules of this package, and their summary lines in the help."""


class LazyGroup(CommandGroup):
    """Command that imports its groups on first use; its own help imports none."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - as the base class declares them
        """Register the names of the groups, so that misspelled names get suggestions."""
        super().__init__(**options)
        self.commands.update(dict.fromkeys(GROUPS))  # type: ignore[arg-type] # only their names are used

    def list_commands(self, _: Any) -> list[str]:  # noqa: ANN401 - the class of the context is private to Typer
        """Return the names of the groups."""
        return list(GROUPS)

    def get_command(self, _: Any, cmd_name: str) -> Any:  # noqa: ANN401 - as above
        """Import a group and return its command."""
        if cmd_name not in GROUPS:
            return None
        module = importlib.import_module(f"itwin_imodels.cli.{cmd_name.replace('-', '_')}")
        return get_command(module.app)

    def format_commands(self, _: Any, formatter: Any) -> None:  # noqa: ANN401 - as above
        """Write the list of groups to the help."""
        with formatter.section("Commands"):
            formatter.write_dl(list(GROUPS.items()))


app = typer.Typer(
    name="imodels",
    cls=LazyGroup,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain-text help takes a third of the time
    pretty_exceptions_enable=False,
    epilog="Run a command with --help for its options and an example. Common options, such as --output and --profile, "
    "can be given before or after the command. ls, rm and get are short for list, delete and show.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:  # noqa: FBT001 - the signature that Typer calls
    if value:
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
