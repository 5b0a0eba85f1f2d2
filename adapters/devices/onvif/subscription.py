"""A camera's subscription as one table: where it stands, what happened, what to do next.

Pure, like the numbers that tell which thing happened (course.py). The manual's diagram is drawn
from the table.

Source: ONVIF Core, event handling; WS-BaseNotification 1.3; docs/adr/0093.
"""

from enum import StrEnum


class State(StrEnum):
    """Where it stands."""

    NEW = "new"
    RESOLVING = "resolving"
    CREATING = "creating"
    CREATING_UNTIL = "creating_until"
    CREATING_BARE = "creating_bare"
    MENDING = "mending"
    """Its grant is too short or too long; another is asked for, with an absolute time."""
    SEEKING = "seeking"
    CATCHING_UP = "catching_up"
    SYNCHRONISING = "synchronising"
    SETTLING = "settling"
    HOLDING = "holding"
    POLLING = "polling"
    PROVING = "proving"
    """It said nothing for days; it was asked to say everything."""
    REPLACING = "replacing"
    EMPTYING = "emptying"
    """A press may be lost, and it does not tell its state again, as it does to a new subscription;
    what waits in the old one is taken first."""
    MAKING_ANEW = "making_anew"
    PUSHED = "pushed"
    PROVING_PUSH = "proving_push"
    ENDED = "ended"


class Happened(StrEnum):
    """What moves it."""

    BEGUN = "begun"
    RESOLVED = "resolved"
    UNRESOLVED = "unresolved"
    """It names no event service, which proves nothing: the usual address is tried."""
    CREATED = "created"
    CREATED_ODD = "created_odd"
    """Granted, but for far too short or too long."""
    REFUSED = "refused"
    """A Create failed, not for want of room or rights: perhaps for how we said the time."""
    RENEWED = "renewed"
    NOT_RENEWED = "not_renewed"
    SOUGHT = "sought"
    NOTHING_SOUGHT = "nothing_sought"
    SYNCHRONISED = "synchronised"
    NOT_SYNCHRONISED = "not_synchronised"
    NOT_COMPARED = "not_compared"
    """Not synchronised, and since its subscription was made something of it may be lost."""
    TOLD = "told"
    """A reply with something in it."""
    EMPTY = "empty"
    EARLY = "early"
    """An empty reply long before the hold was over."""
    TOO_EARLY = "too_early"
    """One too many of them."""
    SETTLED = "settled"
    """The time for its initial state, or for what it stored, is over."""
    ABORTED = "aborted"
    """A pull ended without a reply that can be read."""
    ABORTED_AGAIN = "aborted_again"
    RACED = "raced"
    """A pull met a connection that the camera had just closed; or that is how it looks."""
    DOUBTED = "doubted"
    """What a pull took may be lost, though the next one came through; or what was pushed."""
    GONE = "gone"
    """It does not know the subscription."""
    GONE_AGAIN = "gone_again"
    RENEWAL_DUE = "renewal_due"
    AGED = "aged"
    QUIET = "quiet"
    UNSUBSCRIBED = "unsubscribed"
    NOT_UNSUBSCRIBED = "not_unsubscribed"
    PUSH_WANTED = "push_wanted"
    SUBSCRIBED = "subscribed"
    NOT_SUBSCRIBED = "not_subscribed"
    PUSH_PROVEN = "push_proven"
    """Something came that way which could be read."""
    HEARD = "heard"
    """It lives, and pushes (or need not have pushed yet)."""
    UNHEARD = "unheard"
    """It pushed nothing for too long."""


class Do(StrEnum):
    """What to do next."""

    RESOLVE = "resolve"
    CREATE = "create"
    CREATE_UNTIL = "create_until"
    CREATE_BARE = "create_bare"
    RENEW = "renew"
    RENEW_UNTIL = "renew_until"
    SEEK = "seek"
    SYNCHRONISE = "synchronise"
    PULL = "pull"
    PULL_RESTED = "pull_rested"
    """After a short pause."""
    PULL_PACED = "pull_paced"
    """After a longer one: it holds no pull."""
    UNSUBSCRIBE = "unsubscribe"
    SUBSCRIBE_PUSH = "subscribe_push"
    LISTEN = "listen"
    """To what it pushes."""
    RENEW_PUSH = "renew_push"
    SYNCHRONISE_PUSH = "synchronise_push"
    LEAVE = "leave"


