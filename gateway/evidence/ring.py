"""The ring: the last stills of rolling cameras, in memory, for what was before an alarm."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.domain import stills
from gateway.domain.site import DeviceId
from gateway.evidence.picture import Picture

EVERY_S = 5.0
OF_CAMERA = 4
"""So that one is old enough, also where the last round came late."""
LONGEST = timedelta(seconds=20)
"""An older one shows another scene."""


@dataclass(slots=True)
class Ring:
    """Bounded in bytes over all; the oldest goes first, whosever it is."""

    most_bytes: int
    size_bytes: int = 0
    _all: deque[tuple[DeviceId, Picture]] = field(default_factory=deque)
    _of: dict[DeviceId, deque[Picture]] = field(default_factory=dict)

    def put(self, camera: DeviceId, picture: Picture) -> None:
        """The newest of that camera."""
        own = self._of.setdefault(camera, deque())
        own.append(picture)
        self._all.append((camera, picture))
        self.size_bytes += len(picture.body)
        while len(own) > OF_CAMERA:
            self._drop(camera, own[0])
        while self.size_bytes > self.most_bytes and self._all:
            self._drop(*self._all[0])

    def before(self, camera: DeviceId, moment: datetime) -> Picture | None:
        """The one of that camera nearest to that moment: none too far, none after the alarm."""
        alarm = moment - timedelta(seconds=stills.BEFORE_S)
        own = (one for one in self._of.get(camera, ()) if one.taken_at <= alarm)
        near = [one for one in own if abs(one.taken_at - moment) < LONGEST]
        return min(near, key=lambda one: abs(one.taken_at - moment), default=None)

    def keep_only(self, cameras: set[DeviceId]) -> None:
        """Whatever other cameras showed is forgotten."""
        for camera in self._of.keys() - cameras:
            for picture in tuple(self._of[camera]):
                self._drop(camera, picture)

    def _drop(self, camera: DeviceId, picture: Picture) -> None:
        own = self._of[camera]
        own.remove(picture)
        if not own:
            del self._of[camera]
        self._all.remove((camera, picture))
        self.size_bytes -= len(picture.body)
