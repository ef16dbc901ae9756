"""Revision 0002: sign-in, webhooks, failed checkpoints."""

import sqlalchemy as sa
from alembic import op

from itwin_imodels_hub.store.column_types import text_of

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the new tables and convert pending jobs."""
    op.create_table(
        "signing_keys",
        sa.Column("algorithm", text_of(20), nullable=False),
        sa.Column("pem", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("algorithm"),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", text_of(36), nullable=False),
        sa.Column("owner_id", text_of(36), nullable=True),
        sa.Column("callback_url", sa.Text(), nullable=False),
        sa.Column("scope", text_of(10), nullable=False),
        sa.Column("itwin_id", text_of(36), nullable=True),
        sa.Column("event_types", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("modified_at", sa.BigInteger(), nullable=False),
        sa.Column("lease", text_of(36), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_webhooks_owner_id", "webhooks", ["owner_id"])

    op.create_table(
        "deliveries",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("webhook_id", text_of(36), nullable=False),
        sa.Column("message_id", text_of(36), nullable=False),
        sa.Column("event_type", text_of(100), nullable=False),
        sa.Column("itwin_id", text_of(36), nullable=False),
        sa.Column("imodel_id", text_of(36), nullable=False),
        sa.Column("content", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("enqueued_at", sa.BigInteger(), nullable=False),
        sa.Column("state", text_of(20), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhooks.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("webhook_id", "message_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deliveries_due", "deliveries", ["state", "due_at", "number"])
    op.create_index("ix_deliveries_webhook", "deliveries", ["webhook_id", "state", "due_at"])

    op.create_table(
        "sign_ins",
        sa.Column("id", text_of(36), nullable=False),
        sa.Column("user_id", text_of(36), nullable=False),
        sa.Column("client_id", text_of(255), nullable=False),
        sa.Column("client_name", text_of(255), nullable=False),
        sa.Column("scope", text_of(255), nullable=False),
        sa.Column("nonce", text_of(255), nullable=True),
        sa.Column("signed_in_at", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", text_of(64), nullable=False),
        sa.Column("code_challenge", text_of(43), nullable=True),
        sa.Column("code_expires_at", sa.BigInteger(), nullable=False),
        sa.Column("code_used", sa.Boolean(), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )
    op.create_index("ix_sign_ins_expires_at", "sign_ins", ["expires_at"])

    op.create_table(
        "sign_in_tokens",
        sa.Column("token_hash", text_of(64), nullable=False),
        sa.Column("sign_in_id", text_of(36), nullable=False),
        sa.Column("kind", text_of(10), nullable=False),
        sa.Column("scope", text_of(255), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["sign_in_id"], ["sign_ins.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("ix_sign_in_tokens_expires_at", "sign_in_tokens", ["expires_at"])
    op.create_index("ix_sign_in_tokens_sign_in_id", "sign_in_tokens", ["sign_in_id"])

    # Without a rebuild, SQLite would store the column after the constraints of the table.
    rebuilt = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("checkpoints", recreate="always" if rebuilt else "never") as checkpoints:
        checkpoints.add_column(sa.Column("failure", sa.Text(), nullable=True))

    _write_recipes()


def _write_recipes() -> None:
    """Convert pending copy jobs: they referred to a file, and now refer to a recipe of a database."""
    jobs = sa.table("jobs", sa.column("number"), sa.column("kind"), sa.column("payload", sa.JSON()))
    connection = op.get_bind()
    waiting = sa.select(jobs.c.number, jobs.c.payload).where(jobs.c.kind == "copy")
    for number, payload in connection.execute(waiting).all():
        recipe = {
            "base": payload["baseline"],
            "db_name": None,
            "base_index": 0,
            "base_id": "",
            "base_name": "BASELINE.bim",
            "index": 0,
            "changeset_ids": [],
        }
        connection.execute(sa.update(jobs).where(jobs.c.number == number).values(payload=recipe))
