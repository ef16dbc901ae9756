"""Data that commands print and for which the client has no model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """The credentials that commands use.

    Attributes:
        way: `token`, `share_key`, `client_credentials`, `sign_in`, or `none`.
        signed_in: Whether credentials are available and have not expired, as far as is known without a server.
        client_id: Id of the application.
        environment: Environment of the service.
        base_url: URL of the API; None if `environment` determines it.
        user: The user or application in the token; None if the token contains neither.
        expires_at: When the token expires; None if unknown.
        kept_in: Where the user's sign-in is stored; None for other credentials.
    """

    way: str
    signed_in: bool
    client_id: str | None
    environment: str | None
    base_url: str | None
    user: str | None = None
    expires_at: datetime | None = None
    kept_in: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProfileRow:
    """A profile.

    Attributes:
        profile: Its name.
        current: Whether it is the default profile.
        settings: Its settings.
    """

    profile: str
    current: bool
    settings: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class OwnerLocks:
    """The locks of one user.

    Attributes:
        owner_id: Id of the user; None if unknown.
        display_name: Display name of the user; None if unknown.
        email: E-mail address of the user; None if unknown.
        briefcase_ids: Numbers of the briefcases that hold the locks.
        devices: Names of the devices of these briefcases.
        exclusive: Number of objects locked exclusively.
        shared: Number of objects locked at the shared level.
    """

    owner_id: str | None
    display_name: str | None
    email: str | None
    briefcase_ids: tuple[int, ...]
    devices: tuple[str, ...]
    exclusive: int
    shared: int


@dataclass(frozen=True, kw_only=True)
class PermissionRow:
    """A permission of the caller.

    Attributes:
        permission: Name of the permission.
    """

    permission: str


@dataclass(frozen=True, kw_only=True)
class Day:
    """The pushes of one day.

    Attributes:
        day: The day in the local time zone, in ISO 8601.
        pushes: Number of changesets pushed.
        file_size: Total size of these changesets in bytes.
    """

    day: str
    pushes: int
    file_size: int


@dataclass(frozen=True, kw_only=True)
class BlockContainer:
    """A container of block-based checkpoints.

    Attributes:
        path: Path of its manifest.
        block_size: Size of a block in bytes.
        id_size: Size of a block id in bytes; ids of 24 bytes or more contain the MD5 of the block.
        largest_database_id: Largest number that was ever assigned to a database.
        databases: Names of the databases.
        blocks: Number of distinct blocks that the databases use.
        block_bytes: Total size of these blocks in bytes.
        missing_blocks: Number of these blocks that are not next to the manifest.
        deleted_blocks: Number of blocks on the delete list.
        unused_blocks: Number of blocks next to the manifest that no database uses.
    """

    path: Path
    block_size: int
    id_size: int
    largest_database_id: int
    databases: tuple[str, ...]
    blocks: int
    block_bytes: int
    missing_blocks: int
    deleted_blocks: int
    unused_blocks: int


@dataclass(frozen=True, kw_only=True)
class BlockDatabase:
    """A database of a container.

    Attributes:
        id: Number of the database.
        name: Name of the database.
        parent: Name of the database relative to which its block list is stored; None if the list is stored in full.
        version: 1 after the first upload, incremented by each upload of changes.
        blocks: Number of its blocks.
        block_bytes: Total size of its blocks in bytes.
        changes: Number of blocks that differ from the parent; None without a parent.
        missing_blocks: Number of its distinct blocks that are not next to the manifest.
        size: Size of the database in bytes; None if it is deleted or has no blocks, or the first one is missing or
            invalid.
        problem: Description of a problem; None if there is none.
    """

    id: int
    name: str
    parent: str | None
    version: int
    blocks: int
    block_bytes: int
    changes: int | None
    missing_blocks: int
    size: int | None
    problem: str | None


@dataclass(frozen=True, kw_only=True)
class SharedBlocks:
    """A comparison of the blocks of two databases.

    Attributes:
        database: Name of the first database.
        other: Name of the second database.
        shared: Number of distinct blocks that both contain.
        to_fetch: Number of distinct blocks of the second database that the first one lacks.
        bytes_to_fetch: Total size of these blocks in bytes.
    """

    database: str
    other: str
    shared: int
    to_fetch: int
    bytes_to_fetch: int


@dataclass(frozen=True, kw_only=True)
class UnusedBlock:
    """A block on the delete list.

    Attributes:
        block: Name of the block file.
        deleted_at: The time when the last database stopped using it; None for an orphan found by a cleanup.
    """

    block: str
    deleted_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ChangesetFile:
    """A changeset file.

    Attributes:
        index: The position among the files, in the order of the timeline.
        id: The changeset id; empty if the file is not named by it.
        parent_id: The id of its parent; None if unknown.
        path: The path of the file.
        inserts: Number of inserted rows.
        updates: Number of updated rows.
        deletes: Number of deleted rows.
        has_schema_changes: Whether it changes the schema.
        file_size: Size in bytes.
    """

    index: int
    id: str
    parent_id: str | None
    path: str
    inserts: int
    updates: int
    deletes: int
    has_schema_changes: bool
    file_size: int


@dataclass(frozen=True, kw_only=True)
class ChangedElement:
    """A changed element.

    Attributes:
        changeset: Index of the changeset; None for a net effect.
        operation: `insert`, `update` or `delete`.
        id: The id of the element.
        class_name: The name of its class.
        model_id: The id of its model.
        parent_id: The id of its parent.
        code: The value of its code.
        label: Its label.
        is_touched_only: Whether only its timestamp changed.
        properties: The changed properties, each with `old` and `new`.
    """

    changeset: int | None
    operation: str
    id: str
    class_name: str | None
    model_id: str | None
    parent_id: str | None
    code: str | None
    label: str | None
    is_touched_only: bool
    properties: Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, kw_only=True)
class ChangedRow:
    """A changed row.

    Attributes:
        changeset: Index of the changeset.
        table: The name of the table.
        operation: `insert`, `update` or `delete`.
        is_indirect: Whether a trigger or a foreign key made the change.
        key: The values of its primary key.
        class_name: The name of the instance's class.
        values: The changed columns, each with `old` and `new`.
    """

    changeset: int | None
    table: str
    operation: str
    is_indirect: bool
    key: str
    class_name: str | None
    values: Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, kw_only=True)
class ElementEntry:
    """A change in the history of an element.

    Attributes:
        changeset: Index of the changeset.
        changeset_id: The changeset id.
        push_date_time: The time of the push, if known.
        creator_id: The id of the user who pushed it, if known.
        operation: `insert`, `update` or `delete`; `update` if only aspects changed.
        properties: The changed properties, each with `old` and `new`.
        aspects: The changed aspects, each with `id`, `class_name`, `operation`, `properties` and other known facts.
    """

    changeset: int
    changeset_id: str
    push_date_time: datetime | None
    creator_id: str | None
    operation: str
    properties: Mapping[str, Mapping[str, object]]
    aspects: Sequence[Mapping[str, object]]
