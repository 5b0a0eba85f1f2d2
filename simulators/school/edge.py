"""How a school or a whole region lives: its devices on their brokers, and a scenario played."""

import asyncio
import contextlib
import fnmatch
import random
from dataclasses import dataclass

from simulators import cast, clock, story
from simulators.acts import Act
from simulators.cast import Cast, Way
from simulators.character import Character
from simulators.clock import Clock, FastClock, Moment, TrueClock
from simulators.panic_button import machine as button_machine
from simulators.school.cameras import Cameras, Login
from simulators.school.digest import SPAN_S, Digest
from simulators.school.region import Placed, Sort
from simulators.school.scenario import Morning, Scenario
from simulators.stage import Machine, Stage
from simulators.story import Happening
from simulators.turnstile import machine as turnstile_machine
from simulators.turnstile import morning
from simulators.turnstile.edge import FIRST_CARD, play, today_at

CONNECT_S = 120.0
SETTLE_S = 30.0
LOOK_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Which scenario is played, where, and whether its devices live on after it.

    With a login its cameras listen too, at the hosts and ports of its site file.
    """

    scenario: Scenario
    way: Way
    cameras: Login | None = None
    speed: float | None = None
    stay: bool = True
    digest: bool = True
    tell: story.Tell = story.in_words


class Region:
    """The devices of a scenario on a stage."""

    def __init__(self, options: Options, the_clock: Clock) -> None:
        self.scenario = options.scenario
        self.digest = Digest(options.tell)
        self.stage = Stage(the_clock, self.digest if options.digest else options.tell)
        self.cast = Cast(self.stage, options.way)
        dice = random.Random(self.scenario.seed)
        moment = clock.read(the_clock)
        self.cameras = (
            Cameras(self.scenario, options.cameras, the_clock) if options.cameras else None
        )
        self.turnstiles: list[tuple[str, int]] = []
        for site in self.scenario.sites:
            for device in site.devices:
                if device.sort is not Sort.CAMERA:
                    character = self._character(device, len(options.way.brokers), dice)
                    machine = self._machine(device, character, moment)
                    self.cast.add(device.id, machine, brokers=character.known_brokers)

    def say(self, what: str, words: str) -> None:
        """Tell what no device says."""
        self.stage.tell(Happening(at=self.stage.clock.now(), what=what, words=words))

    async def is_seen(self, cameras: Cameras, device: str, act: Act) -> None:
        """Let an act happen to a camera, or before the cameras that see it."""
        await cameras.act(device, act)
        if device in cameras.fleet.cameras:
            at, words = self.stage.clock.now(), act.deed.value.replace("_", " ")
            self.stage.tell(Happening(at=at, what="camera", words=words, device=device))

    def unstored(self) -> int:
        """Count what was said and has no receipt."""
        return sum(actor.machine.unstored() for actor in self.cast.actors.values())

    def _character(self, device: Placed, brokers: int, dice: random.Random) -> Character:
        silent = self.scenario.silent_buttons
        return Character(
            device=device.id,
            model=f"Dabyl simulated {device.sort}",
            brokers=brokers,
            device_class=self.scenario.device_class,
            silent=silent is not None and fnmatch.fnmatch(device.id, silent),
            check_in_s=self.scenario.check_in_s,
            first_check_in_s=dice.uniform(0, self.scenario.check_in_s),
        )

    def _machine(self, device: Placed, character: Character, moment: Moment) -> Machine:
        if device.sort is Sort.BUTTON:
            button = button_machine.Settings(character=character)
            return button_machine.Button(button, moment, cast.draw_id)
        pupils = self.scenario.morning.pupils_per_turnstile if self.scenario.morning else 0
        first = FIRST_CARD + pupils * len(self.turnstiles)
        self.turnstiles.append((device.id, first))
        cards = turnstile_machine.CardList(first=first, count=max(1000, pupils))
        settings = turnstile_machine.Settings(character=character, cards=cards)
        return turnstile_machine.Turnstile(settings, moment, cast.draw_id)


async def run(options: Options, the_clock: Clock | None = None) -> None:
    """Play a scenario; then let its devices live until cancelled, or end (`stay=False`).

    Raises:
        cast.TooManyConnections: the limit on open files is too low.
        OSError: a camera's address cannot be had.
    """
    region = Region(options, the_clock or TrueClock())
    region.cast.allow_files()
    async with contextlib.AsyncExitStack() as stack:
        if region.cameras is not None:
            await stack.enter_async_context(region.cameras.fleet)
            region.say("cameras", f"{len(region.cameras.fleet.cameras)} cameras listen.")
        await _live(region, options)


async def _live(region: Region, options: Options) -> None:
    async with asyncio.TaskGroup() as lives:
        living = [lives.create_task(region.cast.run()), lives.create_task(_spans(region))]
        await _connected(region)
        await _play(region, options.speed or region.scenario.speed)
        if options.stay:
            region.say("end", "The scenario is over; the devices live on.")
        else:
            await _settled(region)
            for life in living:
                life.cancel()


async def _play(region: Region, speed: float) -> None:
    scenario, the_clock = region.scenario, region.stage.clock
    begins = today_at(scenario.starts_at, the_clock)
    schedule = FastClock(the_clock, speed, begins)
    region.say("begin", f"{scenario.about} It is {scenario.starts_at}.")
    async with asyncio.TaskGroup() as acts:
        acts.create_task(_narrate(region, schedule))
        acts.create_task(_happen(region, schedule))
        if scenario.morning is not None:
            for number, _ in enumerate(region.turnstiles):
                acts.create_task(_come(region, number, scenario.morning, schedule))


async def _narrate(region: Region, schedule: Clock) -> None:
    for words in sorted(region.scenario.said, key=lambda said: said.at_s):
        await schedule.sleep(words.at_s - schedule.monotonic())
        region.say("narrator", words.words)


async def _happen(region: Region, schedule: Clock) -> None:
    async with asyncio.TaskGroup() as doings:  # a camera takes its time to start again
        for timed in region.scenario.timed:
            if timed.at_s > schedule.monotonic():
                await schedule.sleep(timed.at_s - schedule.monotonic())
            actor = region.cast.actors.get(timed.device)
            if actor is not None:
                actor.do(timed.act)
            if region.cameras is not None:
                doings.create_task(region.is_seen(region.cameras, timed.device, timed.act))


async def _come(region: Region, number: int, usual: Morning, schedule: Clock) -> None:
    device, first = region.turnstiles[number]
    dice = random.Random(region.scenario.seed * 100_003 + number)
    come = morning.passages(usual.pupils_per_turnstile, first, dice)
    bell = today_at(usual.bell_at, region.stage.clock)
    await play(region.cast.actors[device], come, schedule, bell)


async def _connected(region: Region) -> None:
    """Wait until all lines are up, but no longer than a person would."""
    lines, the_clock = region.cast, region.stage.clock
    limit_s = the_clock.monotonic() + CONNECT_S
    while lines.connected() < lines.connections() and the_clock.monotonic() < limit_s:
        await the_clock.sleep(LOOK_S)
    devices, sites = len(lines.actors), len(region.scenario.sites)
    up = f"{lines.connected()} of {lines.connections()} connections up"
    region.say("connected", f"{devices} devices in {sites} schools, {up}.")


async def _settled(region: Region) -> None:
    """Wait until all that was said is stored, but not for ever."""
    the_clock = region.stage.clock
    limit_s = the_clock.monotonic() + SETTLE_S
    while region.unstored() and the_clock.monotonic() < limit_s:
        await the_clock.sleep(LOOK_S)
    region.say("end", f"The scenario is over; {region.unstored()} events are without a receipt.")


async def _spans(region: Region) -> None:
    while True:
        await region.stage.clock.sleep(SPAN_S)
        region.digest.end_span(region.stage.clock.now())
