"""Counts: what went into a hop came out of it, or there is a sentence about it."""

from collections import Counter
from typing import Any

import pytest

from gateway.domain.counts import Chain, Heard, Hop, Owed, Reckoning


def chain(**more: Any) -> Chain:  # noqa: ANN401 - fields of every type
    plain = {"gateway": "g1", "lane": "alarm", "first": 1, "last": 12, "hash": "", "written": 2}
    return Chain(**{**plain, "started_at": 10, **more})


def owed(**more: int) -> Owed:
    counts = {"owed": 9, "settled": 5, "waiting": 2, "dead": 1, "dropped": 1, **more}
    return Owed(gateway="g1", receiver="centre", **counts)


def reckoned(*parts: Heard | Chain | Owed) -> Reckoning:
    heard = [one for one in parts if isinstance(one, Heard)]
    return Reckoning(
        heard=dict(zip(["alarm"], heard, strict=False)),
        chains=tuple(one for one in parts if isinstance(one, Chain)),
        owed=tuple(one for one in parts if isinstance(one, Owed)),
    )


def test_what_adds_up_is_no_finding() -> None:
    results = Counter(journalled=3, repeat=2, folded=4, quarantined=1, check_in=5)
    found = reckoned(Heard(heard=17, results=results, under_way=2), chain(), owed())
    assert found.findings() == []
    assert [found.mismatch(hop) for hop in Hop] == [0, 0, 0]


@pytest.mark.parametrize(
    ("part", "hop", "by", "says"),
    [
        (
            Heard(heard=5, results=Counter(journalled=3), under_way=1),
            Hop.HEARD,
            1,
            "alarm lane: of 5 signals heard 1 are unaccounted for",
        ),
        (
            chain(last=11),
            Hop.JOURNAL,
            1,
            "g1, alarm lane: the journal ends at 11, -1 from what this gateway wrote",
        ),
        (
            chain(last=15),
            Hop.JOURNAL,
            3,
            "g1, alarm lane: the journal ends at 15, +3 from what this gateway wrote",
        ),
        (
            owed(settled=3),
            Hop.OWED,
            2,
            "g1 to centre: of 9 notices owed 2 are unaccounted for",
        ),
    ],
)
def test_a_difference_is_a_finding_of_its_hop(
    part: Heard | Chain | Owed, hop: Hop, by: int, says: str
) -> None:
    found = reckoned(part)
    assert found.mismatch(hop) == by
    assert sum(found.mismatch(one) for one in Hop) == by
    assert found.findings() == [says]


def test_rows_in_the_midst_of_being_written_are_none_but_rows_that_are_gone_are() -> None:
    assert chain(last=15, under_way=True).difference == 0
    assert chain(last=11, under_way=True).difference == -1


def test_what_another_gateway_wrote_is_not_ours_to_add_up() -> None:
    assert chain(started_at=None, written=0).difference == 0
