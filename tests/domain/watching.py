"""A region under supervision: who is heard when, and what is found each second."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gateway.domain.presence import Presence
from gateway.domain.silence import Watch
from gateway.domain.site import Device, DeviceId, Names, Registry, Site, SiteId, Sort
from gateway.domain.supervision import Finding

EPOCH = datetime(2026, 11, 22, tzinfo=UTC)


def region(
    *sizes: int, district: str = "medeu", sort: Sort = Sort.PANIC_BUTTON, max_silence_s: int = 75
) -> Registry:
    """Sites s0, s1 and so on, with so many devices each: s0-d0, s0-d1."""
    keys = [SiteId(f"s{number}") for number in range(len(sizes))]
    devices = [
        Device(id=DeviceId(f"{key}-d{n}"), sort=sort, site=key, max_silence_s=max_silence_s)
        for key, size in zip(keys, sizes, strict=True)
        for n in range(size)
    ]
    return Registry(
        version=1,
        sites={key: Site(id=key, name=Names(en=key), district=district) for key in keys},
        devices={one.id: one for one in devices},
    )


@dataclass
class World:
    """A watch whose devices check in by themselves each 30 s, unless they are dead."""

    registry: Registry
    now_s: float = 1000.0
    link: str = "a"
    watch: Watch = field(default_factory=lambda: Watch(Presence()))
    dead: set[str] = field(default_factory=set)
    told: list[tuple[float, Finding]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.presence.links = {"a": self.now_s, "b": self.now_s}
        self.watch.expect(self.registry, self.now_s)

    @property
    def presence(self) -> Presence:
        return self.watch.presence

    def hear(self, *devices: str, link: str | None = None) -> None:
        for device in devices:
            self.presence.hear(device, EPOCH, self.now_s, link or self.link, registered=True)

    def live(self, seconds: float) -> list[str]:
        """So many seconds pass; what was found: `kind of whom`."""
        before = len(self.told)
        for _ in range(int(seconds)):
            self.now_s += 1
            self.hear(*self._check_ins())
            self.look()
        return [f"{one.kind} {one.about}" for _, one in self.told[before:]]

    def look(self) -> None:
        self.told += [(self.now_s, one) for one in self.watch.look(self.now_s)]
        while self.watch.is_behind(self.now_s):
            self.told += [(self.now_s, one) for one in self.watch.look(self.now_s)]

    def age_s(self, about: str, heard_s: float) -> float:
        """How long after a moment something was found of that one."""
        return next(s for s, one in self.told if one.about == about) - heard_s

    def state(self, device: str) -> str:
        state, why = self.presence.standing(self.registry.devices[device], self.now_s)
        return state.value if why is None else f"{state.value}: {why.value}"

    def _check_ins(self) -> Iterable[str]:
        """Each at its own second of every thirty."""
        for number, device in enumerate(self.registry.devices):
            if device not in self.dead and (int(self.now_s) + number * 7) % 30 == 0:
                yield device
