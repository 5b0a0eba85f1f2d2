"""What the operator gives the console is read at the start, or the start ends with one line."""

from pathlib import Path

import pytest

from gateway.app import sheets
from gateway.settings import WrongSettings
from gateway.settings.console import Console

_TRIANGLE = b"""{"type": "FeatureCollection", "features": [{"type": "Feature",
"properties": {"name": "medeu"}, "geometry": {"type": "Polygon",
"coordinates": [[[76.9, 43.2], [77.0, 43.2], [77.0, 43.3], [76.9, 43.2]]]}}]}"""


def test_an_outline_is_read_where_one_is_named(tmp_path: Path) -> None:
    file = tmp_path / "districts.geojson"
    file.write_bytes(_TRIANGLE)
    found = sheets.outline(Console(outline_file=file))
    assert found is not None
    assert [one.name for one in found.shapes] == ["medeu"]
    assert sheets.outline(Console()) is None


@pytest.mark.parametrize(("body", "why"), [(b"{}", "cannot be drawn"), (None, "cannot be read")])
def test_an_outline_that_is_none_is_one_clear_line(
    tmp_path: Path, body: bytes | None, why: str
) -> None:
    file = tmp_path / "districts.geojson"
    if body is not None:
        file.write_bytes(body)
    with pytest.raises(WrongSettings, match=why) as caught:
        sheets.outline(Console(outline_file=file))
    assert "console.outline_file" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_zone_that_nobody_knows_is_one_clear_line() -> None:
    assert sheets.zone("Asia/Almaty").key == "Asia/Almaty"
    with pytest.raises(WrongSettings, match="Asia/Almaty"):
        sheets.zone("Asia/Nowhere")
