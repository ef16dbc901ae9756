"""The options that all commands except those of ``imodels hub`` have in common."""

import inspect
from typing import Annotated, Final, Literal

import typer

from itwin_imodels.cli.completion import complete_itwins


def _profiles(incomplete: str) -> list[str]:
    """Return the names of profiles for shell completion."""
    from itwin_imodels.profiles import Profiles  # noqa: PLC0415 - needed only for shell completion

    return [name for name in Profiles.read().names if name.startswith(incomplete)]


def _common(
    *,
    output: Annotated[
        Literal["table", "json", "jsonl", "csv"] | None,
        typer.Option("--output", "-o", help="Output format; table by default."),
    ] = None,
    query: Annotated[
        str | None,
        typer.Option(metavar="JMESPATH", help="Expression that selects data from JSON output; implies --output json."),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of json, jsonl and csv, such as utf-8-sig; utf-8 by default.")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="Profile to use.", autocompletion=_profiles)] = None,
    base_url: Annotated[str | None, typer.Option(help="URL of the API, such as that of a local hub.")] = None,
    environment: Annotated[
        Literal["production", "qa", "dev"] | None, typer.Option(help="Environment of the service.")
    ] = None,
    client_id: Annotated[str | None, typer.Option(help="Id of the client application to sign in with.")] = None,
    itwin: Annotated[
        str | None,
        typer.Option(
            help="Id or name of the iTwin to work in; iModels are looked up by name there.",
            autocompletion=complete_itwins,
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log each request on standard error.")] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Also log headers, without secrets, and show the traceback of an error.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show only warnings and errors, no messages or progress.")
    ] = False,
) -> None:
    """Define the common options; only the signature is used."""


COMMON: Final = inspect.signature(_common).parameters
"""The common options: the parameters that replace the first argument of commands."""
