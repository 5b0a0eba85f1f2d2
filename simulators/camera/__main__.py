"""Run cameras by themselves: `python -m simulators.camera --password-file FILE`."""

import argparse
import sys
from pathlib import Path

from simulators import arguments
from simulators.camera import edge, quirks
from simulators.camera.doorkeeper import Account
from simulators.camera.makes import MAKES
from simulators.camera.quirks import MEANINGS


def main() -> int:
    """Read the command line and let the cameras live."""
    line = argparse.ArgumentParser(
        prog="python -m simulators.camera",
        description="Cameras that pretend, over ONVIF. An empty line presses their first input;"
        " other words: release, cover, uncover, move, rest, cross_line, break QUIRK, mend, …",
    )
    line.add_argument("--name", action="append", metavar="NAME", help="may be repeated")
    line.add_argument("--cameras", type=int, metavar="N", help="so many, named camera-1 and so on")
    line.add_argument("--host", default="127.0.0.1")
    line.add_argument("--port", type=int, default=8900, help="of the first; the next have the next")
    line.add_argument("--tls", action="store_true", help="HTTPS, each with its own certificate")
    line.add_argument("--make", choices=sorted(MAKES), default="plain")
    line.add_argument("--user", default=edge.USER)
    line.add_argument(
        "--password-file", type=Path, help="else anybody with `simulated` may come in"
    )
    line.add_argument(
        "--quirk", action="append", default=[], metavar="QUIRK[=VALUE]", type=quirks.read
    )
    line.add_argument("--list-quirks", action="store_true", help="tell all quirks, and end")
    line.add_argument(
        "--control", metavar="HOST:PORT", help="drive them over HTTP, e.g. 127.0.0.1:8990"
    )
    line.add_argument(
        "--discovery", metavar="ADDRESS", help="answer WS-Discovery on this interface"
    )
    line.add_argument("--press-every", type=float, metavar="SECONDS")
    line.add_argument("--seconds", type=float, help="end after so many seconds")
    words = line.parse_args()
    if words.list_quirks:
        sys.stdout.writelines(f"{quirk:28}{meaning}\n" for quirk, meaning in MEANINGS.items())
        return 0
    return arguments.start(line, edge.run(_options(words)), seconds=words.seconds)


def _options(words: argparse.Namespace) -> edge.Options:
    file: Path | None = words.password_file
    password = "simulated" if file is None else file.read_text(encoding="utf-8").strip()
    names = words.name or [f"camera-{number + 1}" for number in range(words.cameras or 1)]
    return edge.Options(
        names=tuple(names),
        host=words.host,
        port=words.port,
        tls=words.tls,
        make=MAKES[words.make],
        accounts={words.user: Account(password)},
        quirks=tuple(words.quirk),
        control=words.control,
        discovery=words.discovery,
        press_every_s=words.press_every,
        typed=sys.stdin.isatty(),
    )


if __name__ == "__main__":
    sys.exit(main())
