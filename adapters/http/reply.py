"""HTTP as bytes: one request out, one answer in, read as it comes. Pure.

Lenient where cheap cameras are sloppy (line ends, header names, versions), strict where it costs
something: how long the head is, how long the body, how many pieces it comes in.
Source: RFC 9112.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Final

from msgspec import Struct, field

HEAD_LIMIT_BYTES: Final = 16 * 1024
"""Of a camera, of which there are thousands."""
CHUNKS_LIMIT: Final = 20_000
"""So many pieces a body may come in: each costs time to look at."""
INTERIM_LIMIT: Final = 5
"""So many answers of the kind `100 Continue` may precede the one that counts."""

_STATUS: Final = re.compile(rb"HTTP/1\.([01])[ \t]+(\d{3})(?!\d)")
_BEGINNING: Final = b"HTTP/1."
_END_OF_HEAD: Final = re.compile(rb"\r?\n\r?\n")
_LENGTH: Final = re.compile(r"(\d{1,15})(?:\s*,\s*\1)*")
"""A header that was sent twice may have been joined; two that differ are none."""
_SIZE: Final = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;|$)")
_WITHOUT_BODY: Final = frozenset({204, 304})
_INTERIM_BELOW: Final = 200
_LINE_LIMIT_BYTES: Final = 1024


class NotHttp(Exception):
    """It does not speak HTTP."""


class TooLarge(Exception):
    """More than is read."""


class Cut(Exception):
    """It hung up before its answer was whole."""

    def __init__(self, *, is_silent: bool = False, because: Exception | None = None) -> None:
        why = "" if because is None else f": {because}"
        how = "without an answer" if is_silent else "before its answer was whole"
        super().__init__(f"hung up {how}{why}")
        self.is_silent = is_silent
        """Whether nothing of an answer had come."""
        self.because = because
        """What ended the connection, where it was not closed as usual."""


class Reply(Struct, frozen=True, kw_only=True):
    """What came back, whatever it is."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case; of several of one name the last."""
    challenges: tuple[str, ...]
    """Its `WWW-Authenticate` headers."""
    body: bytes
    keeps_open: bool = False
    """Whether the other side lets the connection be used again."""


def request(
    method: str, target: str, host: str, headers: Mapping[str, str], body: bytes = b""
) -> bytes:
    """One request.

    Raises:
        ValueError: a line break in what makes a line.
    """
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines)
    if head.count("\n") != len(lines) - 1 or head.count("\r") != len(lines) - 1:
        raise ValueError("a line break in a header")
    return head.encode() + b"\r\n\r\n" + body


class _Body(Enum):
    """How the end of a body is known."""

    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"


