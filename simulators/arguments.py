"""The words on the command line that all simulated devices share."""

import argparse
import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path

from simulators import mqtt, wire
from simulators.acts import Act, Deed, Direction
from simulators.cast import TooManyConnections, Way
from simulators.character import DeviceClass
from simulators.clock import ClockQuality, DeviceClock


class NoDeviceId(argparse.ArgumentTypeError):
    """A word that cannot be a device's id."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text!r} is no device id: [a-z0-9][a-z0-9-]{{0,39}}")


def parser(program: str, about: str, *, needs_broker: bool = True) -> argparse.ArgumentParser:
    """Begin a command line: where the brokers are, and how to print."""
    line = argparse.ArgumentParser(prog=program, description=about)
    line.add_argument(
        "--broker",
        action="append",
        required=needs_broker,
        default=None if needs_broker else [],
        metavar="URL",
        help="mqtt://host:port or mqtts://host:port; say it twice for a second broker",
    )
    line.add_argument("--ca-file", type=Path)
    line.add_argument("--protocol", choices=("5", "3.1.1"), default="5")
    line.add_argument(
        "--password-file",
        type=Path,
        help="a line `device:password` for each, or one password for all",
    )
    line.add_argument("--shared-connection", action="store_true", help="for load: one for all")
    line.add_argument("--seconds", type=float, help="end after so many seconds")
    line.add_argument("--json", action="store_true", help="JSON lines instead of sentences")
    return line


def add_device(line: argparse.ArgumentParser) -> None:
    """Add the words about single devices."""
    line.add_argument("--device", action="append", required=True, type=device_id, metavar="ID")
    line.add_argument("--class", dest="device_class", type=DeviceClass, default=DeviceClass.A)
    line.add_argument("--check-in", type=float, default=30.0, metavar="SECONDS")
    line.add_argument("--boot", type=int, default=1)
    line.add_argument("--clock", type=ClockQuality, default=ClockQuality.SYNCED)
    line.add_argument("--clock-offset", type=float, default=0.0, metavar="SECONDS")
    line.add_argument("--clock-drift", type=float, default=0.0, metavar="PPM")


def device_id(text: str) -> str:
    """Read a device's id.

    Raises:
        NoDeviceId: it is not of the pattern.
    """
    if wire.DEVICE_ID.fullmatch(text) is None:
        raise NoDeviceId(text)
    return text


def way(words: argparse.Namespace) -> Way:
    """Read where the brokers are.

    Raises:
        mqtt.WrongAddress: an address cannot be read.
        OSError: the password file cannot be read.
    """
    brokers = tuple(
        mqtt.parse(url, ca_file=words.ca_file, protocol=words.protocol) for url in words.broker
    )
    password_file: Path | None = words.password_file
    lines = password_file.read_text(encoding="utf-8").split() if password_file else []
    pairs = [line.partition(":") for line in lines]
    return Way(
        brokers=brokers,
        password=next((line for line in lines if ":" not in line), None),
        passwords={device: password for device, colon, password in pairs if colon},
        shared=words.shared_connection,
    )


def device_clock(words: argparse.Namespace) -> DeviceClock:
    """Read what clock a device has."""
    return DeviceClock(
        quality=words.clock, offset_s=words.clock_offset, drift_ppm=words.clock_drift
    )


def start(
    line: argparse.ArgumentParser, play: Coroutine[None, None, None], *, seconds: float | None
) -> int:
    """Play until the end, for so many seconds, or until Ctrl-C; tell the exit code."""
    try:
        asyncio.run(_play(play, seconds))
    except KeyboardInterrupt:
        return 0
    except (TooManyConnections, OSError) as error:
        line.exit(1, f"{line.prog}: {error}\n")
    return 0


async def typed_acts() -> AsyncIterator[Act]:
    """Read what a person types: an empty line presses, `battery 10` is a battery at 10 %."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    with contextlib.closing(transport):
        while text := await reader.readline():
            act = act_of(text.decode(errors="replace"))
            if act is None:
                sys.stderr.write(f"one of: {', '.join(Deed)}\n")
            else:
                yield act


def act_of(text: str) -> Act | None:
    """Read one typed line, or nothing if it says nothing that can happen."""
    deed, *rest = text.split() or [Deed.PRESS]
    if deed not in set(Deed):
        return None
    detail = rest[0] if rest else ""
    match Deed(deed):
        case Deed.PRESS:
            part = int(detail) if detail.isdecimal() else None
            return Act(deed=Deed.PRESS, kind=detail or None if part is None else None, part=part)
        case Deed.BREAK | Deed.MEND:
            return Act(deed=Deed(deed), quirk=detail)
        case Deed.BATTERY:
            return Act(deed=Deed.BATTERY, percent=int(detail) if detail.isdecimal() else 10)
        case Deed.CARD:
            way_out = "out" in rest
            direction = Direction.OUT if way_out else Direction.IN
            return Act(deed=Deed.CARD, card=detail or "7700000001", direction=direction)
        case other:
            return Act(deed=other)


async def _play(play: Coroutine[None, None, None], seconds: float | None) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await play
