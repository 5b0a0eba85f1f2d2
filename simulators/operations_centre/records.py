"""Every request that the centre got, to the microsecond, with the answer it gave."""

import base64
import json
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Final, TextIO

KEPT: Final = 200_000
# A full record weighs about 3 KiB; whoever posts 64 KiB each time may not fill the memory either.
KEPT_BYTES: Final = 512 * 1024 * 1024
_ANSWER_LIMIT: Final = 300


class Verdict(StrEnum):
    """What became of a request."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    FORGOTTEN = "forgotten"
    MISBEHAVED = "misbehaved"
    UNSIGNED = "unsigned"
    MALFORMED = "malformed"
    REFUSED = "refused"
    FOLLOWED = "followed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One request; `status` is None when it ended without an answer.

    `headers` are lines of `name: value`: a third of the weight of a dictionary.
    """

    received_at: datetime
    method: str
    path: str
    headers: str
    body: bytes
    faults: tuple[str, ...]
    verdict: Verdict
    status: int | None
    answer: str


class Records:
    """The last KEPT records in memory, the oldest forgotten first; each on disk if asked for."""

    def __init__(self, file: TextIO | None) -> None:
        self._file = file
        self._kept: deque[Record] = deque()
        self._bytes = 0
        self.total = 0
        self.verdicts: Counter[Verdict] = Counter()

    def add(self, record: Record) -> None:
        """Keep a record under the next number; written and flushed before this returns."""
        self.total += 1
        self.verdicts[record.verdict] += 1
        self._kept.append(record)
        self._bytes += len(record.body)
        while len(self._kept) > KEPT or self._bytes > KEPT_BYTES:
            self._bytes -= len(self._kept.popleft().body)
        if self._file is not None:
            self._file.write(json.dumps(plain(self.total, record), ensure_ascii=False) + "\n")
            self._file.flush()

    def after(self, number: int, limit: int) -> Iterator[dict[str, object]]:
        """List the kept records above a number, oldest first."""
        first = self.total - len(self._kept) + 1
        skipped = max(number + 1 - first, 0)
        rows = islice(self._kept, skipped, skipped + limit)
        return (plain(place, record) for place, record in enumerate(rows, first + skipped))

    def forget(self) -> None:
        """Start anew; the numbers go on, and so does the file."""
        self._kept.clear()
        self._bytes = 0
        self.verdicts.clear()


def plain(number: int, record: Record) -> dict[str, object]:
    """Write a record as JSON can hold it; a body that is no UTF-8 goes as base64."""
    try:
        body = {"body": record.body.decode()}
    except UnicodeDecodeError:
        body = {"body_base64": base64.b64encode(record.body).decode()}
    return {
        "number": number,
        "received_at": record.received_at.isoformat(timespec="microseconds"),
        "method": record.method,
        "path": record.path,
        "headers": dict(line.split(": ", 1) for line in record.headers.split("\n") if line),
        **body,
        "faults": list(record.faults),
        "verdict": record.verdict,
        "status": record.status,
        "answer": record.answer[:_ANSWER_LIMIT],
    }
