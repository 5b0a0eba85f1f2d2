"""The ladder: since when alarms ask, how far they have climbed, and who sits at which console.

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
ASKS = "closed_at IS NULL AND state = 'UNACKNOWLEDGED' AND priority <= 1 AND escalation < 3"
HELD = "closed_at IS NULL AND claimed_by IS NOT NULL"


def upgrade() -> None:
    op.add_column("alarms", sa.Column("asks_since", sa.BigInteger(), nullable=True))
    op.add_column(
        "alarms", sa.Column("escalation", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("alarms", sa.Column("claimed_at", sa.BigInteger(), nullable=True))
    for name, column, where in (
        ("ix_alarms_asks", "asks_since", ASKS),
        ("ix_alarms_held", "claimed_until", HELD),
    ):
        op.create_index(
            name,
            "alarms",
            [column],
            unique=False,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_table(
        "consoles",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("districts", sa.Text(), nullable=False),
        sa.Column("armed", sa.Boolean(), nullable=False),
        sa.Column("sound", sa.Boolean(), nullable=False),
        sa.Column("heard_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consoles")),
    )
    # What stood open before asks by its last press: the ladder begins where people know it.
    op.execute(sa.text("UPDATE alarms SET asks_since = last_at WHERE closed_at IS NULL"))
