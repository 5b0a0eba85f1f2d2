"""Copies: on how many machines a commit was when PostgreSQL confirmed it, by its own word.

A commit waits for as many standbys as `synchronous_standby_names` asks for, if `synchronous_commit`
says that they must have it on their disks. Three things end that wait without them, and PostgreSQL
confirms the commit all the same:

- whoever cancels the statement gets a WARNING and a COMMIT: such a commit is unknown;
- whoever empties the names lets go of all that wait, without a word;
- the names were empty from the beginning.

Therefore a session remembers what held when it looked last, and looks again after the commit. A
backend is told of new settings before the process that lets the waiting go is (postmaster's order
of signals), so that an unchanged load time means: they held all the while.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ASK = (
    "SELECT current_setting('synchronous_standby_names'), current_setting('synchronous_commit'),"
    " pg_conf_load_time()"
)
_ON_THEIR_DISKS = {"on", "remote_apply"}
_COUNTED = re.compile(r"^\s*(?:(?:any|first)\s+)?(\d+)\s*\(", re.IGNORECASE)
"""PostgreSQL: `ANY 2 (…)`, `FIRST 2 (…)`, `2 (…)`, or a bare list, which is FIRST 1."""


@dataclass(frozen=True, slots=True)
class Pledge:
    """What a server waits for before it confirms a commit, and since when it does."""

    names: str
    level: str
    loaded_at: datetime

    @property
    def machines(self) -> int:
        """On how many machines a confirmed commit is."""
        return machines(self.names) if self.level in _ON_THEIR_DISKS else 1


@dataclass(slots=True)
class Session:
    """What is known of one connection."""

    pledge: Pledge | None = None
    warnings: int = 0

    def hear(self, _: Any, message: Any) -> None:  # noqa: ANN401 - asyncpg has no types
        """A notice from the server; its level by the name that no language changes."""
        self.warnings += getattr(message, "severity_en", message.severity) == "WARNING"

    def kept(self, now: Pledge) -> int:
        """On how many machines a commit is that ended just before; one, where that may differ."""
        before, self.pledge = self.pledge, now
        return now.machines if before == now else 1


def machines(names: str) -> int:
    """On how many machines a commit is that waits for such standbys."""
    if not names.strip():
        return 1
    counted = _COUNTED.match(names)
    return 1 + (1 if counted is None else int(counted.group(1)))


def place(lsn: str) -> int:
    """A position in PostgreSQL's log as a number, `16/B374D848`."""
    high, _, low = lsn.partition("/")
    return (int(high, 16) << 32) + int(low or "0", 16)


def named(names: str) -> tuple[str, ...]:
    """The standbys that such a setting names, but for `*`."""
    inner = names[names.find("(") + 1 :].rpartition(")")[0] if "(" in names else names
    return tuple(
        one for part in inner.split(",") if (one := part.strip().strip('"')) and one != "*"
    )
