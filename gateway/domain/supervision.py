"""Supervision: what it finds, in words that are the same on every gateway."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.domain.event import Affected

FOUND = "s-"
"""How the id of every finding begins."""
_PLAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to be said in supervision's voice: a trouble, or the end of one."""

    kind: str
    about: str
    """A device, or `site-…`, `district-…`, `broker-…`, `gateway-…`."""
    cause: str
    """In one word that can be counted."""
    since: str | None = None
    """What its id is derived from, beside kind and device; None: the moment it is said."""
    site: str | None = None
    district: str | None = None
    affected: Affected | None = None
    data: Mapping[str, object] = field(default_factory=dict)
    once: bool = False
    """An occurrence and not a condition: it may stand beside another one of its kind."""


def event_id(finding: Finding, moment: str) -> str:
    """Derived and not drawn: two gateways that find the same say one and the same."""
    since = moment if finding.since is None else finding.since
    key = f"{finding.kind}\x1f{finding.about}\x1f{since}"
    return f"{FOUND}{hashlib.blake2b(key.encode(), digest_size=16).hexdigest()}"


def digest(kind: str, found_id: str) -> bytes:
    """What a finding is known again by: whoever finds the same may count it otherwise."""
    return hashlib.blake2b(f"{kind}\x1f{found_id}".encode(), digest_size=16).digest()


def site_name(site: str) -> str:
    """How a whole site is called where a device is."""
    return f"site-{site}"


def district_name(district: str) -> str:
    """How a whole district is called where a device is: its name, if that is plain."""
    if _PLAIN.fullmatch(district.lower()):
        return f"district-{district.lower()}"
    return f"district-{hashlib.blake2b(district.encode(), digest_size=6).hexdigest()}"


def broker_name(label: str) -> str:
    """How a broker is called where a device is."""
    return f"broker-{label}"


def gateway_name(name: str) -> str:
    """How a gateway is called where a device is."""
    return f"gateway-{name}"
