"""Descriptions of how each kind of item is printed: the class with its fields, and the columns of tables."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

from itwin_imodels.cli import cells
from itwin_imodels.cli.cells import Cell
from itwin_imodels.cli.changed_values import format_changes, format_entry
from itwin_imodels.cli.columns import Column, View

_MODELS: Final = "itwin_imodels.models"
_ROWS: Final = "itwin_imodels.cli.rows"
_FILES: Final = "imodel_files.changesets"


def _column(path: str, title: str = "", *, shrinks: bool = False, right: bool = False, is_id: bool = False) -> Column:
    """Return a column for a field, or for a path such as `briefcase.device_name`, whose parts may be None."""
    *parents, name = path.split(".")

    def give(item: Any) -> Cell:  # noqa: ANN401 - any model
        for step in parents:
            item = getattr(item, step)
            if item is None:
                return Cell("")
        return cells.column_cell(getattr(item, name), name)

    heading = title or name.replace("_", " ")
    is_id = is_id or name == "id" or name.endswith("_id")
    return Column(title=heading, cell=give, shrinks=shrinks, right=right, is_id=is_id)


def _made(title: str, give: Callable[[Any], str], *, shrinks: bool = False, right: bool = False) -> Column:
    """Return a column for a computed string."""
    return Column(title=title, cell=lambda item: Cell(cells.printable(give(item))), shrinks=shrinks, right=right)


def _values_of(conflict: Any, which: str) -> str:  # noqa: ANN401 - a conflict; importing the models would slow down --help
    """Format the values of a conflict's columns; columns without such a value are omitted."""
    named = ((column.name, getattr(column, which)) for column in conflict.columns)
    return ", ".join(f"{name}={value!r:.40}" for name, value in named if not isinstance(value, Enum))


_ID: Final = _column("id")
_NAME: Final = _column("name", shrinks=True)
_ABOUT: Final = _column("description", shrinks=True)
_STATE: Final = _column("state")
_SIZE: Final = _column("file_size", "size", right=True)
_INDEX: Final = _column("index", right=True)
_CREATED: Final = _column("created_date_time", "created")
_APPLICATION: Final = _column("application.name", "application", shrinks=True)
_BRIEFCASE: Final = _column("briefcase_id", "briefcase", right=True)
_CHANGESET_INDEX: Final = _column("changeset_index", "changeset", right=True)

ITWIN: Final = View(
    kind=f"{_MODELS}:ITwin",
    columns=(
        _column("display_name", "name", shrinks=True),
        _ID,
        _column("sub_class", "kind"),
        _column("number", is_id=True),
        _column("status"),
        _CREATED,
    ),
)
IMODEL: Final = View(
    kind=f"{_MODELS}:IModel",
    columns=(
        _NAME,
        _ID,
        _STATE,
        _column("last_changeset_push_date_time", "last push"),
        _ABOUT,
        _CREATED,
    ),
)
OPERATION: Final = View(kind=f"{_MODELS}:CreateOperation")
BASELINE_FILE: Final = View(kind=f"{_MODELS}:BaselineFile")

