"""Conditions: what a check-in says of battery, case, mains and network, and what changed by it.

The check-in is the device's own word: it opens and ends the same troubles as if the device had
said the kinds themselves.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from sys import intern
from typing import Any

import msgspec

LOW_PERCENT = 20
RESTORED_PERCENT = 25
"""A battery is no longer low only well above, so that it does not chatter."""
NETWORKS = 16
"""So many access points of one network are remembered."""
NETWORK_LIMIT = 64
MOVED = "device.moved"


class Facts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a device by its check-ins; None: it never said."""

    online: bool = True
    low: bool | None = None
    opened: bool | None = None
    unpowered: bool | None = None
    site: str | None = None
    """Where it hung when its network was learnt."""
    networks: tuple[str, ...] = ()
    """The gateway's hardware address, and access points seen with it."""
    moved: str | None = None
    """Another network, which a person has to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A condition that began, or that ended."""

    kind: str
    fact: str
    """Which of the facts it is about."""
    restores: str | None = None
    """The kind that it ends, where there is an open alarm of it."""
    data: Mapping[str, object]


def after(before: Facts, said: Mapping[str, Any], site: str | None) -> Facts:
    """What is known after a check-in."""
    low, opened, unpowered = before.low, before.opened, before.unpowered
    battery, tamper, mains = _percent(said.get("battery")), said.get("tamper"), said.get("mains")
    if battery is not None:
        low = battery < (RESTORED_PERCENT if before.low else LOW_PERCENT)
    if isinstance(tamper, bool):
        opened = tamper
    if isinstance(mains, bool):
        unpowered = not mains
    networks, moved = _network(before, said.get("net"), site)
    return Facts(
        online=True,
        low=low,
        opened=opened,
        unpowered=unpowered,
        site=before.site if before.site is not None and networks is before.networks else site,
        networks=networks,
        moved=moved,
    )


def needs_a_look(before: Facts | None, now: Facts) -> bool:
    """Whether a check-in may change anything: most say the same as the one before."""
    return before != now or now.moved is not None


def turns(before: Facts | None, now: Facts, said: Mapping[str, Any]) -> Iterator[Turn]:
    """What began and what ended between two check-ins; None: there was none before."""
    was = before or Facts()
    for name, field, kind, end in (
        ("battery", "low", "battery.low", "battery.restored"),
        ("tamper", "opened", "tamper.opened", "tamper.closed"),
        ("mains", "unpowered", "mains.lost", "mains.restored"),
    ):
        is_so = getattr(now, field)
        if is_so is None or is_so == getattr(was, field):
            continue
        data = {"check_in": True, name: said.get(name)}
        if is_so:
            yield Turn(kind=kind, fact=field, data=data)
        else:
            yield Turn(kind=end, fact=field, restores=kind, data=data)


def unlearnt(now: Facts, before: Facts | None, turn: Turn) -> Facts:
    """As it is, but for that turn: it is found again at the next check-in."""
    return msgspec.structs.replace(now, **{turn.fact: getattr(before or Facts(), turn.fact)})


def settled(before: Facts | None, now: Facts, opened: Collection[str]) -> Facts:
    """A person has looked at where it moved to: that is its network from here on."""
    was_told = before is not None and before.moved == now.moved
    if now.moved is None or not was_told or MOVED in opened:
        return now
    return msgspec.structs.replace(now, networks=(now.moved,), moved=None)


def _network(before: Facts, net: object, site: str | None) -> tuple[tuple[str, ...], str | None]:
    """Which networks are its own, and the strange one that it is seen in."""
    named = _names(net)
    if not named:
        return before.networks, before.moved
    if not before.networks or before.site != site:
        return named, None
    has_gateway = _has_gateway(before.networks)
    if has_gateway and not _has_gateway(named):
        return before.networks, before.moved  # an access point alone betrays nothing here
    # A known gateway behind a new access point is the same school's next corridor.
    is_own = named[0] in before.networks or (
        not has_gateway and any(one in before.networks for one in named)
    )
    if not is_own:
        return before.networks, named[0]
    new = tuple(one for one in named if one not in before.networks)
    return (*before.networks, *new)[:NETWORKS] if new else before.networks, None


def _names(net: object) -> tuple[str, ...]:
    """The gateway first, for it is what stays the same in one building."""
    if not isinstance(net, dict):
        return ()
    found = [(kind, net.get(kind)) for kind in ("gateway_mac", "bssid")]
    return tuple(
        intern(f"{kind}={value.strip().lower()[:NETWORK_LIMIT]}")
        for kind, value in found
        if isinstance(value, str) and value.strip()
    )


def _has_gateway(networks: Collection[str]) -> bool:
    return any(one.startswith("gateway_mac=") for one in networks)


def _percent(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value if 0 <= value <= 100 else None  # noqa: PLR2004
