"""A device's ways to its brokers: a connection of its own, or a part of a shared one."""

from typing import Protocol

from simulators import wire
from simulators.mqtt import Broker, Connection, Identity
from simulators.wire import Leaf


class Ears(Protocol):
    """A device, as its lines know it."""

    def heard(self, broker: int, leaf: Leaf, payload: bytes) -> None:
        """Hear a word on one of the device's own topics."""
        ...

    def beacon(self, payload: bytes) -> None:
        """Hear a gateway's sign of life."""
        ...

    def line_changed(self, *, up: bool) -> None:
        """Notice that a line came or went."""
        ...

    def line_trouble(self, broker: int, why: str) -> None:
        """Learn why there is no line."""
        ...


class Line(Protocol):
    """One device's way to one broker."""

    def send(self, leaf: Leaf, payload: bytes, *, retain: bool) -> None:
        """Say it now or never: what cannot leave now is left to the device's own repeats."""
        ...

    def cut(self) -> None:
        """Cut the cable."""
        ...

    def mend(self) -> None:
        """Mend the cable."""
        ...


class OwnLine:
    """A connection of a device's own, with its Last Will."""

    def __init__(self, broker: Broker, number: int, identity: Identity, ears: Ears) -> None:
        self._device = identity.name
        self._number = number
        self._ears = ears
        self.connection = Connection(
            broker,
            identity,
            [
                wire.topic(self._device, Leaf.RECEIPT),
                wire.topic(self._device, Leaf.COMMAND),
                f"{wire.BEACONS}/#",
            ],
            hear=self._hear,
            changed=lambda up: ears.line_changed(up=up),
            complain=lambda why: ears.line_trouble(number, why),
        )

    def send(self, leaf: Leaf, payload: bytes, *, retain: bool) -> None:
        """Say it, if the line is up."""
        self.connection.send(wire.topic(self._device, leaf), payload, retain=retain)

    def cut(self) -> None:
        """Cut the cable."""
        self.connection.cut()

    def mend(self) -> None:
        """Mend the cable."""
        self.connection.mend()

    def _hear(self, topic: str, payload: bytes) -> None:
        if topic.startswith(wire.BEACONS):
            self._ears.beacon(payload)
        else:
            self._ears.heard(self._number, Leaf(topic.rpartition("/")[2]), payload)


class SharedLine:
    """One device's part of a connection that many share; there is no true Last Will."""

    def __init__(self, connection: Connection, device: str, ears: Ears) -> None:
        self._connection = connection
        self._device = device
        self.ears = ears
        self.whole = True

    def send(self, leaf: Leaf, payload: bytes, *, retain: bool) -> None:
        """Say it, if the line is whole."""
        if self.whole:
            self._connection.send(wire.topic(self._device, leaf), payload, retain=retain)

    def cut(self) -> None:
        """Cut the cable; the Last Will is said in the broker's stead."""
        self.send(Leaf.STATE, wire.will_body(), retain=True)
        self.whole = False

    def mend(self) -> None:
        """Mend the cable."""
        if not self.whole:
            self.whole = True
            self.ears.line_changed(up=True)


class Hub:
    """One connection to one broker, shared by many devices (load only: the broker is anonymous)."""

    def __init__(self, broker: Broker, number: int, name: str) -> None:
        self._number = number
        self._lines: dict[str, SharedLine] = {}
        topics = [f"{wire.PREFIX}/+/{leaf}" for leaf in (Leaf.RECEIPT, Leaf.COMMAND)]
        self.connection = Connection(
            broker,
            Identity(name, leaves_will=False),
            [*topics, f"{wire.BEACONS}/#"],
            hear=self._hear,
            changed=self._changed,
            complain=self._complain,
        )

    def line(self, device: str, ears: Ears) -> SharedLine:
        """Give a device its part of the connection."""
        line = SharedLine(self.connection, device, ears)
        self._lines[device] = line
        return line

    def _hear(self, topic: str, payload: bytes) -> None:
        if topic.startswith(wire.BEACONS):
            for line in self._lines.values():
                if line.whole:
                    line.ears.beacon(payload)
            return
        _, _, device, leaf = topic.split("/")
        heard = self._lines.get(device)
        if heard is not None and heard.whole:
            heard.ears.heard(self._number, Leaf(leaf), payload)

    def _changed(self, up: bool) -> None:  # noqa: FBT001 - one flag is all a connection has to say
        for line in self._lines.values():
            line.ears.line_changed(up=up)

    def _complain(self, why: str) -> None:
        for line in list(self._lines.values())[:1]:  # all share it: one says so for all
            line.ears.line_trouble(self._number, why)
