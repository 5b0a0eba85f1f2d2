"""`dabyl migrate`: bring the database to this version."""

import click

from gateway.cli import opened
from gateway.store import migrate as migrations


@click.command
def migrate() -> None:
    """Bring the database to this version; do it with every gateway stopped."""
    before, after = migrations.migrate(opened.settings().database.address())
    if before == after:
        click.echo(f"the database is at revision {after} already")
    else:
        click.echo(f"migrated from {before or 'an empty database'} to revision {after}")
