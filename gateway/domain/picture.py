"""Pictures: whether what a camera shows is still fresh and changing, by small grey thumbnails.

A thumbnail is WIDTH × HEIGHT bytes. Neither black nor frozen is believed at first sight: a hall is
dark at night, and nothing moves in it. So many looks in a row must agree.
"""

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.camera import Picture

WIDTH, HEIGHT = 240, 135
BLACK_BELOW = 16
"""Of 255: darker than a lens cap lets a sensor's noise be …"""
BLACK_SPREAD = 6
"""… and nothing in it is brighter than the rest: a night has lamps, windows and a clock."""
SAME_SHARE = 0.995
"""So much of it is the same to the last grey. A sensor's noise alone changes more; the clock that
many cameras write into the picture changes less."""
LOOKS = 3
"""Half an hour, where each is looked at every ten minutes."""
STILL_LOOKS = 6
"""A dark hall at rest may look the same for a while, through a lossy picture; not for an hour."""
_EDGE_SHARE = 0.01
_NOT_SEEN = frozenset({Picture.UNKNOWN, Picture.NONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the looks so far have shown of one camera."""

    picture: Picture = Picture.UNKNOWN
    at: datetime | None = None
    """Of the last look that got a picture."""
    last: bytes = b""
    """The last thumbnail."""
    black: int = 0
    same: int = 0
    missing: int = 0
    """So many looks in a row: black, the same as before, without a picture."""


def look(before: Seen, thumbnail: bytes | None, at: datetime) -> Seen:
    """One more look; None: it gave no picture."""
    if thumbnail is None:
        return _missing(before)
    black = before.black + 1 if is_black(thumbnail) else 0
    same = before.same + 1 if is_same(before.last, thumbnail) else 0
    picture = Picture.GOOD
    if black >= LOOKS:
        picture = Picture.BLACK
    elif same >= STILL_LOOKS:
        picture = Picture.FROZEN
    elif black or same or not before.last:  # nothing to compare with: it stays what it was
        picture = Picture.GOOD if before.picture in _NOT_SEEN else before.picture
    return Seen(picture=picture, at=at, last=thumbnail, black=black, same=same)


def is_black(thumbnail: bytes) -> bool:
    """Whether it is dark everywhere, and alike."""
    ordered = sorted(thumbnail)
    edge = int(len(ordered) * _EDGE_SHARE)
    darkest, brightest = ordered[edge], ordered[-edge - 1]
    return brightest < BLACK_BELOW and brightest - darkest < BLACK_SPREAD


def is_same(before: bytes, now: bytes) -> bool:
    """Whether it differs from the one before no more than by a clock in it."""
    if len(before) != len(now):
        return False
    if before == now:
        return True
    same = sum(map(int.__eq__, before, now))
    return same >= SAME_SHARE * len(now)


def _missing(before: Seen) -> Seen:
    """A camera that never gave a picture cannot, or need not; one that did should."""
    missing = before.missing + 1
    was_seen = before.picture not in {Picture.UNKNOWN, Picture.NONE} or before.at is not None
    picture = Picture.NONE if was_seen and missing >= LOOKS else before.picture
    return Seen(picture=picture, at=before.at, last=before.last, missing=missing)
