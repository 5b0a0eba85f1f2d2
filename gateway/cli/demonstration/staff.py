"""The demo's people: one of each role, with passwords that are made anew in each life."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from gateway import passwords
from gateway.clock import SystemClock
from gateway.domain.operator import Role
from gateway.store import people, sessions
from gateway.store.database import Database, Urgency
from gateway.store.people import Person

_TEAM: Final = (
    ("aigerim", "Айгерім Нұрланқызы", Role.DISPATCHER),
    ("daulet", "Дәулет Серікұлы", Role.DISPATCHER),
    ("saule", "Сәуле Болатқызы", Role.SUPERVISOR),
    ("timur", "Тимур Ахметов", Role.TECHNICIAN),
    ("auditor", "Ревизор", Role.AUDITOR),
    ("admin", "Әкімші", Role.ADMIN),
)
LED_IN: Final = "saule"
"""Whom the one-time link is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who may sign in at the demo."""

    name: str
    password: str
    role: Role


async def hire(database: Database, link: str, lasts: timedelta) -> tuple[Member, ...]:
    """Let the team in, and one of them by a link; whoever was there before gets a new password."""
    now = SystemClock().now()
    team = tuple(Member(name=n, password=passwords.made(), role=role) for n, _, role in _TEAM)
    hashes = {one.name: await asyncio.to_thread(passwords.hashed, one.password) for one in team}

    def transact(connection: Connection) -> None:
        for name, shown, role in _TEAM:
            if not people.set_password(connection, name, hashes[name], now):
                person = Person(
                    name=name,
                    shown=shown,
                    role=role,
                    hash=hashes[name],
                    created_at=now,
                    password_at=now,
                )
                people.add(connection, person)
        sessions.offer(connection, link, LED_IN, now + lasts)

    await database.write(transact, Urgency.STEP)
    return team
