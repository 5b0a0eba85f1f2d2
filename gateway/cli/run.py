"""`dabyl run`: the gateway, until it is told to end."""

import asyncio
import contextlib
import faulthandler
import io

import click

from gateway import app, log
from gateway.cli import opened
from gateway.cli.systemd import Systemd
from gateway.clock import SystemClock


@click.command
def run() -> None:
    """Run the gateway until SIGTERM or Ctrl-C.

    An empty database is set up first; an old one is refused until `dabyl migrate` was run.
    Started by systemd (Type=notify, WatchdogSec=) it tells it when it listens, lives and ends.
    """
    settings = opened.settings()
    opened.prepare(settings)
    systemd = Systemd.here(SystemClock())
    told = app.Told(ready=systemd.ready, alive=systemd.alive, stops=systemd.stops)
    with contextlib.suppress(io.UnsupportedOperation):  # whoever reads along in memory
        # The watchdog's SIGABRT then leaves behind what the hung loop was doing.
        faulthandler.enable()
    with log.lines():
        log.tame()
        asyncio.run(app.run(settings, told=told))
