"""What a device is made of: its class, what the class is able to do, its clock."""

from dataclasses import dataclass, field
from enum import StrEnum

from simulators.clock import DeviceClock


class DeviceClass(StrEnum):
    """How much a device does for its alarms."""

    A = "A"
    B = "B"
    C = "C"


@dataclass(frozen=True, slots=True)
class Ability:
    """What a class of devices is able to do."""

    second_broker: bool
    resend: bool
    waits: bool


ABILITIES = {
    DeviceClass.A: Ability(second_broker=True, resend=True, waits=True),
    DeviceClass.B: Ability(second_broker=False, resend=False, waits=True),
    DeviceClass.C: Ability(second_broker=False, resend=False, waits=False),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """What a device is made of: fixed while it lives."""

    device: str
    model: str
    brokers: int = 1
    device_class: DeviceClass = DeviceClass.A
    silent: bool = False
    check_in_s: float = 30.0
    clock: DeviceClock = field(default_factory=DeviceClock)
    kept_events: int = 1000
    first_check_in_s: float = 0.0

    @property
    def ability(self) -> Ability:
        """What its class allows."""
        return ABILITIES[self.device_class]

    @property
    def known_brokers(self) -> int:
        """How many brokers it knows."""
        return self.brokers if self.ability.second_broker else 1
