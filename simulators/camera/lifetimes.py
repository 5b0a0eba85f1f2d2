"""How long a subscription lives: what was asked, and what this camera makes of it."""

from typing import Final

from simulators.camera import xmltext
from simulators.camera.machine import Machine
from simulators.camera.quirks import Quirk
from simulators.camera.soap import Fault

UNASKED_S: Final = 60.0
LONGEST_S: Final = 86_400.0
_MISREAD_S: Final = 5.0


def granted_s(machine: Machine, asked: str | None) -> float:
    """Tell how long it shall live.

    Raises:
        Fault: it asked for a time that this camera does not take.
    """
    switches = machine.switches
    if asked is None and switches.on(Quirk.WANTS_INITIAL_TERMINATION):
        raise Fault("ter:Action", "InitialTerminationTime is missing", sender=False)
    lasts_s = _asked_s(machine, asked)
    if switches.on(Quirk.OWN_LIFETIME):
        return switches.number(Quirk.OWN_LIFETIME, 90.0)
    return min(lasts_s, LONGEST_S)


def termination(machine: Machine, expires_s: float) -> str:
    """Write when it ends, by the camera's clock."""
    left_s = expires_s - machine.clock.monotonic()
    return xmltext.stamp(xmltext.later(machine.now(), left_s))


def current(machine: Machine) -> str:
    """Write the time of a reply, which on some cameras is another than the camera's."""
    wrong_s = machine.switches.number(Quirk.CURRENT_TIME_OFF, 3600.0)
    off = machine.switches.on(Quirk.CURRENT_TIME_OFF)
    return xmltext.stamp(xmltext.later(machine.now(), wrong_s if off else 0.0))


def _asked_s(machine: Machine, asked: str | None) -> float:
    if asked is None:
        return UNASKED_S
    lasts_s = xmltext.duration_s(asked)
    if lasts_s is not None:
        if machine.switches.on(Quirk.RELATIVE_TIME_REFUSED):
            raise _unacceptable("relative times are not taken")
        return _MISREAD_S if machine.switches.on(Quirk.RELATIVE_TIME_MISREAD) else lasts_s
    if machine.switches.on(Quirk.WANTS_Z) and not asked.endswith("Z"):
        raise _unacceptable("Z is wanted")
    ends = xmltext.time(asked)
    if ends is None or ends <= machine.now():
        raise _unacceptable("it is over already, or no time at all")
    return (ends - machine.now()).total_seconds()


def _unacceptable(why: str) -> Fault:
    return Fault("wsnt:UnacceptableInitialTerminationTimeFault", why)
