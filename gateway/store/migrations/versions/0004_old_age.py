"""Old age: passages in partitions, done deliveries apart, checkpoints that sign each other.

Revision: 0004, after 0003.

On PostgreSQL the table of passages becomes the first partition of a new one as it is: its rows are
read once (about a second for two million), not written.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

POSITION = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DAY_US = 86_400_000_000
NEWEST = (
    "SELECT max(received_at), CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"
    " FROM journal_event_before"
)
CHECKPOINT = ("gateway", "lane", "number", "hash", "at", "signature")


def upgrade() -> None:
    _deliveries()
    _checkpoints()
    op.create_table(
        "archives",
        sa.Column("day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("day", "gateway", name=op.f("pk_archives")),
    )
    op.create_index("ix_quarantine_last_at", "quarantine", ["last_at"])
    op.create_index("ix_commands_until", "commands", ["until"])
    op.create_index("ix_responses_at", "responses", ["at"])
    if op.get_context().dialect.name == "postgresql":
        _partitions()


def _deliveries() -> None:
    op.create_table(
        "deliveries_done",
        sa.Column("id", POSITION, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("receiver", sa.String(length=64), nullable=False),
        sa.Column("alarm", sa.String(length=32), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=80), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("claimed_by", sa.String(length=40), nullable=True),
        sa.Column("claimed_until", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries_done")),
    )
    op.create_index("ix_deliveries_done_alarm", "deliveries_done", ["alarm"])
    dead = sa.text("state = 'dead'")
    op.create_index(
        "ix_deliveries_dead", "deliveries", ["id"], sqlite_where=dead, postgresql_where=dead
    )
    op.create_table(
        "delivery_totals",
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("receiver", sa.String(length=64), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("dropped", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("gateway", "receiver", name=op.f("pk_delivery_totals")),
    )


def _checkpoints() -> None:
    """Those that were signed with the seal stay, without a key's name."""
    op.rename_table("checkpoints", "checkpoints_before")
    if op.get_context().dialect.name == "postgresql":
        op.execute("ALTER TABLE checkpoints_before DROP CONSTRAINT pk_checkpoints")
    op.create_table(
        "checkpoints",
        sa.Column("gateway", sa.String(length=40), nullable=False),
        sa.Column("lane", sa.String(length=8), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("gateway", "lane", "number", name=op.f("pk_checkpoints")),
    )
    names = ", ".join(CHECKPOINT)
    op.get_bind().execute(
        sa.text(
            f"INSERT INTO checkpoints ({names}, before, previous, key)"  # noqa: S608
            f" SELECT {names}, 0, :none, '' FROM checkpoints_before"
        ),
        {"none": b""},
    )
    op.drop_table("checkpoints_before")


def _partitions() -> None:
    """Rows heard from now on go to partitions by the day; `gateway.store.partitions` makes them."""
    op.execute("ALTER TABLE journal_event RENAME TO journal_event_before")
    op.execute(
        "CREATE TABLE journal_event (LIKE journal_event_before) PARTITION BY RANGE (received_at)"
    )
    op.execute("CREATE TABLE journal_event_other PARTITION OF journal_event DEFAULT")
    op.execute(
        "CREATE UNIQUE INDEX uq_journal_event_other_number ON journal_event_other (gateway, number)"
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_journal_event_other_key ON journal_event_other"
        " (device, event_id, reuse, (received_at / 86400000000))"
    )
    newest, now = op.get_bind().execute(sa.text(NEWEST)).one()
    if newest is None:
        op.execute("DROP TABLE journal_event_before")
        return
    end = int(newest) + 1 if newest < now + DAY_US else int(now) + 1
    # What a clock once dated years ahead must not keep the old table open for years.
    op.execute(
        f"WITH ahead AS (DELETE FROM journal_event_before WHERE received_at >= {end} RETURNING *)"  # noqa: S608
        " INSERT INTO journal_event SELECT * FROM ahead"
    )
    op.execute(
        "ALTER TABLE journal_event ATTACH PARTITION journal_event_before"
        f" FOR VALUES FROM (MINVALUE) TO ({end})"
    )
