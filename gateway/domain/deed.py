"""Deeds: what is written into the audit, and why somebody was refused."""

from enum import StrEnum

from gateway.domain.alarm import Alarm
from gateway.domain.decision import Change
from gateway.domain.steps import ResponseState


class Deed(StrEnum):
    """What somebody did. Whoever adds one adds its word in every language."""

    # People
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    PERSON_ADDED = "person_added"
    PERSON_CHANGED = "person_changed"
    PERSON_DISABLED = "person_disabled"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the deed's name, no password
    TOKEN_ADDED = "token_added"  # noqa: S105 - likewise
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - likewise

    # Alarms, as the steps are called
    CLAIM = "claim"
    TAKE_OVER = "take_over"
    ACKNOWLEDGE = "acknowledge"
    NOTE = "note"
    PROCEDURE = "procedure"
    SHELVE = "shelve"
    UNSHELVE = "unshelve"
    RESPOND = "respond"
    AGREE = "agree"
    """To how the centre closed it."""
    CLOSE = "close"
    REOPEN = "reopen"
    STEP = "step"
    """Any other; `data.step` says which."""

    # Work
    RESEND = "resend"
    COMMAND = "command"
    TEST_OPENED = "test_opened"
    TEST_CLOSED = "test_closed"
    CONSOLE_ARMED = "console_armed"
    CONSOLE_LEFT = "console_left"
    """It does not sound any more, by their own word."""
    SHIFT_BEGUN = "shift_begun"
    SHIFT_ENDED = "shift_ended"
    """Without handing over, or by a supervisor."""
    SHIFT_OFFERED = "shift_offered"
    SHIFT_KEPT = "shift_kept"
    """What was offered is not offered any more."""
    SHIFT_HANDED_OVER = "shift_handed_over"
    """By whoever took it."""

    # Looking
    EVIDENCE_SEEN = "evidence_seen"
    EXPORT = "export"
    CHECKPOINT = "checkpoint"
    """A signed word of where the audit ended."""

    # Settings
    SETTINGS_CHANGED = "settings_changed"
    SITES_IMPORTED = "sites_imported"
    CAMERA_LOGIN = "camera_login"

    # Servers
    STORE_PROMOTED = "store_promoted"
    """A standby was made the primary; `data.overruled` says what it said was risked."""
    STORE_ALONE = "store_alone"
    """The primary waits for no standby any more."""
    STORE_TOGETHER = "store_together"
    GATEWAY_FORGOTTEN = "gateway_forgotten"
    """Nobody misses it any more."""

    REFUSED = "refused"
    """Asked for and not given; `data.why` says why, `data.count` how often."""


class Why(StrEnum):
    """Why somebody was refused, where that is written down."""

    SIGN_IN_FAILED = "sign_in_failed"
    THROTTLED = "throttled"
    EXPIRED_SESSION = "expired_session"
    UNKNOWN_TOKEN = "unknown_token"  # noqa: S105 - a reason, no token
    PLAIN_HTTP = "plain_http"
    CROSS_SITE = "cross_site"
    FORBIDDEN = "forbidden"
    FOREIGN_DISTRICT = "foreign_district"
    STALE_VERSION = "stale_version"
    TAKEN = "taken"
    """Somebody else holds it."""
    ALARM_OPEN = "alarm_open"
    """A test was asked for where a real P0 is open."""


def of_step(before: Alarm, change: Change) -> tuple[Deed, dict[str, object]]:
    """What a step is called, and what was said of it; the step's own word where it has no name."""
    line, after = change.transition, change.alarm
    what, said = _OF_STEPS.get(line.what, Deed.STEP), dict(line.data)
    if what is Deed.CLOSE and after.disposition == before.closing_as:
        what = Deed.AGREE
    elif line.what != what:
        said["step"] = line.what
    return what, {
        **said,
        "kind": before.kind,
        "site": before.site,
        "device": before.device,
        "version": after.version,
        "disposition": after.disposition if after.disposition != before.disposition else None,
        "note": line.note,
    }


_OF_STEPS = {
    **{one.value: one for one in Deed},
    **dict.fromkeys([*ResponseState, "closing"], Deed.RESPOND),
}
"""A step whose name is a deed's is that deed."""
