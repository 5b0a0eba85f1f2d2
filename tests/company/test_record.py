"""How the store stood is kept for the hour when it is gone."""

from pathlib import Path

import pytest

from gateway.company import record
from gateway.company.record import Recorder
from tests.company.making import primary
from tests.domain.making import NOW


def test_the_furthest_confirmed_place_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "store.state"
    Recorder(file).keep(primary("pg2", "pg3"), NOW)
    found = record.read(file)
    assert found is not None
    assert (found.at, found.timeline, found.copies, found.lsn) == (NOW, 1, 2, "0/20")


def test_alone_it_is_the_primarys_own_place(tmp_path: Path) -> None:
    file = tmp_path / "store.state"
    Recorder(file).keep(primary("pg2", names="", lsn="1/A0"), NOW)
    found = record.read(file)
    assert found is not None
    assert (found.copies, found.lsn) == (1, "1/A0")


@pytest.mark.parametrize("content", [None, b"", b"{}", b"nonsense"])
def test_what_cannot_be_read_is_nothing(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "store.state"
    if content is not None:
        file.write_bytes(content)
    assert record.read(file) is None


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "nowhere" / "store.state")
    recorder.keep(primary("pg2"), NOW)
    recorder.keep(primary("pg2"), NOW)
    Recorder(None).keep(primary("pg2"), NOW)
