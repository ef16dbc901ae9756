"""Create iTwins with roles, members and owners, bypassing the API."""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid5

from attrs import field, frozen
from sqlalchemy import Connection

from itwin_imodels_hub.basis.parsed_tables import TableError, record_of
from itwin_imodels_hub.control.hub import Hub
from itwin_imodels_hub.rules.id_formats import parse_uuid
from itwin_imodels_hub.rules.permissions import NAMES, require_known
from itwin_imodels_hub.store.itwins import add_itwin, all_itwins, creation_time, itwin_by_id, set_member
from itwin_imodels_hub.store.members import add_owner, add_role, change_role, find_role, roles_in, set_roles
from itwin_imodels_hub.store.records import ITwinRecord, RoleRecord, UserRecord
from itwin_imodels_hub.store.users import all_users, user_by_name

T = TypeVar("T")


class ITwinSeedError(ValueError):
    """The seed of an iTwin is invalid; the message contains the location."""


def _permissions(names: Iterable[str]) -> tuple[str, ...]:
    values = tuple(names)
    require_known(values, NAMES)
    return values


@frozen(kw_only=True)
class SeedRole:
    """A role of an iTwin.

    Attributes:
        name: Name, unique among the roles of the seed.
        permissions: Permissions on the iTwin that the role grants.
        description: Description.
        id: Role id; None derives it from iTwin and name.
    """

    name: str
    permissions: Sequence[str] = field(default=(), converter=_permissions)
    description: str = ""
    id: str | None = None


@frozen(kw_only=True)
class SeedMember:
    """A member of an iTwin.

    Attributes:
        user: Short name of the user.
        roles: Names of the user's roles.
        permissions: Permissions on the iTwin in addition to those of the roles; they replace the general permissions of
            the user.
        owner: Whether the user owns the iTwin and therefore has all permissions on it.
    """

    user: str
    roles: Sequence[str] = field(default=(), converter=tuple)
    permissions: Sequence[str] = field(default=(), converter=_permissions)
    owner: bool = False


@frozen(kw_only=True)
class SeedITwin:
    """An iTwin with roles and members.

    Attributes:
        name: Display name.
        id: iTwin id. If the iTwin exists, the roles and members are added to it or updated. None selects the first
            iTwin with this name, which is created if it does not exist.
        creator: Short name of the user who created the iTwin and is its first owner; the iTwin belongs to the user's
            organization. None selects the first user by name without making that user an owner.
        roles: Roles of the iTwin.
        members: Members and owners of the iTwin.
    """

    name: str
    id: str | None = None
    creator: str | None = None
    roles: Sequence[SeedRole] = field(default=(), converter=tuple)
    members: Sequence[SeedMember] = field(default=(), converter=tuple)


def plant_itwin(hub: Hub, seed: SeedITwin) -> str:
    """Create an iTwin from a seed, or add the roles and members of a seed to an iTwin.

    Returns:
        The id of the iTwin.

    Raises:
        ITwinSeedError: The id, a user or a role is invalid; nothing is changed.
    """
    requested_id = parse_uuid(seed.id) if seed.id else None
    if seed.id and requested_id is None:
        raise ITwinSeedError(f"iTwin {seed.name}: the id {seed.id!r} is not a UUID")
    with hub.store.writing() as connection:
        itwin_id = _ensure_itwin(hub, connection, seed, requested_id)
        _add_roles(connection, seed, itwin_id)
        for member in seed.members:
            _add_member(connection, seed, itwin_id, member)
    return itwin_id


def read_itwins(path: Path) -> list[SeedITwin]:
    """Read the iTwins of a seeds file: tables `[[itwins]]` with the attributes of `SeedITwin`.

    Raises:
        ITwinSeedError: The content is invalid.
        OSError: The file cannot be read.
    """
    try:
        return itwins_from(tomllib.loads(path.read_text(encoding="utf-8")).get("itwins", []))
    except ValueError as error:
        raise ITwinSeedError(f"{path}: {error}") from error


