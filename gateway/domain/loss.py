"""Loss: a site or a district that was lost as one, who of it is still away, and when it is back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from gateway.domain import supervision
from gateway.domain.event import Affected
from gateway.domain.grounds import Grounds
from gateway.domain.presence import Heard, Presence, Why
from gateway.domain.site import Device
from gateway.domain.supervision import Finding
from gateway.domain.ward import Ward

COUNT_EVERY_S = 30.0


class Level(StrEnum):
    """What can be lost as one."""

    SITE = "site"
    DISTRICT = "district"


Scope = tuple[Level, str]
_WHY = {Level.SITE: Why.WITH_ITS_SITE, Level.DISTRICT: Why.WITH_ITS_DISTRICT}


@dataclass(slots=True, kw_only=True)
class Loss:
    """One whole that was lost."""

    away: set[str] = field(default_factory=set)
    """Who of it was not heard since."""
    members: int = 0
    sites: set[str] = field(default_factory=set)
    counted: Affected | None = None
    counted_s: float


class Losses:
    """All that stands as lost; who is silent with his site or district is told of no more."""

    def __init__(self, presence: Presence, ward: Ward) -> None:
        self._presence, self._ward = presence, ward
        self._losses: dict[Scope, Loss] = {}
        self._with: dict[str, Scope] = {}

    def __contains__(self, scope: Scope) -> bool:
        return scope in self._losses

    def scopes(self) -> list[Scope]:
        """Everything that stands as lost."""
        return sorted(self._losses)

    def sites(self, scope: Scope) -> set[str]:
        """The sites that were lost with it."""
        loss = self._losses.get(scope)
        return set() if loss is None else loss.sites

    def lose(self, scope: Scope, devices: Iterable[Device], sites: set[str], s: float) -> None:
        """These are silent with that whole, beside those that were before."""
        loss = self._losses.setdefault(scope, Loss(counted_s=s))
        loss.sites |= sites
        for device in devices:
            self._presence.silent[device.id] = _WHY[scope[0]]
            self._with[device.id] = scope
            loss.members += device.id not in loss.away
            loss.away.add(device.id)

    def adopt(self, scope: Scope, devices: Sequence[Device], sites: set[str], s: float) -> None:
        """What was found lost elsewhere, or before: who of it is well is not away."""
        away = [
            one
            for one in devices
            if one.id not in self._presence.silent
            and self._presence.state(one, s) is not Heard.WELL
        ]
        self.lose(scope, away, sites, s)
        self._losses[scope].members = len(devices)

    def told(self, scope: Scope, grounds: Grounds) -> Finding:
        """What is said of it, with how many it concerns by now."""
        affected = self._affected(scope, grounds)
        self._losses[scope].counted = affected
        cause = f"{affected.devices}_of_{affected.of_devices}"
        return _finding(scope, self._ward.whole_lost, cause, affected)

    def release(self, device: str) -> bool:
        """One is heard again, or registered no more; False where it was lost by itself."""
        scope = self._with.pop(device, None)
        if scope is not None and scope in self._losses:
            self._losses[scope].away.discard(device)
        return scope is not None

    def back(self) -> tuple[list[Finding], list[str]]:
        """What is back, with half of its own, and who is still away: they have their time anew."""
        found: list[Finding] = []
        away: list[str] = []
        for scope, loss in list(self._losses.items()):
            if 2 * len(loss.away) > loss.members:
                continue
            del self._losses[scope]
            heard = loss.members - len(loss.away)
            cause = f"{heard}_of_{loss.members}"
            found.append(_finding(scope, self._ward.whole_back, cause, None))
            for device in sorted(loss.away):
                self._with.pop(device, None)
                self._presence.silent.pop(device, None)
                away.append(device)
        return found, away

    def counted_anew(self, grounds: Grounds, s: float) -> list[Finding]:
        """Those that concern more or fewer by now; not more often than each half minute."""
        found = []
        for scope, loss in self._losses.items():
            if s - loss.counted_s < COUNT_EVERY_S:
                continue
            loss.counted_s = s
            if self._affected(scope, grounds) != loss.counted:
                found.append(self.told(scope, grounds))
        return found

    def _affected(self, scope: Scope, grounds: Grounds) -> Affected:
        level, key = scope
        sites: Sequence[str] = (key,)
        if level is Level.DISTRICT:
            sites = grounds.districts.get(key, ())
        devices = [one for site in sites for one in grounds.sites.get(site, ())]
        silent = sum(one.id in self._presence.silent for one in devices)
        if level is Level.SITE:
            return Affected(devices=silent, of_devices=len(devices))
        return Affected(
            devices=silent,
            of_devices=len(devices),
            sites=len(self._losses[scope].sites),
            of_sites=len(sites),
        )


def _finding(scope: Scope, what: str, cause: str, affected: Affected | None) -> Finding:
    level, key = scope
    kind = f"{level}.{what}"
    if level is Level.SITE:
        about = supervision.site_name(key)
        return Finding(kind=kind, about=about, cause=cause, site=key, affected=affected)
    about = supervision.district_name(key)
    return Finding(kind=kind, about=about, cause=cause, district=key, affected=affected)
