"""Profiles: named settings of a person, in one TOML file. Secrets are not kept there."""

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
    """The profiles of a person.

    Attributes:
        path: The file they are in; it need not be there.
        profiles: Their settings, by their names.
        current: Name of the one that is used where none is named.
    """

    path: Path
    profiles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    current: str | None = None

    @classmethod
    def read(cls) -> "Profiles":
        """Read the file.

        Raises:
            ConfigurationError: It cannot be read, or is not what it should be.
        """
        path = config_path()
        try:
            document = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls(path)
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{path}: the profiles cannot be read: {error}") from error
        profiles = document.get(_PROFILES, {})
        current = document.get(_CURRENT)
        if not isinstance(profiles, dict) or not (current is None or isinstance(current, str)):
            raise ConfigurationError(f"{path}: '{_PROFILES}' must be tables and '{_CURRENT}' the name of one of them")
        return cls(path, {name: _checked(path, name, values) for name, values in profiles.items()}, current)

    @property
    def names(self) -> list[str]:
        """Their names."""
        return sorted(self.profiles)

    def chosen(self, name: str | None) -> Profile | None:
        """Give the profile of a name; without one that which is used where none is named, if there is any.

        Raises:
            ValueError: There is no profile of this name.
        """
        wanted = name or self.current or DEFAULT_NAME
        if wanted in self.profiles:
            return Profile(wanted, self.profiles[wanted])
        if name is None and self.current is None:
            return None
        there = f"there are {', '.join(self.names)}" if self.profiles else "there are none yet"
        raise ValueError(f"no profile is named {wanted!r}; {there} ({self.path})")


def config_path() -> Path:
    """Tell where the profiles are."""
    given = os.environ.get(CONFIG_VARIABLE)
    if given:
        return Path(given)
    import platformdirs  # noqa: PLC0415 - takes longer than to read the file

    return platformdirs.user_config_path("itwin-imodels", appauthor=False) / "config.toml"


def _checked(path: Path, name: str, values: object) -> dict[str, str]:
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise ConfigurationError(f"{path}: profile {name!r} must be a table of texts")
    return values


class ProfilesFile:
    """Changes the file, and leaves what else is in it, such as comments, as it is."""

    def __init__(self, path: Path) -> None:
        """Open it; it need not be there.

        Raises:
            ConfigurationError: It cannot be read.
        """
        import tomlkit  # noqa: PLC0415 - only those who change the file need it
        from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 - as above

        self._path = path
        try:
            self._document: Any = (
                tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
            )
        except (OSError, UnicodeError, TOMLKitError) as error:
            raise ConfigurationError(f"{path}: the profiles cannot be read: {error}") from error

    def set(self, profile: str, setting: str, value: str) -> None:
        """Put a setting into a profile, which is made if there is none."""
        self._document.setdefault(_PROFILES, {}).setdefault(profile, {})[setting] = value

    def unset(self, profile: str, setting: str) -> None:
        """Take a setting out of a profile."""
        self._document[_PROFILES][profile].pop(setting, None)

    def use(self, profile: str) -> None:
        """Make a profile the one that is used where none is named."""
        self._document[_CURRENT] = profile

    def delete(self, profile: str) -> None:
        """Take a profile out."""
        del self._document[_PROFILES][profile]
        if self._document.get(_CURRENT) == profile:
            del self._document[_CURRENT]

    def write(self) -> None:
        """Put the changed file in the place of the former one."""
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
