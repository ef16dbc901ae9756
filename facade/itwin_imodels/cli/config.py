"""``imodels config``: profiles of settings."""

from typing import Annotated

import typer

from itwin_imodels.cli import views
from itwin_imodels.cli.app import GROUPS
from itwin_imodels.cli.arguments import Yes
from itwin_imodels.cli.command import Commands
from itwin_imodels.cli.profiles import ProfilesFile
from itwin_imodels.cli.rows import ProfileRow
from itwin_imodels.cli.run import Run
from itwin_imodels.cli.settings import check_setting, check_setting_name
from itwin_imodels.profiles import DEFAULT_NAME, VARIABLES

app = Commands("config", GROUPS["config"])

SettingName = Annotated[str, typer.Argument(metavar="SETTING", help=f"One of {', '.join(VARIABLES)}.")]
ProfileName = Annotated[str, typer.Argument(metavar="PROFILE", help="Name of the profile.")]


@app.verb("show", example="imodels config show --profile local")
def show(run: Run) -> None:
    """Show the effective settings and their sources: flag, environment variable, profile or default."""
    run.list([run.settings.by_name[setting] for setting in VARIABLES], views.SETTING)


@app.verb("list", example="imodels config list")
def list_(run: Run) -> None:
    """List the profiles."""
    profiles = run.profiles
    chosen = profiles.chosen(None)
    rows = [
        ProfileRow(
            profile=name, current=chosen is not None and name == chosen.name, settings=dict(profiles.profiles[name])
        )
        for name in profiles.names
    ]
    run.list(rows, views.PROFILE)


@app.verb(
    "set",
    example="imodels config set base_url http://127.0.0.1:8650/imodels --profile local\n"
    "imodels config set itwin_id 'Sun City' --profile local",
)
def set_(
    run: Run,
    setting: SettingName,
    value: Annotated[str, typer.Argument(help="Value of the setting; secrets cannot be stored.")],
) -> None:
    """Set a setting in a profile, which is created if missing. In a profile, base_url precedes environment."""
    name = run.profile_name
    check_setting(setting, value)
    _check_address(setting, value)
    file = ProfilesFile(run.profiles.path)
    file.set(name, setting, value)
    if not run.profiles.current and DEFAULT_NAME not in run.profiles.profiles:
        file.use(name)
    file.write()
    run.note(f"Set {setting} in profile {name!r} ({run.profiles.path}).")


@app.verb("unset", example="imodels config unset base_url --profile local")
def unset(run: Run, setting: SettingName) -> None:
    """Remove a setting from a profile."""
    name = _existing(run, run.profile_name)
    file = ProfilesFile(run.profiles.path)
    file.unset(name, check_setting_name(setting))
    file.write()
    run.note(f"Removed {setting} from profile {name!r}.")


@app.verb("use", example="imodels config use local")
def use(run: Run, name: ProfileName) -> None:
    """Select the profile to use by default."""
    file = ProfilesFile(run.profiles.path)
    file.use(_existing(run, name))
    file.write()
    run.note(f"Profile {name!r} is now the default.")


@app.verb("delete", example="imodels config delete local --yes")
def delete(run: Run, name: ProfileName, *, yes: Yes = False) -> None:
    """Delete a profile."""
    file = ProfilesFile(run.profiles.path)
    _existing(run, name)
    run.confirm(lambda: f"Delete profile {name!r}?", yes=yes)
    file.delete(name)
    file.write()
    run.note(f"Deleted profile {name!r}.")


@app.verb("path", example="imodels config path")
def path(run: Run) -> None:
    """Print the path of the file with the profiles."""
    run.output.write(f"{run.profiles.path}\n")


def _existing(run: Run, profile: str) -> str:
    """Check that a profile exists.

    Raises:
        ValueError: No profile has this name.
    """
    run.profiles.chosen(profile)
    return profile


def _check_address(setting: str, value: str) -> None:
    """Check a base URL as the client does.

    Raises:
        ValueError: The URL is invalid.
    """
    if setting == "base_url":
        from itwin_imodels import IModelsClient  # noqa: PLC0415 - help needs no HTTP

        IModelsClient(base_url=value).close()
