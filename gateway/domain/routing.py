"""Routes: which receiver is told of which alarm. No route may leave a P0 without a receiver."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from gateway.domain.alarm import Alarm
from gateway.domain.kind import Priority

RECEIVER_TROUBLE = ("centre.", "delivery.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Who must be told, as far as the domain must know."""

    name: str
    authority: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Which alarms go to one receiver; an empty condition takes all."""

    receiver: str
    priorities: tuple[Priority, ...] = (Priority.P0, Priority.P1)
    kinds: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()


def receivers_for(
    alarm: Alarm, receivers: Sequence[Receiver], routes: Sequence[Route]
) -> list[str]:
    """The receivers to tell, in the order they are configured, each once."""
    everyone = [receiver.name for receiver in receivers]
    if not routes:
        taken = everyone if alarm.priority <= Priority.P1 else []
    else:
        wanted = {route.receiver for route in routes if _takes(route, alarm)}
        taken = [name for name in everyone if name in wanted]
    if not alarm.registered or (alarm.priority is Priority.P0 and not taken):
        taken = everyone
    if alarm.kind.startswith(RECEIVER_TROUBLE):
        # A receiver is not told through itself what is wrong with it: it would never end.
        taken = [name for name in taken if name != alarm.device.removeprefix("receiver-")]
    return taken


def _takes(route: Route, alarm: Alarm) -> bool:
    return (
        alarm.priority in route.priorities
        and (not route.kinds or any(fnmatchcase(alarm.kind, glob) for glob in route.kinds))
        and (not route.sites or alarm.site in route.sites)
        and (not route.districts or alarm.district in route.districts)
    )
