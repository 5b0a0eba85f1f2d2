"""A thousand seeds keep the promise; and the same seed is the same world."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, TypeVar

import pytest

from gateway.store.database import Urgency, Work
from gateway.store.work import Kept
from tests.simulation import faults, many, verdict, world
from tests.simulation.store import Store

T = TypeVar("T")

SEEDS = 1000
WITHIN_S = 900


async def _simulated(folder: Path, *arguments: str) -> tuple[int, str, dict[str, Any]]:
    figures = folder / "figures.json"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.simulation"),
        *("--json", str(figures), *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode(), json.loads(figures.read_text())


@pytest.mark.serial  # it has work for all cores, and stories beside it would wait for theirs
@pytest.mark.timeout(WITHIN_S)
async def test_a_thousand_worlds_keep_the_promise(tmp_path: Path) -> None:
    code, said, figures = await _simulated(tmp_path, "--seeds", str(SEEDS))
    assert code == 0, said
    assert figures["presses"] > 10 * SEEDS
    assert {"committing", "committed", "receipted", "posting", "posted"} <= figures["kills"].keys()


def test_the_same_seed_is_the_same_world() -> None:
    first, second = world.run(4), world.run(4)
    assert first.told == second.told
    assert (first.presses, first.kills, first.faults) == (
        second.presses,
        second.kills,
        second.faults,
    )
    assert world.run(5).told != first.told


def test_a_store_that_forgets_what_it_has_committed_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def pretends(self: Store, work: Work[T], urgency: Urgency) -> Kept[T]:
        return Kept(await self.write_and_forget(work, urgency))

    monkeypatch.setattr(Store, "keep", pretends)
    broken = world.run(1).broken
    assert any("receipted but not stored" in one for one in broken), broken


def test_a_world_that_ends_by_an_error_is_a_broken_promise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def slips(_: object) -> None:
        raise KeyError("a slip")

    monkeypatch.setattr(faults, "FAULTS", (slips,))
    assert many.one(1).broken == ["KeyError: 'a slip'"]


@pytest.mark.parametrize(
    ("keys", "is_doubled"),
    [
        ({"a:1"}, False),
        ({"a:1", "b:1"}, True),
        ({"a:1", "a:2"}, True),
        ({"cried:1"}, False),
        ({"cried:1", "b:2"}, False),
        ({"cried:1", "b:1"}, True),
        ({"cried:1", "cried:2"}, True),
        ({"cried:1", "b:2", "c:2"}, True),
        ({"cried:1", "too:1"}, True),
    ],
)
def test_a_press_has_one_key_but_where_its_cry_was_counted_elsewhere(
    keys: set[str], *, is_doubled: bool
) -> None:
    assert verdict.is_doubled(keys, {"cried:1", "too:1"}) is is_doubled
