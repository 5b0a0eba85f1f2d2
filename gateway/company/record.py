"""Record: how the store stood, in a file beside the gateway, for the hour when the store is gone.

Whoever promotes a standby must know whether it has everything that was receipted. The primary that
could say it is dead, so the gateway keeps what it saw last.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from gateway.store import copies
from gateway.store.standbys import Record, Standing

log = structlog.get_logger()


@dataclass(slots=True)
class Recorder:
    """Writes it down, whole or not at all; complains once where that cannot be done."""

    file: Path | None
    _has_complained: bool = False

    def keep(self, standing: Standing, now: datetime) -> None:
        """How the primary stands now."""
        if self.file is None:
            return
        beside = self.file.with_suffix(".new")
        try:
            beside.write_bytes(msgspec.json.encode(_record(standing, now)))
            beside.replace(self.file)
        except OSError as error:
            if not self._has_complained:
                self._has_complained = True
                log.warning("how the store stands is not kept", file=str(self.file), why=str(error))


def read(file: Path | None) -> Record | None:
    """What was seen last; None: nothing, or nothing that can be read."""
    if file is None:
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError):
        return None


def _record(standing: Standing, now: datetime) -> Record:
    confirmed = [one.lsn for one in standing.standbys if one.is_confirming and one.lsn]
    reached = standing.lsn
    if standing.pledge.machines > 1 and confirmed:
        reached = max(confirmed, key=copies.place)
    return Record(at=now, timeline=standing.timeline, copies=standing.pledge.machines, lsn=reached)
