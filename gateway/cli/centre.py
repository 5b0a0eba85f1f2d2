"""`dabyl centre`: a simulated operations centre, to deliver alarms to."""

from pathlib import Path

import click

from gateway.cli import foreground, late
from gateway.cli.failures import NotDone

_existing = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command
@click.option("--secret-file", type=_existing, required=True, help="One whsec_… a line.")
@click.option("--listen", default="127.0.0.1:9090", show_default=True, help="Takes alarms here.")
@click.option("--control", default="127.0.0.1:9091", show_default=True, help="Is watched here.")
@click.option("--record", type=click.Path(path_type=Path), help="Write down every request here.")
@click.option("--cert-file", type=_existing, help="Speak TLS with this certificate.")
@click.option("--key-file", type=_existing, help="Its key, if it is not in the same file.")
@click.option("--dabyl", "gateway_url", metavar="URL", help="The gateway, to answer by itself.")
@click.option("--token-file", type=_existing, help="The token for that.")
def centre(  # noqa: PLR0913 - one parameter for each option
    *,
    secret_file: Path,
    listen: str,
    control: str,
    record: Path | None,
    cert_file: Path | None,
    key_file: Path | None,
    gateway_url: str | None,
    token_file: Path | None,
) -> None:
    """Be an operations centre until Ctrl-C: take alarms, check them, show them on a page."""
    server = late.load("simulators.operations_centre.server")
    options = server.Options(
        secret_file=secret_file,
        listen=listen,
        control=control,
        record=record,
        cert_file=cert_file,
        key_file=key_file,
        dabyl=gateway_url,
        token_file=token_file,
    )
    try:
        foreground.play(server.run(options))
    except ValueError as error:
        raise NotDone(str(error)) from None
