"""The registry: sites, zones and devices as rows, under one version."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.domain.site import (
    Device,
    DeviceId,
    Input,
    Names,
    Registry,
    Site,
    SiteId,
    Sort,
    Zone,
    ZoneId,
)
from gateway.store import camera_conditions, camera_logins, camera_states, schema, versions


def registry(connection: Connection) -> Registry:
    """Everything registered."""
    return Registry(
        version=versions.read(connection).get(versions.REGISTRY, 0),
        sites={row.id: _site(row) for row in connection.execute(select(schema.sites))},
        zones={(row.site, row.id): _zone(row) for row in connection.execute(select(schema.zones))},
        devices={row.id: _device(row) for row in connection.execute(select(schema.devices))},
    )


def put(
    connection: Connection,
    sites: Sequence[Site] = (),
    zones: Sequence[Zone] = (),
    devices: Sequence[Device] = (),
) -> None:
    """Write those sites, zones and devices, new or changed, and move the version."""
    for rows, table, keys in (
        ([_site_row(site) for site in sites], schema.sites, ["id"]),
        ([_zone_row(zone) for zone in zones], schema.zones, ["site", "id"]),
        ([_device_row(device) for device in devices], schema.devices, ["id"]),
    ):
        if rows:
            connection.execute(_upsert(connection, table, keys), rows)
    versions.move(connection, versions.REGISTRY)


def remove_devices(connection: Connection, ids: Sequence[str]) -> None:
    """Take devices out of the registry; what they said stays."""
    connection.execute(delete(schema.devices).where(schema.devices.c.id.in_(list(ids))))
    camera_logins.drop(connection, ids)
    camera_conditions.forget(connection, ids)
    camera_states.forget(connection, ids)
    versions.move(connection, versions.REGISTRY)


def prove(connection: Connection, device: str, at: datetime | None) -> None:
    """A walk test saw that device's press arrive; None: it is unproven."""
    devices = schema.devices
    connection.execute(update(devices).where(devices.c.id == device).values(proven_at=at))
    versions.move(connection, versions.REGISTRY)


def _upsert(connection: Connection, table: Any, keys: list[str]) -> Any:  # noqa: ANN401
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make(table)
    changed = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=changed)


def _names(row: Row[Any]) -> Names:
    return Names(kk=row.name_kk, ru=row.name_ru, en=row.name_en)


def _named(names: Names) -> dict[str, str]:
    return {"name_kk": names.kk, "name_ru": names.ru, "name_en": names.en}


def _site(row: Row[Any]) -> Site:
    return Site(
        id=SiteId(row.id),
        name=_names(row),
        district=row.district,
        address=row.address,
        latitude=row.latitude,
        longitude=row.longitude,
        phones=tuple(msgspec.json.decode(row.phones)),
        access=Names(kk=row.access_kk, ru=row.access_ru, en=row.access_en),
    )


def _site_row(site: Site) -> dict[str, Any]:
    return {
        "id": site.id,
        **_named(site.name),
        "district": site.district,
        "address": site.address,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "phones": msgspec.json.encode(site.phones).decode(),
        "access_kk": site.access.kk,
        "access_ru": site.access.ru,
        "access_en": site.access.en,
    }


def _zone(row: Row[Any]) -> Zone:
    return Zone(
        id=ZoneId(row.id),
        site=SiteId(row.site),
        name=_names(row),
        building=row.building,
        floor=row.floor,
        plan=row.plan,
    )


def _zone_row(zone: Zone) -> dict[str, Any]:
    return {
        "site": zone.site,
        "id": zone.id,
        **_named(zone.name),
        "building": zone.building,
        "floor": zone.floor,
        "plan": zone.plan,
    }


def _inputs(text: str) -> dict[str, Input]:
    return msgspec.json.decode(text, type=dict[str, Input])


def _device(row: Row[Any]) -> Device:
    parts = msgspec.json.decode(row.part_zones, type=dict[int, str])
    return Device(
        id=DeviceId(row.id),
        sort=Sort(row.sort),
        site=SiteId(row.site),
        zone=None if row.zone is None else ZoneId(row.zone),
        silent=row.silent,
        input_kind=row.input_kind,
        inputs={} if row.inputs == "{}" else _inputs(row.inputs),
        part_zones={part: ZoneId(zone) for part, zone in parts.items()},
        max_silence_s=row.max_silence_s,
        proven_at=row.proven_at,
        host=row.host,
        port=row.port,
        profile=row.profile,
        looks_at=tuple(msgspec.json.decode(row.looks_at)),
        at=None if row.at_x is None else (row.at_x, row.at_y),
    )


def _device_row(device: Device) -> dict[str, Any]:
    return {
        "id": device.id,
        "sort": device.sort.value,
        "site": device.site,
        "zone": device.zone,
        "silent": device.silent,
        "input_kind": device.input_kind,
        "inputs": msgspec.json.encode(dict(device.inputs)).decode(),
        "part_zones": msgspec.json.encode(dict(device.part_zones)).decode(),
        "max_silence_s": device.max_silence_s,
        "proven_at": device.proven_at,
        "host": device.host,
        "port": device.port,
        "profile": device.profile,
        "looks_at": msgspec.json.encode(device.looks_at).decode(),
        "at_x": None if device.at is None else device.at[0],
        "at_y": None if device.at is None else device.at[1],
    }
