"""Profiles: named sets of settings in a TOML file of the user, without secrets."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from itwin_imodels.errors import ConfigurationError

__all__ = ["CONFIG_VARIABLE", "DEFAULT_NAME", "Profile", "Profiles", "config_path"]

CONFIG_VARIABLE: Final = "IMODELS_CONFIG"
"""Environment variable that names the file with the profiles."""

DEFAULT_NAME: Final = "default"
"""Name of the profile that is used if none was selected."""

_CURRENT: Final = "profile"
_PROFILES: Final = "profiles"


@dataclass(frozen=True)
class Profile:
    """A profile.

    Attributes:
        name: Its name.
        settings: Its settings.
    """

    name: str
    settings: Mapping[str, str]


@dataclass(frozen=True)
class Profiles:
    """The profiles of a user.

    Attributes:
        path: Path of the file, which may not exist.
        profiles: Settings of each profile, by name.
        current: Name of the default profile; None if none was selected.
    """

    path: Path
    profiles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    current: str | None = None

    @classmethod
    def read(cls) -> "Profiles":
        """Read the file.

        Raises:
            ConfigurationError: The file cannot be read or is invalid.
        """
        path = config_path()
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls(path)
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{path}: cannot read the profiles: {error}") from error
        profiles = document.get(_PROFILES, {})
        current = document.get(_CURRENT)
        if not isinstance(profiles, dict) or not (current is None or isinstance(current, str)):
            raise ConfigurationError(
                f"{path}: '{_PROFILES}' must contain tables, and '{_CURRENT}' the name of one of them"
            )
        return cls(path, {name: _checked(path, name, values) for name, values in profiles.items()}, current)

    @property
    def names(self) -> list[str]:
        """Names of the profiles, sorted."""
        return sorted(self.profiles)

    def chosen(self, name: str | None) -> Profile | None:
        """Return the profile with a name or, without a name, the default profile if there is one.

        Raises:
            ValueError: No profile has this name.
        """
        wanted = name or self.current or DEFAULT_NAME
        if wanted in self.profiles:
            return Profile(wanted, self.profiles[wanted])
        if name is None and self.current is None:
            return None
        there = f"existing profiles: {', '.join(self.names)}" if self.profiles else "there are no profiles yet"
        raise ValueError(f"unknown profile {wanted!r}; {there} ({self.path})")


def config_path() -> Path:
    """Return the path of the file with the profiles."""
    given = os.environ.get(CONFIG_VARIABLE)
    if given:
        return Path(given)
    import platformdirs  # noqa: PLC0415 - slow to import

    return platformdirs.user_config_path("itwin-imodels", appauthor=False) / "config.toml"


def _checked(path: Path, name: str, values: object) -> dict[str, str]:
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise ConfigurationError(f"{path}: profile {name!r} must be a table of strings")
    return values
