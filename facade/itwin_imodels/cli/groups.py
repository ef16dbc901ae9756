"""Groups of commands: common options before the command, and aliases."""

from typing import Any, Final, get_args

from typer.core import TyperGroup

from itwin_imodels.cli.common_options import COMMON
from itwin_imodels.cli.conversion import skip_needless_conversion


def _spellings() -> dict[str, bool]:
    """Return the spellings of the common options, and whether each takes a value."""
    spellings: dict[str, bool] = {}
    for name, parameter in COMMON.items():
        kind, option = get_args(parameter.annotation)
        declarations = [option.default, *(option.param_decls or ())]  # Typer treats the first spelling as a default
        spelled = [each for each in declarations if isinstance(each, str)]
        for each in spelled or [f"--{name.replace('_', '-')}"]:
            spellings[each] = kind is not bool
    return spellings


_SPELLINGS: Final = _spellings()
_ALIASES: Final = {"get": ("show",), "ls": ("list",), "rm": ("delete", "remove", "release", "revoke")}


def behind_command(args: list[str]) -> list[str]:
    """Move common options from before a command to directly after it, so that later ones take precedence."""
    moved: list[str] = []
    rest = list(args)
    while rest and rest[0].split("=")[0] in _SPELLINGS:
        takes_value = _SPELLINGS[rest[0].split("=")[0]] and "=" not in rest[0]
        count = 2 if takes_value else 1
        moved += rest[:count]
        rest = rest[count:]
    if not rest or rest[0].startswith("-"):
        return args
    return [rest[0], *moved, *rest[1:]]


class CommandGroup(TyperGroup):
    """A group that accepts common options before the command, and whose commands have aliases."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - the classes are private to Typer
        """Parse the arguments up to the command."""
        skip_needless_conversion(self.get_params(ctx))
        return super().parse_args(ctx, behind_command(args))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - as above
        """Return a command by its name or alias."""
        meant = [each for each in (cmd_name, *_ALIASES.get(cmd_name, ())) if each in self.commands]
        return super().get_command(ctx, meant[0] if meant else cmd_name)
