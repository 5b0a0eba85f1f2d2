"""Watching a process from outside: memory, descriptors, threads, CPU."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look."""

    at_s: float
    rss_mib: float
    descriptors: int
    threads: int
    cpu_s: float


def look(pid: int) -> Sample:
    """How it is now."""
    folder = Path(f"/proc/{pid}")
    words = (folder / "stat").read_text().rpartition(")")[2].split()
    return Sample(
        at_s=time.monotonic(),
        rss_mib=int(words[21]) * _PAGE / 2**20,
        descriptors=len(os.listdir(folder / "fd")),  # noqa: PTH208 - only how many
        threads=int(words[17]),
        cpu_s=(int(words[11]) + int(words[12])) / _TICKS,
    )


async def watch(pid: Callable[[], int], samples: list[Sample], every_s: float) -> None:
    """Look again and again, until cancelled; a process that is away just now is passed over."""
    while True:
        with contextlib.suppress(OSError, AssertionError, IndexError):
            samples.append(look(pid()))
        await asyncio.sleep(every_s)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the line that fits best (least squares), per unit of the first."""
    count = len(points)
    if count < 2:
        return 0.0
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    together = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return together / spread if spread else 0.0
