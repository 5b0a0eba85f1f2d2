"""The command `dabyl`: its verbs by name, each loaded only when it is asked for."""

import sys
from pathlib import Path
from typing import Any

import click

from gateway.cli import late

DONE, NOT_FULFILLED, WRONG_USE = 0, 1, 2

VERBS: dict[str, str] = {
    "demo": "Show it all on this machine: a school, a broker, the gateway, a centre.",
    "run": "Run the gateway (an empty database is set up first).",
    "migrate": "Bring the database to this version.",
    "status": "What the store holds of every gateway, and whether its counts agree.",
    "check": "Check settings, database, brokers and receivers, and say what is wrong.",
    "site": "Schools and what hangs in them: import, export, list.",
    "device": "Devices: list, show, test.",
    "camera": "Cameras: log in at one, so that it is watched.",
    "alarm": "Alarms: list, show, claim, close, reopen.",
    "delivery": "What is owed to receivers: list, resend.",
    "database": "The servers of PostgreSQL: status, promote, alone, together, forget.",
    "journal": "The journal of all events: verify that nothing was cut or changed.",
    "audit": "What people and machines did: list, verify, export, checkpoint.",
    "token": "Keys to the API: add, list, revoke.",
    "user": "People who sign in by name: add, list, change, disable, password.",
    "simulate": "Let a simulated school or region speak to a broker.",
    "centre": "Run a simulated operations centre.",
}
"""Every verb with its line of help; the code is `gateway/cli/<verb>.py`, its command `<verb>`."""


class _Verbs(click.Group):
    """A group whose commands are loaded by name, so that `dabyl --help` need not wait for them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        found: click.Command = getattr(late.load(f"gateway.cli.{cmd_name}"), cmd_name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The settings; else DABYL_CONFIG, else ./dabyl.toml.",
)
@click.version_option(package_name="dabyl", prog_name="dabyl", message="%(prog)s %(version)s")
@click.pass_context
def dabyl(ctx: click.Context, config: Path | None) -> None:
    """Alarms from schools: stored, proven, delivered.

    Exit codes: 0 done, 1 not fulfilled, 2 wrong use.
    """
    ctx.obj = config


def main() -> None:
    """Run the verb that the command line names, and end with its code; an error is one line."""
    sys.exit(ended(sys.argv[1:]))


def ended(arguments: list[str]) -> int:
    """The exit code of that command line."""
    try:
        code: Any = dabyl.main(arguments, prog_name="dabyl", standalone_mode=False)
    except click.UsageError as error:
        return _told(_usage(error), WRONG_USE)
    except (click.Abort, KeyboardInterrupt):
        return _told("stopped", NOT_FULFILLED)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has gone: nobody is left to be told
        return NOT_FULFILLED
    except Exception as error:  # noqa: BLE001 - a person gets a line, never a traceback
        return _told(*late.load("gateway.cli.failures").line(error))
    return code if isinstance(code, int) else DONE


def _usage(error: click.UsageError) -> str:
    where = error.ctx.command_path if error.ctx is not None else "dabyl"
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return f"say what to do; `{where} --help` lists it"
    return f"{error.format_message()} (see: {where} --help)"


def _told(sentence: str, code: int) -> int:
    click.echo(f"dabyl: {' '.join(sentence.split())}", err=True)
    return code
