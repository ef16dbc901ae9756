"""Settings of a command, from flags, environment variables and profiles, in this order."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from itwin_imodels.cli.streams import DEFAULT_ENCODING, check_encoding
from itwin_imodels.profiles import VARIABLES, Profiles

PROFILE_VARIABLE: Final = "IMODELS_PROFILE"

FORMATS: Final = ("table", "json", "jsonl", "csv")
ENVIRONMENTS: Final = ("production", "qa", "dev")

_URLS: Final = frozenset({"base_url", "authority", "token_url"})
_DEFAULTS: Final = {"environment": "production", "output": "table", "encoding": DEFAULT_ENCODING}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A setting and its source.

    Attributes:
        setting: Name of the setting.
        value: Value of the setting; None if it is not set.
        source: Where the value comes from, such as `flag` or `default`; empty if it is not set.
    """

    setting: str
    value: str | None
    source: str


@dataclass(frozen=True)
class Settings:
    """The effective settings of one run."""

    by_name: Mapping[str, Setting]

    def __getitem__(self, setting: str) -> str | None:
        """Return the value of a setting."""
        return self.by_name[setting].value


def check_setting_name(name: str) -> str:
    """Check the name of a setting.

    Raises:
        ValueError: No setting has this name.
    """
    if name not in VARIABLES:
        raise ValueError(
            f"unknown setting {name!r}: use one of {', '.join(VARIABLES)}; secrets cannot be stored in a profile"
        )
    return name


def check_setting(name: str, value: str) -> str:
    """Check the name and the value of a setting.

    Raises:
        ValueError: No setting has this name, or its value is invalid.
    """
    check_setting_name(name)
    allowed = {"output": FORMATS, "environment": ENVIRONMENTS}.get(name)
    if allowed is not None and value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
    if not value.strip():
        raise ValueError(f"{name} must not be empty")
    if name == "encoding":
        check_encoding(value)
    return value


def named_profile(flag: str | None) -> str | None:
    """Return the name of the profile given on the command line or in the environment.

    Raises:
        ValueError: The name on the command line is empty.
    """
    if flag is not None and not flag.strip():
        raise ValueError("--profile must not be empty")
    return flag or os.environ.get(PROFILE_VARIABLE) or None


def resolve_settings(flags: Mapping[str, str | None], profiles: Profiles, profile: str | None) -> Settings:
    """Return the effective settings: flags take precedence over environment variables, and these over the profile.

    An environment selects the API and its authorization server. If a source selects one, the URLs of the sources after
    it are ignored; otherwise, a token or a secret for one server could be sent to another.

    Args:
        flags: Values from the command line, by name of the setting.
        profiles: The existing profiles.
        profile: Name of the profile from the command line; None if it is not given.

    Raises:
        ValueError: The profile does not exist, or a value is invalid.
    """
    chosen = profiles.chosen(named_profile(profile))
    kept = chosen.settings if chosen else {}
    try:
        for name, kept_value in kept.items():
            check_setting(name, kept_value)
    except ValueError as error:
        raise ValueError(f"{profiles.path}: {error}") from None
    layers = (
        ("flag", flags),
        ("variable", {setting: os.environ.get(variable) for setting, variable in VARIABLES.items()}),
        (f"profile {chosen.name}" if chosen else "", kept),
        ("default", _DEFAULTS),
    )
    by_name: dict[str, Setting] = {}
    for setting in VARIABLES:
        by_name[setting] = Setting(setting=setting, value=None, source="")
        for source, values in layers:
            value = values.get(setting)
            if value or (value is not None and source == "flag"):
                where = VARIABLES[setting] if source == "variable" else source
                by_name[setting] = Setting(setting=setting, value=check_setting(setting, value), source=where)
                break
            if setting in _URLS and values.get("environment"):
                break
    return Settings(by_name)
