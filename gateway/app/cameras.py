"""Cameras joined: the watch over their links, with the real roads to them, or with none."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from adapters.devices.onvif.dial import dial
from adapters.devices.onvif.health import Health
from adapters.devices.onvif.means import Means
from adapters.devices.onvif.owing import Owing
from adapters.devices.onvif.push import Listener
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.transport import Wire
from gateway.app.voice import Voice
from gateway.clock import Clock
from gateway.domain.presence import Presence
from gateway.domain.ward import Cameras
from gateway.intake import Intake
from gateway.settings import Settings
from gateway.store.database import Database
from gateway.store.device_states import DeviceState
from gateway.store.sealed import Seal
from gateway.watch import Lookout
from gateway.watch.calling import Calling
from gateway.watch.held import Held, Life
from gateway.watch.holding import Holding
from gateway.watch.keeping import Keeping
from gateway.watch.looking import Looking
from gateway.watch.pictures import Pictures
from gateway.watch.room import Rooms
from gateway.watch.saying import Saying
from gateway.watch.tickets import Tickets
from gateway.watch.uncalled import Uncalled

DOUBTFUL = 5
"""So many times more of those that did not answer may be called at once: it costs nothing."""


@dataclass(slots=True, kw_only=True)
class Roads:
    """The ways to cameras; nothing is opened before the first one is called."""

    clock: Clock
    _listener: Listener | None = None
    _means: Means | None = None

    async def open(self, config: Settings) -> None:
        """Listen where cameras push their events, if that is set.

        Raises:
            OSError: it cannot be listened there.
        """
        if config.cameras.push_listen is not None:
            host, _, port = config.cameras.push_listen.rpartition(":")
            self._listener = Listener(config.cameras.push_url, monotonic=self.clock.monotonic)
            await self._listener.open(host.strip("[]"), int(port))

    def dial(
        self, settings: CameraSettings, known: Mapping[str, bool], health: Health, owing: Owing
    ) -> Callable[[], Life]:
        """The maker of that camera's lives."""
        return dial(self._opened())(settings, known, health, owing)

    def forget(self, device: str) -> None:
        """Another login or address counts from now on."""
        if self._means is not None:
            self._means.wire.forget(device)

    async def close(self) -> None:
        """Let go of every line."""
        if self._listener is not None:
            await self._listener.close()
        if self._means is not None:
            await self._means.wire.close()

    def _opened(self) -> Means:
        if self._means is None:
            clock = self.clock
            self._means = Means(
                wire=Wire(now=clock.now, monotonic=clock.monotonic),
                now=clock.now,
                monotonic=clock.monotonic,
                sleep=clock.sleep,
                listener=self._listener,
            )
        return self._means


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the watch stands on."""

    config: Settings
    database: Database
    clock: Clock
    seal: Seal
    presence: Presence
    intake: Intake
    voice: Voice
    is_alone: bool
    """Whether no other gateway works on that database."""
    peers: Callable[[], Collection[str]] = lambda: ()
    """The others that live."""
    linked: Cameras = field(default_factory=Cameras)


def lookout(ground: Ground, roads: Roads) -> Lookout:
    """The watch over all cameras, and its knots with intake and supervision."""
    config, clock, intake = ground.config.cameras, ground.clock, ground.intake
    memory, name = intake.memory, ground.config.gateway.name
    holding = Holding(
        gateway=name,
        database=ground.database,
        clock=clock,
        is_alone=ground.is_alone,
        peers=ground.peers,
    )
    memory.leases = holding.leases()
    saying = Saying(ground.voice.find, ground.linked)
    fresh, doubtful = (
        Tickets(clock, config.starts_per_s, config.handshakes * times) for times in (1, DOUBTFUL)
    )
    held: dict[str, Held] = {}

    def wrote(state: DeviceState, s: float) -> None:
        if memory.is_due(state.device, s):
            memory.write_soon(state, s)

    calling = Calling(
        dial=roads.dial,
        rooms=Rooms(intake.bus),
        clock=clock,
        presence=ground.presence,
        saying=saying,
        fresh=fresh,
        doubtful=doubtful,
    )
    found = Lookout(
        database=ground.database,
        seal=ground.seal,
        registry=lambda: memory.registry,
        linked=ground.linked,
        calling=calling,
        looking=Looking(calling=calling, wrote=wrote),
        holding=holding,
        keeping=Keeping(
            gateway=name,
            database=ground.database,
            clock=clock,
            presence=ground.presence,
            is_held=held.__contains__,
        ),
        pictures=Pictures(
            clock=clock, every_s=config.stills_every_s, at_once=config.stills_at_once
        ),
        uncalled=Uncalled(ground.presence),
        forget=roads.forget,
        hold_s=config.hold_s,
        held=held,
    )
    ground.linked.fault = found.fault
    return found
