"""Many sites and many alarms at once, for the tests of the list."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from gateway.domain import escalation
from gateway.domain.alarm import Alarm, State
from gateway.domain.decision import Change, Transition
from gateway.domain.escalation import Rung, Why
from gateway.domain.event import AlarmId
from gateway.domain.kind import Priority
from gateway.domain.site import Names, Site, SiteId
from gateway.store import alarms, changes
from gateway.store.changes import What
from gateway.store.database import Urgency
from tests.harness.changed import replace
from tests.web.building import Built


def settle_sites(served: Built, count: int) -> None:
    """So many more schools in the registry: town-1, town-2 and so on."""
    sites = served.house.registry().sites
    for n in range(1, count + 1):
        name = f"School No. {1000 + n}"
        sites[SiteId(f"town-{n}")] = Site(  # type: ignore[index]
            id=SiteId(f"town-{n}"),
            name=Names(kk=f"№{1000 + n} мектеп", ru=f"Школа № {1000 + n}", en=name),
            district="medeu",
            address=f"Abay avenue, {n}",
        )


def alarm(served: Built, n: int, *, ago_s: float = 0, **more: Any) -> Alarm:  # noqa: ANN401 - any field
    """One of many: of town-n, of a device of its own."""
    at = served.house.clock.now() - timedelta(seconds=ago_s)
    plain = Alarm(
        id=AlarmId(f"{n:032x}"),
        kind="panic.pressed",
        priority=Priority.P0,
        device=f"button-{n}",
        site=f"town-{n}",
        district="medeu",
        event_id=f"event-{n}",
        raised_at=at,
        last_at=at,
        pressed_at=at,
    )
    return replace(plain, **more)


async def climb(served: Built, key: str, rung: Rung, why: Why) -> None:
    """It on that rung, as time lets it climb, and told to the pages."""
    now = served.house.clock.now()

    def transact(connection: Connection) -> None:
        before = alarms.get(connection, key)
        assert before is not None
        _write(connection, [escalation.climb(before, rung, why, now)])
        changes.note(connection, [(What.ALARM, key)], now)

    await served.database.write(transact, Urgency.STEP)
    served.house.wakeups.wake()


async def save(served: Built, ones: Iterable[Alarm], *, new: bool = True) -> None:
    """Writes them in one transaction, and tells the pages."""
    now = served.house.clock.now()
    moved = [Change(alarm=one, transition=_line(one), notice=None, is_new=new) for one in ones]

    def transact(connection: Connection) -> None:
        _write(connection, moved)
        changes.note(connection, [(What.ALARM, one.alarm.id) for one in moved], now)

    await served.database.write(transact, Urgency.EVENT)
    served.house.wakeups.wake()


def _write(connection: Connection, moved: Sequence[Change]) -> None:
    alarms.save(connection, moved)


def _line(one: Alarm) -> Transition:
    return Transition(
        alarm=one.id,
        what="raise",
        before=State.NORMAL,
        after=one.state,
        at=one.last_at,
        by=one.device,
    )
