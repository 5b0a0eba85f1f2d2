"""Shares: of several gateways each holds some cameras; a lease for each, spread by counts.

Pure arithmetic here; the leases themselves are rows (gateway.store.leases).
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from math import ceil

LASTS = timedelta(seconds=18)
TURN_S = 6.0
"""Each turn writes a row for each camera, so it is rare. A gateway that is gone has lost its leases
within 24 s; then its cameras are called."""
FREE_S = 30.0
"""What nobody took for so long is taken by whoever sees it, beyond its share …"""
KEEP_S = 600.0
"""… and kept for so long: whoever should have taken it lives, but does not watch."""
SURPLUS = 0.1
"""So much more than its share a gateway keeps: cameras are not handed to and fro."""
GIVE_AT_ONCE = 40


def share(cameras: int, gateways: int) -> int:
    """How many each holds."""
    return ceil(cameras / max(1, gateways))


def may_take(held: int, cameras: int, living: int) -> int:
    """How many more to take, if they are free."""
    return max(0, share(cameras, living) - held)


def to_give(held: int, cameras: int, counts: Mapping[str, int], living: Collection[str]) -> int:
    """How many to give back, because a living gateway has far less than its share."""
    fair = share(cameras, len(living))
    least = min((counts.get(name, 0) for name in living), default=fair)
    surplus = held - ceil(fair * (1 + SURPLUS))
    return min(max(0, surplus), max(0, fair - least), GIVE_AT_ONCE)
