"""The registry written as a site file: TOML that `tomlfile` reads back the same."""

import json
from collections.abc import Iterator

from gateway.domain.site import MAX_SILENCE_S, Input, Names, Registry


def write(registry: Registry) -> str:
    """That registry as TOML, whole but for when devices were proven."""
    return "\n".join(line for key in sorted(registry.sites) for line in _lines(registry, key))


def _lines(registry: Registry, key: str) -> Iterator[str]:
    site = registry.sites[key]
    yield "[[site]]"
    yield from _pairs(
        id=site.id,
        name=_named(site.name),
        district=site.district,
        address=site.address,
        latitude=site.latitude,
        longitude=site.longitude,
        phones=list(site.phones),
        access=_named(site.access) if site.access != Names() else None,
    )
    for zone in sorted((z for z in registry.zones.values() if z.site == key), key=lambda z: z.id):
        yield "[[site.zone]]"
        yield from _pairs(
            id=zone.id,
            name=_named(zone.name),
            building=zone.building,
            floor=zone.floor,
            plan=zone.plan,
        )
    own = (device for device in registry.devices.values() if device.site == key)
    for device in sorted(own, key=lambda one: one.id):
        yield "[[site.device]]"
        yield from _pairs(
            id=device.id,
            kind=device.sort.value,
            zone=device.zone,
            parts={str(part): zone for part, zone in sorted(device.part_zones.items())},
            silent=device.silent,
            input_kind=device.input_kind,
            inputs={json.dumps(token): _wired(one) for token, one in device.inputs.items()},
            max_silence_s=None if device.max_silence_s == MAX_SILENCE_S else device.max_silence_s,
            host=device.host,
            port=device.port,
            profile=device.profile,
            looks_at=list(device.looks_at),
            at=None if device.at is None else list(device.at),
        )


def _wired(one: Input) -> dict[str, object]:
    said = {
        "part": one.part,
        "kind": one.kind,
        "normally_closed": one.normally_closed,
        "zone": one.zone,
    }
    return {name: value for name, value in said.items() if value}


def _named(names: Names) -> dict[str, str]:
    return {"kk": names.kk, "ru": names.ru, "en": names.en}


def _pairs(**values: object) -> Iterator[str]:
    """Keys and values, but for those that say nothing; a blank line after them."""
    yield from (
        f"{name} = {_value(v)}" for name, v in values.items() if v not in (None, "", [], {}, False)
    )
    yield ""


def _value(value: object) -> str:
    """A TOML value: texts and lists of texts are written as in JSON, which TOML reads alike."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{key} = {_value(one)}" for key, one in value.items() if one)
        return f"{{ {pairs} }}" if pairs else "{}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
