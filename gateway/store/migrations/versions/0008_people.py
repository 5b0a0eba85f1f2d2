"""People who sign in by name, and whose session it is.

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("shown", sa.String(length=200), nullable=False),
        sa.Column("hash", sa.String(length=200), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("districts", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("password_at", sa.BigInteger(), nullable=True),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True),
        sa.Column("issuer", sa.String(length=255), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_people")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_people_issuer_subject")),
    )
    with op.batch_alter_table("sign_ins") as batch:  # SQLite cannot make a column nullable
        batch.alter_column("token", existing_type=sa.String(length=80), nullable=True)
        batch.add_column(sa.Column("person", sa.String(length=80), nullable=True))
        batch.add_column(sa.Column("began_at", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("seen_at", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("address", sa.String(length=64), nullable=True))
    for column in ("person", "token"):
        op.create_index(op.f(f"ix_sign_ins_{column}"), "sign_ins", [column], unique=False)
