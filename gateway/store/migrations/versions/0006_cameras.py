"""Cameras: approved logins, what lasts on each, how each is; and what a device's inputs mean.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("devices", sa.Column("inputs", sa.Text(), server_default="{}", nullable=False))
    op.create_table(
        "camera_logins",
        sa.Column("device", sa.String(length=40), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("tls", sa.Boolean(), nullable=False),
        sa.Column("login", sa.LargeBinary(), nullable=False),
        sa.Column("pin", sa.String(length=64), nullable=True),
        sa.Column("serial", sa.String(length=120), nullable=True),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_camera_logins")),
    )
    op.create_table(
        "camera_conditions",
        sa.Column("device", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("token", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("device", "key", name=op.f("pk_camera_conditions")),
    )
    op.create_table(
        "camera_states",
        sa.Column("device", sa.String(length=40), nullable=False),
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("written_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", name=op.f("pk_camera_states")),
    )
    op.create_index(
        op.f("ix_camera_states_written_at"), "camera_states", ["written_at"], unique=False
    )
