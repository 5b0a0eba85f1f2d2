"""`dabyl camera`: find cameras, look closer at one, listen to one, log in at one."""

import click

from gateway.cli.camera.discover import discover
from gateway.cli.camera.login import login
from gateway.cli.camera.probe import probe
from gateway.cli.camera.watch import watch
from gateway.cli.grouped import Grouped


@click.group(cls=Grouped)
def camera() -> None:
    """Cameras: find them, look closer at one, listen to one, log in at one."""


for _command in (discover, probe, login, watch):
    camera.add_command(_command)
