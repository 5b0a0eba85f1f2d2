"""How a simulated turnstile thinks, and how pupils come in the morning."""

import itertools
import json
import random
from datetime import time, timedelta

import pytest

from simulators.acts import Act, Deed, Denial, Direction
from simulators.character import Character
from simulators.clock import PushedClock, read
from simulators.outputs import Output, Publish
from simulators.turnstile import morning
from simulators.turnstile.machine import CardList, Settings, Turnstile
from simulators.wire import Leaf

CARD = "7700000001"


class Bench:
    """A turnstile on a bench: a clock to push, and a note of all that came out."""

    def __init__(self, *, cards: CardList | None = None, kept_events: int = 1000) -> None:
        self.clock = PushedClock()
        numbers = itertools.count(1)
        character = Character(
            device="t1", model="test", brokers=2, check_in_s=1e6, kept_events=kept_events
        )
        settings = Settings(character=character, cards=cards or CardList())
        self.turnstile = Turnstile(settings, read(self.clock), lambda: f"id-{next(numbers)}")
        self.outputs: list[Output] = []
        self.pass_(0)
        self.outputs.clear()

    def card(self, card: str = CARD, direction: Direction = Direction.IN) -> None:
        self.do(Act(deed=Deed.CARD, card=card, direction=direction))

    def do(self, act: Act) -> None:
        self.outputs += self.turnstile.act(read(self.clock), act)

    def pass_(self, seconds: float) -> None:
        end_s = self.clock.monotonic() + seconds
        while (wake_s := self.turnstile.next_wake_s()) <= end_s:
            moment = self.clock.push(wake_s - self.clock.monotonic())
            self.outputs += self.turnstile.passed(moment)
        self.clock.push(end_s - self.clock.monotonic())

    def hear(self, leaf: Leaf, body: object) -> None:
        payload = json.dumps(body).encode()
        self.outputs += self.turnstile.heard(read(self.clock), 0, leaf, payload)

    def command(self, name: str) -> None:
        until = (self.clock.now() + timedelta(minutes=1)).isoformat()
        self.hear(Leaf.COMMAND, {"id": f"c-{name}", "command": name, "until": until})

    def said(self, leaf: Leaf) -> list[dict[str, object]]:
        return [
            json.loads(output.payload)
            for output in self.outputs
            if isinstance(output, Publish) and output.leaf is leaf
        ]

    def denials(self) -> list[object]:
        datas = [body["data"] for body in self.said(Leaf.EVENT)]
        return [data["reason"] for data in datas if isinstance(data, dict) and "reason" in data]

    def kinds(self, leaf: Leaf = Leaf.ALARM) -> list[object]:
        return [body["kind"] for body in self.said(leaf)]


def test_turnstile_tells_direction_card_and_whether_it_was_taken_when_it_lets_in() -> None:
    bench = Bench()
    bench.card()
    body = bench.said(Leaf.EVENT)[0]
    assert body["kind"] == "passage.granted"
    assert body["data"] == {"direction": "in", "credential": CARD, "taken": True}


def test_turnstile_denies_a_card_that_comes_in_twice() -> None:
    bench = Bench()
    bench.card()
    bench.card()
    assert bench.denials() == ["anti_passback"]


def test_turnstile_lets_a_card_in_again_after_it_went_out() -> None:
    bench = Bench()
    bench.card()
    bench.pass_(1)
    bench.card(direction=Direction.OUT)
    bench.pass_(1)
    bench.card()
    assert bench.denials() == []


def test_turnstile_lets_in_again_who_turned_round_without_walking() -> None:
    bench = Bench()
    bench.do(Act(deed=Deed.CARD, card=CARD, taken=False))
    bench.card()
    assert bench.denials() == []


