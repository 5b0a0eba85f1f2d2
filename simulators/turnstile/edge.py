"""How simulated turnstiles live: on their brokers, with pupils who come in the morning."""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from simulators import arguments, cast, clock, story
from simulators.acts import Act
from simulators.cast import Cast, Way
from simulators.character import Character, DeviceClass
from simulators.clock import ALMATY, Clock, DeviceClock, FastClock, TrueClock
from simulators.stage import Actor, Stage
from simulators.turnstile import morning
from simulators.turnstile.machine import CardList, Settings, Turnstile

FIRST_CARD = 7_700_000_001


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Which turnstiles, where, and who comes."""

    way: Way
    devices: tuple[str, ...]
    device_class: DeviceClass = DeviceClass.A
    pupils: int = 0
    starts_at: str = "07:15"
    bell_at: str = "08:00"
    speed: float = 1.0
    seed: int = 1
    anti_passback: bool = True
    check_in_s: float = 30.0
    boot: int = 1
    device_clock: DeviceClock = field(default_factory=DeviceClock)
    typed: bool = False
    tell: story.Tell = story.in_words


async def run(options: Options, the_clock: Clock | None = None) -> None:
    """Let the turnstiles live until cancelled.

    Raises:
        cast.TooManyConnections: the limit on open files is too low.
    """
    stage = Stage(the_clock or TrueClock(), options.tell)
    turnstiles = Cast(stage, options.way)
    schedule = FastClock(stage.clock, options.speed, today_at(options.starts_at, stage.clock))
    bell = today_at(options.bell_at, stage.clock)
    actors = [
        _add(turnstiles, device, FIRST_CARD + number * options.pupils, options)
        for number, device in enumerate(options.devices)
    ]
    turnstiles.allow_files()
    async with asyncio.TaskGroup() as lives:
        lives.create_task(turnstiles.run())
        for number, actor in enumerate(actors):
            dice = random.Random(options.seed + number)
            first = FIRST_CARD + number * options.pupils
            come = morning.passages(options.pupils, first, dice)
            lives.create_task(play(actor, come, schedule, bell))
        if options.typed:
            lives.create_task(_obey(turnstiles))


async def play(
    actor: Actor, acts: Iterable[tuple[float, Act]], schedule: Clock, zero: datetime
) -> None:
    """Let acts happen at their times from `zero`; what lies before the start is left out."""
    began_s = (schedule.now() - zero).total_seconds()
    for at_s, act in acts:
        if at_s < began_s:
            continue
        wait_s = at_s - (schedule.now() - zero).total_seconds()
        if wait_s > 0:
            await schedule.sleep(wait_s)
        actor.do(act)


def today_at(text: str, the_clock: Clock) -> datetime:
    """Read a local time of today, such as 07:15 or 11:59:30."""
    local = datetime.strptime(text, "%H:%M:%S" if text.count(":") > 1 else "%H:%M")  # noqa: DTZ007 - the zone follows
    day = the_clock.now().astimezone(ALMATY).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)


def _add(turnstiles: Cast, device: str, first_card: int, options: Options) -> Actor:
    moment = clock.read(turnstiles.stage.clock)
    character = Character(
        device=device,
        model="Dabyl simulated turnstile",
        brokers=len(options.way.brokers),
        device_class=options.device_class,
        check_in_s=options.check_in_s,
        clock=options.device_clock.started(moment),
    )
    settings = Settings(
        character=character,
        cards=CardList(first=first_card, count=max(1000, options.pupils)),
        anti_passback=options.anti_passback,
    )
    turnstile = Turnstile(settings, moment, cast.draw_id, boot=options.boot)
    return turnstiles.add(device, turnstile, brokers=character.known_brokers)


async def _obey(turnstiles: Cast) -> None:
    async for act in arguments.typed_acts():
        for actor in turnstiles.actors.values():
            actor.do(act)
