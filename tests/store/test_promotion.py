"""Who may be promoted, and what would be lost by it: told before, refused unless overruled."""

from dataclasses import replace

import pytest

from gateway.store import promotion
from gateway.store.cluster import Following, Member, Role
from gateway.store.promotion import Refused
from gateway.store.reach import Server
from gateway.store.standbys import Record
from tests.domain.making import NOW

NAMES = "ANY 1 (pg1, pg2, pg3)"


def member(name: str, role: Role, lsn: str = "0/30", **more: object) -> Member:
    server = Server(name, 5432)
    known = Member(server=server, role=role, name=name, timeline=1, lsn=lsn, names=NAMES)
    plain = Member(server=server, role=role, why="refused") if role is Role.AWAY else known
    return replace(plain, **more)  # type: ignore[arg-type]  # fields of every type


PG1 = member("pg1", Role.AWAY)
PG2 = member("pg2", Role.STANDBY)
PG3 = member("pg3", Role.STANDBY, "0/40")
PRIMARY = member("pg1", Role.PRIMARY)


def record(lsn: str = "0/40", copies: int = 2, timeline: int = 1) -> Record:
    return Record(at=NOW, timeline=timeline, copies=copies, lsn=lsn)


def follows(name: str, sync_state: str = "quorum") -> Following:
    return Following(name=name, state="streaming", sync_state=sync_state, behind_bytes=0)


def test_the_standby_that_has_the_most_is_promoted_without_a_risk() -> None:
    found = promotion.plan([PG1, PG2, PG3], record(), None)
    assert (found.candidate, found.followers, found.risks) == (PG3, ("pg1", "pg2"), ())


def test_a_living_primary_is_never_doubled() -> None:
    with pytest.raises(Refused, match="is a primary and answers") as caught:
        promotion.plan([PRIMARY, PG2, PG3], None, "pg2")
    assert not caught.value.can_be_overruled


def test_without_a_standby_there_is_nobody_to_promote() -> None:
    with pytest.raises(Refused, match="nobody to promote"):
        promotion.plan([PG1, member("pg2", Role.AWAY)], None, None)


def test_a_standby_that_does_not_answer_may_have_what_the_other_has_not() -> None:
    found = promotion.plan([PG1, PG2, member("pg3", Role.AWAY)], record("0/30"), None)
    (risk,) = found.risks
    assert "another may have what pg2 has not" in risk


def test_two_that_confirm_leave_room_for_one_that_does_not_answer() -> None:
    names = "ANY 2 (pg1, pg2, pg3, pg4)"
    two = [replace(PG2, names=names), replace(PG3, names=names)]
    found = promotion.plan([PG1, *two, member("pg4", Role.AWAY)], record(), None)
    assert found.risks == ()


def test_the_one_asked_for_is_told_if_another_has_more() -> None:
    found = promotion.plan([PG1, PG2, PG3], None, "pg2")
    assert found.candidate is PG2
    assert found.risks[0].startswith("pg3 (pg3:5432) has more")
    with pytest.raises(Refused, match="no standby that answers"):
        promotion.plan([PG1, PG2, PG3], None, "pg9")


@pytest.mark.parametrize(
    ("before", "risk"),
    [
        (record(copies=1), "stood alone"),
        (record("0/41"), "receipted presses reach to 0/41"),
        (record("0/10", timeline=2), "receipted presses reach to"),
        (record("0/40"), None),
        (None, None),
    ],
)
def test_what_a_gateway_saw_last_is_held_against_the_standby(
    before: Record | None, risk: str | None
) -> None:
    risks = promotion.plan([PG1, PG2, PG3], before, None).risks
    assert not risks if risk is None else risk in risks[0]


def test_a_primary_goes_alone_only_where_nobody_confirms() -> None:
    lonely = replace(PRIMARY, following=(follows("pg2", "async"),))
    assert promotion.alone([lonely, PG2]) is lonely
    with pytest.raises(Refused, match="pg2 confirms") as caught:
        promotion.alone([replace(PRIMARY, following=(follows("pg2"),)), PG2])
    assert caught.value.can_be_overruled


def test_two_primaries_are_told_and_nothing_is_done() -> None:
    for work in (promotion.alone, promotion.together):
        with pytest.raises(Refused, match="both take writes") as caught:
            work([PRIMARY, member("pg2", Role.PRIMARY)])
        assert not caught.value.can_be_overruled
        with pytest.raises(Refused, match="promote"):
            work([PG1, PG2])


def test_together_needs_somebody_who_follows() -> None:
    with pytest.raises(Refused, match="nobody follows"):
        promotion.together([PRIMARY])
    followed = replace(PRIMARY, following=(follows("pg2", "async"),))
    assert promotion.together([followed]) == (followed, ("pg2",))
