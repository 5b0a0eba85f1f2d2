"""Saying: what a camera's own state comes to: each trouble once, its end once, with its cause.

Silence is not said here: who of many is silent is found by supervision, which sees all of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.domain.camera import LinkState, Picture
from gateway.domain.supervision import Finding
from gateway.watch.held import Held

CLOCK_OFF_S = 5.0
CLOCK_RIGHT_S = 3.0
"""Between both it stays what it was."""
REFUSED, CLOCK_OFF, PICTURE_BAD = "camera.refused", "camera.clock_off", "camera.picture_bad"
STANDING = (REFUSED, CLOCK_OFF, PICTURE_BAD)
"""What is said of a camera by whoever holds its link."""
_BACK = {
    REFUSED: "camera.refused_back",
    CLOCK_OFF: "camera.clock_back",
    PICTURE_BAD: "camera.picture_back",
}


@dataclass(frozen=True, slots=True)
class Saying:
    """Says what turned, and remembers it as said once there was room for it."""

    find: Callable[[Finding], bool]
    """Hands it on; False: there is no room now."""

    def look(self, held: Held) -> None:
        """Say what is otherwise than was told; what is not known stays as it was."""
        if held.state is LinkState.REFUSED:
            self._turn(held, REFUSED, held.reason or "refused", is_so=True)
        elif held.state is LinkState.HEARD:
            self._turn(held, REFUSED, "let_in", is_so=False)
        offset_s = held.health.clock_offset_s
        if offset_s is not None and not CLOCK_RIGHT_S < abs(offset_s) <= CLOCK_OFF_S:
            is_off = abs(offset_s) > CLOCK_OFF_S
            self._turn(held, CLOCK_OFF, f"{offset_s:+.0f}_s", is_so=is_off)
        picture = held.seen.picture
        if picture is not Picture.UNKNOWN:
            is_bad = picture is not Picture.GOOD
            self._turn(held, PICTURE_BAD, picture.value, is_so=is_bad)

    def end(self, held: Held) -> None:
        """It is called no more: nothing that was said of it stands."""
        for kind in sorted(held.told):
            self._turn(held, kind, "not_registered", is_so=False)

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

    def _turn(self, held: Held, kind: str, cause: str, *, is_so: bool) -> None:
        if (kind in held.told) is is_so:
            return
        data = {"why": held.why} if is_so and kind == REFUSED and held.why else {}
        said = kind if is_so else _BACK[kind]
        if self.find(Finding(kind=said, about=held.device, cause=cause, data=data)):
            (held.told.add if is_so else held.told.discard)(kind)