class Reading(Struct):
    """One answer, fed piece by piece."""

    limit_bytes: int
    cuts: bool = False
    """Whether a longer body is cut, a little beyond the limit, instead of refused."""
    head_limit_bytes: int = HEAD_LIMIT_BYTES
    has_begun: bool = False
    """Whether anything has come at all."""
    _waiting: bytes = b""
    _head: Reply | None = None
    _kind: _Body = _Body.CLOSE
    _left: int = 0
    """Of the body, or of the chunk at hand, so many bytes are still to come."""
    _parts: list[bytes] = field(default_factory=list)
    _size: int = 0
    _chunks: int = 0
    _interim: int = 0

    def feed(self, data: bytes) -> Reply | None:
        """Take what came; the answer once it is whole.

        Raises:
            NotHttp, TooLarge: it is none, or none that is read.
        """
        self.has_begun = True
        data = self._waiting + data if self._waiting else data
        self._waiting = b""
        try:
            return self._fed(data)
        except TooLarge:
            if not self.cuts:
                raise
            return self._whole(b"rest")

    def _fed(self, data: bytes) -> Reply | None:
        if self._head is None:
            data = self._begin(data)
            if self._head is None:
                return None
        match self._kind:
            case _Body.CHUNKED:
                return self._chunked(data)
            case _Body.LENGTH:
                return self._counted(data)
            case _Body.CLOSE:
                self._keep(data)
                return None

    def end(self) -> Reply:
        """It hung up: the answer, where that is how an answer may end.

        Raises:
            Cut: it is not whole.
        """
        if self._head is None or self._kind is not _Body.CLOSE:
            raise Cut(is_silent=not self.has_begun)
        return self._whole(b"rest")

    def _begin(self, data: bytes) -> bytes:
        """Read the head, if it is whole; what follows it."""
        data = data.lstrip(b"\r\n")
        found = _END_OF_HEAD.search(data, 0, self.head_limit_bytes)
        if found is None:
            if len(data) >= self.head_limit_bytes:
                raise NotHttp("a head without end")
            if not _BEGINNING.startswith(data[: len(_BEGINNING)]):
                raise NotHttp("no HTTP")
            self._waiting = data
            return b""
        head = _head(data[: found.start()])
        rest = data[found.end() :]
        if head.status < _INTERIM_BELOW:
            self._interim += 1
            if self._interim > INTERIM_LIMIT:
                raise NotHttp("it always says 'continue'")
            return self._begin(rest)
        self._head = head
        self._expect(head)
        return rest

    def _expect(self, head: Reply) -> None:
        length = head.headers.get("content-length")
        if head.status in _WITHOUT_BODY:
            self._kind, self._left = _Body.LENGTH, 0
        elif "chunked" in head.headers.get("transfer-encoding", "").lower():
            self._kind = _Body.CHUNKED
        elif length is not None:
            number = _LENGTH.fullmatch(length)
            if number is None:
                raise NotHttp("a length that is none")
            self._kind, self._left = _Body.LENGTH, int(number[1])
            if self._left > self.limit_bytes and not self.cuts:
                raise TooLarge

    def _counted(self, data: bytes) -> Reply | None:
        taken = data[: self._left]
        self._left -= len(taken)
        self._keep(taken)
        return None if self._left else self._whole(data[len(taken) :])

    def _chunked(self, data: bytes) -> Reply | None:
        at = 0
        while True:
            if self._left:
                taken = data[at : at + self._left]
                at += len(taken)
                self._left -= len(taken)
                self._keep(taken)
                if self._left:
                    return None
            end = data.find(b"\n", at)
            if end < 0:
                self._later(data[at:])
                return None
            line = data[at:end].strip(b"\r")
            if line:  # else it is the end of the chunk before
                self._left = _size(line)
                if not self._left:
                    return self._last(data[at:])
                self._count()
            at = end + 1

    def _last(self, data: bytes) -> Reply | None:
        """The last chunk, and what may trail it."""
        found = _END_OF_HEAD.search(data)
        if found is not None:
            return self._whole(data[found.end() :])
        self._later(data)
        return None

    def _count(self) -> None:
        self._chunks += 1
        if self._chunks > CHUNKS_LIMIT:
            raise TooLarge

    def _later(self, data: bytes) -> None:
        if len(data) > _LINE_LIMIT_BYTES:
            raise NotHttp("a piece whose size has no end")
        self._waiting = data

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if data:
            self._parts.append(data)
        if self._size > self.limit_bytes:
            raise TooLarge

    def _whole(self, rest: bytes) -> Reply:
        head = self._head
        if head is None:
            raise Cut
        return Reply(
            status=head.status,
            headers=head.headers,
            challenges=head.challenges,
            body=b"".join(self._parts),
            keeps_open=head.keeps_open and not rest,
        )


def _size(line: bytes) -> int:
    found = _SIZE.match(line)
    if found is None:
        raise NotHttp("a piece without its size")
    return int(found[1], 16)


def _head(data: bytes) -> Reply:
    status = _STATUS.match(data)
    if status is None:
        raise NotHttp("no HTTP")
    headers: dict[str, str] = {}
    challenges: list[str] = []
    for line in data.decode("latin-1").split("\n")[1:]:
        name, _, value = line.partition(":")
        key, value = name.strip().lower(), value.strip()
        if key == "content-length" and headers.get(key, value) != value:
            raise NotHttp("two lengths")
        headers[key] = value
        if key == "www-authenticate":
            challenges.append(value)
    said = headers.get("connection", "").lower()
    is_open = "close" not in said if status[1] == b"1" else "keep-alive" in said
    if "transfer-encoding" in headers and "content-length" in headers:
        is_open = False  # two say where it ends: what follows may be of neither (RFC 9112, 6.3)
    return Reply(
        status=int(status[2]),
        headers=headers,
        challenges=tuple(challenges),
        body=b"",
        keeps_open=is_open,
    )
