"""A subscription's way through the table: the numbers that tell which thing happened.

Pure: no socket, no clock, no dice. All seconds are monotonic ones, and what a camera says of time
counts only as the difference of two of its own words.
"""

from dataclasses import dataclass

from adapters.devices.onvif.calls import MESSAGES_LIMIT
from adapters.devices.onvif.subscription import (
    GAPS,
    INITIAL,
    STEADY,
    TRANSITIONS,
    Do,
    Happened,
    State,
)

ASKED_S = 600.0
"""What we ask for: a place that we leave behind by a crash is free again after so long."""
SHORTEST_S = 60.0
"""A grant below this was misread: it does not even outlast two pulls."""
RENEWED_S = 10.0
"""Shorter ones than this are not renewed in time: some cameras die of it."""
LONGEST_S = 3600.0
"""A grant above this is made shorter where the camera lets us."""
GLANCE_S = 1.0
"""So long a camera may hold a pull by which we look whether anything is left."""
PROOF_S = 5.0
"""So long it has to say something after it was asked to say everything."""
SETTLING_S = 5.0
"""What it says is its initial state until the first empty reply, at the latest for so long."""
CATCHING_UP_S = 5.0
"""What it stored while we were away is asked for at the latest for so long."""
EARLY_SHARE = 0.5
"""An empty reply before this share of the hold is early …"""
EARLIES = 3
"""… and so many in a row mean that it does not hold a pull at all."""
REST_S = (0.2, 1.0)
"""The pause after an early reply, least and most. (After a held one there is none: whatever happens
in it would be heard late by as much.)"""
PACE_S = (1.0, 5.0)
"""The pause where it holds no pull."""
HASTE_S = 0.1
HASTES = 20
"""So many replies may come as fast or as full as that, one after another; then a rest is made."""
MARGIN_S = 10.0
"""A pull is given up so long after its hold: then the camera does not answer any more."""
SECOND_CHANCE_S = 20.0
"""After a failed pull, and everything asked for, the next one must not take longer than this."""
RACES = 2
"""So many pulls in a row may meet a connection that the camera has just closed."""
DOUBT_EVERY_S = 10.0
"""So often at most it is asked for its state because of that, or for what was cut off."""
YOUNG_S = 60.0
"""Forgotten so soon after it was made, it is not made again without the wait of a new life."""

_SHORT_HOLDS = {
    State.CATCHING_UP: GLANCE_S,
    State.SETTLING: GLANCE_S,
    State.EMPTYING: GLANCE_S,
    State.PROVING: PROOF_S,
}
_LIMITS = {
    State.CATCHING_UP: CATCHING_UP_S,
    State.SETTLING: SETTLING_S,
    State.EMPTYING: SETTLING_S,
}


