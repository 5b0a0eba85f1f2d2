"""Consoles: where a cry can be heard now."""

from gateway.domain import consoles
from gateway.domain.consoles import Console
from tests.domain.making import NOW, later
from tests.harness.changed import replace

ALL = Console(id="c" * 8, person="aigerim", role="dispatcher", armed=True, sound=True, heard_at=NOW)
MEDEU = replace(ALL, districts=("medeu",))


def test_a_console_sounds_while_it_is_armed_its_sound_runs_and_it_was_heard_lately() -> None:
    silent, idle = replace(ALL, sound=False), replace(ALL, armed=False)
    assert consoles.armed([ALL, silent, idle], later(24)) == [ALL]
    assert consoles.armed([ALL], later(25)) == []


def test_a_district_is_watched_by_whoever_sees_it() -> None:
    assert consoles.unwatched(["auezov", "medeu"], [MEDEU]) == ["auezov"]
    assert consoles.unwatched(["auezov", "medeu"], [MEDEU, ALL]) == []
    assert consoles.unwatched(["medeu", "auezov"], []) == ["auezov", "medeu"]


def test_an_alarm_that_nobody_placed_sounds_at_every_console() -> None:
    assert consoles.is_watched(None, [MEDEU])
    assert not consoles.is_watched(None, [])
