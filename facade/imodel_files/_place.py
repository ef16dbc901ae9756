"""The position of a database in the timeline, as iTwin.js stores it in ``be_Local``, and what iTwin.js requires."""

import json
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    import sqlite3

    import apsw

_ID: Final = "ParentChangeSetId"
_ID_AND_INDEX: Final = "parentChangeset"
_LEFTOVERS: Final = ("CurrentChangeSetEndTxnId", "ReversedChangeSetId")
_BRIEFCASE: Final = "be_repositoryid"
_UNASSIGNED: Final = bytes(8)
_GUIDS: Final = {"DbGuid": "iModel", "ProjectGuid": "iTwin"}


@attrs.frozen
class RecordedPlace:
    """A position in a timeline, as a database records it.

    Attributes:
        id: The id of the changeset that the database is at; empty for the baseline.
        index: The index of this changeset; None if unknown.
    """

    id: str
    index: int | None


def has_columns(database: "apsw.Connection | sqlite3.Connection", table: str, *columns: str) -> bool:
    """Return whether a database has a table with these columns; attached databases do not count."""
    rows = database.execute("SELECT name FROM pragma_table_info(?, 'main')", (table,))
    there = {name.lower() for (name,) in rows}
    return bool(there) and there.issuperset(name.lower() for name in columns)


def can_record_place(database: "apsw.Connection | sqlite3.Connection") -> bool:
    """Return whether a database has the table that stores the position; every iModel has it."""
    return has_columns(database, "be_Local", "Name", "Val")


def read_place(database: "apsw.Connection | sqlite3.Connection") -> RecordedPlace | None:
    """Return the stored position; None if there is none, which is normal for a baseline."""
    if not can_record_place(database):
        return None
    notes: dict[str, object] = {
        name: value
        for name in (_ID, _ID_AND_INDEX)
        for (value,) in database.execute("SELECT CAST(Val AS TEXT) FROM main.be_Local WHERE Name = ?", (name,))
    }
    changeset_id = notes.get(_ID)
    if not isinstance(changeset_id, str) or not changeset_id:
        return None
    return RecordedPlace(changeset_id.lower(), _index_of(notes.get(_ID_AND_INDEX), changeset_id))


def _index_of(text: object, changeset_id: str) -> int | None:
    try:
        both = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    if not isinstance(both, dict) or str(both.get("id")).lower() != changeset_id.lower():
        return None
    index = both.get("index")
    return index if isinstance(index, int) and index > 0 else None


def record_place(database: "apsw.Connection", place: RecordedPlace) -> None:
    """Store a position, or remove it for the baseline; requires the table that `can_record_place` looks for."""
    names = (_ID, _ID_AND_INDEX, *_LEFTOVERS)
    database.executemany("DELETE FROM be_Local WHERE Name = ?", [(name,) for name in names])
    if not place.id:
        return
    notes = [(_ID, place.id)]
    if place.index is not None:
        both = json.dumps({"id": place.id, "index": place.index}, separators=(",", ":"))
        notes.append((_ID_AND_INDEX, both))
    database.executemany("INSERT INTO be_Local(Name, Val) VALUES (?, ?)", notes)


def has_own_timeline(database: "apsw.Connection") -> bool:
    """Return whether a database can have a timeline of its own.

    A snapshot or standalone file belongs to no iTwin; it only stands in for a real baseline.
    """
    if not has_columns(database, "be_Prop", "Namespace", "Name", "Data"):
        return True
    return "DbGuid" not in (guids := _guids(database)) or "ProjectGuid" in guids


def _guids(database: "apsw.Connection") -> set[str]:
    """Return the names of the iModel and iTwin ids that the database has and that are not zero."""
    rows = database.execute("SELECT Name, Data FROM be_Prop WHERE Namespace = 'be_Db' AND length(Data) = 16")
    return {str(name) for name, data in rows if data != bytes(16)}


def complete_for_opening(database: "apsw.Connection") -> list[str]:
    """Add the briefcase id 0, which every checkpoint has, to a database without a briefcase id.

    Returns:
        Descriptions of other data that iTwin.js requires and that are missing.
    """
    database.execute("INSERT OR IGNORE INTO be_Local(Name, Val) VALUES (?, ?)", (_BRIEFCASE, _UNASSIGNED))
    if not has_columns(database, "be_Prop", "Namespace", "Name", "Data"):
        return ["the table be_Prop is missing, so iTwin.js cannot open the database"]
    there = _guids(database)
    return [
        f"be_Prop lacks {name}, the id of the {what}, which iTwin.js requires"
        for name, what in _GUIDS.items()
        if name not in there
    ]