@pytest.mark.parametrize(
    ("cards", "card", "reason"),
    [
        (CardList(), "123", Denial.UNKNOWN_CARD),
        (CardList(), "no number", Denial.UNKNOWN_CARD),
        (CardList(expired=frozenset({CARD})), CARD, Denial.EXPIRED),
        (CardList(blocked=frozenset({CARD})), CARD, Denial.BLOCKED),
        (CardList(opens=time(9), closes=time(10)), CARD, Denial.SCHEDULE),
    ],
)
def test_turnstile_says_why_when_it_denies(cards: CardList, card: str, reason: Denial) -> None:
    bench = Bench(cards=cards)
    bench.card(card)
    assert bench.denials() == [reason]


def test_turnstile_denies_the_other_way_while_its_arm_turns() -> None:
    bench = Bench()
    bench.card()
    bench.card("7700000002", Direction.OUT)
    assert bench.denials() == ["interlock"]


@pytest.mark.parametrize("reason", list(Denial))
def test_turnstile_denies_for_any_reason_when_it_is_told_to(reason: Denial) -> None:
    bench = Bench()
    bench.do(Act(deed=Deed.DENY, reason=reason))
    assert bench.denials() == [reason]


def test_turnstile_tells_of_force_and_of_its_end_on_the_alarm_topic() -> None:
    bench = Bench()
    for deed in (Deed.FORCE, Deed.CLOSE, Deed.HOLD_OPEN, Deed.CLOSE, Deed.DURESS):
        bench.do(Act(deed=deed))
    assert bench.kinds() == [
        "passage.forced", "passage.closed", "passage.held_open", "passage.closed",
        "passage.duress",
    ]  # fmt: skip


def test_turnstile_opens_for_an_emergency_and_reads_no_cards_until_it_is_locked() -> None:
    bench = Bench()
    bench.command("unlock")
    bench.card()
    bench.command("lock")
    bench.card()
    assert bench.kinds() == ["passage.unlocked", "passage.locked"]
    assert bench.kinds(Leaf.EVENT) == ["passage.granted"]
    assert [body["ok"] for body in bench.said(Leaf.REPLY)] == [True, True]


def test_turnstile_repeats_a_passage_every_ten_seconds_until_its_receipt() -> None:
    bench = Bench()
    bench.card()
    bench.pass_(25)
    bench.hear(Leaf.RECEIPT, {"id": "id-1"})
    bench.pass_(60)
    assert [body["age_ms"] for body in bench.said(Leaf.EVENT)] == [0, 10_000, 20_000]


def test_turnstile_counts_the_oldest_passages_lost_when_its_buffer_is_full() -> None:
    bench = Bench(kept_events=3)
    for number in range(5):
        bench.card(str(int(CARD) + number))
    assert bench.turnstile.unstored() == 3
    assert bench.turnstile.station.memory.forgotten == 2


def test_turnstile_numbers_its_alarms_without_a_gap_when_passages_lie_between() -> None:
    bench = Bench()
    bench.do(Act(deed=Deed.FORCE))
    bench.card()
    bench.do(Act(deed=Deed.CLOSE))
    assert [body["seq"] for body in bench.said(Leaf.ALARM)] == [0, 1]


def test_pupils_come_in_a_bell_before_the_bell() -> None:
    times = morning.arrivals(10_000, random.Random(7))
    assert times == sorted(times)
    middle_s = times[5_000]
    assert -13 * 60 < middle_s < -11 * 60
    near = sum(abs(at_s - middle_s) < 6 * 60 for at_s in times)
    assert 6_500 < near < 7_200


def test_pupils_come_the_same_way_when_the_seed_is_the_same() -> None:
    first, second = (list(morning.passages(300, int(CARD), random.Random(7))) for _ in range(2))
    assert first == second


def test_every_pupil_who_did_not_forget_the_card_walks_through() -> None:
    bench = Bench(cards=CardList(count=2000))
    for _, act in morning.passages(2000, int(CARD), random.Random(7)):
        bench.do(act)
    assert len(bench.turnstile.inside) > 1950
    assert {"unknown_card", "anti_passback", "other"} == set(bench.denials())
