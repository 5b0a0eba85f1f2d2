"""The operator's own GeoJSON becomes a map, and what is none is refused in a sentence."""

from typing import Any

import msgspec
import pytest

from gateway.domain import outline
from gateway.domain.outline import WIDTH, BadOutline

SQUARE = [[76.8, 43.1], [77.0, 43.1], [77.0, 43.3], [76.8, 43.3], [76.8, 43.1]]


def geojson(*features: dict[str, Any]) -> bytes:
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def feature(coordinates: Any, kind: str = "Polygon", **properties: Any) -> dict[str, Any]:  # noqa: ANN401 - what JSON holds
    geometry = {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_a_district_is_drawn_in_its_place_with_its_name() -> None:
    east = [[x + 0.2, y] for x, y in SQUARE]
    found = outline.read(
        geojson(feature([SQUARE], district="medeu"), feature([east], name="auezov"))
    )
    assert [one.name for one in found.shapes] == ["medeu", "auezov"]
    first, second = found.shapes
    assert first.path.startswith("M0,")
    assert first.x == pytest.approx(WIDTH / 4, abs=1)
    assert second.x == pytest.approx(3 * WIDTH / 4, abs=1)
    assert first.y == pytest.approx(found.height / 2, abs=1)
    # A degree of longitude is shorter there by the cosine of 43.2°.
    assert found.height / WIDTH == pytest.approx(0.2 / (0.4 * 0.729), rel=0.01)


def test_a_site_lies_where_it_lies_on_the_sheet_or_nowhere() -> None:
    found = outline.read(geojson(feature([SQUARE])))
    assert found.place(43.3, 76.8) == (0.0, 0.0)
    x, y = found.place(43.2, 76.9) or (0.0, 0.0)
    assert x == pytest.approx(WIDTH / 2, abs=0.2)
    assert y == pytest.approx(found.height / 2, abs=0.2)
    assert found.place(None, 76.9) is None
    assert found.place(51.1, 71.4) is None


def test_points_that_fall_together_are_drawn_once() -> None:
    crowded = [[76.8, 43.1], [76.8, 43.1], *SQUARE[1:]]
    (shape,) = outline.read(geojson(feature([crowded]))).shapes
    assert shape.path.count(",") == 5


def test_islands_and_other_things_on_the_map_do_no_harm() -> None:
    island = [[76.85, 43.15], [76.86, 43.15], [76.86, 43.16], [76.85, 43.15]]
    found = outline.read(
        geojson(
            feature([[SQUARE], [island]], "MultiPolygon", name="a <b>&"),
            feature([76.9, 43.2], "Point"),
            {"type": "Feature", "properties": None, "geometry": None},
        )
    )
    assert [(one.name, one.path.count("M")) for one in found.shapes] == [("a <b>&", 2)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"<svg/>", "not JSON"),
        (b"[]", "no FeatureCollection"),
        (geojson(), "no Polygon"),
        (geojson(feature([[[1, 2]]])), "no Polygon"),
        (geojson(feature([[["x", 2], [3, 4], [5, 6]]])), "cannot be read"),
        (geojson(feature([[[7690000, 43], [3, 4], [5, 6]]])), "no longitude and latitude"),
        (geojson(feature([[[1, 1], [1, 1], [1, 1]]])), "no area"),
        (geojson(*[{}] * 1001), "more than 1000 features"),
        (b" " * (outline.SIZE_LIMIT + 1), "larger than 8 MiB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_outline_is_refused_in_a_sentence(text: bytes, why: str) -> None:
    with pytest.raises(BadOutline, match=why):
        outline.read(text)
