"""How a camera departs from the standard, or fails: the closed set, and what is switched on."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

Value = str | float | None


class Quirk(StrEnum):
    """One way to be difficult; MEANINGS says each in words."""

    # who may speak
    DIGEST_ONLY = "digest_only"
    WSSE_ONLY = "wsse_only"
    DIGEST_SHA256 = "digest_sha256"
    DIGEST_BOTH = "digest_both"
    DIGEST_SESS = "digest_sess"
    NONCE_ONCE = "nonce_once"
    ONE_CREATED = "one_created"
    WANTS_Z = "wants_z"
    DATE_NEEDS_LOGIN = "date_needs_login"
    ADMINISTRATOR_SUBSCRIBES = "administrator_subscribes"
    LOCKS_OUT = "locks_out"
    UNAUTHORISED = "unauthorised"
    # its clock
    CLOCK_OFF = "clock_off"
    CLOCK_STEPS = "clock_steps"
    CURRENT_TIME_OFF = "current_time_off"
    # its addresses
    REFERENCE_PARAMETERS = "reference_parameters"
    RELATIVE_ADDRESS = "relative_address"
    DOUBLED_PORT = "doubled_port"
    LAN_ADDRESS = "lan_address"
    FOREIGN_SUBSCRIPTION = "foreign_subscription"
    FOREIGN_SNAPSHOT = "foreign_snapshot"
    # what it offers
    NO_GET_SERVICES = "no_get_services"
    NO_MEDIA2 = "no_media2"
    NO_EVENTS = "no_events"
    PULLPOINT_FLAG_FALSE = "pullpoint_flag_false"
    # its subscriptions
    SLOTS_FULL = "slots_full"
    BLOCKED_THREADS = "blocked_threads"
    SLOTS_STICK = "slots_stick"
    SLOT_BY_SOCKET = "slot_by_socket"
    UNSUBSCRIBE_ALL = "unsubscribe_all"
    RELATIVE_TIME_REFUSED = "relative_time_refused"
    RELATIVE_TIME_MISREAD = "relative_time_misread"
    OWN_LIFETIME = "own_lifetime"
    WANTS_INITIAL_TERMINATION = "wants_initial_termination"
    RENEW_REFUSED = "renew_refused"
    RENEW_400_UNDECLARED = "renew_400_undeclared"
    DIES_OF_RENEWS = "dies_of_renews"
    RENEW_ONLY = "renew_only"
    SYNC_UNAUTHORISED = "sync_unauthorised"
    FORGETS = "forgets"
    FORGETS_VAGUELY = "forgets_vaguely"
    # how it answers a pull
    PULL_AT_ONCE = "pull_at_once"
    SHORT_HOLD = "short_hold"
    LONG_HOLD = "long_hold"
    CLOSES_AFTER_PULL = "closes_after_pull"
    SPLITS_INITIAL = "splits_initial"
    NO_INITIAL = "no_initial"
    # how it spells what happened
    ALL_INITIALIZED_TRUE = "all_initialized_true"
    RICH_BY_PUSH_ONLY = "rich_by_push_only"
    EMPTY_NOTIFICATION = "empty_notification"
    END_WITHOUT_MESSAGE = "end_without_message"
    TWIN_MOTION = "twin_motion"
    NEVER_ENDS = "never_ends"
    SHORT_PULSES = "short_pulses"
    LOG_FLOOD = "log_flood"
    JUNK_DIALECT = "junk_dialect"
    BAD_DATES = "bad_dates"
    CAPITAL_VALUES = "capital_values"
    NO_OPERATION = "no_operation"
    MANY_IN_ONE = "many_in_one"
    WHITE_SPACE = "white_space"
    # how it writes XML
    INVALID_UTF8 = "invalid_utf8"
    WRONG_NAMESPACES = "wrong_namespaces"
    WRONG_ORDER = "wrong_order"
    UNDECLARED_PREFIX = "undeclared_prefix"
    # how it fails
    REFUSE = "refuse"
    RESET = "reset"
    HANG = "hang"
    DRIP = "drip"
    HALF = "half"
    STATUS = "status"
    HTML_200 = "html_200"
    HUGE_REPLY = "huge_reply"
    ENDLESS_CHUNKS = "endless_chunks"
    DOCTYPE = "doctype"
    ENTITY_BOMB = "entity_bomb"
    DEEP = "deep"
    # its picture
    STILL_HUGE = "still_huge"
    STILL_REDIRECT = "still_redirect"
    STILL_BASIC = "still_basic"
    STILL_OPEN = "still_open"
    STILL_NO_PICTURE = "still_no_picture"
    FROZEN = "frozen"
    BLACK = "black"


MEANINGS: Final[Mapping[Quirk, str]] = MappingProxyType(
    {
        Quirk.DIGEST_ONLY: "takes HTTP Digest only; a UsernameToken is as good as none",
        Quirk.WSSE_ONLY: "takes a UsernameToken only, and says no with HTTP 400",
        Quirk.DIGEST_SHA256: "its digest is SHA-256",
        Quirk.DIGEST_BOTH: "offers SHA-256 and MD5, as two challenges",
        Quirk.DIGEST_SESS: "its digest is MD5-sess",
        Quirk.NONCE_ONCE: "each nonce is good for one request, the next is stale",
        Quirk.ONE_CREATED: "refuses a Timestamp that differs from the token's Created",
        Quirk.WANTS_Z: "refuses a time that ends in +00:00",
        Quirk.DATE_NEEDS_LOGIN: "wants a login even to tell its time",
        Quirk.ADMINISTRATOR_SUBSCRIBES: "lets only an Administrator subscribe",
        Quirk.LOCKS_OUT: "locks an account after so many wrong logins (5), for five minutes",
        Quirk.UNAUTHORISED: "takes nobody's login",
        Quirk.CLOCK_OFF: "its clock is so many seconds ahead (3600)",
        Quirk.CLOCK_STEPS: "its clock jumps so many seconds ahead with each request (3600)",
        Quirk.CURRENT_TIME_OFF: "CurrentTime in its replies is so many seconds ahead (3600)",
        Quirk.REFERENCE_PARAMETERS: "one address for all; the subscription is a SubscriptionId",
        Quirk.RELATIVE_ADDRESS: "its addresses are relative",
        Quirk.DOUBLED_PORT: "says its port twice",
        Quirk.LAN_ADDRESS: "says its address behind a router (192.168.1.108)",
        Quirk.FOREIGN_SUBSCRIPTION: "sends the subscriber to another host (host:port)",
        Quirk.FOREIGN_SNAPSHOT: "sends for the still to another host (host:port)",
        Quirk.NO_GET_SERVICES: "knows no GetServices",
        Quirk.NO_MEDIA2: "has no Media2 service",
        Quirk.NO_EVENTS: "has no event service",
        Quirk.PULLPOINT_FLAG_FALSE: "says that it has no pull points, and has them",
        Quirk.SLOTS_FULL: "has no room for another subscription",
        Quirk.BLOCKED_THREADS: "says ter:BlockedThreadUpperLimit when there is no room",
        Quirk.SLOTS_STICK: "an expired subscription keeps its slot until the camera starts again",
        Quirk.SLOT_BY_SOCKET: "frees a slot when the connection that took it closes",
        Quirk.UNSUBSCRIBE_ALL: "one Unsubscribe ends every subscription",
        Quirk.RELATIVE_TIME_REFUSED: "refuses relative termination times",
        Quirk.RELATIVE_TIME_MISREAD: "a relative termination time is over at once",
        Quirk.OWN_LIFETIME: "grants so many seconds, whatever is asked (90)",
        Quirk.WANTS_INITIAL_TERMINATION: "HTTP 500 to a Create without InitialTerminationTime",
        Quirk.RENEW_REFUSED: "refuses Renew's argument",
        Quirk.RENEW_400_UNDECLARED: "answers Renew with HTTP 400 and a prefix never declared",
        Quirk.DIES_OF_RENEWS: "stops answering for a minute after so many Renews (3)",
        Quirk.RENEW_ONLY: "a pull does not prolong its subscription, only Renew does",
        Quirk.SYNC_UNAUTHORISED: "says NotAuthorized to SetSynchronizationPoint",
        Quirk.FORGETS: "has forgotten the subscription at the next call",
        Quirk.FORGETS_VAGUELY: "says ter:InvalidArgVal for a subscription it does not know",
        Quirk.PULL_AT_ONCE: "answers every pull at once",
        Quirk.SHORT_HOLD: "holds a pull so many seconds at most (5)",
        Quirk.LONG_HOLD: "holds a pull so many seconds, whatever is asked (300)",
        Quirk.CLOSES_AFTER_PULL: "closes the connection after every pull",
        Quirk.SPLITS_INITIAL: "tells its initial state over several replies",
        Quirk.NO_INITIAL: "tells no initial state",
        Quirk.ALL_INITIALIZED_TRUE: "every property is Initialized as true",
        Quirk.RICH_BY_PUSH_ONLY: "by pull there is only motion, the rest comes by push",
        Quirk.EMPTY_NOTIFICATION: "an empty pull holds an empty notification",
        Quirk.END_WITHOUT_MESSAGE: "the end of a motion has a topic and no message",
        Quirk.TWIN_MOTION: "tells each motion under two topics",
        Quirk.NEVER_ENDS: "tells that something began, never that it ended",
        Quirk.SHORT_PULSES: "whatever began ends in the same moment",
        Quirk.LOG_FLOOD: "puts so many log lines into every reply (20)",
        Quirk.JUNK_DIALECT: "rubbish where a topic's dialect is named",
        Quirk.BAD_DATES: "dates that are none: 0000-00-00, 10-05-2025, no zone, minute 73",
        Quirk.CAPITAL_VALUES: "says True, FALSE",
        Quirk.NO_OPERATION: "says no PropertyOperation",
        Quirk.MANY_IN_ONE: "puts several messages under one topic into one holder",
        Quirk.WHITE_SPACE: "white space around topics, the value before the name",
        Quirk.INVALID_UTF8: "bytes that are no UTF-8, where the model is told",
        Quirk.WRONG_NAMESPACES: "its namespaces are others",
        Quirk.WRONG_ORDER: "the elements of a reply come in another order",
        Quirk.UNDECLARED_PREFIX: "uses topic prefixes that are declared nowhere",
        Quirk.REFUSE: "nobody listens",
        Quirk.RESET: "hangs up in the middle of a request",
        Quirk.HANG: "takes the request and never answers",
        Quirk.DRIP: "answers a byte at a time",
        Quirk.HALF: "half of the answer, then it hangs up",
        Quirk.STATUS: "an HTTP status and no more (503)",
        Quirk.HTML_200: "an error page in HTML, with HTTP 200",
        Quirk.HUGE_REPLY: "a reply of 64 MiB",
        Quirk.ENDLESS_CHUNKS: "a reply in chunks without an end",
        Quirk.DOCTYPE: "a reply with a document type",
        Quirk.ENTITY_BOMB: "a reply whose entities grow to gigabytes",
        Quirk.DEEP: "a reply ten thousand elements deep",
        Quirk.STILL_HUGE: "a picture of 300 MB",
        Quirk.STILL_REDIRECT: "redirects the still to this address (http://127.0.0.1:80/)",
        Quirk.STILL_BASIC: "its still wants HTTP Basic",
        Quirk.STILL_OPEN: "its still wants no login",
        Quirk.STILL_NO_PICTURE: "a web page instead of a picture",
        Quirk.FROZEN: "its picture stands still",
        Quirk.BLACK: "its picture is black",
    }
)


class UnknownQuirk(ValueError):
    """A word that names no quirk."""

    def __init__(self, word: str) -> None:
        super().__init__(f"no camera does {word!r}")


@dataclass(slots=True)
class Switch:
    """A quirk that is on: for all calls or one, for ever or for so many requests."""

    value: Value = None
    call: str | None = None
    left: int | None = None

    def meant(self, call: str | None) -> bool:
        """Tell whether it is for this call."""
        return self.left != 0 and (self.call is None or self.call == call)


class Switches:
    """What is difficult about one camera now."""

    def __init__(self, quirks: Mapping[Quirk, Value] = MappingProxyType({})) -> None:
        self._on = {quirk: Switch(value) for quirk, value in quirks.items()}

    def set(
        self,
        quirk: Quirk,
        value: Value = None,
        *,
        call: str | None = None,
        times: int | None = None,
    ) -> None:
        """Switch one on: for one call of the protocol, for so many requests."""
        self._on[quirk] = Switch(value, call, times)

    def clear(self, quirk: Quirk | None = None) -> None:
        """Switch one off, or all."""
        if quirk is None:
            self._on.clear()
        else:
            self._on.pop(quirk, None)

    def on(self, quirk: Quirk, call: str | None = None) -> bool:
        """Tell whether it is on, and counts it as used if it is on for so many requests."""
        switch = self._on.get(quirk)
        if switch is None or not switch.meant(call):
            return False
        if switch.left is not None:
            switch.left -= 1
        return True

    def number(self, quirk: Quirk, otherwise: float) -> float:
        """Tell the figure that a quirk was switched on with."""
        switch = self._on.get(quirk)
        return otherwise if switch is None or switch.value is None else float(switch.value)

    def text(self, quirk: Quirk, otherwise: str) -> str:
        """Tell the words that a quirk was switched on with."""
        switch = self._on.get(quirk)
        return otherwise if switch is None or switch.value is None else str(switch.value)

    def now(self) -> dict[Quirk, Value]:
        """Tell what is on."""
        return {quirk: switch.value for quirk, switch in self._on.items() if switch.left != 0}


def read(word: str) -> tuple[Quirk, Value]:
    """Read `quirk` or `quirk=value` as a person writes it.

    Raises:
        UnknownQuirk: there is no such quirk.
    """
    name, _, value = word.partition("=")
    if name not in set(Quirk):
        raise UnknownQuirk(name)
    return Quirk(name), value or None
