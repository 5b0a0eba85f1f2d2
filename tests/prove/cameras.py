"""Cameras that fail in every way: each is named, none is felt by the others, nothing grows."""

import asyncio
import contextlib
import gc
import itertools
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from adapters.devices.contract import LinkError
from adapters.devices.onvif.connection import Camera
from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason
from adapters.devices.onvif.health import Health
from adapters.devices.onvif.means import Means, Past
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.standing import Standing
from adapters.devices.onvif.transport import Wire
from adapters.signal import Answer, Receipt, Signal
from tests.bench import watching
from tests.bench.watching import Sample
from tests.harness import waiting
from tests.harness.cameras import HOST, PASSWORD, USER, Farm
from tests.prove.ailments import AILMENTS, Ailment, Shows
from tests.prove.found import Found, Ground

HOLD_S = 2.0
ENDS_WITHIN_S = 60.0
HEALS_WITHIN_S = 30.0
LOOKS_EVERY_S = 0.25
FOREIGN = "127.0.0.2"
WRONG = "wrong:"
GROWS_AT_FIRST_MIB = 16.0
GROWS_MIB = 2.0
"""In the second half. Allocators breathe; a leak of others was 10 MiB for each failure."""
LEAST_SAMPLES = 2


@dataclass(slots=True, kw_only=True)
class Patient:
    """One camera's link, through all its lives."""

    name: str
    settings: CameraSettings
    means: Means
    farm: Farm
    health: Health = field(default_factory=Health)
    past: Past = field(default_factory=Past)
    life: Camera | None = None
    task: asyncio.Task[Exception | None] | None = None
    is_up: bool = False

    def live(self) -> None:
        """Begin a life."""
        standing = Standing({}, {}, unknown_topics=self.health.unknown_topics)
        self.is_up = False
        self.life = Camera(
            self.settings, self.means, standing=standing, health=self.health, past=self.past
        )
        self.task = asyncio.create_task(self._lived(self.life))

    async def up(self) -> None:
        """Begin lives until one is up."""

        def is_up() -> bool:
            if not self.is_up and (self.task is None or self.task.done()):
                self.live()
            return self.is_up

        await waiting.until(is_up, within_s=HEALS_WITHIN_S, what=f"{self.name} is up again")

    async def ended(self) -> Exception | None:
        """How the life ended by itself."""
        assert self.task is not None
        done, _ = await asyncio.wait({self.task}, timeout=ENDS_WITHIN_S)
        return self.task.result() if done else None

    async def end(self) -> None:
        """End the life."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def _lived(self, life: Camera) -> Exception | None:
        try:
            await life.live(_take, self._up)
        except Exception as error:  # noqa: BLE001 - what is not a LinkError is what is looked for
            return error
        return None

    def _up(self) -> None:
        self.is_up = True


@dataclass(slots=True)
class Ward:
    """What came of all failures."""

    named: Counter[str] = field(default_factory=Counter)
    """By what was done and the reason it was given."""
    forced: int = 0
    oldest_reply_s: float = 0.0
    """Of those that were not harmed."""
    idle: int = 0
    """So many connections may be kept beside the pulls, for half a minute each."""
    visits: int = 0
    """Connections to where no camera is."""

    @property
    def unnamed(self) -> list[str]:
        """What was given no reason, or another."""
        return [one for one in self.named if WRONG in one]


async def failing(ground: Ground) -> Found:
    """Every ailment, again and again, on many cameras at once."""
    harmed, others = ground.pick(short=len(AILMENTS), long=50), ground.pick(short=5, long=50)
    times = ground.pick(short=1, long=20)
    ward = Ward(idle=harmed)
    async with _trap(ward) as trap, Farm(harmed + others, is_quiet=True) as farm, _means() as means:
        patients = [_patient(farm, means, name) for name in farm.names]
        await asyncio.gather(*(one.up() for one in patients))
        watch = asyncio.create_task(_watch(patients[harmed:], ward))
        samples = [_look()]
        for number in range(times):
            turn = itertools.islice(itertools.cycle(AILMENTS), number, number + harmed)
            rounds = zip(patients[:harmed], turn, strict=True)
            await asyncio.gather(*(_suffer(one, name, trap, ward) for one, name in rounds))
            samples.append(_look())
            ground.say(f"{ward.forced} failures, {samples[-1].rss_mib:.0f} MiB")
        watch.cancel()
        await asyncio.gather(*(one.end() for one in patients))
    await _other_certificate(ward)
    return _found(ward, samples)


async def _suffer(patient: Patient, name: str, trap: str, ward: Ward) -> None:
    ailment = AILMENTS[name]
    ward.forced += 1
    if ailment.shows is Shows.START:
        await patient.end()
    await asyncio.sleep(random.uniform(0, HOLD_S))
    await _harm(patient, ailment, trap)
    if ailment.shows is Shows.START:
        patient.live()
    if ailment.shows in {Shows.HELD, Shows.START}:
        error = await patient.ended()
    else:
        error = await _picture(patient)
    ward.named[_told(name, ailment, error)] += 1
    await patient.farm.mend(patient.name)
    patient.means.wire.forget(patient.name)
    if ailment.shows is not Shows.STILL:
        await patient.end()
        patient.is_up = False
    await patient.up()


async def _harm(patient: Patient, ailment: Ailment, trap: str) -> None:
    if ailment.quirk is None:
        await patient.farm.do(patient.name, "reboot")
        return
    value = None if ailment.value is None else ailment.value.format(trap=trap)
    await patient.farm.break_(patient.name, ailment.quirk, value, call=ailment.call)
    if ailment.also is not None:
        await patient.farm.break_(patient.name, ailment.also)
    if ailment.shows is Shows.NOWHERE:
        await patient.end()
        patient.is_up = False
        await patient.up()


async def _picture(patient: Patient) -> Exception | None:
    assert patient.life is not None
    patient.past.still_uri = None
    try:
        await patient.life.picture()
    except LinkError as error:
        return error
    return None


def _told(name: str, ailment: Ailment, error: Exception | None) -> str:
    if not ailment.named and error is None:
        return f"{name}: nobody went there"
    if not isinstance(error, CameraLost | CameraRefused):
        return f"{name}: {WRONG} {error!r}"
    right = "" if error.reason in ailment.named else WRONG
    return f"{name}: {right}{error.reason}"


async def _other_certificate(ward: Ward) -> None:
    """It shows another certificate, or says another serial number, than was learnt."""
    async with Farm(1, tls=True) as farm, _means() as means:
        patient = _patient(farm, means, "camera-1")
        learnt = (await farm.show("camera-1"))["fingerprint"]
        for name, changes in {
            "the certificate that was learnt": {"pin": learnt},
            "another certificate": {"pin": "0" * 64},
            "another serial number": {"pin": learnt, "serial": "0"},
        }.items():
            patient.settings = replace(patient.settings, **changes)
            if name.startswith("the"):
                await patient.up()
                await patient.end()
                continue
            patient.live()
            error = await patient.ended()
            ward.forced += 1
            ailment = Ailment(quirk=None, named=frozenset({Reason.CHANGED}))
            ward.named[_told(name, ailment, error)] += 1


def _patient(farm: Farm, means: Means, name: str) -> Patient:
    settings = CameraSettings(
        device=name,
        host=HOST,
        port=farm.port_of(name),
        tls=farm.tls,
        username=USER,
        password=lambda: PASSWORD,
        hold_s=HOLD_S,
    )
    return Patient(name=name, settings=settings, means=means, farm=farm)


@contextlib.asynccontextmanager
async def _means() -> AsyncIterator[Means]:
    wire = Wire()
    try:
        yield Means(wire=wire, now=_now, monotonic=time.monotonic, sleep=asyncio.sleep)
    finally:
        await wire.close()


@contextlib.asynccontextmanager
async def _trap(ward: Ward) -> AsyncIterator[str]:
    """An address on which no camera is; whoever comes there was led astray."""

    def visited(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ward.visits += 1
        writer.close()

    async with await asyncio.start_server(visited, FOREIGN, 0) as server:
        yield f"{FOREIGN}:{server.sockets[0].getsockname()[1]}"


async def _watch(others: Sequence[Patient], ward: Ward) -> None:
    """The replies of those that are not harmed must go on."""
    while True:
        await asyncio.sleep(LOOKS_EVERY_S)
        now = _now()
        for one in others:
            if one.health.last_reply_at is not None:
                age_s = (now - one.health.last_reply_at).total_seconds()
                ward.oldest_reply_s = max(ward.oldest_reply_s, age_s)


def _look() -> Sample:
    gc.collect()
    return watching.look(os.getpid())


def _found(ward: Ward, samples: Sequence[Sample]) -> Found:
    # The first rounds fill caches and pools; after that nothing may grow.
    is_short = len(samples) <= LEAST_SAMPLES
    first, last = samples[0 if is_short else len(samples) // 2], samples[-1]
    grows_mib = GROWS_AT_FIRST_MIB if is_short else GROWS_MIB
    notes = [f"Named: {'; '.join(f'{one} ({n})' for one, n in sorted(ward.named.items()))}."]
    return (
        Found(notes=notes)
        .ask_for("failures forced", ward.forced, at_least=ward.forced)
        .ask("not named, or by another reason", len(ward.unnamed), at_most=0)
        .ask("connections to where no camera is", ward.visits, at_most=0)
        .ask("oldest reply of the others", ward.oldest_reply_s, "s", at_most=HOLD_S + 10)
        .ask(
            "memory grows",
            last.rss_mib - first.rss_mib,
            "MiB",
            at_most=grows_mib,
        )
        .ask("descriptors grow", max(0, last.descriptors - first.descriptors), at_most=ward.idle)
        .ask("threads grow", max(0, last.threads - first.threads), at_most=0)
    )


def _take(signal: Signal, answer: Answer) -> None:
    answer(Receipt(device=signal.device, stored_at=_now()))


def _now() -> datetime:
    return datetime.now(UTC)
