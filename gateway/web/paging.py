"""Paging: opaque cursors, checked when they come back."""

import base64
import binascii
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Query
from starlette.exceptions import HTTPException

T = TypeVar("T")
LARGEST = 500
_INT64 = 2**63

Limit = Annotated[int, Query(ge=1, le=LARGEST, description="how many at most")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before")]


def cursor(listing: str, place: object) -> str:
    """Where the next page of that listing begins."""
    plain = msgspec.json.encode([listing, place])
    return base64.urlsafe_b64encode(plain).rstrip(b"=").decode()


def place(listing: str, text: str | None, kind: type[T]) -> T | None:
    """What a cursor of that listing says; None: the first page.

    Raises:
        HTTPException: 400, it was never one of ours.
    """
    if text is None:
        return None
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        found: Any
        of, found = msgspec.json.decode(plain, type=tuple[str, msgspec.Raw])
        value = msgspec.json.decode(found, type=kind)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise HTTPException(400, "this cursor is none of ours") from None
    numbers = value.values() if isinstance(value, dict) else [value]
    is_huge = any(isinstance(one, int) and abs(one) >= _INT64 for one in numbers)
    if of != listing or is_huge:
        raise HTTPException(400, "this cursor is none of ours")
    return value
