"""What can happen to a camera, in the words of scenarios, of the control and of the keyboard.

All of `simulators.acts.CAMERA_DEEDS`.
"""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from simulators.acts import Act, Deed
from simulators.camera import quirks
from simulators.camera.camera import Camera
from simulators.camera.quirks import Quirk

PLAIN: Final[Mapping[Deed, Callable[[Camera], None]]] = MappingProxyType(
    {
        Deed.COVER: lambda camera: camera.tamper(True),
        Deed.UNCOVER: lambda camera: camera.tamper(False),
        Deed.MOVE: lambda camera: camera.motion(True),
        Deed.REST: lambda camera: camera.motion(False),
        Deed.CROSS_LINE: lambda camera: camera.cross_line(),
        Deed.INTRUDE: lambda camera: camera.intrude(True),
        Deed.LEAVE: lambda camera: camera.intrude(False),
        Deed.SIGNAL_OFF: lambda camera: camera.signal_loss(True),
        Deed.SIGNAL_ON: lambda camera: camera.signal_loss(False),
        Deed.STORAGE_OFF: lambda camera: camera.storage_failure(True),
        Deed.STORAGE_ON: lambda camera: camera.storage_failure(False),
    }
)


async def do(camera: Camera, act: Act) -> None:
    """Let an act happen to a camera; what cannot happen to it does nothing.

    Raises:
        quirks.UnknownQuirk: it should break in a way that no camera knows.
    """
    if act.deed in PLAIN:
        PLAIN[act.deed](camera)
    elif act.deed in LONGER:
        await LONGER[act.deed](camera, act)


async def _press(camera: Camera, act: Act) -> None:
    camera.press(str(act.part or 1))


async def _release(camera: Camera, act: Act) -> None:
    camera.release(str(act.part or 1))


async def _reboot(camera: Camera, _act: Act) -> None:
    await camera.reboot(down_s=2.0)


async def _unplug(camera: Camera, _act: Act) -> None:
    await camera.break_(Quirk.REFUSE)


async def _plug(camera: Camera, _act: Act) -> None:
    await camera.mend(Quirk.REFUSE)


async def _break(camera: Camera, act: Act) -> None:
    await camera.break_(*quirks.read(act.quirk))


async def _mend(camera: Camera, act: Act) -> None:
    await camera.mend(quirks.read(act.quirk)[0] if act.quirk else None)


LONGER: Final[Mapping[Deed, Callable[[Camera, Act], Awaitable[None]]]] = MappingProxyType(
    {
        Deed.PRESS: _press,
        Deed.RELEASE: _release,
        Deed.REBOOT: _reboot,
        Deed.UNPLUG: _unplug,
        Deed.PLUG: _plug,
        Deed.BREAK: _break,
        Deed.MEND: _mend,
    }
)
