"""A TOML file with a hub's settings and users.

```toml
[settings]
briefcases_per_minute = 5
job_delay = 1.5            # seconds

[[users]]
name = "lin"
given_name = "Lin"
surname = "Berg"
permissions = ["imodels_webview", "imodels_read"]
```
"""

import tomllib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import attrs

from itwin_imodels_hub.identity import DEFAULT_USERS, NewUser
from itwin_imodels_hub.rules.permissions import EVERYTHING
from itwin_imodels_hub.settings import HubSettings


class ConfigError(ValueError):
    """A configuration file does not make sense; the text says where."""


@attrs.frozen(kw_only=True)
class HubConfig:
    """What a configuration file holds.

    Attributes:
        settings: Settings; what the file does not name is as by default.
        users: Users; the default ones where the file names none.
    """

    settings: HubSettings = attrs.field(factory=HubSettings)
    users: Sequence[NewUser] = DEFAULT_USERS


def read_config(path: Path) -> HubConfig:
    """Read a configuration file.

    Raises:
        ConfigError: It is not TOML, or names or gives what cannot be.
        OSError: It cannot be read.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    if unknown := content.keys() - {"settings", "users"}:
        raise ConfigError(f"{path}: unknown table {', '.join(sorted(unknown))}; there are settings and users")
    users = [_user(f"{path}: users[{place}]", table) for place, table in enumerate(content.get("users", []))]
    return HubConfig(settings=_settings(path, content.get("settings", {})), users=users or DEFAULT_USERS)


def _settings(path: Path, table: dict[str, object]) -> HubSettings:
    fields = {each.name: each.default for each in attrs.fields(HubSettings)}
    values = {}
    for name, value in table.items():
        if name not in fields:
            raise ConfigError(f"{path}: settings.{name}: no such setting; there are {', '.join(fields)}")
        values[name] = _setting(f"{path}: settings.{name}", fields[name], value)
    return HubSettings(**values)  # type: ignore[arg-type] # checked one by one


def _setting(place: str, default: object, value: object) -> object:
    """Convert a value to the kind that a setting has; times are seconds."""
    if isinstance(default, timedelta):
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ConfigError(f"{place}: give seconds, not {value!r}")
        return timedelta(seconds=value)
    if default is None:
        return Path(str(value))
    if type(value) is not type(default) or (isinstance(value, int) and value < 0):
        raise ConfigError(f"{place}: {value!r} is not of the kind of {default!r}")
    return value


def _user(place: str, table: dict[str, object]) -> NewUser:
    fields = {each.name for each in attrs.fields(NewUser)}
    if unknown := table.keys() - fields:
        raise ConfigError(f"{place}: unknown {', '.join(sorted(unknown))}; there are {', '.join(sorted(fields))}")
    permissions = table.get("permissions", sorted(EVERYTHING))
    if not isinstance(permissions, list) or not EVERYTHING.issuperset(permissions):
        raise ConfigError(f"{place}: permissions is a list of {', '.join(sorted(EVERYTHING))}")
    try:
        return NewUser(**{**table, "permissions": frozenset(permissions)})  # type: ignore[arg-type] # names are checked
    except TypeError as error:
        raise ConfigError(f"{place}: give name, given_name and surname") from error
