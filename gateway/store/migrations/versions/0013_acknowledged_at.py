"""The ladder's rung for what was seen and no more: when an alarm was last acknowledged.

Revision: 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
UNANSWERED = (
    "closed_at IS NULL AND state = 'ACKNOWLEDGED' AND priority = 0 AND responded IS NULL"
    " AND escalation < 3"
)


def upgrade() -> None:
    op.add_column("alarms", sa.Column("acknowledged_at", sa.BigInteger(), nullable=True))
    # What was seen before: not before its last press, nor before whoever holds it took it. So a cry
    # that somebody acknowledged and forgot calls for people soon after the upgrade.
    op.execute(
        sa.text(
            "UPDATE alarms SET acknowledged_at ="
            " CASE WHEN claimed_at > last_at THEN claimed_at ELSE last_at END"
            " WHERE closed_at IS NULL AND state = 'ACKNOWLEDGED'"
        )
    )
    op.create_index(
        "ix_alarms_unanswered",
        "alarms",
        ["acknowledged_at"],
        unique=False,
        sqlite_where=sa.text(UNANSWERED),
        postgresql_where=sa.text(UNANSWERED),
    )
