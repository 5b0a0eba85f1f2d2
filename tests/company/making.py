"""Peers and primaries, just so."""

from datetime import timedelta

from gateway.store.copies import Pledge
from gateway.store.gateways import Seen
from gateway.store.standbys import Standby, Standing
from tests.domain.making import NOW


def peer(name: str, age_s: float, left_s: float | None = None, keys: bytes = b"k") -> Seen:
    """A gateway that gave its last sign of life so long ago."""
    return Seen(
        name=name,
        life="a",
        version="1",
        keys=keys,
        age=timedelta(seconds=age_s),
        left=None if left_s is None else timedelta(seconds=left_s),
        started_at=NOW,
    )


def primary(*following: str, names: str = "ANY 1 (pg1, pg2, pg3)", lsn: str = "0/30") -> Standing:
    """`pg1`, followed by those."""
    return Standing(
        pledge=Pledge(names, "on", NOW),
        own_name="pg1",
        lsn=lsn,
        timeline=1,
        standbys=tuple(
            Standby(
                name=name,
                state="streaming",
                sync_state="quorum",
                lsn=f"0/{number}0",
                behind_bytes=0,
            )
            for number, name in enumerate(following, 1)
        ),
    )
