"""An outline: the operator's own GeoJSON as a schematic map, each district with its name.

Source: RFC 7946. Nothing is fetched and nothing of it is shown but lines and the names on them.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

SIZE_LIMIT = 8 * 1024 * 1024
POINTS_LIMIT = 200_000
FEATURES_LIMIT = 1000
WIDTH = 1000.0
"""The map's own units from its west to its east; a point is drawn at a whole tenth of one."""
TALLEST = 1600.0
_NAMES = ("district", "name", "NAME", "name_kk", "name_ru", "name_en")
_POLAR = 85.0
_LINE = 2
Ring = list[tuple[float, float]]


class BadOutline(Exception):
    """The file is no outline that can be drawn; the sentence says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One district, or whatever else the file draws."""

    name: str
    """As sites name their district; empty: it has none."""
    path: str
    """What a `<path>` draws."""
    x: float
    y: float
    """Where its name may stand: the middle of its largest ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Every shape, and how places on earth are laid on the same sheet."""

    west: float
    north: float
    scale: float
    """Units a degree of latitude."""
    squeeze: float
    """How much shorter a degree of longitude is there."""
    height: float
    shapes: tuple[Shape, ...] = field(default_factory=tuple)

    def place(self, latitude: float | None, longitude: float | None) -> tuple[float, float] | None:
        """Where that place lies on the sheet; None: nowhere on it."""
        if latitude is None or longitude is None:
            return None
        x = (longitude - self.west) * self.squeeze * self.scale
        y = (self.north - latitude) * self.scale
        is_on_it = 0 <= x <= WIDTH and 0 <= y <= self.height
        return (round(x, 1), round(y, 1)) if is_on_it else None


def read(text: bytes) -> Outline:
    """The outline of a GeoJSON file.

    Raises:
        BadOutline: it is none, is too large, or has nothing to draw.
    """
    if len(text) > SIZE_LIMIT:
        raise BadOutline(f"it is larger than {SIZE_LIMIT // 1024 // 1024} MiB")
    try:
        content = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise BadOutline(f"it is not JSON: {error}") from None
    features = [(name, rings) for name, rings in _features(content) if rings]
    points = [point for _, rings in features for ring in rings for point in ring]
    if not points:
        raise BadOutline("it has no Polygon and no MultiPolygon")
    if len(points) > POINTS_LIMIT:
        raise BadOutline(f"it has more than {POINTS_LIMIT} points: simplify it")
    sheet = _sheet(points)
    shapes = tuple(_shape(sheet, name, rings) for name, rings in features)
    return Outline(
        west=sheet.west,
        north=sheet.north,
        scale=sheet.scale,
        squeeze=sheet.squeeze,
        height=sheet.height,
        shapes=shapes,
    )


def _features(content: Any) -> Iterator[tuple[str, list[Ring]]]:  # noqa: ANN401 - whatever JSON holds
    found = content.get("features") if isinstance(content, dict) else None
    if not isinstance(found, list):
        raise BadOutline("it is no FeatureCollection")
    if len(found) > FEATURES_LIMIT:
        raise BadOutline(f"it has more than {FEATURES_LIMIT} features")
    for one in found:
        if isinstance(one, dict) and isinstance(one.get("geometry"), dict):
            yield _name(one.get("properties")), _rings(one["geometry"])


def _name(properties: Any) -> str:  # noqa: ANN401 - likewise
    if not isinstance(properties, dict):
        return ""
    named = (properties.get(key) for key in _NAMES)
    return next((name[:120] for name in named if isinstance(name, str) and name), "")


def _rings(geometry: dict[str, Any]) -> list[Ring]:
    kind, found = geometry.get("type"), geometry.get("coordinates")
    if kind not in {"Polygon", "MultiPolygon"}:
        return []
    polygons: Any = [found] if kind == "Polygon" else found
    try:
        rings = [[_point(one) for one in ring] for polygon in polygons for ring in polygon]
    except (TypeError, ValueError, IndexError):
        raise BadOutline(f"the coordinates of a {kind} cannot be read") from None
    return [ring for ring in rings if len(ring) > _LINE]


def _point(one: Sequence[float]) -> tuple[float, float]:
    longitude, latitude = float(one[0]), float(one[1])
    if not (abs(longitude) <= 180 and abs(latitude) <= _POLAR):  # noqa: PLR2004 - round the earth
        raise BadOutline(f"{longitude}, {latitude} is no longitude and latitude (WGS 84)")
    return longitude, latitude


def _sheet(points: Sequence[tuple[float, float]]) -> Outline:
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    wide, tall = (east - west) * squeeze, north - south
    if not wide or not tall:
        raise BadOutline("it has no area")
    scale = min(WIDTH / wide, TALLEST / tall)
    return Outline(
        west=west, north=north, scale=scale, squeeze=squeeze, height=round(tall * scale, 1)
    )


def _shape(sheet: Outline, name: str, rings: Sequence[Ring]) -> Shape:
    drawn = [_drawn(sheet, ring) for ring in rings]
    path = " ".join(f"M{' '.join(f'{x:g},{y:g}' for x, y in ring)}Z" for ring in drawn if ring)
    x, y = _middle(max(drawn, key=_area))
    return Shape(name=name, path=path, x=x, y=y)


def _drawn(sheet: Outline, ring: Ring) -> Ring:
    """On the sheet, without points that fall on the one before."""
    found: Ring = []
    for longitude, latitude in ring:
        x = round((longitude - sheet.west) * sheet.squeeze * sheet.scale, 1)
        y = round((sheet.north - latitude) * sheet.scale, 1)
        if not found or found[-1] != (x, y):
            found.append((x, y))
    return found


def _area(ring: Ring) -> float:
    return abs(_twice(ring))


def _twice(ring: Ring) -> float:
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)


def _middle(ring: Ring) -> tuple[float, float]:
    """The centre of its area."""
    twice = _twice(ring)
    if not twice:
        return ring[0]
    x = y = 0.0
    for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
        weight = ax * by - bx * ay
        x, y = x + (ax + bx) * weight, y + (ay + by) * weight
    return round(x / (3 * twice), 1), round(y / (3 * twice), 1)
