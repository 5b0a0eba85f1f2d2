"""Silence: who must be heard until when, who was lost alone, and who together; no clock of its own.

Whoever is due waits a little while others of its site miss their check-ins too; so the loss of a
site, or of a district, is found as one and not as many.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.domain import grounds
from gateway.domain.deadlines import Deadlines
from gateway.domain.grounds import LEAST, Grounds, Tally
from gateway.domain.loss import Level, Losses, Scope
from gateway.domain.presence import Heard, Presence, Why
from gateway.domain.site import Device, Registry
from gateway.domain.supervision import Finding
from gateway.domain.ward import DEVICES, Ward

AT_ONCE = 200
"""Deadlines looked at in one go, so that a press beside it does not wait."""
WAITING_AT_ONCE = 2000
SAID_AT_ONCE = 200
"""Single devices told of in one go: they share the lane of the presses."""
HOLD_S = 10.0
"""How long one waits at the most for its site, where 75 s are given …"""
HOLD_OF_SILENCE = HOLD_S / 75
"""… and less where a device must speak more often."""


@dataclass(slots=True)
class _Look:
    """One look: the sites that were counted in it, and the districts, each once."""

    now_s: float
    tallies: dict[str, Tally] = field(default_factory=dict)
    lost: dict[str, set[str]] = field(default_factory=dict)
    """By district, the sites that are mostly lost."""


class Watch:
    """Everybody's deadlines, and what was lost."""

    def __init__(self, presence: Presence, ward: Ward = DEVICES) -> None:
        self.presence, self.ward = presence, ward
        self.losses = Losses(presence, ward)
        self._grounds = Grounds()
        self._deadlines = Deadlines()
        self._waiting: dict[str, float] = {}
        """Those whose time is over and who were not told of yet: since when it is."""

    def expect(self, registry: Registry, now_s: float) -> list[Finding]:
        """Expect those who are registered now; the trouble of one who is no more ends."""
        before, self._grounds = self._grounds, grounds.surveyed(registry, self.ward.has)
        known = self._grounds.devices
        self.presence.forget(registry)
        for device in known.keys() - before.devices.keys():
            self.presence.give_time(device, now_s)
        ended = [
            self.ward.back(device, why, "not_registered")
            for device in before.devices.keys() - known.keys()
            if (why := self.presence.silent.pop(device, None)) and not self.losses.release(device)
        ]
        self._waiting = {one: s for one, s in self._waiting.items() if one in known}
        planned = self._deadlines.planned_s
        latest = ((key, now_s + one.max_silence_s) for key, one in known.items())
        self._deadlines.plan_all({key: min(planned(key, s), s) for key, s in latest})
        return [*filter(None, ended)]

    def knows(self, device: str) -> bool:
        """Whether it is one of those that are watched over."""
        return device in self._grounds.devices

    def remember(self, silent: Mapping[str, Why], lost: Iterable[Scope], now_s: float) -> None:
        """Take up what stood before this life, or elsewhere; none of it is told of again."""
        known = self._grounds
        for device, why in silent.items():
            one = known.devices.get(device)
            if one is not None:
                if self.presence.state(one, now_s) is Heard.WELL:
                    self.presence.returned.add(device)
                self.presence.silent[device] = why
        for level, key in sorted(lost):
            sites = {key} if level is Level.SITE else set(known.districts.get(key, ()))
            devices = [one for site in sorted(sites) for one in known.sites.get(site, ())]
            self.losses.adopt((level, key), devices, sites, now_s)
            self.told((level, key))

    def look(self, now_s: float) -> list[Finding]:
        """What is found now; to be asked again at once while it is behind."""
        found = self._heard_again(now_s)
        for device in self.presence.shortened & self._grounds.devices.keys():
            self._deadlines.hasten(device, self.presence.due_s(self._grounds.devices[device]))
            self.presence.shortened.discard(device)
        self._gather(now_s)
        if self.is_behind(now_s):
            return found
        found += self._turned()
        return [*found, *self._judge(_Look(now_s)), *self.losses.counted_anew(self._grounds, now_s)]

    def told(self, scope: Scope) -> Finding:
        """What is said of a whole that is lost."""
        return self.losses.told(scope, self._grounds)

    def is_behind(self, now_s: float) -> bool:
        """Whether more deadlines have passed than were looked at, and there is room to."""
        return self._deadlines.is_behind(now_s) and len(self._waiting) < WAITING_AT_ONCE

    def _heard_again(self, now_s: float) -> list[Finding]:
        found: list[Finding] = []
        for device in sorted(self.presence.returned & self._grounds.devices.keys()):
            self.presence.returned.discard(device)
            why = self.presence.silent.pop(device, None)
            if why is None:
                continue
            self._plan(device, now_s)
            if not self.losses.release(device) and (said := self.ward.back(device, why, "heard")):
                found.append(said)
        back, away = self.losses.back()
        for device in away:
            self.presence.give_time(device, now_s)
            self._plan(device, now_s)
        return found + back

    def _turned(self) -> list[Finding]:
        """Those whose silence turns out to be of another kind than was told."""
        if not self.ward.turns:
            return []
        found: list[Finding | None] = []
        for device, why in self.presence.silent.items():
            known = self._grounds.devices.get(device)
            if known is None or why not in self.ward.alone:
                continue
            turned = self.ward.cause(known, self.presence)
            if (why, turned) in self.ward.turns:
                self.presence.silent[device] = turned  # a value, not a key: the loop goes on
                found.append(self.ward.back(device, why, turned))
                found.append(self.ward.lost(device, turned))
        return [*filter(None, found)]

    def _gather(self, now_s: float) -> None:
        """Whose deadline has come: who was heard since has a new one, the others wait."""
        if not self.is_behind(now_s):
            return
        for device in list(self._deadlines.passed(now_s, AT_ONCE)):
            known = self._grounds.devices[device]
            due_s = self.presence.due_s(known)
            if due_s > now_s:
                self._plan(device, now_s)
            elif device not in self.presence.silent:
                self._waiting[device] = due_s

    def _judge(self, look: _Look) -> list[Finding]:
        found: list[Finding] = []
        for site, waiting in self._by_site(look.now_s).items():
            due = [one for one in waiting if one.id in self._waiting]  # a district took the others
            tally = self._tally(site, look)
            scope = self._scope(site, tally)
            if scope is not None:
                self._lose(scope, due, {site}, look)
            elif tally.is_mostly_lost and (whole := self._whole(site, tally, due, look)):
                found.append(whole)
            elif not tally.is_lost:
                room = SAID_AT_ONCE - len(found)
                told = (self._told(one) for one in self._single(tally, due, look)[:room])
                found += filter(None, told)
        return found

    def _by_site(self, now_s: float) -> dict[str, list[Device]]:
        """Those who wait, by site; who was heard meanwhile waits no more."""
        by_site: dict[str, list[Device]] = {}
        for device in list(self._waiting):
            known = self._grounds.devices[device]
            if self.presence.due_s(known) > now_s:
                del self._waiting[device]
                self._plan(device, now_s)
            else:
                by_site.setdefault(known.site, []).append(known)
        return by_site

    def _scope(self, site: str, tally: Tally) -> Scope | None:
        """The whole that it was lost with already."""
        if (Level.SITE, site) in self.losses:
            return Level.SITE, site
        scope = (Level.DISTRICT, self._grounds.district_of.get(site, ""))
        is_of_it = site in self.losses.sites(scope) or tally.is_mostly_lost
        return scope if scope in self.losses and is_of_it else None

    def _whole(self, site: str, tally: Tally, due: list[Device], look: _Look) -> Finding | None:
        """The district's loss, or the site's; None while it may still become the district's."""
        district = self._grounds.district_of.get(site, "")
        sites = self._grounds.districts.get(district, ())
        lost = self._lost_sites(district, look)
        if self._is_district_lost(sites, len(lost)):
            scope = (Level.DISTRICT, district)
            devices = [one for key in sorted(lost) for one in look.tallies[key].lost]
            self._lose(scope, devices, set(lost), look)
            return self.told(scope)
        is_over = any(look.now_s >= self._waits_until_s(one) for one in due)
        if not tally.is_lost or (len(lost) > 1 and not is_over):
            return None
        self._lose((Level.SITE, site), tally.lost, {site}, look)
        lost.discard(site)
        return self.told((Level.SITE, site))

    def _lost_sites(self, district: str, look: _Look) -> set[str]:
        """Those that are mostly lost, and not told of yet."""
        if district not in look.lost:
            look.lost[district] = {
                one
                for one in self._grounds.districts.get(district, ())
                if (Level.SITE, one) not in self.losses and self._tally(one, look).is_mostly_lost
            }
        return look.lost[district]

    def _is_district_lost(self, sites: tuple[str, ...], lost: int) -> bool:
        """By the same measure as a site: most of what lived lately, and most of all."""
        before = sum((Level.SITE, site) in self.losses for site in sites)
        living, whole = len(sites) - before - lost, lost + before
        return lost > max(1, living) and whole >= LEAST and 2 * whole > len(sites)

    def _lose(self, scope: Scope, devices: list[Device], sites: set[str], look: _Look) -> None:
        self.losses.lose(scope, devices, sites, look.now_s)
        for device in devices:
            self._waiting.pop(device.id, None)

    def _single(self, tally: Tally, due: list[Device], look: _Look) -> list[Device]:
        """Those who wait for no others of their site, or waited long enough."""
        is_alone = len(tally.lost) == 1
        return [one for one in due if is_alone or look.now_s >= self._waits_until_s(one)]

    def _told(self, device: Device) -> Finding | None:
        del self._waiting[device.id]
        why = self.ward.cause(device, self.presence)
        self.presence.silent[device.id] = why
        return self.ward.lost(device.id, why)

    def _waits_until_s(self, device: Device) -> float:
        return self._waiting[device.id] + min(HOLD_S, device.max_silence_s * HOLD_OF_SILENCE)

    def _tally(self, site: str, look: _Look) -> Tally:
        found = look.tallies.get(site)
        if found is None:
            found = grounds.tallied(self._grounds, site, self.presence, look.now_s)
            look.tallies[site] = found
        return found

    def _plan(self, device: str, now_s: float) -> None:
        known = self._grounds.devices.get(device)
        if known is not None:
            self._deadlines.plan(device, self._next_s(known, now_s))

    def _next_s(self, device: Device, now_s: float) -> float:
        """Its deadline; while it cannot be heard, a look now and then."""
        return min(self.presence.due_s(device), now_s + device.max_silence_s)
