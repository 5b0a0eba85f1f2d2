"""The words out: what a receiver must be told, rendered once and frozen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to tell a receiver, the same bytes in every attempt.

    `id` is the idempotency key, `subject` what it is about (an alarm's id), `priority` 0 to 3.
    """

    id: str
    type: str
    body: bytes
    priority: int
    subject: str
