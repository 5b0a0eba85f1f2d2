"""The sessions with the brokers, two with each: for alarms, and for all else."""

from collections.abc import Callable
from functools import partial

from adapters.devices.contract import Connection
from adapters.signal import Lane
from gateway import metrics
from gateway.app import configured
from gateway.clock import Clock
from gateway.listen import Link
from gateway.settings import Settings


def links(
    config: Settings,
    clock: Clock,
    centre: Callable[[], str],
    receipted: Callable[[str, str, str], None],
    session: Callable[..., Connection],
) -> tuple[Link, ...]:
    """One link for each; `centre` says how the centre is, for the receipts.

    `receipted` is told by which broker which canary's press was called stored, and by whom.
    """
    return tuple(
        Link(
            broker=broker.label,
            lane=lane,
            connect=partial(
                session,
                configured.session(broker, lane, config),
                clock.now,
                centre,
                metrics.receipts_unsent.inc,
                partial(receipted, broker.label),
            ),
        )
        for broker in config.broker
        for lane in Lane
    )