def itwins_from(tables: object) -> list[SeedITwin]:
    """Create seeds from parsed tables `[[itwins]]`.

    Raises:
        TableError: A table is not a valid `SeedITwin`.
    """
    if not isinstance(tables, list):
        raise TableError("itwins: expected tables [[itwins]]")
    return [itwin_from(table, f"itwins[{place}]") for place, table in enumerate(tables)]


def itwin_from(table: object, place: str = "iTwin") -> SeedITwin:
    """Create a seed from a parsed table.

    Raises:
        TableError: The table is not a valid `SeedITwin`.
    """
    if not isinstance(table, dict):
        raise TableError(f"{place}: {table!r} is not a table")
    values = dict(table)
    for name, kind in (("roles", SeedRole), ("members", SeedMember)):
        values[name] = _records(kind, table.get(name, []), f"{place}.{name}")
    return record_of(SeedITwin, values, place)


def _records(kind: type[T], tables: object, place: str) -> list[T]:
    if not isinstance(tables, list):
        raise TableError(f"{place}: {tables!r} is not a list of tables")
    return [record_of(kind, table, f"{place}[{number}]") for number, table in enumerate(tables)]


def _ensure_itwin(hub: Hub, connection: Connection, seed: SeedITwin, itwin_id: str | None) -> str:
    """Return the id of the iTwin of a seed; create the iTwin if it does not exist."""
    known = itwin_by_id(connection, itwin_id) if itwin_id else next(iter(all_itwins(connection, seed.name)), None)
    if known is not None:
        return known.id
    creator = _user(connection, seed, seed.creator) if seed.creator else all_users(connection)[0]
    new_id = itwin_id or hub.ids.new()
    itwin = ITwinRecord(
        id=new_id,
        display_name=seed.name,
        number=new_id,
        class_name="Endeavor",
        sub_class="Project",
        type_name=None,
        data_center_location=hub.settings.data_center_location,
        created_at=creation_time(connection, hub.clock.now()),
        creator_id=creator.id,
        organization=creator.organization,
    )
    add_itwin(connection, itwin)
    if seed.creator:
        add_owner(connection, new_id, creator.id)
    return new_id


def _add_roles(connection: Connection, seed: SeedITwin, itwin_id: str) -> None:
    for role in seed.roles:
        role_id = parse_uuid(role.id) if role.id else str(uuid5(UUID(itwin_id), role.name))
        if role_id is None:
            raise ITwinSeedError(f"iTwin {seed.name}: the id {role.id!r} of role {role.name} is not a UUID")
        record = RoleRecord(
            itwin_id=itwin_id,
            id=role_id,
            display_name=role.name,
            description=role.description,
            permissions=list(role.permissions),
        )
        if find_role(connection, itwin_id, role_id) is None:
            add_role(connection, record)
        else:
            values = {"display_name": role.name, "description": role.description, "permissions": record.permissions}
            change_role(connection, itwin_id, role_id, values)


def _add_member(connection: Connection, seed: SeedITwin, itwin_id: str, member: SeedMember) -> None:
    user = _user(connection, seed, member.user)
    known = {role.display_name: role.id for role in roles_in(connection, itwin_id)}
    if unknown := [name for name in member.roles if name not in known]:
        raise ITwinSeedError(f"iTwin {seed.name}: member {member.user} has unknown role {unknown[0]!r}")
    if member.roles:
        set_roles(connection, itwin_id, user.id, [known[name] for name in member.roles])
    if member.permissions or not (member.roles or member.owner):
        set_member(connection, itwin_id, user.id, list(member.permissions))
    if member.owner:
        add_owner(connection, itwin_id, user.id)


def _user(connection: Connection, seed: SeedITwin, name: str) -> UserRecord:
    user = user_by_name(connection, name)
    if user is None:
        raise ITwinSeedError(f"iTwin {seed.name}: unknown user {name!r}")
    return user
