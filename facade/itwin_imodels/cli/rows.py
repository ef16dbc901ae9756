"""What commands print that no model of the client is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """How commands are let in.

    Attributes:
        way: `token`, `share_key`, `client_credentials`, `sign_in`, or `none`.
        signed_in: Whether tokens can be got, as far as is known without asking a server.
        client_id: The application.
        environment: The deployment.
        base_url: Where the API is, when it is not that of the environment.
        expires_at: The end of the token at hand, when it is known.
        kept_in: Where the sign-in of a person stays.
    """

    way: str
    signed_in: bool
    client_id: str | None
    environment: str | None
    base_url: str | None
    expires_at: datetime | None = None
    kept_in: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProfileRow:
    """A profile.

    Attributes:
        profile: Its name.
        current: Whether it is used where none is named.
        settings: Its settings.
    """

    profile: str
    current: bool
    settings: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class OwnersLocks:
    """The locks of one user.

    Attributes:
        owner_id: The user.
        display_name: The user's name, when it is known.
        email: The user's e-mail address, when it is known.
        briefcase_ids: The briefcases that hold the locks.
        devices: The devices they are on.
        exclusive: How many objects are locked exclusively.
        shared: How many objects are locked shared.
    """

    owner_id: str | None
    display_name: str | None
    email: str | None
    briefcase_ids: tuple[int, ...]
    devices: tuple[str, ...]
    exclusive: int
    shared: int


@dataclass(frozen=True, kw_only=True)
class VerifiedFile:
    """A changeset file, held against its id.

    Attributes:
        path: The file.
        id: The id that its content and its parent give; None when it cannot be read.
        parent_id: The changeset before it; empty for the first one.
        expected_id: The id it should have.
        is_valid: Whether it has this id.
        problem: What is wrong.
    """

    path: Path
    id: str | None
    parent_id: str
    expected_id: str | None
    is_valid: bool
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class PermissionRow:
    """A permission of the caller.

    Attributes:
        permission: Its name.
    """

    permission: str


@dataclass(frozen=True, kw_only=True)
class Day:
    """What was pushed on one day.

    Attributes:
        day: The day, where this machine is.
        pushes: Changesets pushed.
        file_size: Bytes pushed.
    """

    day: str
    pushes: int
    file_size: int


@dataclass(frozen=True, kw_only=True)
class BlockContainer:
    """A container of checkpoints in blocks.

    Attributes:
        path: Its manifest.
        block_size: Bytes of a block.
        id_size: Bytes of a block's id; from 24 on it carries the MD5 of the block.
        largest_database_id: The largest number that a database ever had.
        databases: Names of the databases.
        blocks: How many different blocks they use.
        block_bytes: Bytes of these.
        missing_blocks: How many of them are not beside the manifest.
        deleted_blocks: How many blocks are on the delete list.
        unused_blocks: How many blocks beside the manifest no database uses.
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
        id: Its number.
        name: Its name.
        parent: Name of the database that its blocks are written as changes to.
        version: 1 when uploaded, one more with each upload of changes.
        blocks: How many blocks it has.
        block_bytes: Bytes of these.
        changes: How many of them are written as changes to its parent; None without a parent.
        missing_blocks: How many of its different blocks are not beside the manifest.
        size: Bytes of its file; None where its first block is not at hand, or it has no valid one.
        problem: What is wrong with it.
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
    """What two databases have in common.

    Attributes:
        database: Name of one.
        other: Name of the other one.
        shared: How many different blocks both have.
        to_fetch: How many blocks of the other one are missing to who has the first.
        bytes_to_fetch: Bytes of these.
    """

    database: str
    other: str
    shared: int
    to_fetch: int
    bytes_to_fetch: int


@dataclass(frozen=True, kw_only=True)
class UnusedBlock:
    """A block of the delete list.

    Attributes:
        block: Name of its file.
        deleted_at: Since when no database uses it; None for an orphan that a cleanup found.
    """

    block: str
    deleted_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ChangesetFile:
    """A changeset file.

    Attributes:
        index: Its place among the files, in the order of the timeline.
        id: The changeset's id; empty if the file is not named by it.
        parent_id: The changeset before it; None if unknown.
        path: The file.
        inserts: Rows inserted.
        updates: Rows updated.
        deletes: Rows deleted.
        has_schema_changes: Whether it changes the schema.
        file_size: Its size in bytes.
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
        id: The element.
        class_name: Its class.
        model_id: The model that it is in.
        parent_id: Its parent.
        code: The value of its code.
        label: Its label.
        is_touched_only: Whether only its time stamp changed.
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
        table: The table.
        operation: `insert`, `update` or `delete`.
        is_indirect: Whether a trigger or a foreign key did it.
        key: The values of its key.
        class_name: The class of the instance.
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
        changeset_id: Its id.
        push_date_time: When it was pushed, if known.
        creator_id: Who pushed it, if known.
        operation: `insert`, `update` or `delete`.
        properties: The changed properties, each with `old` and `new`.
    """

    changeset: int
    changeset_id: str
    push_date_time: datetime | None
    creator_id: str | None
    operation: str
    properties: Mapping[str, Mapping[str, object]]
