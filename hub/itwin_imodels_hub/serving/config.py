"""The TOML configuration file of a hub: settings, users, iTwins, webhooks and blob storage.

```toml
[settings]
briefcases_per_minute = 5
job_delay = 1.5            # seconds

[[users]]
name = "lin"
given_name = "Lin"
surname = "Berg"
permissions = ["imodels_webview", "imodels_read"]

[[itwins]]
name = "Bridges"

[[itwins.roles]]
name = "Reader"
permissions = ["imodels_webview", "imodels_read"]

[[itwins.members]]
user = "lin"
roles = ["Reader"]

[[webhooks]]
url = "http://127.0.0.1:9000/events"
secret = "shared-secret-of-32-or-more-characters"
event_types = ["iModels.changesReady.v1"]    # all if omitted
itwin = "0e3f…"                              # all iTwins if omitted

[storage]
kind = "azure"             # where blobs are stored; default "folder", the data folder
containers = "bridges"
```
"""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import attrs

from itwin_imodels_hub.basis.parsed_tables import TableError, record_of
from itwin_imodels_hub.basis.settings import HubSettings
from itwin_imodels_hub.blobs.azure_account.settings import VARIABLES, AzureStorage
from itwin_imodels_hub.control.itwin_seeding import SeedITwin, itwins_from
from itwin_imodels_hub.events.registering import NewWebhook
from itwin_imodels_hub.identity import DEFAULT_USERS, NewUser

FOLDER = "folder"
_STORAGES: Mapping[str, type[AzureStorage] | None] = {FOLDER: None, "azure": AzureStorage}
"""Kinds of storage with the class that configures each; None is the data folder."""

T = TypeVar("T")

_LONGEST = timedelta(days=36_500)


class ConfigError(ValueError):
    """A configuration file is invalid; the message contains the location."""


@attrs.frozen(kw_only=True)
class HubConfig:
    """The content of a configuration file.

    Attributes:
        settings: Settings; omitted ones have their defaults.
        users: Users; the default users if the file contains none.
        itwins: iTwins with roles and members, for a new hub; the first is its default iTwin.
        storage: Blob storage; None is the data folder.
        webhooks: Webhook subscriptions.
    """

    settings: HubSettings = attrs.field(factory=HubSettings)
    users: Sequence[NewUser] = DEFAULT_USERS
    itwins: Sequence[SeedITwin] = ()
    storage: AzureStorage | None = None
    webhooks: Sequence[NewWebhook] = ()


def read_config(path: Path) -> HubConfig:
    """Read a configuration file; paths in it are relative to the file.

    Raises:
        ConfigError: The file is not TOML, or a name or value is invalid.
        OSError: The file cannot be read.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    if unknown := content.keys() - {"itwins", "settings", "storage", "users", "webhooks"}:
        known = "itwins, settings, storage, users and webhooks"
        raise ConfigError(f"{path}: unknown table {', '.join(sorted(unknown))}; known: {known}")
    try:
        settings = _settings(content.get("settings", {}), path.parent)
        users = _users(content.get("users", []))
        itwins = itwins_from(content.get("itwins", []))
        webhooks = _webhooks(content.get("webhooks", []))
        storage = _storage(content.get("storage", {}))
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from error
    return HubConfig(
        settings=settings,
        users=users or DEFAULT_USERS,
        itwins=tuple(itwins),
        webhooks=tuple(webhooks),
        storage=storage,
    )


def _settings(table: object, folder: Path) -> HubSettings:
    if not isinstance(table, dict):
        raise TableError("settings: expected a table")
    kinds = {each.name: each.type for each in attrs.fields(HubSettings)}
    values = {name: _setting(kinds.get(name), value, f"settings.{name}", folder) for name, value in table.items()}
    return record_of(HubSettings, values, "settings")


def _setting(kind: object, value: object, place: str, folder: Path) -> object:
    """Convert types that TOML lacks: durations are numbers of seconds, paths are strings. Reject negative numbers."""
    if kind is timedelta:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LONGEST.total_seconds():
            raise TableError(
                f"{place}: expected a number of seconds from 0 to {_LONGEST.total_seconds():.0f}, got {value!r}"
            )
        return timedelta(seconds=value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        return value
    if isinstance(value, int):
        if value < 0:
            raise TableError(f"{place}: must not be negative, got {value}")
        return value
    return folder / value if kind == Path | None else value


def _storage(table: object) -> AzureStorage | None:
    if not isinstance(table, dict):
        raise TableError("storage: expected a table")
    kind, more = table.get("kind", FOLDER), {name: value for name, value in table.items() if name != "kind"}
    if kind not in _STORAGES:
        raise TableError(f"storage.kind: {kind!r} must be one of {', '.join(_STORAGES)}")
    if "connection_string" in more:
        raise TableError(f"storage.connection_string: the connection string is a secret; set it in {VARIABLES[0]}")
    storage = _STORAGES[kind]
    if storage is not None:
        return record_of(storage, more, "storage")
    if more:
        others = ", ".join(name for name, each in _STORAGES.items() if each is not None)
        raise TableError(f"storage: {', '.join(sorted(more))} applies only to kind {others}")
    return None


def _users(tables: object) -> list[NewUser]:
    users = _records(NewUser, tables, "users")
    for place, user in enumerate(users):
        if any(user.name == other.name or user.address == other.address for other in users[:place]):
            raise TableError(f"users[{place}]: the name {user.name} or the address {user.address} is already in use")
    return users


def _webhooks(tables: object) -> list[NewWebhook]:
    webhooks = _records(NewWebhook, tables, "webhooks")
    for place, webhook in enumerate(webhooks):
        if any(webhook.id == other.id for other in webhooks[:place]):
            raise TableError(f"webhooks[{place}]: another webhook has the same url and itwin")
    return webhooks


def _records(kind: type[T], tables: object, name: str) -> list[T]:
    if not isinstance(tables, list):
        raise TableError(f"{name}: expected tables [[{name}]]")
    return [record_of(kind, table, f"{name}[{place}]") for place, table in enumerate(tables)]
