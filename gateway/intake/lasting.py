"""Lasting: what began or ended on a camera, written with its event, under the lease of its link."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace
from sqlalchemy import Connection

from adapters.signal import Spoken
from gateway.domain import belief
from gateway.domain.belief import Doubt
from gateway.domain.event import Event
from gateway.intake.sorting import Candidate, Sorted
from gateway.store import camera_conditions, leases


def fence(connection: Connection, found: Sorted, tokens: Mapping[str, int] | None) -> None:
    """Take nothing of what lasts from a link that another gateway holds by now.

    A cry is a cry, whoever heard it; that something ended is the holder's to say. `tokens`: by
    device, the lease under which this gateway holds its link; None: there is no other gateway.
    """
    if tokens is None:
        return
    lasting = {one.event.device for one in found.candidates if one.event.condition is not None}
    lasting.update(device for device, _ in found.folded_last)
    if not lasting:
        return
    names = {leases.camera(device): tokens[device] for device in lasting if device in tokens}
    ours = leases.held(connection, names)
    lost = {device for device in lasting if leases.camera(device) not in ours}
    if lost:
        found.candidates[:] = [
            one for one in (_fenced(one, lost, found) for one in found.candidates) if one
        ]
        for name in [name for name in found.folded_last if name[0] in lost]:
            del found.folded_last[name]


def keep(
    connection: Connection, new: Sequence[Event], found: Sorted, tokens: Mapping[str, int] | None
) -> None:
    """Write what new events began or ended, and what was only counted; most batches hold none.

    A flood may end with a word that is folded: what is compared after a gap is the last word.
    """
    lasting = [event for event in new if event.condition is not None]
    lasting += found.folded_last.values()
    if lasting:
        camera_conditions.keep(connection, lasting, tokens or {})


def _fenced(one: Candidate, lost: set[str], found: Sorted) -> Candidate | None:
    event, heard = one.event, one.heard
    if event.device not in lost or event.condition is None:
        return one
    if event.condition.active or heard is None or not isinstance(heard.said, Spoken):
        return replace(one, event=replace(event, condition=None))
    found.refuse(heard, heard.said, Doubt.FENCED, belief.encoded(heard.said))
    return None
