"""The database of a mirror: its tables, and the conversion of changesets to and from rows. See docs/pulling.md."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import attrs

from itwin_imodels._transfer.changeset_file import ChangesetFile, Verification
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
"""The value of `PRAGMA user_version`."""

APPLICATION_ID: Final = 0x694D546C
"""The value of `PRAGMA application_id`: `iMTl` in ASCII."""

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
class VerifiedState:
    """The state of a file when it was verified.

    Attributes:
        size: Size in bytes.
        mtime_ns: Modification time in nanoseconds since 1970.
        verified: How the file was verified.
    """

    size: int
    mtime_ns: int
    verified: str

    def suffices(self, verification: Verification) -> bool:
        """Return whether the file was verified in this way, or in a stricter one."""
        return verification in {"size", self.verified}


def row_of(changeset: Changeset, file: ChangesetFile) -> Row:
    """Return the row of a changeset."""
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
    """Return the changeset of a row."""
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
    """Return the application that pushed the changeset of a row."""
    if row["application_id"] is None:
        return None
    return Application(id=row["application_id"], name=row["application_name"])


def synchronization_of(row: Mapping[str, Any]) -> SynchronizationInfo | None:
    """Return the synchronization info of the changeset of a row."""
    if row["synchronization_info"] is None:
        return None
    content = json.loads(row["synchronization_info"])
    return SynchronizationInfo(task_id=content["taskId"], changed_files=content["changedFiles"])
