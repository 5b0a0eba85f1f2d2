"""How devices are by every gateway, what is missing, and how many a trouble concerns.

Revision: 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("alarms", sa.Column("affected", sa.Text(), nullable=True))
    with op.batch_alter_table("device_states") as states:
        states.alter_column("heard_at", existing_type=sa.BigInteger(), nullable=True)
        states.add_column(sa.Column("facts", sa.Text(), server_default="{}", nullable=False))
        states.add_column(sa.Column("silent_at", sa.BigInteger(), nullable=True))
        states.add_column(
            sa.Column("gateway", sa.String(length=40), server_default="", nullable=False)
        )
        states.add_column(
            sa.Column("written_at", sa.BigInteger(), server_default="0", nullable=False)
        )
    op.create_index(
        op.f("ix_device_states_written_at"), "device_states", ["written_at"], unique=False
    )
    op.create_index(
        "ix_device_states_silent",
        "device_states",
        ["silent_at"],
        unique=False,
        sqlite_where=sa.text("silent_at IS NOT NULL"),
        postgresql_where=sa.text("silent_at IS NOT NULL"),
    )
    op.create_table(
        "gaps",
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("boot", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", "boot", "first", name=op.f("pk_gaps")),
    )
