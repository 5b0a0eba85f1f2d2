"""Every table, each noun once."""

from gateway.store.schema.base import Instant, Position, metadata, microseconds, moment
from gateway.store.schema.company import gateways, leases, tallies
from gateway.store.schema.hearing import checkpoints, journal_alarm, journal_event, quarantine
from gateway.store.schema.outcomes import alarms, changes, deliveries, sequences, transitions
from gateway.store.schema.people import commands, responses, sign_ins, tokens, windows
from gateway.store.schema.places import (
    device_states,
    devices,
    gaps,
    occupancies,
    sites,
    versions,
    zones,
)

__all__ = [
    "Instant",
    "Position",
    "alarms",
    "changes",
    "checkpoints",
    "commands",
    "deliveries",
    "device_states",
    "devices",
    "gaps",
    "gateways",
    "journal_alarm",
    "journal_event",
    "leases",
    "metadata",
    "microseconds",
    "moment",
    "occupancies",
    "quarantine",
    "responses",
    "sequences",
    "sign_ins",
    "sites",
    "tallies",
    "tokens",
    "transitions",
    "versions",
    "windows",
    "zones",
]
