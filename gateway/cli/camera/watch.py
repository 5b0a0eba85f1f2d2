"""`dabyl camera watch`: what one camera says, line by line, as a gateway would hear it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import msgspec

from adapters.devices.contract import Emit
from adapters.devices.onvif.dial import dial
from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason
from adapters.devices.onvif.health import Health
from adapters.devices.onvif.means import Means
from adapters.devices.onvif.owing import Owing
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.transport import Wire
from adapters.devices.onvif.wire import certificate
from adapters.signal import Answer, Receipt, Signal, Spoken
from gateway.cli import foreground, printed
from gateway.cli.camera import advice, approached, words
from gateway.cli.camera.approached import Approached, Asked
from gateway.cli.failures import NotDone
from gateway.clock import SystemClock

AGAIN_S = 5.0
"""A technician pulls a cable and puts it back: he wants to see it soon."""
LOOK_S = 0.5


@click.command
@approached.options
@click.option("--seconds", type=click.FloatRange(1), help="End after so many seconds.")
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of sentences.")
def watch(  # noqa: PLR0913 - one parameter for each option
    host: str,
    port: int | None,
    user: str | None,
    password_file: Path | None,
    seconds: float | None,
    *,
    tls: bool | None,
    as_json: bool,
) -> None:
    """Listen to the camera at HOST: press its button, cover it, walk by. Ctrl-C ends it.

    HOST and the login are meant as in `dabyl camera probe`. Nothing is stored, nothing is raised:
    a running gateway hears the same beside it. It takes one of the camera's places for listeners,
    and gives it back at the end.
    """
    asked = Asked(host=host, port=port, tls=tls, user=user, password_file=password_file)
    camera = approached.approach(asked)
    ear = _Ear(camera=camera, tell=_as_json if as_json else _in_words)
    foreground.play(_listen(ear), seconds)
    printed.progress("")
    if not ear.was_up:
        raise NotDone(f"{ear.name} was not heard: it was not connected in time")


@dataclass(slots=True, kw_only=True)
class _Ear:
    """Who listens to one camera, and what was heard."""

    camera: Approached
    tell: Callable[[dict[str, Any], str], None]
    clock: SystemClock = field(default_factory=SystemClock)
    health: Health = field(default_factory=Health)
    was_up: bool = False
    is_up: bool = False
    _closed_s: dict[int, float] = field(default_factory=dict)
    _told_topics: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> str:
        """What a person calls it."""
        device = self.camera.device
        return self.camera.settings.host if device is None else device.id

    def up(self) -> None:
        """It is subscribed, and answered."""
        self.was_up = self.is_up = True
        health = self.health
        who = f"{health.manufacturer} {health.model}".strip()
        fact = {"at": self.clock.now(), "what": "connected", "model": who, "way": health.way}
        by = " every few seconds" if health.way == "poll" else ""
        self.tell(fact, f"connected: {who}, firmware {health.firmware}; listening{by}")

    def lost(self, error: CameraLost) -> None:
        """It is away."""
        self.is_up = False
        means = advice.ADVICE[error.reason].means
        fact = {"at": self.clock.now(), "what": "lost", "reason": error.reason, "why": error.why}
        again = f"tried again every {AGAIN_S:.0f} s"
        self.tell(fact, f"lost: {means} [{error.reason}: {error.why}]; {again}")

    def hear(self, signal: Signal, answer: Answer) -> None:
        """Tell it; for the camera's link it is stored."""
        event = None
        if isinstance(signal, Spoken):
            event = signal.said.id
            self._say(signal)
        answer(Receipt(device=signal.device, id=event, stored_at=self.clock.now()))

    def look(self) -> None:
        """Tell of topics that nobody knows."""
        for topic, count in self.health.unknown_topics.items():
            if topic not in self._told_topics:
                fact = {"at": self.clock.now(), "what": "unknown_topic", "topic": topic}
                text = (
                    f"unknown topic {topic}: counted, no event ({advice.HOW_TO}unknown-topics.md)"
                )
                self.tell(fact, text)
            self._told_topics[topic] = count

    def _say(self, signal: Spoken) -> None:
        fact = words.fact(signal, self.camera.device)
        lasted_s = self._contact(signal)
        sentence = words.sentence(fact, signal.said.kind, lasted_s)
        self.tell(fact | {"what": "said", "closed_for_s": lasted_s}, sentence)
        warning = None if lasted_s is None else words.pulse(lasted_s)
        if warning is not None:
            self.tell({"at": fact["at"], "what": "does_not_latch", "part": fact["part"]}, warning)

    def _contact(self, signal: Spoken) -> float | None:
        """For how long a contact was closed that is open now."""
        part, now_s = signal.said.part, self.clock.monotonic()
        if signal.said.kind == "input.activated":
            self._closed_s[part] = now_s
        elif signal.said.kind == "input.cleared" and part in self._closed_s:
            return now_s - self._closed_s.pop(part)
        return None


async def _listen(ear: _Ear) -> None:
    clock = ear.clock
    wire = Wire(now=clock.now, monotonic=clock.monotonic)
    means = Means(
        wire=wire, now=clock.now, monotonic=clock.monotonic, sleep=clock.sleep, quiet_s=None
    )
    try:
        settings = await _pinned(ear)
        async with asyncio.TaskGroup() as tasks:
            looking = tasks.create_task(_look(ear))
            await _live(ear, means, settings)
            looking.cancel()
    except* CameraRefused as refused:
        raise advice.refused(ear.name, _only(refused)) from None
    finally:
        await wire.close()


async def _pinned(ear: _Ear) -> CameraSettings:
    """The settings; over https for the certificate that was approved, or that it shows now."""
    settings = ear.camera.settings
    if not settings.tls or settings.pin is not None:
        return settings
    try:
        pin = await certificate(settings.host, settings.port)
    except (OSError, TimeoutError) as error:
        why = str(error) or type(error).__name__
        raise advice.refused(ear.name, CameraLost(ear.name, Reason.TLS, why)) from None
    return ear.camera.pinned(pin)


async def _live(ear: _Ear, means: Means, settings: CameraSettings) -> None:
    """One life after the other, until cancelled; the first one must come about."""
    lives = dial(means)(settings, {}, ear.health, Owing())
    emit: Emit = ear.hear
    while True:
        try:
            await lives().live(emit, ear.up)
        except CameraLost as error:
            if not ear.was_up:
                raise advice.refused(ear.name, error) from None
            ear.lost(error)
        await asyncio.sleep(AGAIN_S)


async def _look(ear: _Ear) -> None:
    """Show that we live, and what nobody understands."""
    while True:
        await asyncio.sleep(LOOK_S)
        ear.look()
        replied_at = ear.health.last_reply_at
        if ear.is_up and replied_at is not None:
            age = printed.age(ear.clock.now() - replied_at)
            printed.progress(f"listening; it last answered {age} ago; Ctrl-C ends")


def _only(group: BaseExceptionGroup[CameraRefused]) -> CameraRefused:
    first = group.exceptions[0]
    return _only(first) if isinstance(first, BaseExceptionGroup) else first


def _in_words(fact: dict[str, Any], sentence: str) -> None:
    printed.progress("")
    click.echo(f"{words.clock(fact['at'])}  {printed.plain(sentence)}")


def _as_json(fact: dict[str, Any], _: str) -> None:
    click.echo(msgspec.json.encode(fact | {"at": printed.utc(fact["at"])}, enc_hook=str))