CHANGESET: Final = View(
    kind=f"{_MODELS}:Changeset",
    columns=(
        _INDEX,
        _column("push_date_time", "pushed"),
        _SIZE,
        _ID,
        _ABOUT,
        _BRIEFCASE,
        _column("containing_changes", "changes", shrinks=True),
        _APPLICATION,
    ),
)
POINT: Final = View(kind=f"{_MODELS}:TimelinePoint")
PULLED: Final = View(
    kind=f"{_MODELS}:PulledChangeset",
    columns=(
        _column("changeset.index", right=True),
        _column("changeset.id"),
        _column("changeset.file_size", "size", right=True),
        _column("path"),
    ),
)
FLEET_ROW: Final = View(
    kind="itwin_imodels.fleet.report:FleetRow",
    columns=(
        _column("name", shrinks=True),
        _column("outcome"),
        _column("changesets", right=True),
        _column("new_changesets", "new", right=True),
        _column("file_size", "size", right=True),
        _column("error", shrinks=True),
        _column("imodel_id", "iModel"),
    ),
)
MIRROR: Final = View(kind=f"{_MODELS}:MirrorResult")
VERIFIED: Final = View(
    kind=f"{_FILES}:VerifiedFile",
    columns=(
        _column("is_valid", "valid"),
        _column("path", shrinks=True),
        _column("id"),
        _column("problem", shrinks=True),
    ),
)
TABLE_CHANGES: Final = View(
    kind=f"{_FILES}:TableChanges",
    columns=(
        _column("table", shrinks=True),
        _column("inserts", right=True),
        _column("updates", right=True),
        _column("deletes", right=True),
        _column("indirect", right=True),
    ),
)
SUMMARY: Final = View(kind=f"{_FILES}:ChangesetSummary")
CONFLICT_COUNT: Final = View(
    kind=f"{_FILES}:ConflictCount",
    columns=(
        _column("changeset_id", "changeset"),
        _column("table", shrinks=True),
        _column("operation"),
        _column("cause"),
        _column("action"),
        _column("count", right=True),
    ),
)
CONFLICT: Final = View(
    kind=f"{_FILES}:Conflict",
    columns=(
        _column("changeset_id", "changeset"),
        _column("table", shrinks=True),
        _column("operation"),
        _made("key", lambda item: ", ".join(map(str, item.key)), shrinks=True),
        _column("cause"),
        _column("action"),
        _made("in the database", lambda item: _values_of(item, "found"), shrinks=True),
        _made("in the change", lambda item: _values_of(item, "new"), shrinks=True),
    ),
)
APPLY_REPORT: Final = View(kind=f"{_FILES}:ApplyReport")
WRITTEN_CHANGESET: Final = View(kind=f"{_FILES}:WrittenChangeset")
CHANGESET_FILE: Final = View(
    kind=f"{_ROWS}:ChangesetFile",
    columns=(
        _INDEX,
        _column("id"),
        _column("inserts", right=True),
        _column("updates", right=True),
        _column("deletes", right=True),
        _column("has_schema_changes", "schema"),
        _SIZE,
        _column("path"),
    ),
)
CHANGED_ELEMENT: Final = View(
    kind=f"{_ROWS}:ChangedElement",
    columns=(
        _column("changeset", right=True),
        _column("operation"),
        _ID,
        _column("class_name", "class", shrinks=True),
        _column("code", shrinks=True),
        _column("label", shrinks=True),
        _made("changed", lambda item: format_changes(item.properties), shrinks=True),
    ),
)
CHANGED_ROW: Final = View(
    kind=f"{_ROWS}:ChangedRow",
    columns=(
        _column("changeset", right=True),
        _column("operation"),
        _column("table", shrinks=True),
        _column("key"),
        _column("class_name", "class", shrinks=True),
        _made("changed", lambda item: format_changes(item.values), shrinks=True),
    ),
)
_CLASS_COLUMNS: Final = (
    _column("class_name", "class", shrinks=True),
    _column("inserted", right=True),
    _column("updated", right=True),
    _column("deleted", right=True),
    _column("touched", right=True),
)
CLASS_SUMMARY: Final = View(kind="imodel_files.changes:ClassSummary", columns=_CLASS_COLUMNS)
CLASS_SUMMARY_EACH: Final = View(
    kind="imodel_files.changes:ClassSummary",
    columns=(_column("changeset.index", "changeset", right=True), *_CLASS_COLUMNS),
)
ELEMENT_ENTRY: Final = View(
    kind=f"{_ROWS}:ElementEntry",
    columns=(
        _column("changeset", right=True),
        _column("push_date_time", "pushed"),
        _column("operation"),
        _column("creator_id", "by"),
        _made("changed", format_entry, shrinks=True),
    ),
)
DAY: Final = View(kind=f"{_ROWS}:Day", columns=(_column("day"), _column("pushes", right=True), _SIZE))
GROUP: Final = View(kind=f"{_MODELS}:ChangesetGroup", columns=(_ID, _STATE, _CREATED, _ABOUT))
EXTENDED_DATA: Final = View(
    kind=f"{_MODELS}:ChangesetExtendedData",
    columns=(_CHANGESET_INDEX, _made("data", lambda item: str(dict(item.data)), shrinks=True)),
)

BRIEFCASE: Final = View(
    kind=f"{_MODELS}:Briefcase",
    columns=(
        _BRIEFCASE,
        _column("device_name", "device", shrinks=True),
        _column("acquired_date_time", "acquired"),
        _column("owner_id", "owner"),
        _APPLICATION,
    ),
)
LOCK: Final = View(
    kind=f"{_MODELS}:Lock",
    columns=(
        _BRIEFCASE,
        _made("exclusive", lambda item: str(len(item.exclusive)), right=True),
        _made("shared", lambda item: str(len(item.shared)), right=True),
        _made("objects", lambda item: cells.object_ids(item.objects), shrinks=True),
    ),
)
OWNER_LOCKS: Final = View(
    kind=f"{_ROWS}:OwnerLocks",
    columns=(
        _made("owner", lambda item: cells.person(item.display_name, item.email), shrinks=True),
        _made("briefcases", lambda item: " ".join(map(str, item.briefcase_ids)), shrinks=True),
        _column("exclusive", right=True),
        _column("shared", right=True),
        _made("devices", lambda item: ", ".join(item.devices), shrinks=True),
    ),
)
RELEASED: Final = View(
    kind=f"{_MODELS}:ReleasedLocks",
    columns=(_column("level"), _made("objects", lambda item: " ".join(item.object_ids), shrinks=True)),
)


