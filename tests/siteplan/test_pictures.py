"""The folder of plans: what lies below it is read, and nothing else."""

from pathlib import Path

import pytest

from gateway.siteplan import pictures


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    below = tmp_path / "plans" / "s1"
    below.mkdir(parents=True)
    (below / "floor.svg").write_text("<svg/>", encoding="utf-8")
    (tmp_path / "secret.svg").write_text("seal", encoding="utf-8")
    return tmp_path / "plans"


def test_a_picture_is_read_by_its_name(folder: Path) -> None:
    assert pictures.read(folder, "s1/floor.svg") == b"<svg/>"
    assert pictures.read(folder, "s1/floor-2.svg") is None
    assert pictures.read(folder / "nowhere", "s1/floor.svg") is None


def test_what_lies_outside_is_never_read_not_even_by_a_link(folder: Path) -> None:
    (folder / "link.svg").symlink_to(folder.parent / "secret.svg")
    for name in ("../secret.svg", "s1/../../secret.svg", "link.svg", "s1"):
        assert pictures.read(folder, name) is None
    assert pictures.read(folder, str(folder.parent / "secret.svg")) is None


def test_a_picture_that_no_page_should_wait_for_is_refused(folder: Path) -> None:
    (folder / "huge.png").write_bytes(bytes(pictures.LIMIT_BYTES + 1))
    with pytest.raises(pictures.TooLarge, match="larger than 4 MiB"):
        pictures.read(folder, "huge.png")
