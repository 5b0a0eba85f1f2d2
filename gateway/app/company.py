"""The company joined: this gateway's name, life and keys among its peers."""

import hashlib
import secrets

from gateway import metrics
from gateway.app.voice import Voice
from gateway.clock import Clock
from gateway.company import Company
from gateway.company.duty import Duty
from gateway.company.record import Recorder
from gateway.settings import Settings
from gateway.store.database import CountingDatabase
from gateway.store.gateways import Me
from gateway.store.postgres import PostgresDatabase

DIGEST_BYTES = 8
"""Enough to tell keys apart, and far too little to find one."""


def company(
    config: Settings,
    database: CountingDatabase,
    clock: Clock,
    voice: Voice,
    keys: bytes,
    *,
    is_alone: bool,
) -> Company:
    """This gateway among its peers; `keys` are all that must be the same on each of them."""
    mark = b"\0".join((config.installation.id.encode(), keys))

    def counts(waits: bool) -> None:  # noqa: FBT001 - the company's word
        if isinstance(database, PostgresDatabase):
            database.has_standbys = waits

    return Company(
        me=Me(
            name=config.gateway.name,
            life=secrets.token_hex(16),
            version=metrics.dabyl_version(),
            keys=hashlib.blake2b(mark, digest_size=DIGEST_BYTES, person=b"dabyl keys").digest(),
        ),
        database=database,
        clock=clock,
        duty=Duty(clock=clock, is_alone=is_alone),
        say=voice.say,
        counts=counts,
        recorder=Recorder(config.database.state_file),
        expected=config.database.copies,
    )
