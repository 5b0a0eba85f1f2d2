"""Checks of the disk under SQLite: one that outlives a power cut, and has room for long enough."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from gateway.cli.checks.finding import Finding, ok, weak, wrong
from gateway.store.soundness import Extent

GONE_AT_A_POWER_CUT = frozenset({"tmpfs", "ramfs"})
GONE_WITH_A_CONTAINER = frozenset({"overlay", "aufs"})
OF_A_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "lustre", "afs", "vboxsf"}
)
ENOUGH_HOURS, TOO_FEW_HOURS = 30 * 24, 72
"""A month of passages is kept; a long weekend must fit whatever happens."""
TOO_FEW_BYTES = 200_000_000
BUSY_DAY_BYTES = 300_000_000
"""One day of a whole region (428,000 passages), where there is no past to go by."""
_HOUR = timedelta(hours=1)


def all_of(file: Path, extent: Extent | None) -> Iterator[Finding]:
    """The file system that holds that file, and how long what is free will last."""
    kind = filesystem(file)
    if kind in GONE_AT_A_POWER_CUT:
        yield wrong("disk", f"{file} is in memory ({kind}): a power cut takes every press with it")
    elif kind in OF_A_NETWORK or kind.startswith("fuse"):
        why = f"{file} is on a network share ({kind}): SQLite is not safe there;"
        yield wrong("disk", f"{why} a local disk, or PostgreSQL")
    elif kind in GONE_WITH_A_CONTAINER:
        yield wrong("disk", f"{file} is in a container's own layer ({kind}): give it a volume")
    else:
        yield ok("disk", f"{file} is on {kind}")
    yield _room(file, extent)


def filesystem(file: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """The kind of file system that a path is on. Source: proc(5)."""
    place = file.resolve()
    best, found = Path(), "unknown"
    for line in mounts.read_text(encoding="utf-8").splitlines():
        before, _, after = line.partition(" - ")
        mounted = Path(before.split()[4].replace("\\040", " "))
        # The last one of a place lies on top of those before it.
        if place.is_relative_to(mounted) and len(mounted.parts) >= len(best.parts):
            best, found = mounted, after.split()[0]
    return found


def _room(file: Path, extent: Extent | None) -> Finding:
    found = os.statvfs(file.parent)
    free = found.f_bavail * found.f_frsize
    per_hour = BUSY_DAY_BYTES / 24
    past = "of a busy day of a region"
    if extent is not None and extent.span >= _HOUR:
        per_hour = max(1.0, extent.size_bytes / (extent.span / _HOUR))
        past = "until now"
    hours = free / per_hour
    text = f"{free / 1e9:.1f} GB free, enough for {_long(hours)} at the pace {past}"
    if free < TOO_FEW_BYTES or hours < TOO_FEW_HOURS:
        return wrong("disk space", f"{text}: make room now; a full disk stores no press")
    if hours < ENOUGH_HOURS:
        return weak("disk space", f"{text}: make room, or a smaller passages_days")
    return ok("disk space", text)


def _long(hours: float) -> str:
    return (
        f"{hours:.0f} hours" if hours < 2 * TOO_FEW_HOURS else f"{min(hours / 24, 9999):.0f} days"
    )
