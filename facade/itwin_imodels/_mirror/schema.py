"""The database of a mirror: its tables, and what their rows mean. docs/pulling.md describes them."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

import attrs

from itwin_imodels._workflows.pull import Wanted
from itwin_imodels.models import (
    Application,
    Changeset,
    ChangesetState,
    ContainingChanges,
    MinimalChangeset,
    SynchronizationInfo,
)

DATABASE_NAME: Final = "timeline.db"
"""Name of the file in the mirror's directory."""

VERSION: Final = 1
"""What `PRAGMA user_version` gives."""

APPLICATION_ID: Final = 0x694D546C
"""What `PRAGMA application_id` gives: `iMTl` in ASCII."""

SCHEMA: Final = (
    "CREATE TABLE imodel (id TEXT NOT NULL)",
    """CREATE TABLE changesets (
        changeset_index INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        parent_id TEXT NOT NULL,
        display_name TEXT NOT NULL,
        description TEXT,
        containing_changes INTEGER NOT NULL,
        file_size INTEGER NOT NULL,
        briefcase_id INTEGER NOT NULL,
        group_id TEXT,
        creator_id TEXT,
        push_date_time TEXT,
        application_id TEXT,
        application_name TEXT,
        synchronization_info TEXT,
        extra TEXT
    )""",
    """CREATE TABLE files (
        changeset_index INTEGER PRIMARY KEY REFERENCES changesets,
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        verified TEXT NOT NULL CHECK (verified IN ('id', 'size'))
    )""",
)

COLUMNS: Final = (
    "changeset_index",
    "id",
    "parent_id",
    "display_name",
    "description",
    "containing_changes",
    "file_size",
    "briefcase_id",
    "group_id",
    "creator_id",
    "push_date_time",
    "application_id",
    "application_name",
    "synchronization_info",
    "extra",
)

Row = tuple[Any, ...]


@attrs.frozen
class FileState:
    """How a file was when it was found right.

    Attributes:
        size: Its size in bytes.
        mtime_ns: When it was last written to, nanoseconds since 1970.
        verified: By what it was found right.
    """

    size: int
    mtime_ns: int
    verified: str

    def suffices(self, verify: Literal["id", "size"]) -> bool:
        """Tell whether it was verified as thoroughly as it is asked for."""
        return verify in {"size", self.verified}


def row_of(changeset: Changeset, file: Wanted) -> Row:
    """Write a changeset down."""
    application, info = changeset.application, changeset.synchronization_info
    return (
        changeset.index,
        file.id,
        file.parent_id,
        changeset.display_name,
        changeset.description,
        int(changeset.containing_changes),
        changeset.file_size,
        changeset.briefcase_id,
        changeset.group_id,
        changeset.creator_id,
        None if changeset.push_date_time is None else changeset.push_date_time.isoformat(),
        None if application is None else application.id,
        None if application is None else application.name,
        None if info is None else json.dumps({"taskId": info.task_id, "changedFiles": info.changed_files}),
        json.dumps(changeset.extra) if changeset.extra else None,
    )


def changeset_of(imodel_id: str, row: Mapping[str, Any]) -> MinimalChangeset:
    """Read a changeset."""
    pushed = row["push_date_time"]
    return MinimalChangeset(
        imodel_id=imodel_id,
        id=row["id"],
        index=row["changeset_index"],
        display_name=row["display_name"],
        parent_id=row["parent_id"],
        description=row["description"],
        state=ChangesetState.FILE_UPLOADED,
        containing_changes=ContainingChanges(row["containing_changes"]),
        file_size=row["file_size"],
        briefcase_id=row["briefcase_id"],
        group_id=row["group_id"],
        creator_id=row["creator_id"],
        push_date_time=None if pushed is None else datetime.fromisoformat(pushed),
        extra=json.loads(row["extra"] or "{}"),
    )


def application_of(row: Mapping[str, Any]) -> Application | None:
    """Read by which application a changeset was pushed."""
    if row["application_id"] is None:
        return None
    return Application(id=row["application_id"], name=row["application_name"])


def synchronization_of(row: Mapping[str, Any]) -> SynchronizationInfo | None:
    """Read what a changeset's author said of its source."""
    if row["synchronization_info"] is None:
        return None
    found = json.loads(row["synchronization_info"])
    return SynchronizationInfo(task_id=found["taskId"], changed_files=found["changedFiles"])
