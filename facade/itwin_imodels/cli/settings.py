"""What a command is told by flags, environment variables and profiles, in this order."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from itwin_imodels.cli.profiles import Profiles

PROFILE_VARIABLE: Final = "IMODELS_PROFILE"

VARIABLES: Final = {
    "base_url": "IMODELS_BASE_URL",
    "environment": "IMODELS_ENVIRONMENT",
    "client_id": "IMODELS_CLIENT_ID",
    "itwin_id": "IMODELS_ITWIN_ID",
    "output": "IMODELS_OUTPUT",
    "scope": "IMODELS_SCOPE",
    "authority": "IMODELS_AUTHORITY",
    "redirect_uri": "IMODELS_REDIRECT_URI",
    "token_url": "IMODELS_TOKEN_URL",
}
"""The settings, and the environment variable of each."""

FORMATS: Final = ("table", "json", "jsonl", "csv")
ENVIRONMENTS: Final = ("production", "qa", "dev")

_DEFAULTS: Final = {"environment": "production", "output": "table"}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A setting and where it comes from.

    Attributes:
        setting: Its name.
        value: Its value; None when nobody says anything.
        source: Who says it.
    """

    setting: str
    value: str | None
    source: str


@dataclass(frozen=True)
class Settings:
    """What holds for one run."""

    found: Mapping[str, Setting]

    def __getitem__(self, setting: str) -> str | None:
        """Give the value of a setting."""
        return self.found[setting].value


def known(name: str) -> str:
    """Check the name of a setting.

    Raises:
        ValueError: There is none of this name.
    """
    if name not in VARIABLES:
        raise ValueError(
            f"there is no setting {name!r}, but {', '.join(VARIABLES)}; secrets are never kept in a profile"
        )
    return name


def checked(name: str, value: str) -> str:
    """Check a setting.

    Raises:
        ValueError: There is none of this name, or its value is not allowed.
    """
    known(name)
    allowed = {"output": FORMATS, "environment": ENVIRONMENTS}.get(name)
    if allowed is not None and value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
    if not value.strip():
        raise ValueError(f"{name} must not be empty")
    return value


def named_profile(flag: str | None) -> str | None:
    """Tell which profile the command line or the environment names."""
    return flag or os.environ.get(PROFILE_VARIABLE) or None


def resolved(flags: Mapping[str, str | None], profiles: Profiles, profile: str | None) -> Settings:
    """Find what holds: flags win over environment variables, and these over the profile.

    An address and an environment say the same thing, so an address of a profile does not hold where a flag or a
    variable names an environment.

    Args:
        flags: What the command line says, by the names of the settings.
        profiles: The profiles there are.
        profile: The profile that the command line names.

    Raises:
        ValueError: There is no such profile, or a value is not allowed.
    """
    chosen = profiles.chosen(named_profile(profile))
    kept = chosen.settings if chosen else {}
    for name, kept_value in kept.items():
        checked(name, kept_value)
    layers = (
        ("flag", flags),
        ("variable", {setting: os.environ.get(variable) for setting, variable in VARIABLES.items()}),
        (f"profile {chosen.name}" if chosen else "", kept),
        ("default", _DEFAULTS),
    )
    found: dict[str, Setting] = {}
    for setting in VARIABLES:
        found[setting] = Setting(setting=setting, value=None, source="")
        for source, values in layers:
            value = values.get(setting)
            if value:
                where = VARIABLES[setting] if source == "variable" else source
                found[setting] = Setting(setting=setting, value=checked(setting, value), source=where)
                break
            if setting == "base_url" and values.get("environment"):
                break
    return Settings(found)
