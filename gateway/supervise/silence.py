"""Silence: looked for each second, said once, taken back at the first word; and who can hear."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from math import inf

import structlog

from gateway import metrics
from gateway.domain import supervision
from gateway.domain.kind import KINDS
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

Opened = tuple[str, str, str | None, str | None]
"""Kind, whom it is about, site, district of an open alarm."""

log = structlog.get_logger()


@dataclass(slots=True)
class Attention:
    """Whether anybody was listened to: while nobody was, nobody is blamed."""

    post: Post
    is_storing: Callable[[], bool]
    _looked_s: float | None = None
    _is_deaf: bool = False

    def look(self, now_s: float) -> None:
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


@dataclass(slots=True)
class Silence:
    """Who of a ward is silent, and whether that is said."""

    post: Post
    watch: Watch
    members: Callable[[], int] = lambda: 0
    """Moved when others belong to the ward, beside the registry's own version."""
    _version: tuple[int, int] = (-1, -1)
    _said_s: dict[str, float] = field(default_factory=dict)
    """When each open trouble was said, by whom it is about; away once the store is seen to know."""

    async def look(self, now_s: float) -> None:
        """Look at whatever is due, in slices."""
        registry = self.post.registry()
        version = (registry.version, self.members())
        if version != self._version:
            are_others = version[1] != self._version[1]
            self._version = version
            self._say(self.watch.expect(registry, now_s), now_s)
            if are_others:
                await self._recall(now_s)
        while True:
            self._say(self.watch.look(now_s), now_s)
            if not self.watch.is_behind(now_s):
                return
            await asyncio.sleep(0)

    async def _recall(self, now_s: float) -> None:
        """Of those that are watched over from now on: who was silent before."""
        written = await self.post.database.read(device_states.silent)
        singles = tuple(self.watch.ward.singles)
        opened = await self.post.database.read(lambda c: troubles.standing(c, singles))
        new = written - self.post.presence.silent.keys()
        self.watch.remember(self._whys(new, opened), (), now_s)

    def take_up(self, silent: Iterable[str], opened: Iterable[Opened]) -> None:
        """What stood before this life stands."""
        registry, now_s = self.post.registry(), self.post.clock.monotonic()
        self._version = (registry.version, self.members())
        self.watch.expect(registry, now_s)
        lost = {scope_of(*one) for one in opened if one[0] in self.watch.ward.wholes}
        self.watch.remember(self._whys(silent, opened), lost, now_s)

    async def compare(self) -> None:
        """Hold what is known here against what the store knows, and say what was lost between."""
        if not self.post.on_duty():
            return
        ward = self.watch.ward
        kinds = (*ward.wholes, *ward.singles)
        written = await self.post.database.read(device_states.silent)
        opened = await self.post.database.read(lambda c: troubles.standing(c, kinds))
        now_s = self.post.clock.monotonic()
        self._compare_devices(written, opened, now_s)
        lost = {scope_of(*one) for one in opened if one[0] in ward.wholes}
        self._compare_wholes(lost, now_s)

    def forget_what_was_said(self) -> None:
        """Somebody else spoke until now: what is not in the store was not said."""
        silent, ward = self.post.presence.silent, self.watch.ward
        self._said_s = {one: -inf for one, why in silent.items() if why in ward.alone}
        self._said_s |= {_name(scope): -inf for scope in self.watch.losses.scopes()}

    def _compare_devices(self, written: set[str], opened: Iterable[Opened], now_s: float) -> None:
        silent, known, ward = (
            self.post.presence.silent,
            self.post.registry().devices,
            self.watch.ward,
        )
        elsewhere = written - silent.keys()
        for device in sorted(elsewhere - known.keys()):
            for why in dict.fromkeys(ward.singles.values()):
                gone = ward.back(device, why, "not_registered")
                self._say([] if gone is None else [gone], now_s)
        # Found by another gateway, or heard since and that was not stored: its next look tells.
        self.watch.remember(self._whys(elsewhere, opened), (), now_s)
        for device, why in silent.items():
            is_own = why in ward.alone and self.watch.knows(device)
            if is_own and self._is_unsaid(device, now_s, is_known=device in written):
                lost = ward.lost(device, why)
                self._say([] if lost is None else [lost], now_s)

    def _whys(self, silent: Iterable[str], opened: Iterable[Opened]) -> dict[str, Why]:
        """What stands behind each silence, by the trouble that stands open."""
        singles = self.watch.ward.singles
        usual = next(iter(singles.values()))
        told = {about: singles[kind] for kind, about, *_ in opened if kind in singles}
        return {device: told.get(device, usual) for device in silent}

    def _compare_wholes(self, opened: set[Scope], now_s: float) -> None:
        losses = self.watch.losses
        self.watch.remember({}, [scope for scope in opened if scope not in losses], now_s)
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
            if KINDS[finding.kind].raises is not None:
                self._said_s[finding.about] = now_s
            else:
                self._said_s.pop(finding.about, None)
            self.post.say(self._with_its_beginning(finding))

    def _with_its_beginning(self, finding: Finding) -> Finding:
        """A device's silence is named by its last word, so that two gateways name it alike."""
        if not finding.kind.startswith(("device.", "camera.")):
            return finding
        heard_at = self.post.presence.heard_at(finding.about)
        never = f"never {self.post.clock.now().date()}"
        return replace(finding, since=never if heard_at is None else heard_at.isoformat())


def scope_of(kind: str, _about: str, site: str | None, district: str | None) -> Scope:
    """The whole that an open alarm is about."""
    if kind.startswith("site."):
        return Level.SITE, site or ""
    return Level.DISTRICT, district or ""


def _name(scope: Scope) -> str:
    level, key = scope
    is_site = level is Level.SITE
    return supervision.site_name(key) if is_site else supervision.district_name(key)
