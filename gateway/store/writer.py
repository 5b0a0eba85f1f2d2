"""The writer: SQLite's one writing thread, which takes the most urgent transaction next."""

import heapq
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from gateway.store.errors import fsync_failed
from gateway.store.writeback import WriteBack


@dataclass(frozen=True, slots=True, order=True)
class _Job:
    urgency: int
    turn: int
    work: Callable[[Connection], Any] = field(compare=False)
    done: "Future[Any]" = field(compare=False)


class Closed(Exception):
    """The writer takes no more."""


class Writer:
    """A thread with one connection; a connection that failed is not used again.

    After a failed fsync nothing is: whoever asks next gets the same failure. It may have met one
    who only tidies up, or nobody: whoever ends the process looks at `broken`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._jobs: list[_Job] = []
        self._turns = itertools.count()
        self._changed = threading.Condition()
        self._is_closed = False
        self._broken: BaseException | None = None
        self._back = WriteBack(engine)
        self._thread = threading.Thread(target=self._run, name="dabyl-writer", daemon=True)
        self._thread.start()

    @property
    def broken(self) -> BaseException | None:
        """The fsync that failed, of a commit or of the write-back."""
        return self._broken or self._back.broken

    def put(self, work: Callable[[Connection], Any], urgency: int) -> "Future[Any]":
        """Queue a transaction; its future ends once it is committed, or has failed.

        Raises:
            Closed: the writer takes no more.
        """
        job = _Job(urgency, next(self._turns), work, Future())
        with self._changed:
            if self._is_closed:
                raise Closed
            heapq.heappush(self._jobs, job)
            self._changed.notify()
        return job.done

    def close(self, within_s: float) -> None:
        """Finish what is queued, then end."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        self._thread.join(within_s)
        self._back.close(within_s)

    def _run(self) -> None:
        connection: Connection | None = None
        while (job := self._next()) is not None:
            if not job.done.set_running_or_notify_cancel():
                continue  # whoever asked is gone, and nothing of it was begun
            if broken := self.broken:
                job.done.set_exception(broken)
                continue
            try:
                connection = connection or self._engine.connect()
                with connection.begin():
                    found = job.work(connection)
            except BaseException as error:  # noqa: BLE001 - it travels to whoever asked
                _drop(connection)
                connection = None
                self._broken = error if fsync_failed(error) else None
                job.done.set_exception(error)
            else:
                self._back.wake()
                job.done.set_result(found)
                self._back.at_last()
        _drop(connection)

    def _next(self) -> _Job | None:
        with self._changed:
            while not self._jobs and not self._is_closed:
                self._changed.wait()
            return heapq.heappop(self._jobs) if self._jobs else None


def _drop(connection: Connection | None) -> None:
    if connection is not None:
        with suppress(SQLAlchemyError):
            connection.invalidate()
        with suppress(SQLAlchemyError):
            connection.close()
