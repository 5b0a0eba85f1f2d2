"""Runs command lines in a folder of their own, and tells what they said."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
from sqlalchemy import Connection

from gateway import cli
from gateway.domain.alarm import Alarm, State
from gateway.domain.decision import Change, Transition
from gateway.domain.event import Affected, AlarmId
from gateway.domain.kind import Priority
from gateway.domain.site import SiteId
from gateway.store import alarms, migrate
from gateway.store.database import Urgency, open_database

T = TypeVar("T")
AT = datetime(2026, 11, 22, 3, 15, 42, tzinfo=UTC)
SETTINGS = """
[installation]
id = "test-region"

[[receiver]]
name = "centre"
url = "http://127.0.0.1:9/alarms"
secret_file = "centre.secret"
"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a command line said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> object:
        """The one JSON document on standard output."""
        return msgspec.json.decode(self.out)


class Shell:
    """A folder with settings, in which commands run."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        (folder / "dabyl.toml").write_text(SETTINGS)

    def run(self, *words: str) -> Said:
        """Run one command line."""
        self._capsys.readouterr()
        code = cli.ended(["--config", str(self.folder / "dabyl.toml"), *words])
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)

    def write(self, name: str, text: str) -> str:
        """A file in the folder; its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def store(self, work: Callable[[Connection], T]) -> T:
        """Do that to the database."""
        url = f"sqlite:///{self.folder / 'dabyl.db'}"
        migrate.prepare(url)

        async def storing() -> T:
            database = open_database(url)
            try:
                return await database.write(work, Urgency.STEP)
            finally:
                await database.close()

        return asyncio.run(storing())

    def raise_alarm(
        self,
        key: str,
        *,
        priority: Priority = Priority.P0,
        kind: str = "panic.pressed",
        site: SiteId | None = None,
        affected: Affected | None = None,
        escalation: int = 0,
    ) -> None:
        """An open alarm under that id."""
        alarm = Alarm(
            id=AlarmId(key),
            kind=kind,
            priority=priority,
            device="b-1",
            site=site,
            affected=affected,
            escalation=escalation,
            event_id=f"event-{key}",
            latches=True,
            raised_at=AT,
            last_at=AT,
            pressed_at=AT,
        )
        line = Transition(
            alarm=key,
            what="raise",
            before=State.NORMAL,
            after=State.UNACKNOWLEDGED,
            at=AT,
            by="b-1",
        )
        change = Change(alarm=alarm, transition=line, notice=None, is_new=True)
        self.store(lambda connection: alarms.save(connection, [change]))
