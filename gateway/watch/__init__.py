"""Watch: one task for each camera link that this gateway holds; its health, and what is said of it.

The second task group beside the brokers' (ADR 0094): thousands of links that come and go with the
registry, the logins and the leases, none of which may end the gateway.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import inf

import structlog
from sqlalchemy import Connection

from adapters.devices.onvif.fault import Reason, ended
from adapters.devices.onvif.snapshot import Still
from gateway import metrics
from gateway.domain.camera import Facts, LinkState
from gateway.domain.presence import Why
from gateway.domain.site import Registry, Sort
from gateway.domain.ward import UNKNOWN, Cameras, Fault
from gateway.store import camera_conditions, camera_logins, troubles, versions
from gateway.store.camera_conditions import Known
from gateway.store.camera_logins import Login
from gateway.store.database import Database, StoreDown, Urgency
from gateway.store.sealed import Seal
from gateway.watch import saying, wanted
from gateway.watch.calling import Calling
from gateway.watch.held import Held
from gateway.watch.holding import Holding
from gateway.watch.keeping import Keeping
from gateway.watch.looking import Looking
from gateway.watch.pictures import Pictures
from gateway.watch.uncalled import Uncalled
from gateway.watch.wanted import Wanted

LOOK_S = 1.0
FOLLOW_S = 5.0
SLICE = 500

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Lookout:
    """All cameras of this gateway."""

    database: Database
    seal: Seal
    registry: Callable[[], Registry]
    linked: Cameras
    """Supervision's ward: who of all cameras is called by anybody."""
    calling: Calling
    holding: Holding
    keeping: Keeping
    pictures: Pictures
    looking: Looking
    uncalled: Uncalled
    forget: Callable[[str], None]
    """Told of a camera with another login or address, or that is called no more."""
    hold_s: float
    held: dict[str, Held] = field(default_factory=dict)
    wanted: dict[str, Wanted] = field(default_factory=dict)
    _logins: dict[str, Login] = field(default_factory=dict)
    _seen: tuple[int, int] = (-1, -1)
    """The versions of registry and logins that `wanted` was made of."""
    _is_behind: bool = False
    """Whether something of what is ours is not held yet."""
    _leaving: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)
    """Links that were let go of, and come to their end."""
    _left: dict[str, Held] = field(default_factory=dict)
    """What they knew, for the next link of the same camera, while that is ours."""

    def facts(self, device: str) -> Facts | None:
        """What is known of that camera; None: nobody ever called it."""
        held = self.held.get(device)
        return self.keeping.known.get(device) if held is None else held.facts()

    async def picture(self, device: str) -> Still:
        """A still of that camera, taken now.

        Raises:
            CameraLost, CameraRefused: with the reason why there is none.
        """
        held = self.held.get(device)
        if held is None or held.life is None:
            raise ended(device, Reason.UNREACHABLE, "its link does not stand here")
        return await held.life.picture()

    async def run(self) -> None:
        """Hold and watch until cancelled."""
        await self._until_done(self.keeping.read)
        async with asyncio.TaskGroup() as group:
            for work, every_s in (
                (partial(self._hold, group), LOOK_S),
                (partial(self.looking.look, self.held), LOOK_S),
                (self._keep, FOLLOW_S),
                (partial(self.pictures.look, self.held), LOOK_S),
            ):
                group.create_task(self._again_and_again(work, every_s))

    async def _again_and_again(self, work: Callable[[], Awaitable[None]], every_s: float) -> None:
        while True:
            await self._safely(work)
            await self.calling.clock.sleep(every_s)

    async def _until_done(self, work: Callable[[], Awaitable[None]]) -> None:
        while not await self._safely(work):
            await self.calling.clock.sleep(LOOK_S)

    async def _safely(self, work: Callable[[], Awaitable[None]]) -> bool:
        """A slip here ends no link, and is no excuse for not looking again; whether to go on."""
        try:
            await work()
        except StoreDown as error:
            log.debug("cameras wait for the store", why=str(error))
            return False
        except Exception:
            metrics.supervision_slips.inc()
            log.exception("the watch over cameras slipped")
        return True

    async def _hold(self, group: asyncio.TaskGroup) -> None:
        """Hold what is ours to hold, as it is to be held, and let go of the rest."""
        is_new = await self._read_wishes()
        self._see_off()
        if not (is_new or self._is_behind or self.holding.is_due()):
            return
        self._is_behind = True
        ours = set(await self.holding.turn(self.wanted.keys()))
        for device, held in list(self.held.items()):
            if device not in ours or held.wanted != self.wanted[device]:
                self._let_go(held, is_ours=device in ours)
        for device in self._left.keys() - ours:
            del self._left[device]  # who holds it next knows more
        missing = sorted(ours - self.held.keys())
        ready = [device for device in missing if self._can_begin(device)]
        for first in range(0, len(ready), SLICE):
            await self._begin(ready[first : first + SLICE], group)
        self._is_behind = len(ready) < len(missing)

    async def _read_wishes(self) -> bool:
        """Whether registry or logins have changed."""
        registry = self.registry()
        moved = (await self.database.read(versions.read)).get(versions.LOGINS, 0)
        if (registry.version, moved) == self._seen:
            return False
        if moved != self._seen[1]:
            self._logins = await self.database.read(self._read_logins)
        self._seen = (registry.version, moved)
        self.wanted = wanted.of(registry, self._logins, self.hold_s)
        self._link()
        self.keeping.forget(registry.devices)
        return True

    def _read_logins(self, connection: Connection) -> dict[str, Login]:
        return camera_logins.everyone(connection, self.seal, self._logins)

    def _link(self) -> None:
        """Who is to be expected by supervision."""
        called_s = self.calling.presence.called_s
        for device in self.linked.linked - self.wanted.keys():
            called_s.pop(device, None)
        for device in self.wanted:
            called_s.setdefault(device, inf)
        self.linked.linked = set(self.wanted)
        self.linked.version += 1

    def _can_begin(self, device: str) -> bool:
        """A link that is let go of comes to its end first: it may still unsubscribe."""
        return device not in self._leaving

    def _see_off(self) -> None:
        """Those that came to their end; of one that is called no more nothing stays."""
        for device in [one for one, task in self._leaving.items() if task.done()]:
            del self._leaving[device]
            if device not in self.wanted:
                self.forget(device)

    def _let_go(self, held: Held, *, is_ours: bool) -> None:
        is_wanted = held.device in self.wanted
        del self.held[held.device]
        if is_ours:
            self._left[held.device] = held
        elif not is_wanted:
            self.calling.saying.end(held)
        if held.task is not None:
            held.task.cancel()
            self._leaving[held.device] = held.task
        self.keeping.let_go(held.device)
        if is_wanted:
            self.calling.presence.called_s[held.device] = inf

    async def _begin(self, devices: list[str], group: asyncio.TaskGroup) -> None:
        known, opened = await self._read_what_stands(devices)
        for device in devices:
            held = self._made(device)
            held.told |= opened.get(device, set())
            self.held[device] = held
            lasting = {key: one.active for key, one in known.get(device, {}).items()}
            held.task = group.create_task(self.calling.keep(held, lasting), name=f"camera {device}")
        await asyncio.sleep(0)

    async def _read_what_stands(
        self, devices: list[str]
    ) -> tuple[Mapping[str, Mapping[str, Known]], Mapping[str, set[str]]]:
        """What lasts on those, and what was said of any camera."""
        leases = self.holding.leases()
        if leases is None:
            known = await self.database.read(lambda c: camera_conditions.of(c, devices))
        else:
            tokens = {device: leases[device] for device in devices if device in leases}
            known = await self.database.write(
                lambda c: camera_conditions.take_over(c, tokens), Urgency.STEP
            )
        opened: dict[str, set[str]] = {}
        for kind, about, _, _ in await self.database.read(
            lambda c: troubles.standing(c, saying.STANDING)
        ):
            opened.setdefault(about, set()).add(kind)
        return known, opened

    def _made(self, device: str) -> Held:
        """It, with what a former link of ours, or another gateway's, knew of it."""
        held, before = Held(wanted=self.wanted[device]), self._left.pop(device, None)
        facts = self.keeping.known.get(device) if before is None else before.facts()
        if facts is not None:
            held.take_up(facts, self.calling.presence.heard_at(device))
            held.forgive_before(self._logins[device].approved_at)
        if before is not None:
            held.told |= before.told
            held.owing, held.room = before.owing, before.room  # a pulse is not said again
            if before.wanted.login != held.wanted.login:
                held.refused_at.clear()
                self.forget(device)
                self._give_time(device)
        return held

    def _give_time(self, device: str) -> None:
        """A person has done something: it is judged anew."""
        presence = self.calling.presence
        if presence.silent.get(device) is Why.REFUSED:
            del presence.silent[device]
            self.linked.version += 1

    async def _keep(self) -> None:
        self._measure()
        self.uncalled.look(self.wanted, self.calling.clock.monotonic())
        await self.keeping.write(self.held.values())
        if not self.holding.is_alone:
            await self.keeping.follow()

    def _measure(self) -> None:
        counts = dict.fromkeys(LinkState, 0)
        for held in self.held.values():
            counts[held.state] += 1
        for state, count in counts.items():
            metrics.cameras.labels(state).set(count)
        cameras = sum(one.sort is Sort.CAMERA for one in self.registry().devices.values())
        metrics.cameras.labels(LinkState.UNLINKED).set(cameras - len(self.wanted))

    def fault(self, device: str) -> Fault:
        """Why its event channel is silent."""
        found = self.held.get(device) or self.keeping.known.get(device)
        if found is None:
            return UNKNOWN
        cause = found.reason or UNKNOWN.cause
        if found.state is LinkState.REFUSED:
            return Fault(Why.REFUSED, cause, {})
        data = {"why": found.why} if found.why else {}
        return Fault(Why.EVENTS_DEAD if found.answers else Why.UNREACHABLE, cause, data)
