"""How a turnstile thinks: cards, force, commands and time in; passages and alarms out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time

from simulators.acts import Act, Deed, Denial, Direction
from simulators.character import Character
from simulators.clock import ALMATY, Moment
from simulators.outputs import Done, Output
from simulators.station import Station
from simulators.wire import Command, Data, Leaf

INTERLOCK_S = 0.4  # the arm still turns: nobody passes the other way
KEPT_CARDS = 5000
ARM_KINDS = {
    Deed.FORCE: "passage.forced",
    Deed.HOLD_OPEN: "passage.held_open",
    Deed.CLOSE: "passage.closed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardList:
    """Which cards a turnstile knows; made-up numbers, `count` of them from `first` on."""

    first: int = 7_700_000_001
    count: int = 1000
    expired: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    opens: time = time(0, 0)
    closes: time = time(23, 59, 59)

    def knows(self, card: str) -> bool:
        """Tell whether this card was ever handed out."""
        return card.isdecimal() and self.first <= int(card) < self.first + self.count


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A turnstile: what all devices have, and its cards."""

    character: Character
    cards: CardList
    anti_passback: bool = True


class Turnstile:
    """A turnstile with a card reader on each side."""

    def __init__(
        self, settings: Settings, moment: Moment, draw_id: Callable[[], str], *, boot: int = 1
    ) -> None:
        self.settings = settings
        self.station = Station(settings.character, moment, draw_id, boot=boot)
        self.open = False
        self.inside: dict[str, None] = {}
        self._turning: tuple[Direction, float] | None = None

    def act(self, moment: Moment, act: Act) -> list[Output]:
        """Let something happen to the turnstile."""
        match act.deed:
            case Deed.CARD:
                return self.card(moment, act)
            case Deed.DENY:
                return self._denied(moment, act, act.reason)
            case Deed.DURESS:
                return self._event(moment, "passage.duress", credential=act.card)
            case Deed.FORCE | Deed.HOLD_OPEN | Deed.CLOSE:
                return self._event(moment, ARM_KINDS[act.deed])
            case Deed.UNLOCK | Deed.LOCK:
                return self._open(moment, opened=act.deed is Deed.UNLOCK)
            case _:
                return self.station.wear(moment, act)

    def card(self, moment: Moment, act: Act) -> list[Output]:
        """Read a card: let its bearer through, or say why not."""
        if self.open:
            return []  # everybody walks: nothing is read while the arms are down
        denial = self._denial(moment, act)
        if denial is not None:
            return self._denied(moment, act, denial)
        if act.taken:
            self._walks(act)
            self._turning = (act.direction, moment.monotonic)
        data: Data = {
            "direction": act.direction.value,
            "credential": act.card,
            "taken": act.taken,
        }
        return self.station.event(moment, "passage.granted", data=data)

    def heard(self, moment: Moment, broker: int, leaf: Leaf, payload: bytes) -> list[Output]:
        """Hear the gateway on one of the turnstile's own topics."""
        match leaf:
            case Leaf.RECEIPT:
                heard = self.station.receipt(moment, broker, payload)
                return [heard] if heard is not None else []
            case Leaf.COMMAND:
                return self.station.command(
                    moment, broker, payload, lambda command: self._do(moment, command)
                )
            case _:
                return []

    def beacon(self, moment: Moment, payload: bytes) -> list[Output]:
        """Hear that a gateway is there."""
        self.station.beacon(moment, payload)
        return []

    def line_changed(self, moment: Moment) -> list[Output]:
        """Notice that a line came or went."""
        return self.station.line_changed(moment)

    def passed(self, moment: Moment) -> list[Output]:
        """Let time pass."""
        return self.station.passed(moment)

    def next_wake_s(self) -> float:
        """Tell when time alone will change something."""
        return self.station.next_wake_s()

    def unstored(self) -> int:
        """Count the events that wait for a receipt."""
        return self.station.memory.unstored()

    def _denial(self, moment: Moment, act: Act) -> Denial | None:
        cards = self.settings.cards
        local = moment.now.astimezone(ALMATY).time()
        reasons = {
            Denial.UNKNOWN_CARD: not cards.knows(act.card),
            Denial.BLOCKED: act.card in cards.blocked,
            Denial.EXPIRED: act.card in cards.expired,
            Denial.SCHEDULE: not cards.opens <= local <= cards.closes,
            Denial.ANTI_PASSBACK: self._passed_twice(act),
            Denial.INTERLOCK: self._turns_against(moment, act.direction),
        }
        return next((denial for denial, holds in reasons.items() if holds), None)

    def _passed_twice(self, act: Act) -> bool:
        return (
            self.settings.anti_passback
            and act.direction is Direction.IN
            and act.card in self.inside
        )

    def _turns_against(self, moment: Moment, direction: Direction) -> bool:
        if self._turning is None:
            return False
        turning, since_s = self._turning
        return turning is not direction and moment.monotonic - since_s < INTERLOCK_S

    def _walks(self, act: Act) -> None:
        if act.direction is Direction.OUT:
            self.inside.pop(act.card, None)
            return
        if len(self.inside) >= KEPT_CARDS:  # the oldest is let in twice rather than kept out
            del self.inside[next(iter(self.inside))]
        self.inside[act.card] = None

    def _do(self, moment: Moment, command: Command) -> Done:
        match command.command:
            case "unlock" | "lock":
                return None, self._open(moment, opened=command.command == "unlock")
            case "resend":
                if not self.settings.character.ability.resend:
                    return "unsupported", []
                return None, self.station.resend(moment)
            case "confirm":
                self.station.memory.delivered(command.data.event_id if command.data else None)
                return None, []
            case "identify":
                return None, []
            case _:
                return "unsupported", []

    def _open(self, moment: Moment, *, opened: bool) -> list[Output]:
        if opened is self.open:
            return []
        self.open = opened
        return self._event(moment, "passage.unlocked" if opened else "passage.locked")

    def _denied(self, moment: Moment, act: Act, reason: Denial) -> list[Output]:
        data: Data = {
            "direction": act.direction.value,
            "credential": act.card,
            "reason": reason.value,
        }
        return self.station.event(moment, "passage.denied", data=data)

    def _event(self, moment: Moment, kind: str, *, credential: str | None = None) -> list[Output]:
        data: Data | None = {"credential": credential} if credential else None
        return self.station.event(moment, kind, data=data)
