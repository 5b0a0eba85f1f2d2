"""Alembic's entry: runs the revisions on the connection that gateway.store.migrate hands in."""

from alembic import context

from gateway.store import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
