"""Site papers in the house of the web's tests: notes, a plan, people inside."""

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

from gateway.domain.occupancy import Occupancy, school_day
from gateway.domain.site import Device, DeviceId, Names, SiteId, Sort, ZoneId
from gateway.store import occupancies
from gateway.store.database import Urgency
from tests.harness.changed import replace
from tests.web.building import Built

DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400">'
    '<rect width="600" height="400" fill="#fff"/>'
    '<path d="M40 40h520v320H40zM40 200h220M340 200h220M260 40v160M340 40v160M300 360v-60"'
    ' fill="none" stroke="#33475b" stroke-width="6"/></svg>'
)
ACCESS = Names(
    kk="Қақпа Достық даңғылынан, коды 4512.\nКүзетші: кіреберістің оң жағында.",
    ru="Ворота с проспекта Достык, код 4512.\nОхрана: справа от входа.",
    en="Gate from Dostyk avenue, code 4512.\nThe guard sits right of the entrance.",
)


def write(built: Built) -> None:
    """Give school-12 its papers; nothing of the other school's."""
    registry = built.house.registry()
    sites, zones, devices = registry.sites, registry.zones, registry.devices
    assert isinstance(sites, dict)
    assert isinstance(zones, dict)
    assert isinstance(devices, dict)
    sites["school-12"] = replace(sites["school-12"], access=ACCESS, latitude=43.24, longitude=76.95)
    zones["school-12", "hall"] = replace(zones["school-12", "hall"], plan="school-12/floor-1.svg")
    devices["button-12-1"] = replace(devices["button-12-1"], at=(0.31, 0.82))
    devices["cam-12-1"] = Device(
        id=DeviceId("cam-12-1"),
        sort=Sort.CAMERA,
        site=SiteId("school-12"),
        zone=ZoneId("hall"),
        at=(0.86, 0.2),
    )
    built.plans["school-12/floor-1.svg"] = DRAWING.encode()


async def people_inside(built: Built, inside: int, *, days_ago: int = 0, **more: bool) -> None:
    """So many were counted in school-12."""
    at = built.house.clock.now() - timedelta(days=days_ago)
    day = school_day(at, ZoneInfo("Asia/Almaty"))
    counted = Occupancy(site="school-12", day=day, inside=inside, as_of=at, **more)
    await built.database.write(partial(occupancies.save, counts=[counted]), Urgency.EVENT)
