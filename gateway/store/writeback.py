"""Write-back: on SQLite what was committed goes from its log into its file beside the writer.

SQLite does it within the commit that fills the log, and that may be a press's: a thousand pages,
and the disk twice; and what the disk says of it there SQLite tells nobody. Here a thread does it
every second; the writer only where that was not enough, after its commit, and hears of a failure.
"""

import contextlib
import sqlite3
import threading
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine, event

from gateway.store.errors import fsync_failed

EVERY_S = 1.0
AT_LAST_BYTES = 4 * 1024 * 1024
"""A longer log the writer itself writes back; begun anew it is cut to that."""

log = structlog.get_logger()


class WriteBack:
    """A thread with a connection of its own; it waits until it is told of a commit."""

    def __init__(self, engine: Engine) -> None:
        self._file = str(engine.url.database)
        self._log = Path(f"{self._file}-wal")
        self._due = threading.Event()
        event.listen(engine, "connect", _write_back_less)
        self._is_closed = threading.Event()
        self.broken: sqlite3.Error | None = None
        """The fsync that failed: pages may be lost, and the log must not be begun anew."""
        self._thread = threading.Thread(target=self._run, name="dabyl-write-back", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something has been committed: not before, or the last of many stayed in the log."""
        self._due.set()

    def at_last(self) -> None:
        """Write back here where the log has become too long."""
        try:
            if self.broken is None and self._log.stat().st_size > AT_LAST_BYTES:
                self._write_back()
        except OSError:
            return  # nothing is in it, or nobody says how much: the thread tries in any case
        except sqlite3.Error as error:
            self._note(error)

    def close(self, within_s: float) -> None:
        """End it; what is left SQLite writes back when the last connection closes."""
        self._is_closed.set()
        self._due.set()
        self._thread.join(within_s)

    def _run(self) -> None:
        is_told = False
        while True:
            self._due.wait()
            if self._is_closed.wait(EVERY_S):
                return
            self._due.clear()
            try:
                if not self._write_back():
                    self._due.set()
                is_told = False
            except sqlite3.Error as error:
                if self._note(error):
                    return
                self._due.set()  # nothing is lost: it stays in the log, and is tried again
                if not is_told:
                    log.warning("the log cannot be written back", why=str(error))
                is_told = True

    def _note(self, error: sqlite3.Error) -> bool:
        """Whether the disk itself has failed: then nothing is written back any more."""
        if is_broken := fsync_failed(error):
            log.error("the disk failed while the log was written back", why=str(error))
            self.broken = error
        return is_broken

    def _write_back(self) -> bool:
        """Whether all of it was; not while somebody still reads what was there before."""
        with contextlib.closing(sqlite3.connect(self._file, timeout=0)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            (row,) = connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            is_busy, pages, written_back = row
            return not is_busy and written_back == pages


def _write_back_less(connection: Any, _: Any) -> None:  # noqa: ANN401 - the driver's own
    connection.execute("PRAGMA wal_autocheckpoint = 0").close()
    connection.execute(f"PRAGMA journal_size_limit = {AT_LAST_BYTES}").close()
