"""Whatever arrives in whatever order: what was said last stands; begin and end take turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as some

from adapters.devices.onvif import conclusion, topics
from adapters.devices.onvif.conclusion import Concluded
from adapters.devices.onvif.notification import Notification, Operation
from adapters.devices.onvif.settings import InputSetting
from adapters.devices.onvif.standing import Standing
from tests.adapters.onvif.telling import CHANGED, DELETED, INITIALIZED, contact, later, tamper, told

_CLOSED_AT_REST = "3"
INPUTS = {
    "1": InputSetting(part=1),
    "2": InputSetting(part=2),
    _CLOSED_AT_REST: InputSetting(part=3, normally_closed=True),
}
_STORAGE = "Device/HardwareFailure/StorageFailure"
THINGS = ("1", "2", _CLOSED_AT_REST, "loose", "lens 1", "lens 2", "twin", "disk")


@dataclass(frozen=True)
class Step:
    """One reply of one message; and whether the bus stores what came of it."""

    thing: str
    stands: bool
    operation: Operation | None
    initial: bool
    after_s: float
    stored: bool
    replayed: bool = False

    def said(self, at_s: float) -> Notification:
        when = later(at_s)
        match self.thing:
            case "lens 1" | "lens 2":
                one = tamper(self.stands, self.operation, source=self.thing)
            case "twin":
                one = tamper(self.stands, self.operation, topic="RuleEngine/TamperDetector/Tamper")
            case "disk":
                one = told(_STORAGE, {"Failed": str(self.stands)}, self.operation)
            case token:
                closed = self.stands is not (token == _CLOSED_AT_REST)
                one = contact(token, closed, self.operation)
        return Notification(
            topic=one.topic,
            source=one.source,
            data=one.data,
            operation=one.operation,
            said_at=when,
        )


_steps = some.lists(
    some.builds(
        Step,
        thing=some.sampled_from(THINGS),
        stands=some.booleans(),
        operation=some.sampled_from([CHANGED, CHANGED, INITIALIZED, None, DELETED]),
        initial=some.booleans(),
        after_s=some.sampled_from([0.0, 0.5, 1.0, 5.0, 11.0, 61.0]),
        stored=some.booleans(),
        replayed=some.sampled_from([False, False, False, True]),
    ),
    max_size=25,
)


def key(said: Notification) -> str:
    (meaning, *_) = topics.find(said)
    return conclusion.key(meaning, said)


class Witness:
    """A standing, and all that it ever said, each event once."""

    def __init__(self, known: dict[str, bool] | None = None) -> None:
        self.standing = Standing(known or {}, INPUTS)
        self.at_s = 0.0
        self.said: dict[str, Concluded] = {}
        self.last: dict[str, bool] = {}

    def follow(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self.at_s += step.after_s
            one = step.said(self.at_s)
            self.hear([one], step.initial, step.stored, step.replayed)
            self.last[key(one)] = step.stands and step.operation is not DELETED

    def hear(
        self,
        heard: Sequence[Notification],
        initial: bool,  # noqa: FBT001 - as a step says
        stored: bool = True,  # noqa: FBT001, FBT002
        replayed: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        found = self.standing.take(heard, later(self.at_s), initial=initial, replayed=replayed)
        for one in found:
            self.said.setdefault(one.id, one)
            if stored:
                self.standing.committed(one)

    def turns(self) -> dict[str, list[bool]]:
        found: dict[str, list[bool]] = {}
        for one in self.said.values():
            found.setdefault(one.key, []).append(one.active)
        return found


@given(steps=_steps)
def test_what_stands_is_what_was_said_last(steps: list[Step]) -> None:
    witness = Witness()
    witness.follow(steps)
    assert witness.standing.active == {name for name, stands in witness.last.items() if stands}


@given(steps=_steps)
def test_begin_and_end_take_turns_and_begin_comes_first(steps: list[Step]) -> None:
    witness = Witness()
    witness.follow(steps)
    for turns in witness.turns().values():
        assert turns[0] is True
        assert all(before is not after for before, after in pairwise(turns))


@given(steps=_steps)
def test_when_all_is_over_all_that_began_has_ended(steps: list[Step]) -> None:
    witness = Witness()
    witness.follow(steps)
    over = [Step(thing, False, CHANGED, False, 1.0, True) for thing in THINGS]
    witness.follow(over)
    witness.hear([], initial=False)
    assert all(turns[-1] is False for turns in witness.turns().values())
    assert witness.standing.active == frozenset()


@given(steps=_steps)
def test_everything_that_is_not_stored_is_owed_and_nothing_else(steps: list[Step]) -> None:
    witness = Witness()
    stored: set[str] = set()
    for step in steps:
        witness.at_s += step.after_s
        found = witness.standing.take(
            [step.said(witness.at_s)], later(witness.at_s), initial=step.initial
        )
        for one in found:
            witness.said.setdefault(one.id, one)
            if step.stored:
                witness.standing.committed(one)
                stored.add(one.id)
    owed = {one.id for one in witness.standing.owed()}
    assert owed == set(witness.said) - stored


@given(before=_steps, truth=some.tuples(*[some.booleans()] * len(INPUTS)))
def test_whatever_was_lost_in_a_gap_the_state_after_it_is_said(
    before: list[Step], truth: tuple[bool, ...]
) -> None:
    witness = Witness()
    witness.follow([step for step in before if step.thing in INPUTS])
    states = [
        Step(thing, stands, INITIALIZED, True, 0.0, True).said(witness.at_s)
        for thing, stands in zip(INPUTS, truth, strict=True)
    ]
    for state in states:
        witness.hear([state], initial=True)
    witness.hear([], initial=False)
    turns = witness.turns()
    for state, stands in zip(states, truth, strict=True):
        assert turns.get(key(state), [False])[-1] is stands


@given(before=_steps, truth=some.tuples(*[some.booleans()] * len(INPUTS)))
def test_another_gateway_that_takes_over_says_only_the_difference(
    before: list[Step], truth: tuple[bool, ...]
) -> None:
    first = Witness()
    first.follow([step for step in before if step.thing in INPUTS])
    known = {one.key: one.active for one in first.said.values()}
    second = Witness(known)
    states = [
        Step(thing, stands, INITIALIZED, True, 0.0, True).said(0)
        for thing, stands in zip(INPUTS, truth, strict=True)
    ]
    second.hear(states, initial=True)
    second.hear([], initial=False)
    differs = {
        key(state): stands
        for state, stands in zip(states, truth, strict=True)
        if known.get(key(state), False) is not stands
    }
    assert {one.key: one.active for one in second.said.values()} == differs
