"""What the demo tells of cameras: an alarm of their own, and each still that the centre got."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

import click
import msgspec

from gateway.domain.site import Registry, Sort
from gateway.store import deliveries
from gateway.store.database import Database, StoreDown
from gateway.store.outbox import PICTURE, Delivery

LOOK_S = 0.25
_LATELY = 60
_TOLD = 1000
_RAISED = "dabyl.alarm.raised"


class _Alarm(msgspec.Struct):
    id: str
    kind: str
    priority: int
    raised_at: datetime


class _Still(msgspec.Struct):
    camera: str
    offset_s: int
    size_bytes: int


class _Device(msgspec.Struct):
    id: str


class _Data(msgspec.Struct):
    alarm: _Alarm
    device: _Device
    evidence: list[_Still] = []


class _Notice(msgspec.Struct):
    data: _Data


class Eyes:
    """Reads what the centre got, and tells of what cameras had a part in."""

    def __init__(
        self,
        registry: Registry,
        line: Callable[[datetime | None, str], None],
        where: Callable[[str], str],
    ) -> None:
        self._cameras = {one.id for one in registry.devices.values() if one.sort is Sort.CAMERA}
        self._line, self._where = line, where
        self._told: OrderedDict[str, None] = OrderedDict()

    async def run(self, database: Database, since: datetime) -> None:
        """For ever; ends by cancelling."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                found = await database.read(lambda c: deliveries.listed(c, None, _LATELY, None))
            except StoreDown:
                continue
            for one in reversed(found):
                self.take(one, since)

    def take(self, delivery: Delivery, since: datetime) -> None:
        """Tell of it, if it is of a camera and was not told yet."""
        is_ours = delivery.type == PICTURE or (
            delivery.type == _RAISED and delivery.device in self._cameras
        )
        is_new = delivery.created_at >= since and delivery.key not in self._told
        if delivery.settled_at is None or not is_ours or not is_new:
            return
        self._told[delivery.key] = None
        if len(self._told) > _TOLD:
            self._told.popitem(last=False)
        data = msgspec.json.decode(delivery.body, type=_Notice).data
        after_s = (delivery.settled_at - data.alarm.raised_at).total_seconds()
        if delivery.type == _RAISED:
            self._tell_alarm(data, after_s)
        else:
            for still in data.evidence:
                self._tell_still(data.alarm, still, after_s)

    def _tell_alarm(self, data: _Data, after_s: float) -> None:
        alarm = data.alarm
        colour = "red" if alarm.priority == 0 else "yellow"
        mark = click.style(f" P{alarm.priority} ", bg=colour, fg="black")
        what = click.style(alarm.kind, bold=True)
        self._line(alarm.raised_at, f"{mark} {what}  {self._where(data.device.id)}")
        self._line(None, f"     said by the camera → centre {after_s * 1000:.1f} ms")

    def _tell_still(self, alarm: _Alarm, still: _Still, after_s: float) -> None:
        size = f"{still.size_bytes / 1024:.0f} KiB"
        when = "at once" if still.offset_s == 0 else f"at {still.offset_s:+d} s"
        text = f"still of {still.camera} {when}, {size}: at the centre after {after_s:.1f} s"
        self._line(None, f"     {text} (alarm {alarm.id[:8]})")
