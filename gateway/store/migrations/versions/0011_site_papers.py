"""Site papers: how to get in, which picture shows a zone's floor, where a device hangs on it.

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for language in ("kk", "ru", "en"):
        column = sa.Column(f"access_{language}", sa.Text(), server_default="", nullable=False)
        op.add_column("sites", column)
    op.add_column("zones", sa.Column("plan", sa.Text(), server_default="", nullable=False))
    for axis in ("x", "y"):
        op.add_column("devices", sa.Column(f"at_{axis}", sa.Float(), nullable=True))