def _table() -> dict[tuple[State, Happened], tuple[State, Do]]:
    """Row by row; what holds in several states is written once."""
    s, h, d = State, Happened, Do
    table: dict[tuple[State, Happened], tuple[State, Do]] = {
        (s.NEW, h.BEGUN): (s.RESOLVING, d.RESOLVE),
        (s.RESOLVING, h.RESOLVED): (s.CREATING, d.CREATE),
        (s.RESOLVING, h.UNRESOLVED): (s.CREATING, d.CREATE),
        (s.CREATING, h.REFUSED): (s.CREATING_UNTIL, d.CREATE_UNTIL),
        (s.CREATING_UNTIL, h.REFUSED): (s.CREATING_BARE, d.CREATE_BARE),
        (s.CREATING_BARE, h.REFUSED): (s.ENDED, d.LEAVE),
        (s.MENDING, h.RENEWED): (s.SEEKING, d.SEEK),
        (s.MENDING, h.NOT_RENEWED): (s.SEEKING, d.SEEK),
        (s.SEEKING, h.SOUGHT): (s.CATCHING_UP, d.PULL),
        (s.SEEKING, h.NOTHING_SOUGHT): (s.SYNCHRONISING, d.SYNCHRONISE),
        (s.CATCHING_UP, h.TOLD): (s.CATCHING_UP, d.PULL),
        (s.SYNCHRONISING, h.SYNCHRONISED): (s.SETTLING, d.PULL),
        (s.SYNCHRONISING, h.NOT_SYNCHRONISED): (s.SETTLING, d.PULL),
        (s.SYNCHRONISING, h.NOT_COMPARED): (s.EMPTYING, d.PULL),
        (s.EMPTYING, h.TOLD): (s.EMPTYING, d.PULL),
        (s.EMPTYING, h.SETTLED): (s.MAKING_ANEW, d.UNSUBSCRIBE),
        (s.MAKING_ANEW, h.UNSUBSCRIBED): (s.CREATING, d.CREATE),
        (s.MAKING_ANEW, h.NOT_UNSUBSCRIBED): (s.CREATING, d.CREATE),
        (s.SETTLING, h.TOLD): (s.SETTLING, d.PULL),
        (s.PROVING, h.SYNCHRONISED): (s.PROVING, d.PULL),
        (s.PROVING, h.NOT_SYNCHRONISED): (s.PROVING, d.PULL),
        (s.PROVING, h.TOLD): (s.HOLDING, d.PULL),
        (s.REPLACING, h.UNSUBSCRIBED): (s.CREATING, d.CREATE),
        (s.REPLACING, h.NOT_UNSUBSCRIBED): (s.HOLDING, d.PULL),
        (s.HOLDING, h.TOLD): (s.HOLDING, d.PULL),
        (s.HOLDING, h.EMPTY): (s.HOLDING, d.PULL),
        (s.HOLDING, h.EARLY): (s.HOLDING, d.PULL_RESTED),
        (s.HOLDING, h.TOO_EARLY): (s.POLLING, d.PULL_PACED),
        (s.POLLING, h.TOLD): (s.POLLING, d.PULL),
        (s.POLLING, h.EMPTY): (s.HOLDING, d.PULL),
        (s.POLLING, h.EARLY): (s.POLLING, d.PULL_PACED),
        (s.POLLING, h.TOO_EARLY): (s.POLLING, d.PULL_PACED),
        (s.PUSHED, h.HEARD): (s.PUSHED, d.LISTEN),
        (s.PUSHED, h.RENEWAL_DUE): (s.PUSHED, d.RENEW_PUSH),
        (s.PUSHED, h.RENEWED): (s.PUSHED, d.LISTEN),
        (s.PUSHED, h.NOT_RENEWED): (s.PUSHED, d.LISTEN),
        (s.PUSHED, h.UNHEARD): (s.PROVING_PUSH, d.SYNCHRONISE_PUSH),
        (s.PUSHED, h.GONE): (s.SEEKING, d.SEEK),
        (s.PUSHED, h.DOUBTED): (s.SEEKING, d.SEEK),
        (s.PROVING_PUSH, h.SYNCHRONISED): (s.PROVING_PUSH, d.LISTEN),
        (s.PROVING_PUSH, h.NOT_SYNCHRONISED): (s.PROVING_PUSH, d.LISTEN),
        (s.PROVING_PUSH, h.HEARD): (s.PUSHED, d.LISTEN),
        (s.PROVING_PUSH, h.UNHEARD): (s.SEEKING, d.SEEK),
    }
    for creating in (s.CREATING, s.CREATING_UNTIL, s.CREATING_BARE):
        table[creating, h.CREATED] = (s.SEEKING, d.SEEK)
        table[creating, h.CREATED_ODD] = (s.MENDING, d.RENEW_UNTIL)
    for empty in (h.EMPTY, h.EARLY, h.TOO_EARLY):
        table[s.CATCHING_UP, empty] = (s.SYNCHRONISING, d.SYNCHRONISE)
        table[s.SETTLING, empty] = (s.HOLDING, d.PULL)
        table[s.PROVING, empty] = (s.REPLACING, d.UNSUBSCRIBE)
        table[s.EMPTYING, empty] = (s.MAKING_ANEW, d.UNSUBSCRIBE)
    table[s.CATCHING_UP, h.SETTLED] = (s.SYNCHRONISING, d.SYNCHRONISE)
    table[s.SETTLING, h.SETTLED] = (s.HOLDING, d.PULL)
    for pulling in (s.CATCHING_UP, s.SETTLING, s.EMPTYING, s.HOLDING, s.POLLING, s.PROVING):
        table[pulling, h.RACED] = (pulling, d.PULL)
        table[pulling, h.ABORTED] = (s.SEEKING, d.SEEK)
        table[pulling, h.ABORTED_AGAIN] = (s.ENDED, d.LEAVE)
        table[pulling, h.GONE] = (s.CREATING, d.CREATE)
        table[pulling, h.GONE_AGAIN] = (s.ENDED, d.LEAVE)
    for steady in (s.HOLDING, s.POLLING):
        table[steady, h.DOUBTED] = (s.SEEKING, d.SEEK)
        table[steady, h.RENEWAL_DUE] = (steady, d.RENEW)
        table[steady, h.RENEWED] = (steady, d.PULL)
        table[steady, h.NOT_RENEWED] = (steady, d.PULL)
        table[steady, h.AGED] = (s.REPLACING, d.UNSUBSCRIBE)
        table[steady, h.QUIET] = (s.PROVING, d.SYNCHRONISE)
        table[steady, h.PUSH_WANTED] = (steady, d.SUBSCRIBE_PUSH)
        table[steady, h.SUBSCRIBED] = (steady, d.PULL)
        table[steady, h.NOT_SUBSCRIBED] = (steady, d.PULL)
        table[steady, h.PUSH_PROVEN] = (s.PUSHED, d.LISTEN)
    return table


TRANSITIONS = _table()
INITIAL = frozenset({State.SYNCHRONISING, State.SETTLING, State.EMPTYING})
"""Where what a camera says is how things are, not that they became so."""
STEADY = frozenset({State.HOLDING, State.POLLING})
GAPS = frozenset({Happened.ABORTED, Happened.DOUBTED, Happened.GONE, Happened.UNHEARD})
"""After them a press may be lost, until its state was told again."""


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.NEW}"]
    ways: dict[tuple[State, State], list[str]] = {}
    for (before, happened), (after, _) in TRANSITIONS.items():
        ways.setdefault((before, after), []).append(happened)
    lines += [f"    {a} --> {b}: {', '.join(names)}" for (a, b), names in ways.items()]
    return "\n".join([*lines, f"    {State.ENDED} --> [*]"]) + "\n"
