"""The tables.

Rows that belong to an iModel refer to its `imodels.number`, not to its id, and are deleted with the iModel.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from itwin_imodels_hub.store.column_types import Instant, text_of
from itwin_imodels_hub.store.sign_in_schema import metadata as metadata  # noqa: PLC0414 - exported with all tables in it

REVISION: Final = "0004"
"""The newest revision of `store/migrations`, which matches the tables below."""

_ID = text_of(36)
_CHANGESET_ID = text_of(40)
_JSON = JSON(none_as_null=True)


def _number() -> Column[int]:
    return Column("number", Integer, primary_key=True, autoincrement=True)


def _imodel(*, primary_key: bool = True) -> Column[int]:
    reference = ForeignKey("imodels.number", ondelete="CASCADE")
    return Column("imodel_number", Integer, reference, primary_key=primary_key, nullable=False)


meta = Table("meta", metadata, Column("key", text_of(50), primary_key=True), Column("value", Text, nullable=False))

users = Table(
    "users",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", text_of(255), nullable=False, unique=True),
    Column("email", text_of(255), nullable=False, unique=True),
    Column("given_name", text_of(255), nullable=False),
    Column("surname", text_of(255), nullable=False),
    Column("application_id", text_of(255), nullable=False, unique=True),
    Column("application_name", text_of(255), nullable=False),
    Column("secret_hash", text_of(64)),
    Column("permissions", _JSON, nullable=False),
    Column("organization_administrator", Boolean, nullable=False),
    Column("organization", text_of(255), nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("token_hash", text_of(64), primary_key=True),
    Column("user_id", _ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("application_id", text_of(255), nullable=False),
    Column("application_name", text_of(255), nullable=False),
    Column("expires_at", Instant, index=True),
)

itwins = Table(
    "itwins",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("display_name", text_of(255), nullable=False),
    Column("number", text_of(255), nullable=False),
    Column("class_name", text_of(255), nullable=False),
    Column("sub_class", text_of(255), nullable=False),
    Column("type_name", text_of(255)),
    Column("data_center_location", text_of(255), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("creator_id", _ID, nullable=False),
    Column("organization", text_of(255), nullable=False),
)

itwin_owners = Table(
    "itwin_owners",
    metadata,
    Column("itwin_id", _ID, ForeignKey("itwins.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", _ID, primary_key=True),
)

# Permissions without a role, from the configuration or the control API.
itwin_members = Table(
    "itwin_members",
    metadata,
    Column("itwin_id", _ID, ForeignKey("itwins.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", _ID, primary_key=True),
    Column("permissions", _JSON, nullable=False),
)

roles = Table(
    "roles",
    metadata,
    Column("itwin_id", _ID, ForeignKey("itwins.id", ondelete="CASCADE"), primary_key=True),
    Column("id", _ID, primary_key=True),
    Column("display_name", text_of(255), nullable=False),
    Column("description", text_of(255), nullable=False),
    Column("permissions", _JSON, nullable=False),
)

role_members = Table(
    "role_members",
    metadata,
    Column("itwin_id", _ID, ForeignKey("itwins.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", _ID, primary_key=True),
    Column("user_id", _ID, primary_key=True),
)

imodels = Table(
    "imodels",
    metadata,
    _number(),
    Column("id", _ID, nullable=False, unique=True),
    Column("itwin_id", _ID, ForeignKey("itwins.id"), nullable=False),
    Column("name", text_of(255), nullable=False),
    Column("description", text_of(255)),
    Column("folded", Text, nullable=False),
    Column("state", text_of(20), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("creator_id", _ID, nullable=False),
    Column("extent", _JSON),
    Column("containers_enabled", Integer, nullable=False),
    Column("coordinate_system", text_of(255)),
    Column("creation_state", text_of(50), nullable=False),
    Column("origin", text_of(10)),
    Column("origin_imodel_id", _ID),
    Column("origin_changeset_id", _CHANGESET_ID),
    Column("relationship_id", _ID),
    Column("baseline_state", text_of(30), nullable=False),
    Column("baseline_size", BigInteger, nullable=False),
    Column("next_briefcase_id", Integer, nullable=False),
    Column("next_changeset_index", Integer, nullable=False),
    Column("last_push_at", Instant),
    Column("secured_by", text_of(10)),
    UniqueConstraint("itwin_id", "name"),
    sqlite_autoincrement=True,
)

imodel_users = Table(
    "imodel_users",
    metadata,
    _imodel(),
    Column("user_id", _ID, primary_key=True),
    Column("connected_at", Instant, nullable=False),
)

briefcases = Table(
    "briefcases",
    metadata,
    _imodel(),
    Column("briefcase_id", Integer, primary_key=True),
    Column("owner_id", _ID, nullable=False),
    Column("acquired_at", Instant, nullable=False),
    Column("device_name", text_of(255)),
    Column("file_size", BigInteger, nullable=False),
    Column("application_id", text_of(255)),
    Column("application_name", text_of(255)),
    Index("ix_briefcases_owner", "imodel_number", "owner_id", "acquired_at"),
)

changesets = Table(
    "changesets",
    metadata,
    _imodel(),
    Column("changeset_index", Integer, primary_key=True),
    Column("changeset_id", _CHANGESET_ID, nullable=False),
    Column("parent_id", _CHANGESET_ID, nullable=False),
    Column("state", text_of(20), nullable=False),
    Column("description", text_of(255)),
    Column("containing_changes", Integer, nullable=False),
    Column("file_size", BigInteger, nullable=False),
    Column("briefcase_id", Integer, nullable=False),
    Column("group_id", _ID),
    Column("creator_id", _ID, nullable=False),
    Column("pushed_at", Instant, nullable=False),
    Column("application_id", text_of(255)),
    Column("application_name", text_of(255)),
    Column("synchronization", _JSON),
    UniqueConstraint("imodel_number", "changeset_id"),
    Index("ix_changesets_state", "imodel_number", "state", "changeset_index"),
    Index("ix_changesets_creator", "imodel_number", "creator_id"),
)

changeset_groups = Table(
    "changeset_groups",
    metadata,
    Column("id", _ID, primary_key=True),
    _imodel(primary_key=False),
    Column("state", text_of(20), nullable=False),
    Column("description", text_of(255)),
    Column("creator_id", _ID, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_changeset_groups_imodel", "imodel_number", "created_at", "id"),
)

extended_data = Table(
    "extended_data",
    metadata,
    _imodel(),
    Column("changeset_index", Integer, primary_key=True),
    Column("changeset_id", _CHANGESET_ID, nullable=False),
    Column("data", Text, nullable=False),
)

named_versions = Table(
    "named_versions",
    metadata,
    Column("id", _ID, primary_key=True),
    _imodel(primary_key=False),
    Column("name", text_of(255), nullable=False),
    Column("description", text_of(255)),
    Column("folded", Text, nullable=False),
    Column("changeset_id", _CHANGESET_ID),
    Column("changeset_index", Integer, nullable=False),
    Column("state", text_of(20), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("creator_id", _ID, nullable=False),
    Column("application_id", text_of(255)),
    Column("application_name", text_of(255)),
    UniqueConstraint("imodel_number", "name"),
    UniqueConstraint("imodel_number", "changeset_index"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    _imodel(),
    Column("changeset_index", Integer, primary_key=True),
    Column("changeset_id", _CHANGESET_ID),
    Column("state", text_of(20), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("blob", Text),
    Column("directory", Text),
    Column("db_name", text_of(255)),
    Column("failure", Text),
)

locks = Table(
    "locks",
    metadata,
    _imodel(),
    Column("object_id", text_of(18), primary_key=True),
    Column("briefcase_id", Integer, primary_key=True),
    Column("level", SmallInteger, nullable=False),
    # One index per sort order: by briefcase, and by level.
    Index("ix_locks_briefcase", "imodel_number", "briefcase_id", "level", "object_id"),
    Index("ix_locks_level", "imodel_number", "level", "briefcase_id", "object_id"),
    sqlite_with_rowid=False,
)

lock_releases = Table(
    "lock_releases",
    metadata,
    _imodel(),
    Column("object_id", text_of(18), primary_key=True),
    Column("level", SmallInteger, primary_key=True),
    Column("changeset_index", Integer, nullable=False),
    Index("ix_lock_releases_page", "imodel_number", "changeset_index", "level", "object_id"),
    sqlite_with_rowid=False,
)

# The newest changeset with which an exclusive lock became a shared one.
lock_demotions = Table(
    "lock_demotions",
    metadata,
    _imodel(),
    Column("object_id", text_of(18), primary_key=True),
    Column("changeset_index", Integer, nullable=False),
    sqlite_with_rowid=False,
)

favorites = Table(
    "favorites",
    metadata,
    Column("user_id", _ID, primary_key=True),
    _imodel(),
    Column("added_at", Instant, nullable=False),
)

recents = Table(
    "recents",
    metadata,
    Column("user_id", _ID, primary_key=True),
    _imodel(),
    Column("used_at", Instant, nullable=False),
)

shares = Table(
    "shares",
    metadata,
    Column("id", _ID, primary_key=True),
    _imodel(primary_key=False),
    Column("name", text_of(255), nullable=False),
    Column("share_key", text_of(255), nullable=False, unique=True),
    Column("permission", text_of(50), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("creator_id", _ID, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index("ix_shares_creator", "imodel_number", "creator_id", "created_at", "id"),
)

role_permissions = Table(
    "role_permissions",
    metadata,
    _imodel(),
    Column("id", _ID, primary_key=True),
    Column("permissions", _JSON, nullable=False),
)

user_permissions = Table(
    "user_permissions",
    metadata,
    _imodel(),
    Column("id", _ID, primary_key=True),
    Column("permissions", _JSON, nullable=False),
)

# Calls within the last minute that count toward a rate limit.
limited_calls = Table(
    "limited_calls",
    metadata,
    _number(),
    Column("scope", text_of(400), nullable=False),
    Column("called_at", Instant, nullable=False, index=True),
    Index("ix_limited_calls_scope", "scope", "called_at"),
    sqlite_autoincrement=True,
)

jobs = Table(
    "jobs",
    metadata,
    _number(),
    Column("kind", text_of(30), nullable=False),
    Column("imodel_number", Integer, ForeignKey("imodels.number", ondelete="CASCADE"), index=True),
    Column("source_id", _ID, index=True),
    Column("payload", _JSON, nullable=False),
    Column("due_at", Instant, nullable=False),
    Index("ix_jobs_due", "due_at", "number"),
    sqlite_autoincrement=True,
)

# Events: webhooks and the deliveries to them.

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("owner_id", _ID, index=True),
    Column("callback_url", Text, nullable=False),
    Column("scope", text_of(10), nullable=False),
    Column("itwin_id", _ID),
    Column("event_types", _JSON, nullable=False),
    Column("secret", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("modified_at", Instant, nullable=False),
    # Only the process that holds the lease sends to the webhook; the lease expires if the process exits.
    Column("lease", _ID),
    Column("leased_until", Instant),
)

deliveries = Table(
    "deliveries",
    metadata,
    _number(),
    Column("webhook_id", _ID, ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("message_id", _ID, nullable=False),
    Column("event_type", text_of(100), nullable=False),
    Column("itwin_id", _ID, nullable=False),
    Column("imodel_id", _ID, nullable=False),
    Column("content", _JSON, nullable=False),
    Column("enqueued_at", Instant, nullable=False),
    Column("state", text_of(20), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("ended_at", Instant),
    Column("status", Integer),
    Column("problem", Text),
    UniqueConstraint("webhook_id", "message_id"),
    Index("ix_deliveries_due", "state", "due_at", "number"),
    Index("ix_deliveries_webhook", "webhook_id", "state", "due_at"),
    sqlite_autoincrement=True,
)
