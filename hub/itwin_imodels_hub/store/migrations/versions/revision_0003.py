"""Revision 0003: organizations, owners and roles of iTwins, demoted locks, rate limits."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

from itwin_imodels_hub.store.column_types import text_of

revision = "0003"
down_revision = "0002"

_ORGANIZATION = "Local Organization"
_EVERYTHING = {"imodels_webview", "imodels_read", "imodels_write", "imodels_manage", "imodels_delete"}


def upgrade() -> None:
    """Create the new tables, and put all users and iTwins into one organization."""
    op.create_table(
        "limited_calls",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("scope", text_of(400), nullable=False),
        sa.Column("called_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_limited_calls_called_at", "limited_calls", ["called_at"])
    op.create_index("ix_limited_calls_scope", "limited_calls", ["scope", "called_at"])
    op.create_table(
        "itwin_owners",
        sa.Column("itwin_id", text_of(36), nullable=False),
        sa.Column("user_id", text_of(36), nullable=False),
        sa.ForeignKeyConstraint(["itwin_id"], ["itwins.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("itwin_id", "user_id"),
    )
    op.create_table(
        "roles",
        sa.Column("itwin_id", text_of(36), nullable=False),
        sa.Column("id", text_of(36), nullable=False),
        sa.Column("display_name", text_of(255), nullable=False),
        sa.Column("description", text_of(255), nullable=False),
        sa.Column("permissions", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["itwin_id"], ["itwins.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("itwin_id", "id"),
    )
    op.create_table(
        "lock_demotions",
        sa.Column("imodel_number", sa.Integer(), nullable=False),
        sa.Column("object_id", text_of(18), nullable=False),
        sa.Column("changeset_index", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["imodel_number"], ["imodels.number"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("imodel_number", "object_id"),
        sqlite_with_rowid=False,
    )
    _add_organization("itwins")
    _add_organization("users")
    _name_owners()


def _add_organization(name: str) -> None:
    # Without a rebuild, SQLite would store the column after the constraints of the table.
    recreate: Literal["always", "never"] = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table(name, recreate=recreate) as table:
        table.add_column(sa.Column("organization", text_of(255), nullable=True))
    op.execute(sa.update(sa.table(name, sa.column("organization"))).values(organization=_ORGANIZATION))
    with op.batch_alter_table(name, recreate=recreate) as table:
        table.alter_column("organization", existing_type=text_of(255), nullable=False)


def _name_owners() -> None:
    """Record the creators of iTwins as their owners, if they have all permissions there."""
    members = sa.table(
        "itwin_members", sa.column("itwin_id"), sa.column("user_id"), sa.column("permissions", sa.JSON())
    )
    itwins = sa.table("itwins", sa.column("id"), sa.column("creator_id"))
    owners = sa.table("itwin_owners", sa.column("itwin_id"), sa.column("user_id"))
    creators = sa.select(members).where(members.c.itwin_id == itwins.c.id, members.c.user_id == itwins.c.creator_id)
    connection = op.get_bind()
    for itwin_id, user_id, permissions in connection.execute(creators).all():
        if set(permissions) >= _EVERYTHING:
            connection.execute(sa.insert(owners).values(itwin_id=itwin_id, user_id=user_id))
