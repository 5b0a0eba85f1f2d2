"""Calling: each life of one camera's link and the next, until cancelled; nothing of it ends us."""

import asyncio
import random
from dataclasses import dataclass, field
from math import inf

import structlog

from adapters.devices.contract import Emit, LinkError, Overloaded
from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason
from adapters.signal import Answer, Signal, Spoken
from gateway import metrics
from gateway.bus import LaneFull
from gateway.clock import Clock
from gateway.domain import kind as kinds
from gateway.domain.camera import LinkState
from gateway.domain.presence import Presence, Why
from gateway.watch import waits
from gateway.watch.held import Dial, Held, Life
from gateway.watch.room import Rooms
from gateway.watch.saying import Saying
from gateway.watch.tickets import Ticket, Tickets

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Calling:
    """What every camera's link is lived with."""

    dial: Dial
    rooms: Rooms
    clock: Clock
    presence: Presence
    saying: Saying
    fresh: Tickets
    """For those that may well answer."""
    doubtful: Tickets
    """For those that did not the last time, so that the dead do not keep the living waiting."""
    dice: random.Random = field(default_factory=random.Random)

    async def keep(self, held: Held, known: dict[str, bool]) -> None:
        """Live every life of that link, until cancelled."""
        made = self.dial(held.wanted.settings(), known, held.health, held.owing)
        reason = held.ended_by
        while True:
            await self._until_it_may_be_tried(held, reason)
            tickets = self.doubtful if reason in waits.DOUBTFUL else self.fresh
            ticket = await tickets.take()
            up_s = list[float]()
            held.life = life = made()
            reason, why = await self._live(held, life, ticket, up_s)
            self._ended(held, reason, why, up_s)
            await self.clock.sleep(waits.wait_s(reason, held.failures, self.dice))

    def _begin(self, held: Held) -> None:
        """From its first call on its silence counts."""
        if self.presence.called_s.get(held.device, inf) == inf:
            self.presence.called_s[held.device] = self.clock.monotonic()
        if held.state is not LinkState.REFUSED:
            held.stand(LinkState.CONNECTING, held.reason, held.why)

    async def _live(
        self, held: Held, life: Life, ticket: Ticket, up_s: list[float]
    ) -> tuple[Reason, str]:
        """One life, and why it ended."""

        def up() -> None:
            ticket.give_back()
            up_s.append(self.clock.monotonic())
            self._up(held)

        self._begin(held)
        try:
            await life.live(self._emit(held), up)
        except (CameraLost, CameraRefused) as error:
            return error.reason, error.why
        except LinkError as error:
            return Reason.FAULT, error.why
        except Exception as error:  # a camera may never end the others
            log.exception("a camera's link slipped", device=held.device)
            return Reason.FAULT, f"{type(error).__name__}: {error}"
        finally:
            ticket.give_back()
            held.life = None
        return Reason.RESET, "it ended"

    async def _until_it_may_be_tried(self, held: Held, reason: Reason | None) -> None:
        """Some need a person first: whoever changes the login begins a new link."""
        if held.wanted.obstacle is not None:
            self._refused(held, held.wanted.obstacle, "")
        if held.wanted.obstacle is not None or reason is Reason.CHANGED:
            await asyncio.Event().wait()
        now = self.clock.now()
        until = waits.locked_until(held.refused_at, now)
        if until is not None:
            if held.state is not LinkState.REFUSED:
                self._refused(held, Reason.LOCKED, "")
            await self.clock.sleep((until - now).total_seconds())
            held.refused_at.clear()

    def _up(self, held: Held) -> None:
        held.refused_at.clear()
        held.answers = True
        held.stand(LinkState.HEARD)
        self.saying.look(held)

    def _ended(self, held: Held, reason: Reason, why: str, up_s: list[float]) -> None:
        metrics.camera_lives.labels(reason).inc()
        is_there = held.health.reachable is True and reason not in waits.DOUBTFUL
        # Once it was up, that it answered before says nothing of what ended it: the next life will.
        is_introduced, held.health.is_introduced = held.health.is_introduced, False
        held.answers = reason in waits.ANSWERED or is_there or (is_introduced and not up_s)
        stood_s = self.clock.monotonic() - up_s[0] if up_s else 0.0
        held.failures = 1 if stood_s >= waits.STABLE_S else held.failures + 1
        if reason in waits.LOGIN or reason in {Reason.LOCKED, Reason.CHANGED}:
            if reason in waits.LOGIN:
                held.refused_at.append(self.clock.now())
                del held.refused_at[: -waits.LOGINS]
            self._refused(held, reason, why)
        elif held.state is not LinkState.REFUSED:  # that it is away now lets us in no more
            held.stand(LinkState.LOST, reason, why)

    def _refused(self, held: Held, reason: str, why: str) -> None:
        if reason == Reason.LOCKED and held.reason in waits.LOGIN:
            reason, why = held.reason, f"{held.why}; {why}"  # what led to it is what helps
        held.stand(LinkState.REFUSED, reason, why)
        if self.presence.silent.get(held.device) in {None, Why.REFUSED}:
            self.presence.silent[held.device] = Why.REFUSED
        self.saying.look(held)

    def _emit(self, held: Held) -> Emit:
        def emit(signal: Signal, answer: Answer) -> None:
            try:
                is_new = self.rooms.put(held.room, signal, answer, self.clock.monotonic())
            except LaneFull:
                raise Overloaded(held.device) from None
            if is_new and isinstance(signal, Spoken):
                self._note(held, signal)

        return emit

    def _note(self, held: Held, signal: Spoken) -> None:
        name = signal.said.kind
        found = kinds.find(name)
        metrics.camera_events.labels("unknown" if found is None else kinds.label(found)).inc()
        if name.startswith("input."):
            held.contact(signal)
