"""Leases: what one gateway alone does, until a time on the store's clock.

A lease that ran out may be taken by anybody; the token grows with every new holder and every new
life of one, so that what is done under an old token can be told and refused. On SQLite there is one
gateway, and it always holds them.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store import clocks, schema

_rows = schema.leases
CAMERAS = "camera/"
"""How the name of the lease of a camera's link begins."""
Tokens = dict[str, int]
"""By name of the lease: the holder's token."""


class Fenced(Exception):
    """Another holds that lease now: what was to be done under it must not be."""

    def __init__(self, name: str, token: int) -> None:
        super().__init__(f"the lease {name!r} is no longer ours (token {token})")
        self.name, self.token = name, token


def take(
    connection: Connection,
    holder: str,
    names: Collection[str],
    now: datetime,
    lasts: timedelta,
) -> Tokens:
    """Take those that nobody holds; the tokens of those that were got.

    What this holder held in a former life is its own at once, under a new token.
    """
    if not names:
        return {}
    time = clocks.now(connection, now)
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    until = clocks.after(connection, now, lasts)
    rows = [{"name": name, "holder": holder, "token": 1, "until": until} for name in sorted(names)]
    is_free: ColumnElement[bool] = or_(_rows.c.until < time, _rows.c.holder == holder)
    if connection.dialect.name == "sqlite":
        is_free = true()
    made = make(_rows).values(rows)
    taken = made.on_conflict_do_update(
        index_elements=["name"],
        set_={"holder": holder, "token": _rows.c.token + 1, "until": made.excluded.until},
        where=is_free,
    ).returning(_rows.c.name, _rows.c.token)
    return {row.name: row.token for row in connection.execute(taken)}


def renew(
    connection: Connection,
    holder: str,
    tokens: Mapping[str, int],
    now: datetime,
    lasts: timedelta,
) -> Tokens:
    """Hold them for longer; those that are still ours. One that ran out unnoticed still is."""
    if not tokens:
        return {}
    kept = connection.execute(
        update(_rows)
        .where(_rows.c.holder == holder, _held_as(tokens))
        .values(until=clocks.after(connection, now, lasts))
        .returning(_rows.c.name, _rows.c.token)
    )
    return {row.name: row.token for row in kept}


def renew_all(
    connection: Connection, holder: str, prefix: str, now: datetime, lasts: timedelta
) -> tuple[int, int]:
    """Hold all of that beginning for longer, in one statement: how many are still ours.

    And the sum of their tokens: who holds thousands sees by both that none was lost, and need not
    read them all again each time.
    """
    kept = (
        update(_rows)
        .where(_theirs(holder, prefix))
        .values(until=clocks.after(connection, now, lasts))
    )
    if connection.dialect.name == "sqlite":  # it has no such statement, and one gateway
        connection.execute(kept)
        counted = select(func.count(), func.sum(_rows.c.token)).where(_theirs(holder, prefix))
    else:
        renewed = kept.returning(_rows.c.token).cte("renewed")
        counted = select(func.count(), func.sum(renewed.c.token)).select_from(renewed)
    count, total = connection.execute(counted).one()
    return int(count), int(total or 0)


def of_holder(connection: Connection, holder: str, prefix: str) -> Tokens:
    """What that holder has of that beginning, though it may have run out."""
    found = connection.execute(select(_rows.c.name, _rows.c.token).where(_theirs(holder, prefix)))
    return {row.name: row.token for row in found}


def free(connection: Connection, names: Collection[str], prefix: str, now: datetime) -> list[str]:
    """Which of those nobody holds now."""
    taken = connection.execute(
        select(_rows.c.name).where(
            _rows.c.name.startswith(prefix, autoescape=True),
            _rows.c.until >= clocks.now(connection, now),
        )
    )
    return sorted(set(names) - set(taken.scalars()))


def release(connection: Connection, holder: str, names: Sequence[str] | None = None) -> None:
    """Give them back at once, or all of that holder; the tokens stay for the next."""
    which = true() if names is None else _rows.c.name.in_(names)
    connection.execute(
        update(_rows).where(_rows.c.holder == holder, which).values(until=literal(0))
    )


def check(connection: Connection, name: str, token: int) -> None:
    """Hold on to a lease until the commit, within the transaction that is done under it.

    Raises:
        Fenced: another holds it.
    """
    found = connection.execute(
        select(_rows.c.token).where(_rows.c.name == name).with_for_update()
    ).scalar_one_or_none()
    if found != token:
        raise Fenced(name, token)


def held(connection: Connection, tokens: Mapping[str, int]) -> set[str]:
    """Which of them are still held under those tokens; for a moment, for nothing is locked."""
    if not tokens:
        return set()
    found = connection.execute(select(_rows.c.name).where(_held_as(tokens)))
    return set(found.scalars())


def camera(device: str) -> str:
    """The lease of a camera's link."""
    return f"{CAMERAS}{device}"


def counts(connection: Connection, now: datetime, prefix: str) -> dict[str, int]:
    """By holder: how many leases of that beginning it holds now; for sharing them out."""
    live = case((_rows.c.until >= clocks.now(connection, now), 1), else_=0)
    found = connection.execute(
        select(_rows.c.holder, func.sum(live))
        .where(_rows.c.name.startswith(prefix, autoescape=True))
        .group_by(_rows.c.holder)
    )
    return {holder: int(count) for holder, count in found if count}


def forget(connection: Connection, names: Sequence[str]) -> None:
    """What they were for is gone."""
    connection.execute(delete(_rows).where(_rows.c.name.in_(names)))


def _held_as(tokens: Mapping[str, int]) -> ColumnElement[bool]:
    return tuple_(_rows.c.name, _rows.c.token).in_(sorted(tokens.items()))


def _theirs(holder: str, prefix: str) -> ColumnElement[bool]:
    """What a holder has, and did not give back."""
    begins = _rows.c.name.startswith(prefix, autoescape=True)
    return and_(_rows.c.holder == holder, begins, _rows.c.until > literal(0))
