"""Profiles: named sets of settings in the user's TOML file. They contain no secrets."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from itwin_imodels.errors import ConfigurationError

__all__ = ["CONFIG_VARIABLE", "DEFAULT_NAME", "VARIABLES", "Profile", "Profiles", "config_path"]

CONFIG_VARIABLE: Final = "IMODELS_CONFIG"
"""Environment variable with the path of the file that contains the profiles."""

DEFAULT_NAME: Final = "default"
"""Name of the profile that is used if none was selected."""

VARIABLES: Final = {
    "base_url": "IMODELS_BASE_URL",
    "environment": "IMODELS_ENVIRONMENT",
    "client_id": "IMODELS_CLIENT_ID",
    "itwin_id": "IMODELS_ITWIN_ID",
    "output": "IMODELS_OUTPUT",
    "encoding": "IMODELS_ENCODING",
    "scope": "IMODELS_SCOPE",
    "authority": "IMODELS_AUTHORITY",
    "redirect_uri": "IMODELS_REDIRECT_URI",
    "token_url": "IMODELS_TOKEN_URL",
}
"""The settings and their environment variables."""

_CURRENT: Final = "profile"
_PROFILES: Final = "profiles"


@dataclass(frozen=True)
class Profile:
    """A named set of settings.

    Attributes:
        name: Its name.
        settings: Values by the name of the setting.
    """

    name: str
    settings: Mapping[str, str]


@dataclass(frozen=True)
class Profiles:
    """The profiles of a user.

    Attributes:
        path: Path of the file, which may not exist.
        profiles: Settings by the name of the profile.
        current: Name of the selected profile; None if no profile was selected.
    """

    path: Path
    profiles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    current: str | None = None

    @classmethod
    def read(cls) -> "Profiles":
        """Read the profiles of the user from the file at `config_path()`; there are none if it is missing.

        Raises:
            ConfigurationError: The file cannot be read or is invalid.
        """
        path = config_path()
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
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
        """Return a profile by its name or, without a name, the selected one.

        Args:
            name: Name of the profile; None means `current`, or else the profile `default`.

        Returns:
            The profile; None if neither a name is given nor a profile selected, and there is no profile `default`.

        Raises:
            ValueError: No profile has this name.
        """
        selected = self.current or DEFAULT_NAME if name is None else name
        if selected in self.profiles:
            return Profile(selected, self.profiles[selected])
        if name is None and not self.current:
            return None
        existing = f"existing profiles: {', '.join(self.names)}" if self.profiles else "there are no profiles yet"
        raise ValueError(f"unknown profile {selected!r}; {existing} ({self.path})")


def config_path() -> Path:
    """Return the path of the file that contains the profiles; the file may not exist."""
    variable = os.environ.get(CONFIG_VARIABLE)
    if variable:
        return Path(variable)
    import platformdirs  # noqa: PLC0415 - slow to import

    return platformdirs.user_config_path("itwin-imodels", appauthor=False) / "config.toml"


def _checked(path: Path, name: str, values: object) -> dict[str, str]:
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise ConfigurationError(f"{path}: profile {name!r} must be a table of strings")
    return values
