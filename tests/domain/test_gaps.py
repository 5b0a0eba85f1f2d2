"""Gaps: what was left out is missing until it is heard; going back and a new boot are no gaps."""

import pytest

from gateway.domain.gaps import REORDER_S, Gap, Numbers


def numbers(*heard: tuple[int, int]) -> Numbers:
    """One button that was heard to count so: (boot, seq), a second apart."""
    found = Numbers()
    for at_s, (boot, seq) in enumerate(heard):
        found.note("b", boot, seq, float(at_s))
    return found


def ripe(found: Numbers, now_s: float = 100.0) -> list[str]:
    return [gap.text for gap in found.ripe(now_s)]


@pytest.mark.parametrize(
    ("heard", "missing"),
    [
        ([(1, 0), (1, 1), (1, 2)], []),
        ([(1, 0), (1, 3)], ["boot_1_seq_1-2"]),
        ([(1, 0), (1, 2), (1, 4)], ["boot_1_seq_1,3"]),
        ([(1, 0), (1, 3), (1, 1)], ["boot_1_seq_2"]),
        ([(1, 0), (1, 3), (1, 2), (1, 1)], []),
        ([(1, 5), (1, 3), (1, 6)], []),
        ([(1, 5), (2, 3), (2, 4)], []),
        ([(1, 5), (2, 0), (1, 7)], ["boot_1_seq_6"]),
        ([(1, 0), (1, 2), (2, 0)], ["boot_1_seq_1"]),
        ([(7, 50), (3, 2), (7, 51), (3, 3)], []),
        ([(1, 5)], []),
        ([(1, 0), (1, 2**62)], [f"boot_1_seq_1-{2**62 - 1}"]),
    ],
)
def test_what_was_left_out_is_missing(heard: list[tuple[int, int]], missing: list[str]) -> None:
    assert ripe(numbers(*heard)) == missing


def test_a_gap_is_asked_for_once_and_not_before_the_brokers_had_their_time() -> None:
    found = numbers((1, 0), (1, 2))
    assert ripe(found, 1 + REORDER_S - 0.1) == []
    (gap,) = found.ripe(1 + REORDER_S)
    found.ask(gap)
    assert ripe(found) == []
    assert found.missing(gap) == gap


def test_a_gap_that_is_filled_is_missing_no_more() -> None:
    found = numbers((1, 0), (1, 4))
    (gap,) = found.ripe(100)
    found.ask(gap)
    found.note("b", 1, 2, 10)
    assert found.missing(gap) == Gap(device="b", boot=1, ranges=((1, 1), (3, 3)))
    found.fill("b", 1, [1, 3])
    assert found.missing(gap) is None


def test_a_gap_that_is_found_while_another_is_asked_for_is_asked_for_after_it() -> None:
    found = numbers((1, 0), (1, 2))
    (first,) = found.ripe(100)
    found.ask(first)
    found.note("b", 1, 5, 101)
    assert ripe(found, 200) == []
    found.give_up(first)
    assert ripe(found, 200) == ["boot_1_seq_3-4"]


def test_a_device_that_leaves_out_every_other_number_costs_no_memory() -> None:
    found = numbers(*((1, 2 * n) for n in range(2000)))
    (gap,) = found.ripe(1e6)
    assert len(gap.ranges) == 16
    assert gap.ranges[-1] == (3997, 3997)


def test_what_is_registered_no_more_is_forgotten() -> None:
    found = numbers((1, 0), (1, 2))
    found.forget(["other"])
    assert ripe(found) == []
    assert not found.knows("b", 1)
