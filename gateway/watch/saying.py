"""Saying: what a camera's own state comes to: each trouble once, its end once, with its cause.

Silence is not said here: who of many is silent is found by supervision, which sees all of them.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from gateway.domain.camera import LinkState, Picture
from gateway.domain.supervision import Finding
from gateway.domain.ward import Cameras
from gateway.watch import clocks
from gateway.watch.held import Held

AT_ONCE = 100
"""So much is said in one look of each second: it shares the lane of the presses."""
REFUSED, CLOCK_OFF, PICTURE_BAD = "camera.refused", "camera.clock_off", "camera.picture_bad"
STANDING = (REFUSED, CLOCK_OFF, PICTURE_BAD)
"""What is said of a camera by whoever holds its link."""
_BACK = {
    REFUSED: "camera.refused_back",
    CLOCK_OFF: "camera.clock_back",
    PICTURE_BAD: "camera.picture_back",
}


@dataclass(slots=True)
class Saying:
    """Says what turned, and remembers it as said once there was room for it."""

    find: Callable[[Finding], bool]
    """Hands it on; False: there is no room now."""
    linked: Cameras = field(default_factory=Cameras)
    _room: int = AT_ONCE
    _now_s: float = 0.0
    _quiet_until_s: float = 0.0
    _is_quiet: bool = False
    """Whether our own clock is, or lately was, in doubt: nobody's is judged by it."""

    def begin(self, held: Collection[Held], now_s: float) -> None:
        """A look at all begins: is it cameras' clocks that are off, or is it ours?"""
        self._room, self._now_s = AT_ONCE, now_s
        offsets_s = [
            one.health.clock_offset_s
            for one in held
            if one.state is LinkState.HEARD and one.health.clock_offset_s is not None
        ]
        linked = self.linked
        linked.against_ours = clocks.against_ours(offsets_s, linked.against_ours)
        self._is_quiet = now_s < self._quiet_until_s
        if linked.against_ours or not linked.is_ours_trusted:
            self._is_quiet, self._quiet_until_s = True, now_s + clocks.QUIET_S

    def look(self, held: Held) -> None:
        """Say what is otherwise than was told; what is not known stays as it was."""
        if held.state is LinkState.REFUSED:
            self._turn(held, REFUSED, held.reason or "refused", is_so=True)
        elif held.state is LinkState.HEARD:
            self._turn(held, REFUSED, "let_in", is_so=False)
        self._look_at_clock(held)
        picture = held.seen.picture
        if picture is not Picture.UNKNOWN:
            is_bad = picture is not Picture.GOOD
            self._turn(held, PICTURE_BAD, picture.value, is_so=is_bad)

    def end(self, held: Held) -> None:
        """It is called no more: nothing that was said of it stands."""
        for kind in sorted(held.told):
            self._say(held, kind, "not_registered", is_so=False)

    def firmware(self, held: Held, before: str) -> bool:
        """It runs another firmware than before: its quirks may be others too."""
        now = held.health.firmware
        data = {"before": before[:80], "now": now[:80]}
        return self.find(
            Finding(
                kind="camera.firmware_changed",
                about=held.device,
                cause=now[:40],
                since=f"{before}\x1f{now}",
                data=data,
                once=True,
            )
        )

    def _look_at_clock(self, held: Held) -> None:
        offset_s = held.health.clock_offset_s
        if offset_s is None or self._is_quiet:
            held.clock_off_s = None
            return
        is_off = abs(offset_s) > clocks.LIMIT_S
        since_s = self._now_s if held.clock_off_s is None else held.clock_off_s
        held.clock_off_s = since_s if is_off else None
        if is_off and self._now_s - since_s < clocks.STEADY_S:
            return
        if is_off or abs(offset_s) <= clocks.RIGHT_S:
            self._turn(held, CLOCK_OFF, f"{offset_s:+.0f}_s", is_so=is_off)

    def _turn(self, held: Held, kind: str, cause: str, *, is_so: bool) -> None:
        if (kind in held.told) is not is_so and self._room > 0:
            self._room -= 1
            self._say(held, kind, cause, is_so=is_so)

    def _say(self, held: Held, kind: str, cause: str, *, is_so: bool) -> None:
        data = {"why": held.why} if is_so and kind == REFUSED and held.why else {}
        said = kind if is_so else _BACK[kind]
        if self.find(Finding(kind=said, about=held.device, cause=cause, data=data)):
            (held.told.add if is_so else held.told.discard)(kind)
