"""Run the centre by itself: `python -m simulators.operations_centre --secret-file FILE`."""

import argparse
import asyncio
import signal
from pathlib import Path

from simulators.operations_centre import server


def main() -> None:
    """Read the arguments and be a centre until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="simulators.operations_centre")
    parser.add_argument("--listen", default="127.0.0.1:9090", help="where alarms are taken")
    parser.add_argument("--control", default="127.0.0.1:9091", help="where it is watched")
    parser.add_argument("--secret-file", type=Path, required=True, help="one whsec_ per line")
    parser.add_argument("--record", type=Path, help="append every request as a JSON line")
    parser.add_argument("--cert-file", type=Path, help="speak TLS with this certificate")
    parser.add_argument("--key-file", type=Path, help="its key, if not in the same file")
    parser.add_argument("--dabyl", help="the gateway's URL, to answer alarms by itself")
    parser.add_argument("--token-file", type=Path, help="the token for that")
    options = server.Options(**vars(parser.parse_args()))
    try:
        asyncio.run(_until_told(options))
    except (OSError, ValueError) as error:
        parser.exit(1, f"{parser.prog}: {error}\n")


async def _until_told(options: server.Options) -> None:
    work = asyncio.ensure_future(server.run(options))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, work.cancel)
    await asyncio.wait([work])
    if not work.cancelled():
        work.result()


if __name__ == "__main__":
    main()
