"""The cameras of a scenario: listening where the site file says, with one known login."""

import socket
from dataclasses import dataclass
from typing import Final

from simulators.acts import Act, Deed
from simulators.camera import MAKES, Account, Camera, Character, Fleet, Place, deeds
from simulators.clock import Clock
from simulators.school.region import Placed, Sort
from simulators.school.scenario import Scenario

_TRIES: Final = 200
_LOWEST, _STEP = 8900, 97


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """The user and the password that every simulated camera takes."""

    user: str = "dabyl"
    password: str = "simulated"  # noqa: S105 - of nothing but a pretended camera


class NoFreePorts(Exception):
    """There are not so many free ports in a row."""

    def __init__(self, count: int) -> None:
        super().__init__(f"no {count} free ports in a row were found on this machine")


class Cameras:
    """A scenario's cameras, and who of them sees which button."""

    def __init__(self, scenario: Scenario, login: Login, clock: Clock) -> None:
        self.fleet = Fleet(clock)
        self._sees: dict[str, list[Camera]] = {}
        accounts = {login.user: Account(login.password)}
        for site in scenario.sites:
            for device in site.devices:
                if device.sort is Sort.CAMERA:
                    self._add(device, accounts)

    async def act(self, device: str, act: Act) -> None:
        """Let an act happen to a camera, or before the cameras that see where it happens."""
        camera = self.fleet.cameras.get(device)
        if camera is not None:
            await deeds.do(camera, act)
        if act.deed is Deed.PRESS:
            for one in self._sees.get(device, ()):
                one.show_press()

    def _add(self, device: Placed, accounts: dict[str, Account]) -> None:
        make = MAKES[device.make or "plain"]
        character = Character(name=device.id, make=make, accounts=accounts)
        place = Place(host=device.host, port=device.port or 0)
        camera = self.fleet.add(character, place)
        for seen in device.looks_at:
            self._sees.setdefault(seen, []).append(camera)


def free_ports(count: int) -> int:
    """Find so many free ports in a row on the loopback; tell the first.

    Raises:
        NoFreePorts: there are none.
    """
    for number in range(_TRIES):
        first = _LOWEST + number * _STEP
        if all(_is_free(port) for port in range(first, first + count)):
            return first
    raise NoFreePorts(count)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
