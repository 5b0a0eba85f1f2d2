"""Checks of the clock: set, kept by somebody, and read in the right zone."""

import ctypes
import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.cli.checks.finding import Finding, ok, weak, wrong
from gateway.settings import Settings

BUILT = datetime(2026, 11, 1, tzinfo=UTC)
KNOWN_OFFSETS = {"Asia/Almaty": timedelta(hours=5), "Asia/Qyzylorda": timedelta(hours=5)}
"""Since 2024-03-01 all of Kazakhstan is at UTC+5; older zone data says +6 for Almaty."""
FAR_OFF_S = 1.0
_TIMEX_BYTES, _MAXERROR_AT, _UNSYNCHRONISED = 512, 24, 5
"""Source: adjtimex(2), struct timex of a 64-bit Linux, and its answer TIME_ERROR."""


def all_of(settings: Settings) -> Iterator[Finding]:
    """Whether this machine knows what time it is; against receivers it is compared later."""
    now = datetime.now(UTC)
    if now < BUILT:
        yield wrong("clock", f"it says {now:%Y-%m-%d}: set it, and let chrony keep it")
        return
    try:
        zone = ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield wrong("clock", f"time_zone {settings.time_zone!r} is not known; use Asia/Almaty")
        return
    here = now.astimezone(zone)
    expected = KNOWN_OFFSETS.get(settings.time_zone, here.utcoffset())
    if here.utcoffset() != expected:
        why = f"{settings.time_zone} is taken for UTC{here:%z}, its time before March 2024;"
        yield wrong("time zone", f"{why} apt-get install tzdata, or times are shown an hour off")
    yield ok("clock", f"{here:%Y-%m-%d %H:%M:%S} in {settings.time_zone}")
    yield kept(adjtimex)


def kept(ask: Callable[[], tuple[int, float] | None]) -> Finding:
    """Whether a time server keeps this clock; `ask` answers as adjtimex does."""
    found = ask()
    if found is None:
        return weak("clock kept", "this system does not say; see `chronyc tracking`")
    state, error_s = found
    if state == _UNSYNCHRONISED:
        return weak(
            "clock kept",
            "no time server keeps it: times of presses drift, and receivers refuse signatures that"
            " are 5 minutes off; apt-get install chrony, `chronyc sources`",
        )
    if error_s > FAR_OFF_S:
        return weak("clock kept", f"it may be {error_s:.1f} s off; see `chronyc tracking`")
    return ok("clock kept", f"by a time server, to within {error_s * 1000:.0f} ms")


def adjtimex() -> tuple[int, float] | None:
    """The kernel's word: its state, and how many seconds the clock may be off at most."""
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)  # zeros: it is only read
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(buffer)
    except (OSError, AttributeError):
        return None
    if state < 0:
        return None
    (error_us,) = struct.unpack_from("l", buffer, _MAXERROR_AT)
    return state, error_us / 1e6
