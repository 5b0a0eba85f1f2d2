"""A cry over HTTP: what only lets a broker forget it is no receipt."""

import asyncio
from types import SimpleNamespace
from typing import Any

from adapters.signal import Receipt
from gateway.app import doors
from gateway.bus import Heard
from tests.domain.making import NOW
from tests.harness.clock import PushedClock


class _Bus:
    def __init__(self) -> None:
        self.heard: list[Heard] = []

    def put(self, heard: Heard) -> None:
        self.heard.append(heard)


async def test_a_device_is_answered_by_its_receipt_alone() -> None:
    bus = _Bus()
    gateway: Any = SimpleNamespace(bus=bus, clock=PushedClock())
    raw = b'{"id": "e1", "kind": "panic.pressed"}'
    saying = asyncio.create_task(doors.hear(gateway, "button-1", raw))
    await asyncio.sleep(0)
    (heard,) = bus.heard
    heard.answer(Receipt(device="button-1", is_waiting=True))
    await asyncio.sleep(0)
    assert not saying.done()
    heard.answer(Receipt(device="button-1", id="e1", stored_at=NOW))
    assert (await saying).stored_at == NOW
