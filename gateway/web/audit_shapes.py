"""The shapes of the audit over the API."""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.store.audit_views import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """Who did what, the newest first."""

    items: Sequence[Entry]
    next: str | None
