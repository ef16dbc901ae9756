"""Revision 0004: device codes."""

import sqlalchemy as sa
from alembic import op

from itwin_imodels_hub.store.column_types import text_of

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table of device codes."""
    op.create_table(
        "device_codes",
        sa.Column("code_hash", text_of(64), nullable=False),
        sa.Column("user_code", text_of(9), nullable=False),
        sa.Column("client_id", text_of(255), nullable=False),
        sa.Column("client_name", text_of(255), nullable=False),
        sa.Column("scope", text_of(255), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("polled_at", sa.BigInteger(), nullable=True),
        sa.Column("denied", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code_hash"),
        sa.UniqueConstraint("user_code"),
    )
    op.create_index("ix_device_codes_expires_at", "device_codes", ["expires_at"])
