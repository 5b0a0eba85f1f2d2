"""How a camera thinks: what stands, what happened, who must be told; no socket in here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from simulators.camera import notification, spelling
from simulators.camera.doorkeeper import Account, Doorkeeper
from simulators.camera.makes import MAKES, Make
from simulators.camera.notification import Notification
from simulators.camera.quirks import Quirk, Switches
from simulators.camera.record import Record
from simulators.camera.spelling import Happening
from simulators.camera.subscriptions import Slots, Store, Subscription
from simulators.clock import Clock

DEAD_S: Final = 60.0
_HOUR_S: Final = 3600.0
_DETAILS: Final = {
    "token": "1",
    "object": "17",
    "card": "7700000001",
    "holder": "Айгүл Серікова",
    "reason": "InvalidCredential",
}
_RULES: Final = frozenset({Happening.MOTION, Happening.LINE, Happening.INTRUSION, Happening.PERSON})
_DOORS: Final = frozenset({Happening.DOOR, Happening.DOOR_ALARM, Happening.LOCK})
Key = tuple[Happening, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A pair of clamps for a wired contact; a closed loop says true at rest."""

    token: str
    normally_closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """What a camera is made of: fixed while it lives."""

    name: str
    serial: str = ""
    make: Make = field(default_factory=lambda: MAKES["plain"])
    accounts: dict[str, Account] = field(default_factory=dict)
    inputs: tuple[Input, ...] = (Input(token="1"), Input(token="2"))
    doors: tuple[str, ...] = ()
    scene: str = ""

    @property
    def told_serial(self) -> str:
        """The serial number that it tells."""
        return self.serial or self.name.upper()


