"""What a camera tells, made by hand; and the wire samples of it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.devices.onvif import notification, soap
from adapters.devices.onvif.conclusion import Concluded
from adapters.devices.onvif.notification import Notification, Operation, Unknown
from adapters.devices.onvif.settings import InputSetting
from adapters.devices.onvif.standing import Standing

NOW = datetime(2026, 11, 22, 3, 15, 42, 131000, tzinfo=UTC)
SAMPLES = Path(__file__).parents[2] / "wire" / "onvif" / "events"
INPUT_TOPIC = "Device/Trigger/DigitalInput"
CHANGED, INITIALIZED, DELETED = Operation.CHANGED, Operation.INITIALIZED, Operation.DELETED
WIRED = {str(part): InputSetting(part=part) for part in range(1, 4)}


def sample(name: str) -> list[Notification | Unknown]:
    """Every message in a reply that was written down."""
    reply = soap.parse((SAMPLES / f"{name}.xml").read_bytes())
    holders = reply.iterchildren("{*}NotificationMessage")
    return [one for holder in holders for one in notification.read(holder)]


def told(
    topic: str,
    data: Mapping[str, str],
    operation: Operation | None = CHANGED,
    *,
    source: Mapping[str, str] | None = None,
    said_at: datetime | None = NOW,
) -> Notification:
    return Notification(
        topic=topic,
        source=tuple((source or {"Source": "1"}).items()),
        data=tuple(data.items()),
        operation=operation,
        said_at=said_at,
    )


def contact(
    token: str,
    state: object,
    operation: Operation | None = CHANGED,
    said_at: datetime | None = NOW,
) -> Notification:
    """A wired contact says how it is."""
    return told(
        INPUT_TOPIC,
        {"LogicalState": str(state)},
        operation,
        source={"InputToken": token},
        said_at=said_at,
    )


def tamper(
    state: object,
    operation: Operation | None = CHANGED,
    *,
    source: str = "1",
    topic: str = "VideoSource/GlobalSceneChange/ImagingService",
) -> Notification:
    return told(topic, {"State": str(state)}, operation, source={"Source": source})


def motion(
    state: object, operation: Operation | None = CHANGED, topic: str = "VideoSource/MotionAlarm"
) -> Notification:
    return told(topic, {"State": str(state)}, operation)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def words(concluded: Iterable[Concluded]) -> list[str]:
    """Only the kinds, in order."""
    return [one.kind for one in concluded]


class Camera:
    """A standing whose every word is stored at once, unless a test says otherwise."""

    def __init__(
        self,
        known: Mapping[str, bool] | None = None,
        inputs: Mapping[str, InputSetting] = WIRED,
        *,
        stores: bool = True,
        input_kind: str | None = None,
    ) -> None:
        self.standing = Standing(known or {}, inputs, input_kind=input_kind)
        self.stores = stores

    def says(
        self,
        *heard: Notification | Unknown,
        at_s: float = 0,
        initial: bool = False,
        replayed: bool = False,
        clock_runs: bool = True,
    ) -> list[Concluded]:
        found = self.standing.take(
            heard, later(at_s), initial=initial, replayed=replayed, clock_runs=clock_runs
        )
        for one in found if self.stores else []:
            self.standing.committed(one)
        return found

    def known(self) -> dict[str, bool]:
        return dict.fromkeys(self.standing.active, True)
