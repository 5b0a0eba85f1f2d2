"""Checks of where passages lie: days made ahead on PostgreSQL, archives beside SQLite's file."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from gateway.cli.checks.finding import Finding, ok, weak, wrong
from gateway.store import archives, partitions, schema

SOON = timedelta(days=2)


def places(connection: Connection) -> list[Finding]:
    """What is missing of them."""
    if connection.dialect.name == "postgresql":
        return [_partitions(connection, datetime.now(UTC))]
    return _archives(connection)


def _partitions(connection: Connection, now: datetime) -> Finding:
    made = partitions.listed(connection)
    ends = schema.moment(made[-1].ends) if made else None
    if ends is None or ends < now + SOON:
        return weak(
            "passages", "no partition is made for the next days; a running gateway makes them"
        )
    return ok("passages", f"{len(made)} partitions, the last until {ends:%Y-%m-%d}")


def _archives(connection: Connection) -> list[Finding]:
    days = archives.days(connection)
    folder = archives.folder_of(connection)
    if folder is None or not days:
        return []
    gone = [file for day in days if not (file := archives.file_of(folder, day)).is_file()]
    if gone:
        which = f"{len(gone)} archives are gone, first {gone[0]}"
        return [wrong("passages", f"{which}: put their backup back")]
    return [ok("passages", f"{len(days)} archives in {folder}")]
