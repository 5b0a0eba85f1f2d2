"""What every dabyl/v1 device does, whatever it senses: repeat, check in, answer, notice silence.

No I/O: moments and bytes go in, outputs come out.
"""

import math
from collections.abc import Callable
from datetime import datetime, timedelta

from simulators import wire
from simulators.acts import Act, Deed
from simulators.character import Character
from simulators.clock import ClockQuality, Moment
from simulators.outputs import Answered, Done, Output, Publish, Refused, Stored, Told
from simulators.repeating import Repeater, Telling
from simulators.wire import Command, Data, Event, Leaf, Receipt

SILENCE_S = 30.0
BATTERY_LOW_PERCENT = 20
KEPT_REPLIES = 32


class Station:
    """The part that all devices have in common."""

    def __init__(
        self, character: Character, moment: Moment, draw_id: Callable[[], str], *, boot: int = 1
    ) -> None:
        self.character = character
        self.boot = boot
        self.battery = 100
        self.tamper = False
        self.mains = True
        self.deaf = False
        self._draw_id = draw_id
        self._seq = 0
        self._brokers = character.known_brokers
        self.memory = Repeater(
            brokers=self._brokers,
            waits=character.ability.waits,
            kept_events=character.kept_events,
        )
        self._replies: dict[str, str | None] = {}
        self._heard_beacon_s = moment.monotonic
        self._time: tuple[datetime, float] | None = None
        self._check_in_due_s = moment.monotonic + character.first_check_in_s

    def event(
        self,
        moment: Moment,
        kind: str,
        *,
        part: int | None = None,
        test: bool = False,
        data: Data | None = None,
    ) -> list[Output]:
        """Let something happen: it is kept, numbered if it is an alarm, and told."""
        alarm = kind not in wire.EVENT_KINDS
        event = Event(
            id=self._draw_id(),
            kind=kind,
            at=self.character.clock.says(moment),
            born_s=moment.monotonic,
            clock=self.character.clock.quality,
            boot=self.boot if alarm else None,
            seq=self._seq if alarm else None,
            part=part,
            test=test,
            data=data,
        )
        self._seq += alarm
        return self._say(moment, self.memory.take(moment, event))

    def passed(self, moment: Moment) -> list[Output]:
        """Do what is due: repeats and the check-in."""
        outputs = self._say(moment, self.memory.due(moment))
        self.deaf = moment.monotonic >= self._heard_beacon_s + SILENCE_S
        if moment.monotonic >= self._check_in_due_s:
            late_s = moment.monotonic - self._check_in_due_s
            every_s = self.character.check_in_s
            self._check_in_due_s = moment.monotonic + every_s - late_s % every_s
            outputs += self.check_in(moment)
        return outputs

    def next_wake_s(self) -> float:
        """Tell when time alone will change something."""
        deaf_s = math.inf if self.deaf else self._heard_beacon_s + SILENCE_S
        return min(self._check_in_due_s, self.memory.next_due_s(), deaf_s)

    def check_in(self, moment: Moment) -> list[Output]:
        """Tell every broker how the device is."""
        clock = self.character.clock
        body = wire.body_of(
            {
                "online": True,
                "at": clock.says(moment).isoformat(timespec="milliseconds"),
                "clock": clock.quality.value,
                "every_s": round(self.character.check_in_s),
                "serial": self.character.device.upper(),
                "model": self.character.model,
                "firmware": "1.0.0",
                "battery": self.battery,
                "tamper": self.tamper,
                "mains": self.mains,
                "boot": self.boot,
                "seq": self._seq - 1 if self._seq else None,
            }
        )
        return [Publish(n, Leaf.STATE, body, retain=True) for n in range(self._brokers)]

    def line_changed(self, moment: Moment) -> list[Output]:
        """Check in at once when a line came or went: its Last Will may have spoken for us."""
        return self.check_in(moment)

    def beacon(self, moment: Moment, payload: bytes) -> None:
        """Hear that a gateway is there, and take its time."""
        self._heard_beacon_s = moment.monotonic
        self.deaf = False
        beacon = wire.read_beacon(payload)
        time = wire.read_time(beacon.at) if beacon is not None else None
        if time is not None:
            self._time = (time, moment.monotonic)

    def receipt(self, moment: Moment, broker: int, payload: bytes) -> Stored | Refused | None:
        """Take a receipt; nothing if it is not readable or about nothing we keep."""
        receipt = wire.read_receipt(payload)
        if receipt is None:
            return None
        if receipt.refused is not None:
            return self._refused(receipt, receipt.refused)
        owed = self.memory.stored(receipt.id, broker) if receipt.id else None
        if owed is None:
            return None
        age_ms = round((moment.monotonic - owed.event.born_s) * 1000)
        return Stored(owed.event, age_ms, receipt.copies)

    def command(
        self,
        moment: Moment,
        broker: int,
        payload: bytes,
        do: Callable[[Command], Done],
    ) -> list[Output]:
        """Do a command once, answer it each time; garbled or too late it is not even answered."""
        command = wire.read_command(payload)
        if command is None:
            return []
        until = wire.read_time(command.until)
        if until is not None and self._believed_time(moment) > until:
            return []
        if command.id in self._replies:
            return [self._reply(broker, command.id, self._replies[command.id])]
        error, outputs = do(command) if until is not None else ("until is missing", [])
        if len(self._replies) >= KEPT_REPLIES:
            del self._replies[next(iter(self._replies))]
        self._replies[command.id] = error
        reply = self._reply(broker, command.id, error)
        about = command.data.event_id if command.data is not None else None
        return [*outputs, reply, Answered(command.command, error, about)]

    def resend(self, moment: Moment) -> list[Output]:
        """Tell the kept alarms again."""
        return self._say(moment, self.memory.resend(moment))

    def wear(self, moment: Moment, act: Act) -> list[Output]:
        """Let wear or bad luck come over the device; what cannot happen to it does nothing."""
        match act.deed:
            case Deed.BATTERY:
                return self.battery_at(moment, act.percent)
            case Deed.TAMPER_OPEN | Deed.TAMPER_CLOSE:
                return self.tamper_is(moment, opened=act.deed is Deed.TAMPER_OPEN)
            case Deed.MAINS_OFF | Deed.MAINS_ON:
                return self.mains_are(moment, there=act.deed is Deed.MAINS_ON)
            case Deed.REBOOT:
                return self.reboot(moment)
            case _:
                return []

    def reboot(self, moment: Moment) -> list[Output]:
        """Start again: the next boot, counting from 0; kept alarms survive in flash memory."""
        self.boot += 1
        self._seq = 0
        self._replies.clear()
        self._time = None
        self._heard_beacon_s = moment.monotonic
        return self.check_in(moment)

    def battery_at(self, moment: Moment, percent: int) -> list[Output]:
        """Let the battery fall or rise; crossing the mark is an event."""
        was_low = self.battery < BATTERY_LOW_PERCENT
        self.battery = percent
        if was_low is (percent < BATTERY_LOW_PERCENT):
            return []
        return self.event(moment, "battery.restored" if was_low else "battery.low")

    def tamper_is(self, moment: Moment, *, opened: bool) -> list[Output]:
        """Open or close the case."""
        if opened is self.tamper:
            return []
        self.tamper = opened
        return self.event(moment, "tamper.opened" if opened else "tamper.closed")

    def mains_are(self, moment: Moment, *, there: bool) -> list[Output]:
        """Take the mains away or give them back."""
        if there is self.mains:
            return []
        self.mains = there
        return self.event(moment, "mains.restored" if there else "mains.lost")

    def _say(self, moment: Moment, tellings: list[Telling]) -> list[Output]:
        outputs: list[Output] = []
        for telling in tellings:
            body = wire.event_body(telling.event, moment.monotonic)
            outputs.append(Publish(telling.broker, telling.event.leaf, body))
            outputs.append(Told(telling.event, telling.broker, telling.again))
        return outputs

    def _refused(self, receipt: Receipt, reason: str) -> Refused:
        owed = self.memory.refused(receipt.id) if receipt.id else None
        return Refused(owed.event if owed else None, reason)

    def _reply(self, broker: int, command_id: str, error: str | None) -> Publish:
        return Publish(broker, Leaf.REPLY, wire.reply_body(command_id, error))

    def _believed_time(self, moment: Moment) -> datetime:
        if self._time is not None:  # the gateway's clock judges the gateway's deadline
            said, heard_s = self._time
            return said + timedelta(seconds=moment.monotonic - heard_s)
        if self.character.clock.quality is ClockQuality.UNSET:
            return moment.now
        return self.character.clock.says(moment)
