"""The closed sets behind words that are chosen by a value: `say(`kind.${alarm.kind}`)`.

Where code says a word by a prefix and a value, the prefix stands here with every value that it
meets: from the code where the code has the set, written out where only a script has it.
"""

from collections.abc import Iterable, Mapping

from adapters.devices.onvif.fault import Reason
from gateway.domain import escalation, ward
from gateway.domain.alarm import Disposition, State
from gateway.domain.camera import Picture
from gateway.domain.deed import Deed
from gateway.domain.deed import Why as Refused
from gateway.domain.errors import WhyClosed
from gateway.domain.kind import KINDS
from gateway.domain.occupancy import Quality
from gateway.domain.operator import Role
from gateway.domain.password import Weak
from gateway.domain.period import Span
from gateway.domain.presence import Heard, Why
from gateway.domain.site import Sort
from gateway.domain.steps import ResponseState
from gateway.domain.stills import Why as NoStill
from gateway.store.outbox import Settled
from gateway.watch import wanted
from gateway.web import pages
from gateway.web.own_password import Slip
from gateway.web.reception import Why as WhyNot
from gateway.web.staff_page import Slip as PeopleSlip

_BY_RULE = ("camera.motion", "passage.denied")
"""What raises only where the operator's rule says so."""
_PICTURES = ("claims", "load", "false", "quiet")
SETS: Mapping[str, Iterable[str]] = {
    "brief.": (
        *("asked", "broker", "centre", "differs", "escalated", "failed", "off", "silent"),
        *("stopped", "store", "unarmed", "unproven"),
    ),
    "kind.": {*(name for name, kind in KINDS.items() if kind.raises is not None), *_BY_RULE},
    "state.": State,
    "disposition.": Disposition,
    "device.": Heard,
    "why.": Why,
    "sort.": Sort,
    "reason.": {*Reason, wanted.NOT_APPROVED, wanted.NOT_SEALED, ward.UNKNOWN.cause},
    "no_still.": {*NoStill, *Reason},
    "picture.": {*Picture} - {Picture.UNKNOWN, Picture.GOOD},
    "lasting.": ("d", "h", "m", "s"),
    "places.": ("console", "wall", "handover", "report", "audit", "people"),
    "report.": (*Span, *_PICTURES),
    "wall.state.": ("calm", "watch", "held", "asks"),
    "chain.": ("pressed", "began", "heard", "stored", "sent", "accepted", "refused"),
    "rung.": ("1", "2", "3"),
    "responded.": ("accepted", "dispatched", "on_scene"),
    "help.": (
        *("down", "up", "enter", "claim", "close", "note", "press"),
        *("snooze", "mute", "help", "away", "back"),
    ),
    "reopen.": WhyClosed,
    "signin.": WhyNot,
    "people.": PeopleSlip,
    "password.": {*Weak, *Slip},
    "theme.": pages.THEMES,
    "unheard.": ("off", "asked", "stopped", "failed"),
    "sound.": ("off", "asked", "on", "muted", "stopped", "elsewhere", "failed"),
    "deed.": Deed,
    "checked.": ("whole", "broken", "partly", "busy"),
    "refused_for.": Refused,
    "role.": {*Role, "gateway"},
    "fact.": (
        *("address", "alarm", "by", "changed", "command", "count", "device", "devices"),
        *(
            "disposition",
            "districts",
            "done",
            "expected",
            "file",
            "from",
            "id",
            "key",
            "kind",
            "minutes",
            "note",
        ),
        *("of", "operator", "reason", "receiver", "reference", "request", "role", "rows"),
        *("since", "site", "step", "to", "until", "version", "was", "way", "what", "who"),
    ),
    "inside.": Quality,
    "owed.": ("waiting", *Settled),
    "told.": (
        *("raised", "repeated", "acknowledged", "returned", "shelved", "unshelved", "closed"),
        *("escalated", "added", "reopened"),
    ),
    "escalated.": escalation.Why,
    "line.": (
        *("raise", "repeat", "counted", "return", "claim", "take_over", "acknowledge", "note"),
        *(
            "shelve",
            "unshelve",
            "close",
            "reopen",
            "closing",
            "lapse",
            "procedure",
            "input.cleared",
            "overtaken",
        ),
        "escalate",
        *(one for one in ResponseState if one is not ResponseState.CLOSED),
        *("stills", "no_still", "handed_over"),
    ),
}
