"""Which word of its device an alarm counted last, by the device's own counters.

Revision: 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("alarms", sa.Column("boot", sa.BigInteger(), nullable=True))
    op.add_column("alarms", sa.Column("seq", sa.BigInteger(), nullable=True))