@dataclass(slots=True, kw_only=True)
class Course:
    """One subscription's way through the table."""

    hold_s: float
    quiet_s: float | None = None
    """After so long without a word it is asked to say everything; None: never."""
    state: State = State.NEW
    granted_s: float = ASKED_S
    expires_s: float = 0.0
    created_s: float = 0.0
    may_renew: bool = True
    """Whether it ever renewed what it was asked to."""
    may_replace: bool = True
    """Whether Unsubscribe works."""
    has_doubt: bool = False
    """Whether a reply may be lost, and that is still to be compared."""
    _has_gap: bool = False
    """Whether something is lost, perhaps, that only its state can tell."""
    _doubted_s: float = -DOUBT_EVERY_S
    _since_s: float = 0.0
    _word_s: float = 0.0
    _renewed_s: float = 0.0
    _earlies: int = 0
    _failures: int = 0
    _races: int = 0
    _hastes: int = 0

    def goes(self, happened: Happened, now_s: float) -> Do:
        """On along the table; what to do next.

        Raises:
            KeyError: that cannot happen there.
        """
        before, (self.state, do) = self.state, TRANSITIONS[self.state, happened]
        self._has_gap = self._has_gap or happened in GAPS
        if self.state is not before:
            self._since_s = now_s
            self._earlies = 0
        return do

    def created(self, granted_s: float | None, now_s: float) -> Happened:
        """It granted a subscription for so long; None: it does not say."""
        self._grant(granted_s, now_s)
        self.created_s = self._word_s = now_s
        self._has_gap = False  # a new subscription is told how things are
        is_odd = not SHORTEST_S <= self.granted_s <= LONGEST_S
        return Happened.CREATED_ODD if is_odd else Happened.CREATED

    def renewed(self, granted_s: float | None, now_s: float) -> Happened:
        """It answered a Renew."""
        self._renewed_s = now_s
        self._grant(granted_s, now_s)
        return Happened.RENEWED

    def not_renewed(self, now_s: float) -> Happened:
        """A Renew failed, which is no loss: most cameras live by the pulls alone."""
        self._renewed_s = now_s
        self.may_renew = False
        return Happened.NOT_RENEWED

    def synchronised(self) -> Happened:
        """It said that it will tell the state of everything."""
        self._has_gap = False
        return Happened.SYNCHRONISED

    def not_synchronised(self) -> Happened:
        """It did not; only a new subscription is told its state then, where that is needed."""
        return Happened.NOT_COMPARED if self._has_gap else Happened.NOT_SYNCHRONISED

    def pulled(self, told: int, held_s: float, left_s: float | None, now_s: float) -> Happened:
        """A reply came, with so many messages, after so long; so long the subscription lives on."""
        self._failures = self._races = 0
        if left_s is not None:
            self.expires_s = now_s + left_s
        if told:
            self._earlies, self._word_s = 0, now_s
            is_haste = held_s < HASTE_S or told >= MESSAGES_LIMIT
            self._hastes = self._hastes + 1 if is_haste else 0
            return Happened.SETTLED if self._is_settled(now_s) else Happened.TOLD
        self._hastes = 0
        if held_s >= self.timeout_s() * EARLY_SHARE:
            self._earlies = 0
            return Happened.EMPTY
        self._earlies += 1
        return Happened.TOO_EARLY if self._earlies >= EARLIES else Happened.EARLY

    def raced(self) -> Happened:
        """A pull was cut as soon as it went out: most often its connection was closed already."""
        self._races += 1
        if self._races > RACES:
            return self.failed()
        self.doubt()
        return Happened.RACED

    def failed(self) -> Happened:
        """A pull ended without a reply that can be read."""
        self._failures += 1
        return Happened.ABORTED if self._failures == 1 else Happened.ABORTED_AGAIN

    def doubt(self) -> None:
        """A reply came, but another may be lost: it is compared before one of the next pulls."""
        self.has_doubt = True

    def gone(self, now_s: float) -> Happened:
        """It does not know the subscription."""
        is_young = now_s - self.created_s < YOUNG_S
        return Happened.GONE_AGAIN if is_young else Happened.GONE

    def not_unsubscribed(self) -> Happened:
        """Unsubscribe does not work here; it is not tried again."""
        self.may_replace = False
        return Happened.NOT_UNSUBSCRIBED

    def due(self, now_s: float) -> Happened | None:
        """What must come before the next pull."""
        if self.state not in STEADY:
            return None
        if self.has_doubt and now_s - self._doubted_s >= DOUBT_EVERY_S:
            self.has_doubt, self._doubted_s = False, now_s
            return Happened.DOUBTED
        if self._is_renewal_due(now_s):
            return Happened.RENEWAL_DUE
        if self.may_replace and self._outlives(now_s) and now_s - self.created_s >= LONGEST_S:
            return Happened.AGED
        if self.quiet_s is not None and now_s - self._word_s >= self.quiet_s:
            self._word_s = now_s  # at most once in that time
            return Happened.QUIET
        return None

    def timeout_s(self) -> float:
        """So long it may hold the next pull: never so long that the subscription runs out."""
        longest = GLANCE_S if self.has_doubt else self.hold_s
        wanted = min(_SHORT_HOLDS.get(self.state, longest), self.hold_s)
        return max(GLANCE_S, min(wanted, self.granted_s / 2)) if self.granted_s > 0 else wanted

    def patience_s(self) -> float:
        """So long after a pull went out the camera is lost; some hold even a short one long."""
        return SECOND_CHANCE_S if self.is_failing else self.hold_s + MARGIN_S

    def is_initial(self, now_s: float) -> bool:
        """Whether what it says now is how things are, and need not just have happened."""
        return self.state in INITIAL and not self._is_settled(now_s)

    @property
    def is_failing(self) -> bool:
        """Whether the last pull failed."""
        return self._failures > 0

    def rest_s(self, do: Do, dice: float) -> float:
        """The pause before that pull; `dice` is drawn evenly from 0 to 1."""
        if do is Do.PULL_PACED:
            least, most = PACE_S
            most = min(most, least * max(1, self._earlies))
        elif do is Do.PULL_RESTED or self._hastes > HASTES:
            least, most = REST_S
        else:
            return 0.0
        return least + (most - least) * dice

    def _grant(self, granted_s: float | None, now_s: float) -> None:
        self.granted_s = ASKED_S if granted_s is None else granted_s
        self.expires_s = now_s + self.granted_s

    def _is_settled(self, now_s: float) -> bool:
        limit_s = _LIMITS.get(self.state)
        return limit_s is not None and now_s - self._since_s >= limit_s

    def _is_renewal_due(self, now_s: float) -> bool:
        half_s = min(max(self.granted_s, RENEWED_S), ASKED_S) / 2
        is_running_out = self.expires_s - now_s < half_s
        return self.may_renew and is_running_out and now_s - self._renewed_s >= half_s

    def _outlives(self, now_s: float) -> bool:
        return self.expires_s - now_s > LONGEST_S
