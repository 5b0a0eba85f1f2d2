"""Advice: what each way in which a camera fails means to the technician in front of it."""

from typing import Final, NamedTuple

from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason
from gateway.cli.failures import NotDone

HOW_TO: Final = "docs/how-to/cameras/"


class Advice(NamedTuple):
    """What it means, what to do about it, and the page that says more."""

    means: str
    do: str
    page: str

    @property
    def words(self) -> str:
        """What to do, and where more is said."""
        return f"{self.do} ({self.page})"


_UNREACHED: Final = "docs/how-to/cameras/cannot-be-reached.md"
_LOGIN: Final = "docs/how-to/cameras/login-refused.md"
_NO_CAMERA: Final = "docs/how-to/cameras/not-a-camera.md"
_STILLS: Final = "docs/how-to/cameras/no-still.md"

ADVICE: Final[dict[Reason, Advice]] = {
    Reason.REFUSED: Advice(
        "nothing listens at that port",
        "look for its HTTP port and whether ONVIF is switched on; then --port",
        _UNREACHED,
    ),
    Reason.UNREACHABLE: Advice(
        "there is no way to that address",
        "power, cable, VLAN, address: in that order; then `dabyl camera discover`",
        _UNREACHED,
    ),
    Reason.TIMED_OUT: Advice(
        "it takes the connection and does not answer",
        "switch it off and on; if it comes back, look at how many programs ask it",
        _UNREACHED,
    ),
    Reason.RESET: Advice(
        "it hangs up in the middle",
        "switch it off and on; https instead of http or the other way round (--tls)",
        _UNREACHED,
    ),
    Reason.NOT_SOAP: Advice(
        "what answers there is not ONVIF: a web page, another device, ONVIF switched off",
        "switch ONVIF on in its settings, or find its port (--port)",
        _NO_CAMERA,
    ),
    Reason.TOO_LARGE: Advice(
        "it answers with more than any camera has to say",
        "look who answers at that address",
        _NO_CAMERA,
    ),
    Reason.FAULT: Advice(
        "it refuses the call, in words of its own",
        "update its firmware, and tell us the words",
        _NO_CAMERA,
    ),
    Reason.GONE: Advice(
        "it forgot the subscription: it started again, or threw it away",
        "wait; where it happens each minute, its power or its firmware is to blame",
        "docs/how-to/cameras/slots-used-up.md",
    ),
    Reason.SLOTS: Advice(
        "it has no place for another listener",
        "close other programs that listen to it, wait 10 minutes, else start it again",
        "docs/how-to/cameras/slots-used-up.md",
    ),
    Reason.NO_EVENTS: Advice(
        "it has no event service (pictures yes, alarms no), or is no camera at all",
        "switch events (ONVIF profile S or T) on, or wire the button elsewhere",
        _NO_CAMERA,
    ),
    Reason.FOREIGN: Advice(
        "it sends us to another host, and we do not go",
        "a redirect to https means --tls; anything else: look who answers there",
        "docs/how-to/cameras/behind-a-router.md",
    ),
    Reason.TLS: Advice(
        "https does not come about",
        "try http (--no-tls) or its https port; renew its certificate",
        _UNREACHED,
    ),
    Reason.CREDENTIALS: Advice(
        "it refuses the user or the password",
        "try them in its web page; many keep users for ONVIF apart from the others",
        _LOGIN,
    ),
    Reason.CLOCK: Advice(
        "its clock is too far off for its own login",
        "set its clock: a time server, UTC, zone Asia/Almaty (+5)",
        "docs/how-to/cameras/clock-off.md",
    ),
    Reason.ROLE: Advice(
        "the user is known, and may not do this",
        "give the user the level Administrator, on the page of ONVIF users",
        "docs/how-to/cameras/user-level.md",
    ),
    Reason.LOCKED: Advice(
        "the account is locked, or three logins failed and a fourth would lock it",
        "wait 15 minutes, then once, with a password that is known to be right",
        _LOGIN,
    ),
    Reason.CHANGED: Advice(
        "another camera, or another certificate, than the one that was approved",
        "look who answers there; if it was exchanged: `dabyl camera login … --exchanged`",
        "docs/how-to/cameras/certificate-changed.md",
    ),
    Reason.NO_PICTURE: Advice(
        "where its still should be, there is none",
        "switch snapshots on (often beside the video settings); alarms come without a picture",
        _STILLS,
    ),
}


def refused(name: str, error: CameraLost | CameraRefused) -> NotDone:
    """What ends a verb, with what it means and what to do."""
    found = ADVICE[error.reason]
    return NotDone(f"{name}: {found.means} [{error.reason}: {error.why}]; {found.words}")
