"""How simulated panic buttons live: on their brokers, pressed by a person or by a schedule."""

import asyncio
from dataclasses import dataclass, field

from simulators import arguments, cast, clock, story
from simulators.acts import Act, Deed
from simulators.cast import Cast, Way
from simulators.character import Character, DeviceClass
from simulators.clock import Clock, DeviceClock, TrueClock
from simulators.panic_button.machine import Button, Settings
from simulators.stage import Actor, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Which buttons, where, and what happens to them."""

    way: Way
    devices: tuple[str, ...]
    device_class: DeviceClass = DeviceClass.A
    kind: str = "panic.pressed"
    silent: bool = False
    check_in_s: float = 30.0
    boot: int = 1
    device_clock: DeviceClock = field(default_factory=DeviceClock)
    press_every_s: float | None = None
    typed: bool = False
    tell: story.Tell = story.in_words


async def run(options: Options, the_clock: Clock | None = None) -> None:
    """Let the buttons live until cancelled.

    Raises:
        cast.TooManyConnections: the limit on open files is too low.
    """
    stage = Stage(the_clock or TrueClock(), options.tell)
    buttons = Cast(stage, options.way)
    for device in options.devices:
        _add(buttons, device, options)
    buttons.allow_files()
    async with asyncio.TaskGroup() as lives:
        lives.create_task(buttons.run())
        if options.press_every_s is not None:
            lives.create_task(_press(buttons, options.press_every_s))
        if options.typed:
            lives.create_task(_obey(buttons))


def _add(buttons: Cast, device: str, options: Options) -> Actor:
    moment = clock.read(buttons.stage.clock)
    character = Character(
        device=device,
        model="Dabyl simulated button",
        brokers=len(options.way.brokers),
        device_class=options.device_class,
        silent=options.silent,
        check_in_s=options.check_in_s,
        clock=options.device_clock.started(moment),
    )
    settings = Settings(character=character, kind=options.kind)
    button = Button(settings, moment, cast.draw_id, boot=options.boot)
    return buttons.add(device, button, brokers=character.known_brokers)


async def _press(buttons: Cast, every_s: float) -> None:
    while True:
        await buttons.stage.clock.sleep(every_s)
        for actor in buttons.actors.values():
            actor.do(Act(deed=Deed.PRESS))


async def _obey(buttons: Cast) -> None:
    async for act in arguments.typed_acts():
        for actor in buttons.actors.values():
            actor.do(act)
