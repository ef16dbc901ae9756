"""The base of all commands: common options, help and error handling."""

import inspect
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, cast

import typer
from typer.core import TyperArgument, TyperCommand

from itwin_imodels.cli.common_options import COMMON
from itwin_imodels.cli.conversion import skip_needless_conversion
from itwin_imodels.cli.ending import run_command
from itwin_imodels.cli.groups import CommandGroup
from itwin_imodels.cli.run import Common, Run

P = ParamSpec("P")

_EXAMPLE: Final = "Example"
_LIBRARY_PREFIX: Final = "Value error, "
_CONTINUED: Final = " \\\n    "
_TYPES: Final = {"str": "TEXT", "list[str]": "TEXT", "int range": "NUMBER", "path": "PATH", "list[Path]": "PATH"}
_TYPE: Final = re.compile(rf" <({'|'.join(map(re.escape, _TYPES))})>")
_WORD: Final = r"""(?:[^\s'"]|'[^']*'|"[^"]*")+"""
_WORDS: Final = re.compile(rf"(?:--?[\w-]+ (?!-))?{_WORD}")
"""A word of a command line, together with the option before it."""


class Command(TyperCommand):
    """A command whose help ends with the common options and an example."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - the classes are private to Typer
        """Create a command; the help shows the names of all arguments in upper case."""
        super().__init__(*args, **options)
        for param in self.params:
            if isinstance(param, TyperArgument):
                param.metavar = param.metavar or str(param.name).upper()

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - the classes are private to Typer
        """Parse the arguments; errors do not show which library checks them."""
        skip_needless_conversion(self.get_params(ctx))
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix(_LIBRARY_PREFIX)
            raise

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401 - as above
        """Return the parts of the usage line; square brackets mean optional arguments."""
        pieces: list[str] = super().collect_usage_pieces(ctx)
        return [
            piece.strip("{}").replace("}...", "").replace("[[", "[").replace("]...]...", "]...") for piece in pieces
        ]

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - the classes are private to Typer
        """Write the parameters of the command, then the common options."""
        own: list[tuple[str, str]] = []
        common: list[tuple[str, str]] = []
        for param in self.get_params(ctx):
            record = help_record(param, ctx)
            if record is not None:
                (common if param.name in {*COMMON, "help"} else own).append(record)
        for title, records in (("Arguments and options", own), ("Common options", common)):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, _: Any, formatter: Any) -> None:  # noqa: ANN401 - as above
        """Write the example; lines that are too long continue in a way that a shell accepts."""
        with formatter.section(_EXAMPLE):
            for line in self.example.splitlines():
                formatter.write(f"{'':{formatter.current_indent}}{fold(line, formatter.width)}\n")

    @property
    def example(self) -> str:
        """Example invocations, one per line."""
        return self.epilog or ""


def help_record(param: Any, ctx: Any) -> tuple[str, str] | None:  # noqa: ANN401 - the classes are private to Typer
    """Return the name and the description of a parameter; types are not named as in Python."""
    record = param.get_help_record(ctx)
    if record is None:
        return None
    name, text = record
    return _TYPE.sub("" if isinstance(param, TyperArgument) else lambda kind: f" {_TYPES[kind[1]]}", name), text


def fold(line: str, width: int) -> str:
    """Split a command line that is too long into several lines, in a way that a shell accepts."""
    lines: list[str] = []
    for word in _WORDS.findall(line):
        if lines and len(lines[-1]) + len(word) < width - len(_CONTINUED):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return line if len(line) + 2 <= width else _CONTINUED.join(lines)


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
    def command(**options: object) -> None:
        common = Common(**{name: options.pop(name) for name in COMMON})  # type: ignore[arg-type] # as parsed by Typer
        work = cast("Callable[..., None]", function)
        run_command(common, lambda run: work(run, **options))

    shown = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    command.__signature__ = inspect.Signature([*shown, *COMMON.values()])  # type: ignore[attr-defined]
    return command
