"""What a receiver's HTTP answer means: the contract's table, row by row, without any I/O."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import msgspec

from adapters.receivers.contract import Accepted, Outcome, Reason, Refused, TryAgain

BODY_LIMIT_BYTES: Final = 65_536
DETAIL_LIMIT: Final = 300
REFERENCE_LIMIT: Final = 100

_REFUSING: Final = frozenset({400, 413, 415, 422})
# Nine digits are 31 years; what is longer is no wish but an attack on our arithmetic.
_SECONDS: Final = re.compile(r"[0-9]{1,9}")
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class _Echo(msgspec.Struct, frozen=True):
    """The proof that the receiver read the notice: our own id, said back."""

    id: str
    reference: object = None


def read(
    status: int, body: bytes, *, notice_id: str, echo: bool, after: timedelta | None
) -> Outcome:
    """Judge an answer; `body` may be cut, if it is longer than BODY_LIMIT_BYTES."""
    said = _echo(body)
    proven = said is not None and said.id == notice_id
    reference = _reference(said) if proven else None
    if status == HTTPStatus.CONFLICT and proven:
        return Accepted(reference=reference, known=True)
    if _is_success(status) and (proven or not echo):
        return Accepted(reference=reference)
    detail = printable(f"HTTP {status}: {body[: 4 * DETAIL_LIMIT].decode(errors='replace')}")
    if status in _REFUSING:
        return Refused(status=status, detail=detail)
    return TryAgain(reason=_reason(status), after=after, detail=detail)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Read `Retry-After` as seconds or as an HTTP date; None when it is neither.

    Source: RFC 9110, 10.2.3.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return timedelta(seconds=int(text))
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(until - now, timedelta(0))


def printable(text: str, limit: int = DETAIL_LIMIT) -> str:
    """Cut what came from outside and leave nothing in it that moves a cursor or turns a line."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: 4 * limit])
    return " ".join(shown.split())[:limit]


def _reason(status: int) -> Reason:
    match status:
        case 408 | 409 | 425:
            return Reason.BUSY
        case 429 | 503:
            return Reason.OVERLOADED
        case _ if _is_success(status):
            return Reason.UNPROVEN
        case _ if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Reason.SERVER_ERROR
        case _:
            # 3xx, 401, 403, 404, 405, 410 by the table. A 4xx the table does not know is taken
            # likewise: again for ever and loudly, because doubt may never end a cry.
            return Reason.MISCONFIGURED


def _is_success(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def _echo(body: bytes) -> _Echo | None:
    if len(body) > BODY_LIMIT_BYTES:
        return None
    try:
        return msgspec.json.decode(body.removeprefix(_BYTE_ORDER_MARK), type=_Echo)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _reference(said: _Echo | None) -> str | None:
    match said:
        case _Echo(reference=str() | int() as reference):
            return printable(str(reference), REFERENCE_LIMIT) or None
        case _:
            return None
