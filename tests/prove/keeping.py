"""Keeping: what was found, by the commit it was found at, so that nothing is proven twice."""

import json
import os
import platform
import sqlite3
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from tests.harness import programs
from tests.harness.revision import ROOT
from tests.prove.found import Found, Size

BUILD = ROOT / "build" / "prove"
REFERENCE = ROOT / "docs" / "reference" / "proof"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One proof's figures, and where and when they were measured."""

    key: str
    says: str
    size: Size
    commit: str
    at: str
    took_s: float
    machine: str
    found: Found | None
    failed: str = ""
    """Why it did not come to its end."""

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "key": self.key,
            "says": self.says,
            "size": self.size,
            "commit": self.commit,
            "at": self.at,
            "took_s": round(self.took_s, 1),
            "machine": self.machine,
            "failed": self.failed,
            **({} if self.found is None else self.found.plain()),
        }

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Self:
        """Back from JSON."""
        names = ("key", "says", "commit", "at", "took_s", "machine", "failed")
        found = Found.of(plain) if "figures" in plain else None
        return cls(found=found, size=Size(plain["size"]), **{name: plain[name] for name in names})


def machine() -> str:
    """What a reader must know to compare; no name of the machine."""
    broker = subprocess.run(
        [programs.find("mosquitto"), "-h"], capture_output=True, text=True, check=False
    ).stdout.partition("\n")[0]
    postgres = subprocess.run(
        [programs.find("postgres"), "--version"], capture_output=True, text=True, check=False
    ).stdout.strip()
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return ", ".join(
        [
            f"{os.cpu_count()} cores",
            f"{memory_gib:.0f} GiB",
            f"Linux {platform.machine()}",
            f"Python {platform.python_version()}",
            f"SQLite {sqlite3.sqlite_version}",
            postgres,
            broker,
        ]
    )


def now() -> str:
    """The date and the time, UTC."""
    return datetime.now(UTC).isoformat(timespec="minutes").removesuffix("+00:00") + "Z"


def load(folder: Path) -> list[Kept]:
    """All that is kept in a folder."""
    return [Kept.of(json.loads(path.read_text())) for path in sorted(folder.glob("*.json"))]


def save(kept: Kept, folder: Path) -> None:
    """Keep it there, in place of an older one."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(kept.plain(), indent=1, ensure_ascii=False) + "\n"
    (folder / f"{kept.key}.json").write_text(text, encoding="utf-8")
