"""Signs of life: what was heard and stored tells that its device lives, or that its line broke."""

from collections.abc import Container

from adapters.signal import CheckIn, Reply, Signal
from gateway.domain import belief
from gateway.domain.presence import Presence
from gateway.intake import checkins
from gateway.intake.memory import Memory
from gateway.store.device_states import DeviceState


def take(
    said: Signal, s: float, presence: Presence, memory: Memory, written: Container[str]
) -> bool:
    """Remember one; `written` names those that its transaction wrote down. Whether it was one.

    What was stored long ago is neither life nor death.
    """
    if not isinstance(said, Reply) and said.retained:
        return False
    device = belief.shown(said.device)
    is_registered = device in memory.registry.devices
    if isinstance(said, CheckIn) and not said.online:
        if is_registered:
            presence.fall(device, s, said.link)
        return False
    presence.hear(device, said.received_at, s, said.link, registered=is_registered)
    if not is_registered:
        return False
    if isinstance(said, CheckIn):
        if device not in written:
            memory.write_soon(checkins.state(said), s)
    elif memory.is_due(device, s):
        state = DeviceState(device=device, heard_at=said.received_at, link=said.link)
        memory.write_soon(state, s)
    return True