class Machine:
    """One camera."""

    def __init__(self, character: Character, clock: Clock) -> None:
        self.character = character
        self.clock = clock
        self.switches = Switches(character.make.quirks)
        self.record = Record()
        self.slots = Slots(character.make.slots)
        self.store = Store()
        self.doorkeeper = Doorkeeper(character.accounts, self.switches, self.now, clock.monotonic)
        self.firmware = character.make.firmware
        self.offset_s = 0.0
        self.base = ""
        self.boots = 1
        self.renews = 0
        self.dead_until_s = float("-inf")
        self.hand_until_s = float("-inf")
        self.subscribed: Callable[[Subscription], None] = lambda _subscription: None
        self.booted_at = clock.now()
        self._stands: dict[Key, bool] = dict.fromkeys(self._properties(), False)

    def now(self) -> datetime:
        """Tell the time that the camera believes."""
        wrong_s = self.offset_s
        if self.switches.on(Quirk.CLOCK_OFF):
            wrong_s += self.switches.number(Quirk.CLOCK_OFF, _HOUR_S)
        return self.clock.now() + timedelta(seconds=wrong_s)

    def stands(self, happening: Happening, token: str = "1") -> bool:
        """Tell whether something stands: an input active, the picture covered."""
        return self._stands.get((happening, token), False)

    def sees_hand(self) -> bool:
        """Tell whether somebody is seen at the button before the lens."""
        wired = (self.stands(Happening.INPUT, one.token) for one in self.character.inputs)
        return self.clock.monotonic() < self.hand_until_s or any(wired)

    def turn(
        self,
        happening: Happening,
        active: bool,
        token: str = "1",
        *,
        reason: str = "",
    ) -> None:
        """Let something begin or end, and tell it if it changed."""
        if self._stands.get((happening, token)) is active:
            return
        self._stands[(happening, token)] = active
        if active or not self.switches.on(Quirk.NEVER_ENDS):
            self._tell_change(happening, token, active=active, reason=reason)
        if active and self.switches.on(Quirk.SHORT_PULSES):
            self.turn(happening, False, token)

    def pulse(self, happening: Happening, token: str = "1", *, reason: str = "") -> None:
        """Let something happen that has no end."""
        self._tell_change(happening, token, active=True, reason=reason)

    def say(self, said: Notification) -> None:
        """Tell subscribers something, whatever it is."""
        self.store.kept.append(said)
        self.record.told += 1
        motion = "otion" in said.topic
        hidden = self.switches.on(Quirk.RICH_BY_PUSH_ONLY) and not motion
        for one in self.slots.living(self.clock.monotonic()):
            if one.consumer is not None or not hidden:
                one.tell(said)

    def initial(self) -> list[Notification]:
        """Tell how everything stands, as Initialized."""
        if self.switches.on(Quirk.NO_INITIAL):
            return []
        all_true = self.switches.on(Quirk.ALL_INITIALIZED_TRUE)
        return [
            one
            for (happening, token), active in self._stands.items()
            for one in self._spelled(
                happening, token, active=active or all_true, operation=notification.INITIALIZED
            )
        ]

    def restart(self) -> None:
        """Forget what a camera forgets when its power goes: subscriptions, what waited."""
        self.slots.clear()
        self.renews = 0
        self.dead_until_s = float("-inf")
        self.boots += 1
        self.booted_at = self.clock.now()

    def request_came(self) -> None:
        """Let a request do what it does to a bad clock."""
        if self.switches.on(Quirk.CLOCK_STEPS):
            self.offset_s += self.switches.number(Quirk.CLOCK_STEPS, _HOUR_S)

    def address(self, path: str) -> str:
        """Tell one of its own addresses, as wrong as it is."""
        scheme, _, host_port = self.base.partition("://")
        host, _, port = host_port.rpartition(":")
        if self.switches.on(Quirk.RELATIVE_ADDRESS):
            return path
        if self.switches.on(Quirk.DOUBLED_PORT):
            return f"{scheme}://{host}:{port}:{port}{path}"
        if self.switches.on(Quirk.LAN_ADDRESS):
            return f"{scheme}://{self.switches.text(Quirk.LAN_ADDRESS, '192.168.1.108')}{path}"
        return f"{self.base}{path}"

    def spellings(self) -> dict[Happening, spelling.Spelling]:
        """Tell what it can say at all."""
        known = spelling.known(self.character.make.dialect)
        if not self.character.doors:
            access = {Happening.GRANTED, Happening.DENIED, Happening.DURESS}
            return {one: how for one, how in known.items() if one not in access | _DOORS}
        return known

    def _properties(self) -> list[Key]:
        tokens = {
            Happening.INPUT: tuple(one.token for one in self.character.inputs),
            **dict.fromkeys(_DOORS, self.character.doors),
        }
        return [
            (happening, token)
            for happening, how in self.spellings().items()
            if how.is_property
            for token in tokens.get(happening, ("1",))
        ]

    def _tell_change(self, happening: Happening, token: str, *, active: bool, reason: str) -> None:
        for one in self._spelled(
            happening, token, active=active, operation=notification.CHANGED, reason=reason
        ):
            self.say(one)

    def _spelled(
        self, happening: Happening, token: str, *, active: bool, operation: str, reason: str = ""
    ) -> list[Notification]:
        how = spelling.of(self.character.make.dialect, happening)
        if how is None:
            return []
        motion = happening is Happening.MOTION
        hows = [how, spelling.TWIN] if motion and self.switches.on(Quirk.TWIN_MOTION) else [how]
        rule = f"My{happening.title()}Rule" if happening in _RULES else token
        details = {**_DETAILS, "token": rule, **({"reason": reason} if reason else {})}
        if happening is Happening.INPUT:
            active ^= self._closed_at_rest(token)
        told = [
            notification.spelled(
                one, self.now(), active=active, operation=operation, details=details
            )
            for one in hows
        ]
        return [notification.ending_motion(one) for one in told] if motion and not active else told

    def _closed_at_rest(self, token: str) -> bool:
        return any(one.token == token and one.normally_closed for one in self.character.inputs)
