"""Profiles: named sets of settings in a TOML file of the user, without secrets."""

import os
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from itwin_imodels.errors import ConfigurationError

CONFIG_VARIABLE: Final = "IMODELS_CONFIG"
DEFAULT_NAME: Final = "default"

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


class ProfilesFile:
    """Editor of the file, which preserves its other content, such as comments."""

    def __init__(self, path: Path) -> None:
        """Read the file, if it exists.

        Raises:
            ConfigurationError: The file cannot be read.
        """
        import tomlkit  # noqa: PLC0415 - needed only to change the file
        from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 - as above

        self._path = path
        try:
            self._document: Any = (
                tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
            )
        except (OSError, UnicodeError, TOMLKitError) as error:
            raise ConfigurationError(f"{path}: cannot read the profiles: {error}") from error

    def set(self, profile: str, setting: str, value: str) -> None:
        """Set a setting in a profile, which is created if missing."""
        self._document.setdefault(_PROFILES, {}).setdefault(profile, {})[setting] = value

    def unset(self, profile: str, setting: str) -> None:
        """Remove a setting from a profile."""
        self._document[_PROFILES][profile].pop(setting, None)

    def use(self, profile: str) -> None:
        """Select the default profile."""
        self._document[_CURRENT] = profile

    def delete(self, profile: str) -> None:
        """Delete a profile."""
        del self._document[_PROFILES][profile]
        if self._document.get(_CURRENT) == profile:
            del self._document[_CURRENT]

    def write(self) -> None:
        """Replace the file atomically with the changed content."""
        import tomlkit  # noqa: PLC0415 - as above

        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(tomlkit.dumps(self._document))
            Path(temporary).replace(self._path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
