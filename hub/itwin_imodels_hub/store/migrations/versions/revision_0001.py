"""Revision 0001: the tables before migrations were introduced."""

import sqlalchemy as sa
from alembic import op

from itwin_imodels_hub.store.column_types import text_of

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "itwins",
        sa.Column("id", text_of(36), nullable=False),
        sa.Column("display_name", text_of(255), nullable=False),
        sa.Column("number", text_of(255), nullable=False),
        sa.Column("class_name", text_of(255), nullable=False),
        sa.Column("sub_class", text_of(255), nullable=False),
        sa.Column("type_name", text_of(255), nullable=True),
        sa.Column("data_center_location", text_of(255), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("creator_id", text_of(36), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "meta",
        sa.Column("key", text_of(50), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "users",
        sa.Column("id", text_of(36), nullable=False),
        sa.Column("name", text_of(255), nullable=False),
        sa.Column("email", text_of(255), nullable=False),
        sa.Column("given_name", text_of(255), nullable=False),
        sa.Column("surname", text_of(255), nullable=False),
        sa.Column("application_id", text_of(255), nullable=False),
        sa.Column("application_name", text_of(255), nullable=False),
        sa.Column("secret_hash", text_of(64), nullable=True),
        sa.Column("permissions", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("organization_administrator", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("application_id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "imodels",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", text_of(36), nullable=False),
        sa.Column("itwin_id", text_of(36), nullable=False),
        sa.Column("name", text_of(255), nullable=False),
        sa.Column("description", text_of(255), nullable=True),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("state", text_of(20), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("creator_id", text_of(36), nullable=False),
        sa.Column("extent", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("containers_enabled", sa.Integer(), nullable=False),
        sa.Column("coordinate_system", text_of(255), nullable=True),
        sa.Column("creation_state", text_of(50), nullable=False),
        sa.Column("origin", text_of(10), nullable=True),
        sa.Column("origin_imodel_id", text_of(36), nullable=True),
        sa.Column("origin_changeset_id", text_of(40), nullable=True),
        sa.Column("relationship_id", text_of(36), nullable=True),
        sa.Column("baseline_state", text_of(30), nullable=False),
        sa.Column("baseline_size", sa.BigInteger(), nullable=False),
        sa.Column("next_briefcase_id", sa.Integer(), nullable=False),
        sa.Column("next_changeset_index", sa.Integer(), nullable=False),
        sa.Column("last_push_at", sa.BigInteger(), nullable=True),
        sa.Column("secured_by", text_of(10), nullable=True),
        sa.ForeignKeyConstraint(
            ["itwin_id"],
            ["itwins.id"],
        ),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
        sa.UniqueConstraint("itwin_id", "name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "itwin_members",
        sa.Column("itwin_id", text_of(36), nullable=False),
        sa.Column("user_id", text_of(36), nullable=False),
        sa.Column("permissions", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["itwin_id"], ["itwins.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("itwin_id", "user_id"),
    )
    op.create_table(
        "role_members",
        sa.Column("itwin_id", text_of(36), nullable=False),
        sa.Column("role_id", text_of(36), nullable=False),
        sa.Column("user_id", text_of(36), nullable=False),
        sa.ForeignKeyConstraint(["itwin_id"], ["itwins.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("itwin_id", "role_id", "user_id"),
    )
    op.create_table(
        "tokens",
        sa.Column("token_hash", text_of(64), nullable=False),
        sa.Column("user_id", text_of(36), nullable=False),
        sa.Column("application_id", text_of(255), nullable=False),
        sa.Column("application_name", text_of(255), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tokens_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "briefcases",
        sa.Column("imodel_number", sa.Integer(), nullable=False),
        sa.Column("briefcase_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", text_of(36), nullable=False),
        sa.Column("acquired_at", sa.BigInteger(), nullable=False),
        sa.Column("device_name", text_of(255), nullable=True),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("application_id", text_of(255), nullable=True),
        sa.Column("application_name", text_of(255), nullable=True),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("imodel_number", "briefcase_id"),
    )
    with op.batch_alter_table("briefcases", schema=None) as batch_op:
        batch_op.create_index("ix_briefcases_owner", ["imodel_number", "owner_id", "acquired_at"], unique=False)

    op.create_table(
        "changeset_groups",
        sa.Column("id", text_of(36), nullable=False),
        sa.Column("imodel_number", sa.Integer(), nullable=False),
        sa.Column("state", text_of(20), nullable=False),
        sa.Column("description", text_of(255), nullable=True),
        sa.Column("creator_id", text_of(36), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("changeset_groups", schema=None) as batch_op:
        batch_op.create_index("ix_changeset_groups_imodel", ["imodel_number", "created_at", "id"], unique=False)

    op.create_table(
        "changesets",
        sa.Column("imodel_number", sa.Integer(), nullable=False),
        sa.Column("changeset_index", sa.Integer(), nullable=False),
        sa.Column("changeset_id", text_of(40), nullable=False),
        sa.Column("parent_id", text_of(40), nullable=False),
        sa.Column("state", text_of(20), nullable=False),
        sa.Column("description", text_of(255), nullable=True),
        sa.Column("containing_changes", sa.Integer(), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("briefcase_id", sa.Integer(), nullable=False),
        sa.Column("group_id", text_of(36), nullable=True),
        sa.Column("creator_id", text_of(36), nullable=False),
        sa.Column("pushed_at", sa.BigInteger(), nullable=False),
        sa.Column("application_id", text_of(255), nullable=True),
        sa.Column("application_name", text_of(255), nullable=True),
        sa.Column("synchronization", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("imodel_number", "changeset_index"),
        sa.UniqueConstraint("imodel_number", "changeset_id"),
    )
    with op.batch_alter_table("changesets", schema=None) as batch_op:
        batch_op.create_index("ix_changesets_creator", ["imodel_number", "creator_id"], unique=False)
        batch_op.create_index("ix_changesets_state", ["imodel_number", "state", "changeset_index"], unique=False)

    op.create_table(
        "checkpoints",
        sa.Column("imodel_number", sa.Integer(), nullable=False),
        sa.Column("changeset_index", sa.Integer(), nullable=False),
        sa.Column("changeset_id", text_of(40), nullable=True),
        sa.Column("state", text_of(20), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=True),
        sa.Column("directory", sa.Text(), nullable=True),
        sa.Column("db_name", text_of(255), nullable=True),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("imodel_number", "changeset_index"),
    )
    op.create_table(
        "extended_data",
        sa.Column("imodel_number", sa.Integer(), nullable=False),
        sa.Column("changeset_index", sa.Integer(), nullable=False),
        sa.Column("changeset_id", text_of(40), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("imodel_number", "changeset_index"),
    )
    op.create_table(
        "favorites",
        sa.Column("user_id", text_of(36), nullable=False),
        sa.Column("imodel_number", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "imodel_number"),
    )
    op.create_table(
        "imodel_users",
        sa.Column("imodel_number", sa.Integer(), nullable=False),
        sa.Column("user_id", text_of(36), nullable=False),
        sa.Column("connected_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("imodel_number", "user_id"),
    )
    op.create_table(
        "jobs",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", text_of(30), nullable=False),
        sa.Column("imodel_number", sa.Integer(), nullable=True),
        sa.Column("source_id", text_of(36), nullable=True),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index("ix_jobs_due", ["due_at", "number"], unique=False)
        batch_op.create_index(batch_op.f("ix_jobs_imodel_number"), ["imodel_number"], unique=False)
        batch_op.create_index(batch_op.f("ix_jobs_source_id"), ["source_id"], unique=False)

    op.create_table(
        "lock_releases",
        sa.Column("imodel_number", sa.Integer(), nullable=False),
        sa.Column("object_id", text_of(18), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("changeset_index", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("imodel_number", "object_id", "level"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("lock_releases", schema=None) as batch_op:
        batch_op.create_index(
            "ix_lock_releases_page", ["imodel_number", "changeset_index", "level", "object_id"], unique=False
        )

    op.create_table(
        "locks",
        sa.Column("imodel_number", sa.Integer(), nullable=False),
        sa.Column("object_id", text_of(18), nullable=False),
        sa.Column("briefcase_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("imodel_number", "object_id", "briefcase_id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("locks", schema=None) as batch_op:
        batch_op.create_index(
            "ix_locks_briefcase", ["imodel_number", "briefcase_id", "level", "object_id"], unique=False
        )
        batch_op.create_index("ix_locks_level", ["imodel_number", "level", "briefcase_id", "object_id"], unique=False)

    op.create_table(
        "named_versions",
        sa.Column("id", text_of(36), nullable=False),
        sa.Column("imodel_number", sa.Integer(), nullable=False),
        sa.Column("name", text_of(255), nullable=False),
        sa.Column("description", text_of(255), nullable=True),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("changeset_id", text_of(40), nullable=True),
        sa.Column("changeset_index", sa.Integer(), nullable=False),
        sa.Column("state", text_of(20), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("creator_id", text_of(36), nullable=False),
        sa.Column("application_id", text_of(255), nullable=True),
        sa.Column("application_name", text_of(255), nullable=True),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("imodel_number", "changeset_index"),
        sa.UniqueConstraint("imodel_number", "name"),
    )
    op.create_table(
        "recents",
        sa.Column("user_id", text_of(36), nullable=False),
        sa.Column("imodel_number", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "imodel_number"),
    )
    op.create_table(
        "role_permissions",
        sa.Column("imodel_number", sa.Integer(), nullable=False),
        sa.Column("id", text_of(36), nullable=False),
        sa.Column("permissions", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("imodel_number", "id"),
    )
    op.create_table(
        "shares",
        sa.Column("id", text_of(36), nullable=False),
        sa.Column("imodel_number", sa.Integer(), nullable=False),
        sa.Column("name", text_of(255), nullable=False),
        sa.Column("share_key", text_of(255), nullable=False),
        sa.Column("permission", text_of(50), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("creator_id", text_of(36), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("share_key"),
    )
    with op.batch_alter_table("shares", schema=None) as batch_op:
        batch_op.create_index("ix_shares_creator", ["imodel_number", "creator_id", "created_at", "id"], unique=False)

    op.create_table(
        "user_permissions",
        sa.Column("imodel_number", sa.Integer(), nullable=False),
        sa.Column("id", text_of(36), nullable=False),
        sa.Column("permissions", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("imodel_number", "id"),
    )
