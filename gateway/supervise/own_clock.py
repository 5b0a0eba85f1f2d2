"""Our own clock: held against time that never jumps, the database's server, and all devices."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from gateway.domain import supervision
from gateway.domain.drift import Clocks
from gateway.domain.supervision import Finding
from gateway.domain.ward import Cameras
from gateway.store import soundness
from gateway.store.database import StoreDown
from gateway.supervise.post import Post

LIMIT_S = 2.0
RIGHT_S = 1.0
ASK_EVERY_S = 30.0
SLOW_S = 1.0
"""An answer that took so long says nothing about the time."""
JUMP_LASTS_S = 600.0
"""Where nobody can be asked, a clock that stays for so long is taken as it is."""

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class OwnClock:
    """What speaks against our clock now; in one word each."""

    post: Post
    clocks: Clocks
    cameras: Cameras = field(default_factory=Cameras)
    server_time: Callable[[Connection], datetime | None] = soundness.server_time
    against: dict[str, str] = field(default_factory=dict)
    offs_s: dict[str, float] = field(default_factory=dict)
    """By what speaks against it: how far ahead of that it is, or at least is, s."""
    is_told: bool = False
    _last: tuple[datetime, float] | None = None
    _jumped_s: float = 0.0
    _asked_s: float = -ASK_EVERY_S

    @property
    def off_s(self) -> float:
        """How far ahead of the true time it is, as far as anybody can tell; 0: nothing says so."""
        known = (self.offs_s.get(witness, LIMIT_S) for witness in self.against)
        return max(known, key=abs, default=0.0)

    async def look(self, now_s: float) -> None:
        """Gather what speaks against it, and say when that begins and ends."""
        self._look_for_a_jump(self.post.clock.now(), now_s)
        if now_s - self._asked_s >= ASK_EVERY_S:
            self._asked_s = now_s
            await self._ask()
        self._hear("devices", self.clocks.ours_is_off)
        self._hear("cameras", self.cameras.against_ours)
        self.clocks.is_ours_trusted = self.cameras.is_ours_trusted = not self.against
        self._say()

    def _look_for_a_jump(self, now: datetime, now_s: float) -> None:
        last, self._last = self._last, (now, now_s)
        if last is not None:
            jump_s = (now - last[0]) / timedelta(seconds=1) - (now_s - last[1])
            if abs(jump_s) > LIMIT_S:
                self._jumped_s = now_s
                self._set("jump", f"jumped_{jump_s:+.0f}_s")
                self.offs_s["jump"] = jump_s
        if now_s - self._jumped_s >= JUMP_LASTS_S:
            self._set("jump", None)

    async def _ask(self) -> None:
        """The database's server: every gateway on it has the same."""
        before, before_s = self.post.clock.now(), self.post.clock.monotonic()
        try:
            server = await self.post.database.read(self.server_time)
        except StoreDown:
            return
        took_s = self.post.clock.monotonic() - before_s
        if server is None or took_s > SLOW_S:
            return
        off_s = (before - server) / timedelta(seconds=1) + took_s / 2
        if abs(off_s) > LIMIT_S:
            self._set("database", f"database_{-off_s:+.0f}_s")
            self.offs_s["database"] = off_s
        elif abs(off_s) < RIGHT_S:
            self._set("database", None)
            self._set("jump", None)  # it jumped to where it should be

    def _hear(self, witness: str, ahead: int) -> None:
        """What many say of it: 1, they are ahead of it; -1, behind; by how far, only at least."""
        self._set(witness, {1: f"{witness}_ahead", -1: f"{witness}_behind"}.get(ahead))
        self.offs_s[witness] = -ahead * LIMIT_S

    def _set(self, witness: str, cause: str | None) -> None:
        if cause is None:
            self.against.pop(witness, None)
        else:
            self.against[witness] = cause

    def _say(self) -> None:
        is_off = bool(self.against)
        if is_off is self.is_told:
            return
        self.is_told = is_off
        about = supervision.gateway_name(self.post.gateway)
        kind = "gateway.clock_off" if is_off else "gateway.clock_right"
        cause = next(iter(self.against.values()), "right")
        log.log(40 if is_off else 20, "our clock", cause=cause)
        data = {"against": list(self.against.values())}
        self.post.find(Finding(kind=kind, about=about, cause=cause, data=data))
