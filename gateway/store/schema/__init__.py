"""Every table, each noun once."""

from gateway.store.schema.audit import audit, audit_checkpoints, audit_head
from gateway.store.schema.base import (
    Instant,
    Position,
    metadata,
    microseconds,
    midnight,
    moment,
)
from gateway.store.schema.cameras import camera_conditions, camera_logins, camera_states
from gateway.store.schema.company import gateways, leases, tallies
from gateway.store.schema.consoles import consoles
from gateway.store.schema.evidence import evidence, evidence_access, evidence_slices
from gateway.store.schema.hearing import (
    archives,
    checkpoints,
    journal_alarm,
    journal_event,
    quarantine,
)
from gateway.store.schema.outcomes import (
    FALSE,
    SILENT,
    TAKING,
    alarms,
    asks,
    changes,
    deliveries,
    deliveries_done,
    delivery_totals,
    is_held,
    sequences,
    transitions,
)
from gateway.store.schema.people import (
    commands,
    people,
    responses,
    sign_ins,
    tokens,
    windows,
)
from gateway.store.schema.places import (
    device_states,
    devices,
    gaps,
    occupancies,
    sites,
    versions,
    zones,
)
from gateway.store.schema.shifts import handovers, shifts

__all__ = [
    "FALSE",
    "SILENT",
    "TAKING",
    "Instant",
    "Position",
    "alarms",
    "archives",
    "asks",
    "audit",
    "audit_checkpoints",
    "audit_head",
    "camera_conditions",
    "camera_logins",
    "camera_states",
    "changes",
    "checkpoints",
    "commands",
    "consoles",
    "deliveries",
    "deliveries_done",
    "delivery_totals",
    "device_states",
    "devices",
    "evidence",
    "evidence_access",
    "evidence_slices",
    "gaps",
    "gateways",
    "handovers",
    "is_held",
    "journal_alarm",
    "journal_event",
    "leases",
    "metadata",
    "microseconds",
    "midnight",
    "moment",
    "occupancies",
    "people",
    "quarantine",
    "responses",
    "sequences",
    "shifts",
    "sign_ins",
    "sites",
    "tallies",
    "tokens",
    "transitions",
    "versions",
    "windows",
    "zones",
]
