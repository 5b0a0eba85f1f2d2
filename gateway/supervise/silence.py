"""Silence: looked for each second, said once, taken back at the first word; and who can hear."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from math import inf

import structlog

from gateway import metrics
from gateway.domain import supervision
from gateway.domain.loss import Level, Scope
from gateway.domain.presence import Why
from gateway.domain.silence import Watch
from gateway.domain.supervision import Finding
from gateway.store import device_states, troubles
from gateway.supervise.post import Post

STALL_S = 5.0
"""Whoever did not look for so long has heard nobody meanwhile, and blames nobody."""
SURE_AFTER_S = 10.0
"""So long may it take until what was said is stored."""
WHOLES = ("site.silent", "district.silent")
_ALONE = {Why.NOTHING_HEARD, Why.LAST_WILL}

log = structlog.get_logger()


@dataclass(slots=True)
class Silence:
    """Who is silent, and whether that is said."""

    post: Post
    watch: Watch
    is_storing: Callable[[], bool]
    _version: int = -1
    _looked_s: float | None = None
    _is_deaf: bool = False
    _said_s: dict[str, float] = field(default_factory=dict)
    """When each open trouble was said, by whom it is about; away once the store is seen to know."""

    async def look(self, now_s: float) -> None:
        """Look at whatever is due, in slices."""
        self._attend(now_s)
        registry = self.post.registry()
        if registry.version != self._version:
            self._version = registry.version
            self._say(self.watch.expect(registry, now_s), now_s)
        while True:
            self._say(self.watch.look(now_s), now_s)
            if not self.watch.is_behind(now_s):
                return
            await asyncio.sleep(0)

    def take_up(self, silent: Iterable[str], lost: Iterable[Scope]) -> None:
        """What stood before this life stands."""
        registry, now_s = self.post.registry(), self.post.clock.monotonic()
        self._version = registry.version
        self.watch.expect(registry, now_s)
        self.watch.remember(silent, lost, now_s)

    async def compare(self) -> None:
        """Hold what is known here against what the store knows, and say what was lost between."""
        if not self.post.on_duty():
            return
        written = await self.post.database.read(device_states.silent)
        opened = await self.post.database.read(lambda c: troubles.standing(c, WHOLES))
        now_s = self.post.clock.monotonic()
        self._compare_devices(written, now_s)
        self._compare_wholes({scope_of(*one) for one in opened}, now_s)

    def forget_what_was_said(self) -> None:
        """Somebody else spoke until now: what is not in the store was not said."""
        silent = self.post.presence.silent
        self._said_s = {one: -inf for one, why in silent.items() if why in _ALONE}
        self._said_s |= {_name(scope): -inf for scope in self.watch.losses.scopes()}

    def _compare_devices(self, written: set[str], now_s: float) -> None:
        silent, known = self.post.presence.silent, self.post.registry().devices
        elsewhere = written - silent.keys()
        for device in sorted(elsewhere - known.keys()):
            self._say([Finding(kind="device.heard", about=device, cause="not_registered")], now_s)
        # Found by another gateway, or heard since and that was not stored: its next look tells.
        self.watch.remember(elsewhere, (), now_s)
        for device, why in silent.items():
            if why in _ALONE and self._is_unsaid(device, now_s, is_known=device in written):
                self._say([Finding(kind="device.silent", about=device, cause=why)], now_s)

    def _compare_wholes(self, opened: set[Scope], now_s: float) -> None:
        losses = self.watch.losses
        self.watch.remember((), [scope for scope in opened if scope not in losses], now_s)
        for scope in losses.scopes():
            if self._is_unsaid(_name(scope), now_s, is_known=scope in opened):
                self._say([self.watch.told(scope)], now_s)

    def _is_unsaid(self, about: str, now_s: float, *, is_known: bool) -> bool:
        """Whether what was said did not arrive; what a person closed since is not said again."""
        said_s = self._said_s.get(about)
        if said_s is None or is_known:
            self._said_s.pop(about, None)
            return False
        return now_s - said_s >= SURE_AFTER_S

    def _say(self, found: Iterable[Finding], now_s: float) -> None:
        for finding in found:
            if finding.kind.endswith(".silent"):
                self._said_s[finding.about] = now_s
            else:
                self._said_s.pop(finding.about, None)
            self.post.say(self._with_its_beginning(finding))

    def _with_its_beginning(self, finding: Finding) -> Finding:
        """A device's silence is named by its last word, so that two gateways name it alike."""
        if not finding.kind.startswith("device."):
            return finding
        heard_at = self.post.presence.heard_at(finding.about)
        never = f"never {self.post.clock.now().date()}"
        return replace(finding, since=never if heard_at is None else heard_at.isoformat())

    def _attend(self, now_s: float) -> None:
        """While nothing can be stored, or nobody looked, nothing was heard; all have time anew."""
        stalled_s = 0.0 if self._looked_s is None else now_s - self._looked_s
        self._looked_s = now_s
        is_deaf = not self.is_storing()
        if is_deaf:
            self.post.presence.attend(inf)
        elif self._is_deaf or stalled_s > STALL_S:
            self.post.presence.attend(now_s)
            log.warning("nobody was heard for a while", stalled_s=round(stalled_s, 1))
        self._is_deaf = is_deaf
        metrics.supervision_looked.set(self.post.clock.now().timestamp())


def scope_of(kind: str, _about: str, site: str | None, district: str | None) -> Scope:
    """The whole that an open alarm is about."""
    if kind == "site.silent":
        return Level.SITE, site or ""
    return Level.DISTRICT, district or ""


def _name(scope: Scope) -> str:
    level, key = scope
    is_site = level is Level.SITE
    return supervision.site_name(key) if is_site else supervision.district_name(key)
