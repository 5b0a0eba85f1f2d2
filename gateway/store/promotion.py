"""Promotion: which standby may become the primary, and what would be lost by it. Pure.

With `ANY 1` of two standbys a receipted press is on the primary and on one of the two: only whoever
has asked both knows which has everything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.store import copies
from gateway.store.cluster import Member, Role
from gateway.store.standbys import Record


class Refused(Exception):
    """It would harm; each line says what."""

    def __init__(self, *why: str, can_be_overruled: bool = True) -> None:
        super().__init__("; ".join(why))
        self.why = why
        self.can_be_overruled = can_be_overruled


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Who becomes the primary, and what is risked by it."""

    candidate: Member
    followers: tuple[str, ...]
    """Who shall follow it: each gets a slot."""
    risks: tuple[str, ...]
    """What may be lost. Empty: nothing that was receipted."""


def plan(members: Sequence[Member], before: Record | None, wanted: str | None) -> Plan:
    """Whom to promote: the one that was asked for, else the one that has the most.

    Raises:
        Refused: a primary lives, or there is nobody to promote.
    """
    primaries = [one for one in members if one.role is Role.PRIMARY]
    if primaries:
        raise Refused(
            f"{primaries[0].label} is a primary and answers: two would part for ever. If its"
            " standbys are away, `dabyl database alone`; to move it, stop it first",
            can_be_overruled=False,
        )
    standbys = [one for one in members if one.role is Role.STANDBY]
    furthest = max(standbys, key=_reached, default=None)
    if furthest is None:
        raise Refused("no standby answers: there is nobody to promote", can_be_overruled=False)
    candidate = furthest if wanted is None else _named(standbys, wanted)
    risks = [
        *_unasked(members, candidate),
        *_behind(candidate, furthest),
        *_since(candidate, before),
    ]
    followers = tuple(name for name in copies.named(candidate.names) if name != candidate.name)
    return Plan(candidate=candidate, followers=followers, risks=tuple(risks))


def alone(members: Sequence[Member]) -> Member:
    """The primary that may go on without its standbys.

    Raises:
        Refused: there is none, there are two, or there is no need.
    """
    primary = _the_primary(members)
    confirming = [
        one.name
        for one in primary.following
        if one.state == "streaming" and one.sync_state in {"sync", "quorum"}
    ]
    if confirming:
        raise Refused(f"{', '.join(confirming)} confirms what {primary.label} writes: no need")
    return primary


def together(members: Sequence[Member]) -> tuple[Member, tuple[str, ...]]:
    """The primary whose commits shall wait again, and who follows it.

    Raises:
        Refused: nobody follows: every commit would wait for ever.
    """
    primary = _the_primary(members)
    following = tuple(one.name for one in primary.following if one.state in {None, "streaming"})
    if not following:
        raise Refused(f"nobody follows {primary.label}: every press would wait for ever")
    return primary, following


def _the_primary(members: Sequence[Member]) -> Member:
    found = [one for one in members if one.role is Role.PRIMARY]
    if not found:
        raise Refused(
            "no server may be written to; `dabyl database promote` makes a standby the primary",
            can_be_overruled=False,
        )
    if len(found) > 1:
        both = " and ".join(one.label for one in found)
        raise Refused(
            f"{both} both take writes: stop the one on the lower timeline at once",
            can_be_overruled=False,
        )
    return found[0]


def _named(standbys: Sequence[Member], wanted: str) -> Member:
    for one in standbys:
        if wanted in {one.name, str(one.server)}:
            return one
    names = ", ".join(one.label for one in standbys)
    raise Refused(f"{wanted} is no standby that answers; these do: {names}")


def _reached(one: Member) -> tuple[int, int]:
    return one.timeline, copies.place(one.lsn)


def _unasked(members: Sequence[Member], candidate: Member) -> list[str]:
    """Who of those that may have confirmed alone does not answer. The primary is away itself."""
    named = copies.named(candidate.names)
    away = [one for one in members if one.role is Role.AWAY]
    waits_for = copies.machines(candidate.names) - 1
    unheard = len(away) - 1
    if not named:
        return [
            "no standby was waited for (synchronous_standby_names is empty): receipts said copies 1"
        ]
    if unheard < waits_for:
        return []
    servers = ", ".join(str(one.server) for one in away)
    return [f"of {servers} one was the primary, and another may have what {candidate.name} has not"]


def _behind(candidate: Member, furthest: Member) -> list[str]:
    if _reached(candidate) >= _reached(furthest):
        return []
    return [f"{furthest.label} has more ({furthest.lsn}, {candidate.label} has {candidate.lsn})"]


def _since(candidate: Member, before: Record | None) -> list[str]:
    """What a gateway saw last, against what the standby has."""
    if before is None:
        return []
    at = before.at.astimezone().strftime("%H:%M:%S")
    found = []
    if before.copies == 1:
        found.append(
            f"the primary stood alone when it was seen last, at {at}: what was receipted then may"
            " be on its disk only"
        )
    if (candidate.timeline, copies.place(candidate.lsn)) < (
        before.timeline,
        copies.place(before.lsn),
    ):
        found.append(
            f"receipted presses reach to {before.lsn} (seen at {at}), {candidate.label} only"
            f" to {candidate.lsn}"
        )
    return found
