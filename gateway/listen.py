"""Listen: one task per link, each life of a connection and the next; the only reconnect loop."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import structlog

from adapters.devices.contract import Connection, Emit, LinkError, LinkRefused, Order, Overloaded
from adapters.signal import Answer, Lane, Signal
from gateway import metrics
from gateway.bus import Bus, Heard, LaneFull
from gateway.clock import Clock

SOON_S = 0.3
"""A broker that restarts is back in a moment …"""
SOON_LASTS_S = 30.0
LATER_S = 5.0
"""… one that does not come back need not be asked so often, nor by all at once."""
REFUSED_FIRST_S = 1.0
REFUSED_LONGEST_S = 60.0
STABLE_S = 60.0
"""Only a connection that stood so long forgets the waits before it."""

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Link:
    """One session with one broker, and how it is."""

    broker: str
    lane: Lane
    connect: Callable[[], Connection]
    connection: Connection | None = None
    is_up: bool = False
    refused: str | None = None
    """Why the last login was refused."""
    has_tried: bool = False


class NobodyLetsUsIn(Exception):
    """Every broker refused the login at the start."""


@dataclass(slots=True, kw_only=True)
class Ears:
    """All links of this gateway."""

    links: tuple[Link, ...]
    bus: Bus
    clock: Clock
    dice: random.Random = field(default_factory=random.Random)

    async def listen(self, link: Link) -> None:
        """Live every life of that link, until cancelled.

        Raises:
            NobodyLetsUsIn: at the start, every broker refused us.
        """
        down_since = self.clock.monotonic()
        refusals = 0
        while True:
            link.connection = link.connect()
            up_at: list[float] = []
            try:
                await link.connection.live(self._emit(link), partial(self._up, link, up_at))
            except LinkRefused as error:
                refusals += 1
                self._refused(link, error)
            except LinkError as error:
                self._down(link, error.why)
            except Exception as error:  # noqa: BLE001 - a broker may never end the gateway
                self._down(link, f"{type(error).__name__}: {error}")
            now = self.clock.monotonic()
            if up_at:
                down_since = now if now - up_at[0] >= STABLE_S else max(down_since, up_at[0])
                refusals = 0
            await self.clock.sleep(self._wait_s(now - down_since, refusals))

    def states(self) -> dict[str, bool]:
        """Whether both sessions with each broker stand."""
        found: dict[str, bool] = {}
        for link in self.links:
            found[link.broker] = found.get(link.broker, True) and link.is_up
        return found

    def order(self, order: Order) -> None:
        """Send a command by every broker: the device listens at one of them."""
        for link in self.links:
            if link.lane is Lane.EVENT and link.is_up and link.connection is not None:
                link.connection.order(order)

    def beacon(self, name: str, body: bytes) -> None:
        """Tell every device at every broker that somebody is there."""
        for link in self.links:
            if link.lane is Lane.ALARM and link.is_up and link.connection is not None:
                link.connection.beacon(name, body)

    def press(self, broker: str, body: bytes) -> bool:
        """Cry as that broker's canary; False while its alarm session does not stand."""
        for link in self.links:
            if (link.broker, link.lane) == (broker, Lane.ALARM) and link.connection is not None:
                return link.is_up and link.connection.press(body)
        return False

    def _emit(self, link: Link) -> Emit:
        def emit(signal: Signal, answer: Answer) -> None:
            try:
                self.bus.put(Heard(signal, answer, self.clock.monotonic()))
            except LaneFull:
                raise Overloaded(link.broker) from None

        return emit

    def _up(self, link: Link, up_at: list[float]) -> None:
        up_at.append(self.clock.monotonic())
        link.is_up, link.has_tried, link.refused = True, True, None
        metrics.broker_lives.labels(link.broker).inc()
        self._gauge()
        log.info("broker connected", broker=link.broker, lane=link.lane)

    def _down(self, link: Link, why: str) -> None:
        was_up, is_first = link.is_up, not link.has_tried
        link.is_up, link.has_tried, link.connection = False, True, None
        self._gauge()
        if was_up or is_first:
            log.warning("broker lost", broker=link.broker, lane=link.lane, why=why)

    def _refused(self, link: Link, error: LinkRefused) -> None:
        is_first = not link.has_tried
        link.is_up, link.has_tried, link.connection = False, True, None
        self._gauge()
        if link.refused is None:
            log.error("broker refuses us", broker=link.broker, lane=link.lane, why=error.why)
        link.refused = error.why
        if is_first and all(other.refused is not None for other in self.links):
            raise NobodyLetsUsIn(str(error))

    def _gauge(self) -> None:
        states: Mapping[str, bool] = self.states()
        for broker, is_up in states.items():
            metrics.broker_connected.labels(broker).set(is_up)

    def _wait_s(self, down_s: float, refusals: int) -> float:
        if refusals:
            longest = min(REFUSED_FIRST_S * 2.0 ** (refusals - 1), REFUSED_LONGEST_S)
            return self.dice.uniform(longest / 2, longest)
        return self.dice.uniform(0, SOON_S if down_s < SOON_LASTS_S else LATER_S)
