"""Frames: what moved, each rendered once, with whom it concerns."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from gateway.domain.operator import Operator
from gateway.domain.site import Registry
from gateway.store.changes import Moved, What
from gateway.store.views import News
from gateway.web import shown
from gateway.web.house import House

Districts = frozenset[str | None]
_EVERYBODY: Districts = frozenset({None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One server-sent event; who sees all of its districts gets it, and None is everybody's."""

    position: int
    districts: Districts
    data: bytes


def of_news(house: House, news: News) -> list[Frame]:
    """The frames of what moved; what moved several times is rendered once."""
    rendered: dict[tuple[What, str], tuple[Districts, bytes] | None] = {}
    frames = []
    for moved in news.moved:
        key = (moved.what, moved.key)
        if key not in rendered:
            rendered[key] = _rendered(house, moved, news)
        found = rendered[key]
        if found is not None:
            districts, data = found
            said = b"id: %d\nevent: %s\ndata: %s\n\n" % (moved.position, moved.what.encode(), data)
            frames.append(Frame(position=moved.position, districts=districts, data=said))
    return frames


def joined(frames: Sequence[Frame], operator: Operator) -> bytes:
    """What of them that operator sees."""
    return b"".join(frame.data for frame in frames if all(map(operator.sees, frame.districts)))


def single(name: str, position: int, said: object) -> bytes:
    """An event of our own at a position."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (
        position,
        name.encode(),
        msgspec.json.encode(said),
    )


def _rendered(house: House, moved: Moved, news: News) -> tuple[Districts, bytes] | None:
    """A change's districts and JSON; None: there is nothing to show of it."""
    registry = house.registry()
    if moved.what is What.ALARM:
        alarm = news.alarms.get(moved.key)
        if alarm is None:
            return None
        owed, seen = news.first.get(alarm.id, []), news.evidence.get(alarm.id, [])
        view = shown.alarm(alarm, registry, deliveries=owed, evidence=seen)
        return frozenset({alarm.district}), shown.encoded(view)
    if moved.what is What.DELIVERY:
        found = news.deliveries.get(moved.key)
        return None if found is None else (frozenset({found[1]}), shown.encoded(found[0]))
    if moved.what is What.TEST:
        window = news.windows.get(moved.key)
        if window is None:
            return None
        return frozenset(_hung(registry, one) for one in window.expected), shown.encoded(window)
    return _device(house, moved.key, registry)


def _hung(registry: Registry, device: str) -> str:
    site = registry.place(device).site
    return "" if site is None else site.district


def _device(house: House, key: str, registry: Registry) -> tuple[Districts, bytes]:
    device = registry.devices.get(key)
    if device is None:
        return _EVERYBODY, shown.encoded({"id": key, "state": "unknown", "heard_at": None})
    standing = house.presence.standing(device, house.clock.monotonic())
    heard_at = house.presence.heard_at(device.id)
    view = shown.device(device, registry.sites.get(device.site), standing, heard_at)
    return frozenset({_hung(registry, key)}), shown.encoded(view)
