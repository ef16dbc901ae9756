"""Edit the file with the profiles."""

import os
import tempfile
import tomllib
from pathlib import Path
from typing import Any, Final

from itwin_imodels.errors import ConfigurationError

_CURRENT: Final = "profile"
_PROFILES: Final = "profiles"


class ProfilesFile:
    """Edits the file and preserves its other content, such as comments."""

    def __init__(self, path: Path) -> None:
        """Read the file, if it exists.

        Raises:
            ConfigurationError: The file cannot be read.
        """
        import tomlkit  # noqa: PLC0415 - needed only to change the file
        from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415 - as above

        self._path = path.resolve()  # a symbolic link stays one
        try:
            self._document: Any = (
                tomlkit.parse(path.read_text(encoding="utf-8-sig")) if path.exists() else tomlkit.document()
            )
        except (OSError, UnicodeError, TOMLKitError) as error:
            raise ConfigurationError(f"{path}: cannot read the profiles: {error}") from error

    def set(self, profile: str, setting: str, value: str) -> None:
        """Set a setting in a profile, which is created if missing."""
        profiles = self._document.setdefault(_PROFILES, {})
        if profile in profiles:
            profiles[profile][setting] = value
        else:
            profiles[profile] = {setting: value}

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
        """Replace the file atomically with the changed content.

        Raises:
            ConfigurationError: The library that preserves the other content cannot make this change to the file.
        """
        import tomlkit  # noqa: PLC0415 - as above

        text = tomlkit.dumps(self._document)
        if tomllib.loads(text) != self._document.unwrap():
            raise ConfigurationError(f"{self._path}: the form of its tables is not supported. Edit the file yourself.")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            Path(temporary).replace(self._path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
