"""The canary: only a receipt that we wait for, said by ourselves, proves the path."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.canary import Canary, Path
from gateway.domain import proof
from tests.harness.clock import PushedClock


@dataclass
class Aviary:
    """A canary with two brokers, either of which can be out of reach."""

    clock: PushedClock = field(default_factory=PushedClock)
    pressed: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    canary: Canary = field(init=False)

    def __post_init__(self) -> None:
        self.canary = Canary(
            gateway="g1",
            clock=self.clock,
            press=self.press,
            voice=lambda kind, about, _: self.said.append((kind, about)),
            paths={"a": Path(), "b": Path()},
        )

    def press(self, broker: str, body: bytes) -> bool:
        if broker in self.away:
            return False
        self.pressed.append((broker, json.loads(body)))
        return True

    def last(self, broker: str) -> str:
        return str(next(body["id"] for at, body in reversed(self.pressed) if at == broker))

    def receipt(self, broker: str, *, by: str = "g1") -> None:
        self.canary.heard(broker, self.last(broker), by)


@pytest.fixture
async def aviary() -> AsyncIterator[Aviary]:
    made = Aviary()
    living = asyncio.create_task(made.canary.run())
    await made.clock.push(0)
    yield made
    living.cancel()


async def test_the_canary_presses_at_once_and_then_every_half_minute(aviary: Aviary) -> None:
    assert [broker for broker, _ in aviary.pressed] == ["a", "b"]
    await aviary.clock.push(29)
    assert len(aviary.pressed) == 2
    await aviary.clock.push(61)
    assert [broker for broker, _ in aviary.pressed] == ["a", "b"] * 4
    assert len({body["id"] for _, body in aviary.pressed}) == 8
    assert {body["kind"] for _, body in aviary.pressed} == {proof.KIND}


async def test_the_canary_presses_as_soon_as_its_broker_is_back(aviary: Aviary) -> None:
    aviary.away.add("a")
    await aviary.clock.push(45)
    aviary.away.clear()
    before = len(aviary.pressed)
    await aviary.clock.push(1)
    assert aviary.pressed[before][0] == "a"


async def test_a_proof_is_as_old_as_the_press_that_came_back(aviary: Aviary) -> None:
    assert (aviary.canary.ages(), aviary.canary.worst_s()) == ({"a": None, "b": None}, None)
    await aviary.clock.push(2)
    aviary.receipt("a")
    assert (aviary.canary.ages(), aviary.canary.worst_s()) == ({"a": 2.0, "b": None}, None)
    aviary.receipt("b")
    await aviary.clock.push(40)
    assert aviary.canary.ages() == {"a": 42.0, "b": 42.0}
    aviary.receipt("a")
    assert (aviary.canary.ages(), aviary.canary.worst_s()) == ({"a": 12.0, "b": 42.0}, 42.0)


@pytest.mark.parametrize(
    ("event", "by"), [(None, "g2"), ("g2.0123456789abcdef0123", "g1"), ("nonsense", "g1")]
)
async def test_nobody_elses_receipt_proves_anything(
    aviary: Aviary, event: str | None, by: str
) -> None:
    aviary.canary.heard("a", event or aviary.last("a"), by)
    assert aviary.canary.age_s("a") is None


async def test_a_receipt_for_one_broker_does_not_prove_another(aviary: Aviary) -> None:
    aviary.canary.heard("b", aviary.last("a"), "g1")
    assert aviary.canary.ages() == {"a": None, "b": None}


async def test_a_receipt_counts_once(aviary: Aviary) -> None:
    aviary.receipt("a")
    await aviary.clock.push(10)
    aviary.receipt("a")
    assert aviary.canary.age_s("a") == 10


async def test_a_path_that_never_was_proven_is_said_after_ninety_seconds(aviary: Aviary) -> None:
    aviary.receipt("a")
    await aviary.clock.push(60)
    aviary.receipt("a")
    assert aviary.canary.age_s("b") is None
    await aviary.clock.push(32)
    assert aviary.said == [("path.unproven", "path-g1-b")]
    assert aviary.canary.worst_s() == aviary.canary.age_s("b") == 92


async def test_an_unproven_path_is_said_once_and_its_end_too(aviary: Aviary) -> None:
    for broker in ("a", "b"):
        aviary.receipt(broker)
    for _ in range(20):
        await aviary.clock.push(10)
        aviary.receipt("b")
    assert aviary.said == [("path.unproven", "path-g1-a")]
    aviary.receipt("a")
    assert aviary.said[1:] == [("path.proven", "path-g1-a")]


async def test_an_old_press_that_comes_through_proves_no_more_than_its_own_time(
    aviary: Aviary,
) -> None:
    first = aviary.last("a")
    await aviary.clock.push(100)
    before = len(aviary.pressed)
    aviary.canary.heard("a", first, "g1")
    assert aviary.canary.age_s("a") == 100
    assert aviary.said[0] == ("path.unproven", "path-g1-a")
    await aviary.clock.push(1)
    assert aviary.pressed[before][0] == "a"  # how it is now is asked at once
    aviary.receipt("a")
    assert ("path.proven", "path-g1-a") in aviary.said


async def test_what_a_former_life_called_unproven_ends_with_the_first_proof() -> None:
    aviary = Aviary()
    aviary.canary.paths["a"].is_unproven = True
    living = asyncio.create_task(aviary.canary.run())
    await aviary.clock.push(5)
    assert aviary.said == []
    aviary.receipt("a")
    assert aviary.said == [("path.proven", "path-g1-a")]
    living.cancel()