def stale(people: Mapping[str, Any]) -> View:
    """Return the view of stale briefcases, with the names and e-mail addresses of their owners.

    Args:
        people: The users of the iModel, by id.
    """

    def of_owner(field: str) -> Callable[[Any], str | None]:
        return lambda item: getattr(people.get(item.briefcase.owner_id), field, None)

    def owner(item: Any) -> str:  # noqa: ANN401 - a stale briefcase; as above
        named = cells.person(of_owner("display_name")(item), of_owner("email")(item))
        return named or str(item.briefcase.owner_id or "")

    return View(
        kind=f"{_MODELS}:StaleBriefcase",
        columns=(
            _column("briefcase.briefcase_id", "briefcase", right=True),
            _made("owner", owner, shrinks=True),
            _column("briefcase.device_name", "device", shrinks=True),
            _column("briefcase.acquired_date_time", "acquired"),
            _column("lock_count", "locks", right=True),
            _made("freed", lambda item: "yes" if item.freed else ""),
            _column("error", shrinks=True),
        ),
        more={
            "lock_count": lambda item: item.lock_count,
            "owner_name": of_owner("display_name"),
            "owner_email": of_owner("email"),
        },
    )


STALE: Final = stale({})

VERSION: Final = View(
    kind=f"{_MODELS}:NamedVersion",
    columns=(_NAME, _CHANGESET_INDEX, _STATE, _CREATED, _ABOUT, _ID),
)
CHECKPOINT: Final = View(kind=f"{_MODELS}:Checkpoint")
DOWNLOADED: Final = View(kind=f"{_MODELS}:DownloadedCheckpoint")
BLOCK_CONTAINER: Final = View(kind=f"{_ROWS}:BlockContainer")
BLOCK_DATABASE: Final = View(
    kind=f"{_ROWS}:BlockDatabase",
    columns=(
        _NAME,
        _column("version", right=True),
        _column("size", right=True),
        _column("blocks", right=True),
        _column("parent", shrinks=True),
        _column("changes", right=True),
        _column("missing_blocks", "missing", right=True),
        _column("problem", shrinks=True),
    ),
)
SHARED_BLOCKS: Final = View(
    kind=f"{_ROWS}:SharedBlocks",
    columns=(
        _column("database", shrinks=True),
        _column("other", shrinks=True),
        _column("shared", right=True),
        _column("to_fetch", right=True),
        _column("bytes_to_fetch", "bytes", right=True),
    ),
)
UNUSED_BLOCK: Final = View(kind=f"{_ROWS}:UnusedBlock", columns=(_column("block"), _column("deleted_at", "deleted")))

USER: Final = View(
    kind=f"{_MODELS}:User",
    columns=(
        _made("user", lambda item: cells.person(item.display_name, item.email), shrinks=True),
        _column("statistics.pushed_changesets_count", "pushes", right=True),
        _column("statistics.last_changeset_push_date", "last push"),
        _column("statistics.briefcases_count", "briefcases", right=True),
        _ID,
    ),
)
PERMISSION: Final = View(kind=f"{_ROWS}:PermissionRow", columns=(_column("permission"),))
GRANT: Final = View(
    kind=f"{_MODELS}:PermissionGrant",
    columns=(_ID, _made("permissions", lambda item: " ".join(item.permissions), shrinks=True)),
)
_SHARE_COLUMNS: Final = (_NAME, _column("permission"), _column("expires_at", "expires"), _ID)
SHARE: Final = View(kind=f"{_MODELS}:Share", columns=_SHARE_COLUMNS)
SHARE_WITH_KEY: Final = View(
    kind=f"{_MODELS}:Share",
    columns=(_NAME, _column("share_key", "key", shrinks=True), *_SHARE_COLUMNS[1:]),
    more={"share_key": lambda item: item.share_key},
)

SIGN_IN: Final = View(kind=f"{_ROWS}:SignIn")
SETTING: Final = View(
    kind="itwin_imodels.cli.settings:Setting",
    columns=(_column("setting"), _column("value", shrinks=True), _column("source")),
)
PROFILE: Final = View(
    kind=f"{_ROWS}:ProfileRow",
    columns=(
        _column("profile"),
        _column("current"),
        _made(
            "settings", lambda item: ", ".join(f"{key}={value}" for key, value in item.settings.items()), shrinks=True
        ),
    ),
)
