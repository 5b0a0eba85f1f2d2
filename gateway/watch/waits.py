"""Waits: how long a camera is let alone, by the reason for which its link ended. Pure."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from adapters.devices.onvif.fault import Reason

SHORTEST_S = 1.0
STABLE_S = 60.0
"""Only a link that stood so long forgets the waits before it."""
LOGINS = 3
LOGINS_WITHIN = timedelta(minutes=15)
"""So many failed logins in that time, and no more are tried in it: cameras lock accounts."""

_AWAY = (5.0, 40.0)
"""First and longest, seconds. A camera that starts again is back in a minute, and must be heard
within another; a try costs it nothing but a connection."""
_ODD = (60.0, 300.0)
"""It answers, but not as it should: asked too often, some cameras stop to answer at all."""
_SLOTS = (120.0, 600.0)
"""Only the end of a subscription that somebody left behind makes room: ten minutes."""

_LIMITS = {
    Reason.REFUSED: _AWAY,
    Reason.UNREACHABLE: _AWAY,
    Reason.RESET: _AWAY,
    Reason.TIMED_OUT: _AWAY,
    Reason.GONE: _AWAY,
    Reason.TLS: _ODD,
    Reason.CLOCK: _ODD,
    Reason.CREDENTIALS: _ODD,
    Reason.ROLE: _ODD,
}
DOUBTFUL = frozenset({Reason.REFUSED, Reason.UNREACHABLE, Reason.TIMED_OUT, Reason.TLS})
"""Whoever did not answer may not answer again: it waits for its turn among its like."""
ANSWERED = frozenset(Reason) - DOUBTFUL - {Reason.RESET}
"""Reasons that only a camera which answers can give."""
LOGIN = frozenset({Reason.CREDENTIALS, Reason.CLOCK, Reason.ROLE})
"""Reasons that are a failed login."""


def wait_s(reason: Reason, failures: int, dice: random.Random) -> float:
    """Until the next life, after so many failures in a row: full jitter, doubling to a limit."""
    if reason is Reason.SLOTS:
        return dice.uniform(*_SLOTS)
    first, longest = _LIMITS.get(reason, _ODD)
    # The exponent is capped: a camera that was dead for months overflows nothing.
    return dice.uniform(SHORTEST_S, min(longest, first * 2.0 ** min(failures - 1, 10)))


def locked_until(refused_at: Iterable[datetime], now: datetime) -> datetime | None:
    """Until when no login is tried, by when the last ones failed; None: one may be tried."""
    recent = sorted(at for at in refused_at if timedelta(0) <= now - at < LOGINS_WITHIN)
    return recent[-LOGINS] + LOGINS_WITHIN if len(recent) >= LOGINS else None
