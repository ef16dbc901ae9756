"""What all commands have in common: their common options, their help, and how they end."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Concatenate, Final, Literal, ParamSpec, cast

import typer
from typer.core import TyperCommand

from itwin_imodels.cli.ending import ended
from itwin_imodels.cli.run import Common, Run

P = ParamSpec("P")

_EXAMPLE: Final = "Example"


def _profiles(incomplete: str) -> list[str]:
    """Complete the name of a profile."""
    from itwin_imodels.cli.profiles import Profiles  # noqa: PLC0415 - only a shell asks

    return [name for name in Profiles.read().names if name.startswith(incomplete)]


def _common(
    *,
    output: Annotated[
        Literal["table", "json", "jsonl", "csv"] | None,
        typer.Option("--output", "-o", help="Form of what is printed; table by default."),
    ] = None,
    profile: Annotated[str | None, typer.Option(help="Profile to use.", autocompletion=_profiles)] = None,
    base_url: Annotated[str | None, typer.Option(help="Where the API is, such as that of a local hub.")] = None,
    environment: Annotated[
        Literal["production", "qa", "dev"] | None, typer.Option(help="Deployment of the service.")
    ] = None,
    client_id: Annotated[str | None, typer.Option(help="Application to sign in with.")] = None,
    itwin: Annotated[str | None, typer.Option(help="The iTwin; iModels are looked up in it by name.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No messages and no progress, but errors.")] = False,
) -> None:
    """Only its signature is used."""


_COMMON: Final = inspect.signature(_common).parameters


class Command(TyperCommand):
    """A command whose help ends with the common options and an example."""

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - classes that are Typer's own affair
        """Write the command's own parameters, then those that all commands have."""
        own: list[tuple[str, str]] = []
        common: list[tuple[str, str]] = []
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None:
                (common if param.name in {*_COMMON, "help"} else own).append(record)
        for title, records in (("Arguments and options", own), ("Common options", common)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, _: Any, formatter: Any) -> None:  # noqa: ANN401 - as above
        """Write the example as it is to be typed."""
        with formatter.section(_EXAMPLE):
            formatter.write("".join(f"{'':{formatter.current_indent}}{line}\n" for line in self.example.splitlines()))

    @property
    def example(self) -> str:
        """What can be typed, one command a line."""
        return self.epilog or ""


class Commands(typer.Typer):
    """A group of commands.

    Example:
        ```python
        app = Commands("lock", "Who may change what.")

        @app.verb("list", example="imodels lock list Bridge")
        def list_(run: Run, imodel: IModelName) -> None: ...
        ```
    """

    def __init__(self, name: str, about: str, *, alone: bool = False) -> None:
        """Name the group and say what it is about.

        Args:
            name: Its name.
            about: What it is about, in a line.
            alone: Whether it has one command, which stands in its place.
        """
        super().__init__(
            name=name,
            help=about,
            no_args_is_help=True,
            add_completion=False,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
        )
        if not alone:
            self.callback()(lambda: None)  # without it, the only command of a group would take its place

    def verb(
        self, name: str, *, example: str
    ) -> Callable[[Callable[Concatenate[Run, P], None]], Callable[Concatenate[Run, P], None]]:
        """Make a command of a function, whose first argument is what the common options say.

        Args:
            name: What is typed after the group's name.
            example: What can be typed, one command a line.
        """

        def register(function: Callable[Concatenate[Run, P], None]) -> Callable[Concatenate[Run, P], None]:
            self.command(name, cls=Command, epilog=example)(with_common_options(function))
            return function

        return register


def with_common_options(function: Callable[Concatenate[Run, P], None]) -> Callable[..., None]:
    """Give a function the options that all commands have, in place of its first argument."""
    _, *own = inspect.signature(function).parameters.values()

    @wraps(function)
    def command(**given: object) -> None:
        common = Common(**{name: given.pop(name) for name in _COMMON})  # type: ignore[arg-type] # as Typer has read them
        work = cast("Callable[..., None]", function)
        ended(common, lambda run: work(run, **given))

    shown = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    command.__signature__ = inspect.Signature([*shown, *_COMMON.values()])  # type: ignore[attr-defined]
    return command
