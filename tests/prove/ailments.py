"""What can be wrong with a camera, and by which reason each must be named."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from adapters.devices.onvif.fault import Reason
from simulators.camera.quirks import Quirk


class Shows(StrEnum):
    """Where it shows."""

    HELD = "held"
    """In a life that stands, at any moment."""
    START = "start"
    """At the beginning of one."""
    STILL = "still"
    """When a still is asked for; the link goes on."""
    NOWHERE = "nowhere"
    """It must not show at all: we do not go where we are sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ailment:
    """One of them."""

    quirk: Quirk | None
    """None: the camera starts again."""
    named: frozenset[Reason] = frozenset()
    shows: Shows = Shows.HELD
    value: str | None = None
    """`{trap}` stands for an address that is not the camera's."""
    call: str | None = None
    also: Quirk | None = None
    """What is wrong with it besides."""


def _named(*reasons: Reason) -> frozenset[Reason]:
    return frozenset(reasons)


_R, _S = Reason, Shows
AILMENTS: Final[Mapping[str, Ailment]] = {
    "nobody listens": Ailment(quirk=Quirk.REFUSE, named=_named(_R.REFUSED)),
    "it hangs up": Ailment(quirk=Quirk.RESET, named=_named(_R.RESET)),
    "it does not answer": Ailment(quirk=Quirk.HANG, named=_named(_R.TIMED_OUT)),
    "it drips": Ailment(quirk=Quirk.DRIP, named=_named(_R.TIMED_OUT)),
    "half an answer": Ailment(quirk=Quirk.HALF, named=_named(_R.RESET)),
    "401": Ailment(quirk=Quirk.UNAUTHORISED, named=_named(_R.CREDENTIALS)),
    "no slot": Ailment(quirk=Quirk.SLOTS_FULL, named=_named(_R.SLOTS), shows=_S.START),
    "no event service": Ailment(
        quirk=Quirk.STATUS,
        named=_named(_R.NO_EVENTS),
        shows=_S.START,
        value="404",
        call="CreatePullPointSubscription",
        also=Quirk.NO_EVENTS,
    ),
    "it starts again": Ailment(quirk=None, named=_named(_R.RESET, _R.REFUSED, _R.GONE)),
    "HTML with 200": Ailment(quirk=Quirk.HTML_200, named=_named(_R.NOT_SOAP)),
    "503": Ailment(quirk=Quirk.STATUS, named=_named(_R.NOT_SOAP)),
    "a reply of 64 MiB": Ailment(quirk=Quirk.HUGE_REPLY, named=_named(_R.TOO_LARGE)),
    "endless chunks": Ailment(quirk=Quirk.ENDLESS_CHUNKS, named=_named(_R.TOO_LARGE)),
    "a document type": Ailment(quirk=Quirk.DOCTYPE, named=_named(_R.NOT_SOAP)),
    "an entity bomb": Ailment(quirk=Quirk.ENTITY_BOMB, named=_named(_R.NOT_SOAP)),
    "a tower of elements": Ailment(quirk=Quirk.DEEP, named=_named(_R.NOT_SOAP)),
    "a still of 300 MB": Ailment(
        quirk=Quirk.STILL_HUGE, named=_named(_R.TOO_LARGE), shows=_S.STILL
    ),
    "a still that redirects": Ailment(
        quirk=Quirk.STILL_REDIRECT,
        named=_named(_R.FOREIGN),
        shows=_S.STILL,
        value="http://{trap}/still",
    ),
    "a still that is none": Ailment(
        quirk=Quirk.STILL_NO_PICTURE, named=_named(_R.NO_PICTURE), shows=_S.STILL
    ),
    "a foreign host for the still": Ailment(
        quirk=Quirk.FOREIGN_SNAPSHOT, shows=_S.NOWHERE, value="{trap}"
    ),
    "a foreign host for the subscription": Ailment(
        quirk=Quirk.FOREIGN_SUBSCRIPTION, shows=_S.NOWHERE, value="{trap}"
    ),
}
