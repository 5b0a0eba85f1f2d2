"""Habits: what several words of a device betray: its clock, its body, its ids."""

from collections.abc import MutableSet
from dataclasses import dataclass, field
from typing import Any

from adapters.devices import body
from adapters.signal import CheckIn, ClockQuality, Spoken
from gateway.domain import drift
from gateway.domain.drift import Clocks
from gateway.domain.identity import Bodies
from gateway.domain.supervision import Finding
from gateway.supervise.post import Post

SINGLE_AFTER_S = 3600.0
UNIQUE_AFTER_S = 24 * 3600.0
"""A known id with the same body counts as a repeat for a day."""
_QUALITIES = frozenset(ClockQuality)


@dataclass(slots=True, kw_only=True)
class Habits:
    """What was concluded of each device, and when it was last seen to be so.

    Each gateway says what it concludes, on duty or not: of shared check-ins no other hears it.
    """

    post: Post
    reused: MutableSet[str]
    """Devices that used an id again since the last look."""
    clocks: Clocks = field(default_factory=Clocks)
    bodies: Bodies = field(default_factory=Bodies)
    _doubled_s: dict[str, float] = field(default_factory=dict)
    _reusing_s: dict[str, float] = field(default_factory=dict)

    def note(self, said: CheckIn | Spoken, s: float) -> None:
        """One more word of a registered device."""
        if isinstance(said, CheckIn):
            content = said.content
            self._observe_body(said.device, content, s)
            quality = _quality(content.get("clock"))
            at, age_ms = body.instant(content.get("at")), None
        else:
            quality, at, age_ms = said.said.clock, said.said.at, said.said.age_ms
        if quality is None or at is None:
            return
        ahead_s = drift.ahead_s(at, said.received_at, age_ms)
        turned = self.clocks.observe(said.device, quality, ahead_s, s)
        if turned is not None:
            kind = "device.clock_off" if turned else "device.clock_right"
            cause = f"{ahead_s:+.0f}_s"
            data = {"ahead_s": round(ahead_s, 1), "clock": quality.value}
            self.post.find(Finding(kind=kind, about=said.device, cause=cause, data=data))

    def take_up(self, kind: str, device: str) -> None:
        """What was found before this life, and is seen again or ends."""
        now_s = self.post.clock.monotonic()
        match kind:
            case "device.clock_off":
                self.clocks.remember(device)
            case "device.duplicated":
                self._doubled_s[device] = now_s
            case "device.ids_reused":
                self._reusing_s[device] = now_s
            case _:
                pass

    def look(self, now_s: float) -> None:
        """Say who uses ids again, and what has not been seen for long."""
        for device in list(self.reused):
            self.reused.discard(device)
            self._found(self._reusing_s, "device.ids_reused", device, "same_id", now_s)
        self._ended(self._reusing_s, "device.ids_unique", UNIQUE_AFTER_S, now_s)
        self._ended(self._doubled_s, "device.single", SINGLE_AFTER_S, now_s)

    def forget(self, known: set[str]) -> None:
        """Only these are registered now."""
        self.clocks.forget(known)
        self.bodies.forget(known)

    def _observe_body(self, device: str, content: dict[str, Any], s: float) -> None:
        serial, boot = content.get("serial"), content.get("boot")
        betrayed = self.bodies.observe(
            device,
            serial if isinstance(serial, str) and serial else None,
            boot if isinstance(boot, int) and not isinstance(boot, bool) else None,
            s,
        )
        if betrayed is not None:
            self._found(self._doubled_s, "device.duplicated", device, betrayed, s)

    def _found(
        self, last_s: dict[str, float], kind: str, device: str, cause: str, s: float
    ) -> None:
        is_new = device not in last_s
        last_s[device] = s
        if is_new:
            self.post.find(Finding(kind=kind, about=device, cause=cause))

    def _ended(self, last_s: dict[str, float], kind: str, after_s: float, now_s: float) -> None:
        for device in [one for one, s in last_s.items() if now_s - s >= after_s]:
            del last_s[device]
            self.post.find(Finding(kind=kind, about=device, cause="not_seen_again"))


def _quality(text: object) -> ClockQuality | None:
    return ClockQuality(text) if isinstance(text, str) and text in _QUALITIES else None
