"""The base of all commands: common options, help and error handling."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, Concatenate, Final, Literal, ParamSpec, cast, get_args

import typer
from typer.core import TyperCommand, TyperGroup

from itwin_imodels.cli.ending import ended
from itwin_imodels.cli.run import Common, Run

P = ParamSpec("P")

_EXAMPLE: Final = "Example"
_LIBRARY_PREFIX: Final = "Value error, "


def _profiles(incomplete: str) -> list[str]:
    """Return the names of profiles for shell completion."""
    from itwin_imodels.cli.profiles import Profiles  # noqa: PLC0415 - needed only for shell completion

    return [name for name in Profiles.read().names if name.startswith(incomplete)]


def _common(
    *,
    output: Annotated[
        Literal["table", "json", "jsonl", "csv"] | None,
        typer.Option("--output", "-o", help="Output format; table by default."),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="Encoding of json, jsonl and csv, such as utf-8-sig; utf-8 by default.")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="Profile to use.", autocompletion=_profiles)] = None,
    base_url: Annotated[str | None, typer.Option(help="URL of the API, such as that of a local hub.")] = None,
    environment: Annotated[
        Literal["production", "qa", "dev"] | None, typer.Option(help="Environment of the service.")
    ] = None,
    client_id: Annotated[str | None, typer.Option(help="Id of the application to sign in with.")] = None,
    itwin: Annotated[str | None, typer.Option(help="Id of the iTwin in which iModels are looked up by name.")] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show each request in a line on standard error.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show also headers, without secrets, and the traceback of an error.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show only errors, no messages and no progress.")
    ] = False,
) -> None:
    """Define the common options; only the signature is used."""


_COMMON: Final = inspect.signature(_common).parameters


def _spellings() -> dict[str, bool]:
    """Return the spellings of the common options, and whether each takes a value."""
    found: dict[str, bool] = {}
    for name, parameter in _COMMON.items():
        kind, option = get_args(parameter.annotation)
        given = [option.default, *(option.param_decls or ())]  # Typer takes the first spelling for a default
        spelled = [each for each in given if isinstance(each, str)]
        for each in spelled or [f"--{name.replace('_', '-')}"]:
            found[each] = kind is not bool
    return found


_SPELLINGS: Final = _spellings()
_ALIASES: Final = {"ls": ("list",), "rm": ("delete", "remove", "release", "revoke")}


def behind_command(args: list[str]) -> list[str]:
    """Move common options that stand before a command behind it."""
    moved: list[str] = []
    rest = list(args)
    while rest and rest[0].split("=")[0] in _SPELLINGS:
        takes_value = _SPELLINGS[rest[0].split("=")[0]] and "=" not in rest[0]
        count = 2 if takes_value else 1
        moved += rest[:count]
        rest = rest[count:]
    if not rest or rest[0].startswith("-"):
        return args
    end = rest.index("--") if "--" in rest else len(rest)
    return [*rest[:end], *moved, *rest[end:]]


class CommandGroup(TyperGroup):
    """A group whose common options may stand before the command, and whose commands have the aliases `ls` and `rm`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - the classes are private to Typer
        """Parse the arguments up to the command."""
        return super().parse_args(ctx, behind_command(args))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - as above
        """Return a command by its name or alias."""
        meant = [each for each in _ALIASES.get(cmd_name, ()) if each in self.commands]
        return super().get_command(ctx, meant[0] if meant else cmd_name)


class Command(TyperCommand):
    """A command whose help ends with the common options and an example."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - the classes are private to Typer
        """Parse the arguments; errors do not show which library checks them."""
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix(_LIBRARY_PREFIX)
            raise

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - the classes are private to Typer
        """Write the parameters of the command, then the common options."""
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
        """Write the example verbatim."""
        with formatter.section(_EXAMPLE):
            formatter.write("".join(f"{'':{formatter.current_indent}}{line}\n" for line in self.example.splitlines()))

    @property
    def example(self) -> str:
        """Example invocations, one per line."""
        return self.epilog or ""


class Commands(typer.Typer):
    """A group of commands.

    Example:
        ```python
        app = Commands("lock", "Acquire, list and release locks.")

        @app.verb("list", example="imodels lock list Bridge")
        def list_(run: Run, imodel: IModelName) -> None: ...
        ```
    """

    def __init__(self, name: str, about: str, *, alone: bool = False) -> None:
        """Create a group of commands.

        Args:
            name: Name of the group.
            about: Summary line of the group for the help.
            alone: Whether the group consists of one command, which is invoked by the name of the group.
        """
        super().__init__(
            name=name,
            help=about,
            cls=CommandGroup,
            no_args_is_help=True,
            add_completion=False,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
        )
        if not alone:
            self.callback()(lambda: None)  # otherwise Typer merges a single command into its group

    def verb(
        self, name: str, *, example: str
    ) -> Callable[[Callable[Concatenate[Run, P], None]], Callable[Concatenate[Run, P], None]]:
        """Return a decorator that registers a function, whose first argument is a `Run`, as a command.

        Args:
            name: Name of the command within the group.
            example: Example invocations, one per line.
        """

        def register(function: Callable[Concatenate[Run, P], None]) -> Callable[Concatenate[Run, P], None]:
            self.command(name, cls=Command, epilog=example)(with_common_options(function))
            return function

        return register


def with_common_options(function: Callable[Concatenate[Run, P], None]) -> Callable[..., None]:
    """Return a function with the common options in place of the first argument."""
    _, *own = inspect.signature(function).parameters.values()

    @wraps(function)
    def command(**given: object) -> None:
        common = Common(**{name: given.pop(name) for name in _COMMON})  # type: ignore[arg-type] # as parsed by Typer
        work = cast("Callable[..., None]", function)
        ended(common, lambda run: work(run, **given))

    shown = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    command.__signature__ = inspect.Signature([*shown, *_COMMON.values()])  # type: ignore[attr-defined]
    return command
