"""What is registered in the house of the web's tests, and who may ask."""

from datetime import UTC, datetime

from gateway.domain.operator import Role
from gateway.domain.site import Device, DeviceId, Names, Site, SiteId, Sort, Zone, ZoneId
from gateway.store.operators import Token

SITES = {
    "school-12": Site(
        id=SiteId("school-12"),
        name=Names(kk="№12 орта мектеп", ru="Средняя школа № 12", en="Secondary school No. 12"),
        district="medeu",
        address="Достық даңғылы, 85",
        phones=("+7 727 264 00 12",),
    ),
    "school-90": Site(
        id=SiteId("school-90"),
        name=Names(kk="№90 гимназия", ru="Гимназия № 90", en="Gymnasium No. 90"),
        district="auezov",
        address="Абай даңғылы, 150",
    ),
}
ZONES = {
    ("school-12", "hall"): Zone(
        id=ZoneId("hall"),
        site=SiteId("school-12"),
        name=Names(kk="Кіреберіс", ru="Вестибюль", en="Entrance hall"),
        floor="1",
    ),
    ("school-90", "office"): Zone(
        id=ZoneId("office"),
        site=SiteId("school-90"),
        name=Names(kk="Директор кабинеті", ru="Кабинет директора", en="Head's office"),
        floor="2",
    ),
}


def _device(key: str, sort: Sort, site: str, zone: str) -> Device:
    return Device(id=DeviceId(key), sort=sort, site=SiteId(site), zone=ZoneId(zone))


DEVICES = {
    str(one.id): one
    for one in (
        _device("button-12-1", Sort.PANIC_BUTTON, "school-12", "hall"),
        _device("gate-12-1", Sort.TURNSTILE, "school-12", "hall"),
        _device("button-90-1", Sort.PANIC_BUTTON, "school-90", "office"),
    )
}
PEOPLE = {
    "aigerim": Token(
        name="aigerim", role=Role.DISPATCHER, created_at=datetime(2026, 1, 1, tzinfo=UTC)
    ),
    "bolat": Token(
        name="bolat",
        role=Role.DISPATCHER,
        districts=("auezov",),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    ),
    **{
        role.value: Token(
            name=role.value,
            role=role,
            receiver="centre" if role is Role.MACHINE else None,
            device="button-12-1" if role is Role.DEVICE else None,
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for role in Role
    },
}
"""Every role by its own name, and two dispatchers; everyone's secret is `<name>-secret`."""
