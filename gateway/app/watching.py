"""Watching: supervision joined with what it watches: intake's memory and the brokers' lines."""

from collections.abc import Callable, Sequence
from functools import partial

from adapters.signal import Lane
from gateway.app.voice import Voice
from gateway.domain.ward import Cameras
from gateway.intake import Intake
from gateway.listen import Ears
from gateway.store.commands import Command
from gateway.supervise import Remembered, Supervisor
from gateway.supervise.brokers import Line
from gateway.supervise.post import Post


def supervisor(  # noqa: PLR0913, PLR0917 - what is joined
    gateway: str,
    intake: Intake,
    voice: Voice,
    ears: Ears,
    ordered: Callable[[Sequence[Command]], None],
    on_duty: Callable[[], bool],
    linked: Cameras,
) -> Supervisor:
    """Supervision of everything that intake hears, and of the brokers it comes from."""
    memory = intake.memory
    found = Supervisor(
        Post(
            gateway=gateway,
            database=intake.database,
            clock=intake.clock,
            presence=intake.presence,
            registry=lambda: memory.registry,
            find=voice.find,
            on_duty=on_duty,
        ),
        Remembered(
            unwritten=memory.take_unwritten,
            facts=memory.facts,
            reused=memory.reused,
            stuck=memory.stuck,
        ),
        lines=partial(lines, ears),
        is_storing=lambda: intake.is_storing,
        ordered=ordered,
        cameras=linked,
    )
    intake.noted = found.note
    return found


def lines(ears: Ears) -> dict[str, Line]:
    """How each broker is reached: its two sessions as one."""
    found: dict[str, Line] = {}
    for link in ears.links:
        before = found.get(link.broker, Line(hears=True, is_whole=True))
        found[link.broker] = Line(
            hears=before.hears and (link.is_up or link.lane is not Lane.EVENT),
            is_whole=before.is_whole and link.is_up,
            refused=before.refused or link.refused,
        )
    return found
