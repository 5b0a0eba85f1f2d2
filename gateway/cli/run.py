"""`dabyl run`: the gateway, until it is told to end."""

import asyncio

import click

from gateway import app, log
from gateway.cli import opened


@click.command
def run() -> None:
    """Run the gateway until SIGTERM or Ctrl-C.

    An empty database is set up first; an old one is refused until `dabyl migrate` was run.
    """
    settings = opened.settings()
    opened.prepare(settings)
    with log.lines():
        log.tame()
        asyncio.run(app.run(settings))
