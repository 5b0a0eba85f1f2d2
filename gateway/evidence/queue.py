"""The queue of stills: asked when they are due, P0 first, fair by site, each camera once at a time.

What becomes due of one camera while it is asked, or waits its turn, is answered together: a school
where every button is pressed asks each of its cameras once, not once for each button.
"""

import heapq
import itertools
from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field

from gateway.domain.kind import Priority
from gateway.domain.site import DeviceId
from gateway.domain.stills import Still
from gateway.evidence.picture import Picture
from gateway.store.evidence import Key

ROOM = 4000
"""Stills in hand; of them P0 may take all, the rest a half."""
OF_SITE = 4
"""Cameras of one site that are asked at once: a school that hangs must not hold up others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A still, and when it is to be asked for (monotonic)."""

    still: Still
    site: str
    priority: Priority
    due: float
    picture: Picture | None = None
    """Where it was taken before the alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One camera to be asked, and all that its answer serves."""

    camera: DeviceId
    site: str
    wanted: tuple[Wanted, ...]


@dataclass(slots=True)
class Queue:
    """What is in hand."""

    room: int = ROOM
    keys: set[Key] = field(default_factory=set)
    _later: list[tuple[float, int, Wanted]] = field(default_factory=list)
    _due: dict[DeviceId, list[Wanted]] = field(default_factory=dict)
    _turns: dict[Priority, "OrderedDict[str, deque[DeviceId]]"] = field(
        default_factory=lambda: {priority: OrderedDict() for priority in Priority}
    )
    """By priority, the sites in turn, each with its cameras."""
    _cameras: set[DeviceId] = field(default_factory=set)
    _sites: Counter[str] = field(default_factory=Counter)
    _order: "itertools.count[int]" = field(default_factory=itertools.count)

    def __len__(self) -> int:
        return len(self.keys)

    def put(self, wanted: Wanted) -> bool:
        """Take one in hand, once; False where there is no room."""
        if wanted.still.key in self.keys:
            return True
        room = self.room if wanted.priority is Priority.P0 else self.room // 2
        if len(self.keys) >= room:
            return False
        self.keys.add(wanted.still.key)
        heapq.heappush(self._later, (wanted.due, next(self._order), wanted))
        return True

    def next(self, now: float) -> Job | None:
        """The camera to ask now, with all that is due of it; it is busy until it is done."""
        self._ripen(now)
        for sites in self._turns.values():
            for site in tuple(sites):
                camera = self._free(site, sites)
                if camera is None:
                    continue
                self._cameras.add(camera)
                self._sites[site] += 1
                return Job(camera=camera, site=site, wanted=tuple(self._due.pop(camera)))
        return None

    def done(self, job: Job) -> None:
        """It was asked, however that ended."""
        self._cameras.discard(job.camera)
        self._sites[job.site] -= 1
        if not self._sites[job.site]:
            del self._sites[job.site]
        self.keys.difference_update(wanted.still.key for wanted in job.wanted)

    def is_busy(self, camera: DeviceId) -> bool:
        """Whether that camera is asked just now, or about to be."""
        return camera in self._cameras or camera in self._due

    def next_due(self) -> float | None:
        """When the next becomes due; None: none waits for its time."""
        return self._later[0][0] if self._later else None

    def _free(self, site: str, sites: "OrderedDict[str, deque[DeviceId]]") -> DeviceId | None:
        """The next camera of that site that may be asked; the site goes behind the others."""
        cameras = sites[site]
        if self._sites[site] >= OF_SITE:
            return None
        for _ in range(len(cameras)):
            camera = cameras.popleft()
            if camera not in self._due:
                continue  # a more urgent one took it along
            if camera in self._cameras:
                cameras.append(camera)
                continue
            sites.move_to_end(site)
            return camera
        if not cameras:
            del sites[site]
        return None

    def _ripen(self, now: float) -> None:
        while self._later and self._later[0][0] <= now:
            _, _, wanted = heapq.heappop(self._later)
            camera = wanted.still.camera
            self._due.setdefault(camera, []).append(wanted)
            cameras = self._turns[wanted.priority].setdefault(wanted.site, deque())
            if camera not in cameras:
                cameras.append(camera)
