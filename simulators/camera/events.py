"""The event service: subscriptions made, pulled, renewed, sought and ended."""

import asyncio
import re
from typing import Final
from urllib.parse import urlsplit

from simulators.camera import lifetimes, notification, soap, spelling, topicfilter, xmltext
from simulators.camera.device import EVENTS_PATH
from simulators.camera.machine import DEAD_S, Machine
from simulators.camera.quirks import Quirk
from simulators.camera.soap import Fault
from simulators.camera.subscriptions import Subscription
from simulators.camera.visit import Visit

SUBSCRIPTION_PATH: Final = "/onvif/Subscription"
LONGEST_S: Final = 3600.0
_LIMIT: Final = 100
_INDEX: Final = re.compile(r"(?:^|[?&])Idx=(\d{1,9})(?:&|$)")
_SPLIT: Final = 2
_SPLIT_PULLS: Final = 20
_ID_NAMESPACE: Final = "http://www.axis.com/2009/event"


async def create(visit: Visit) -> str:
    """Make a pull point.

    Raises:
        Fault: there is no room, or it asks what this camera does not do.
    """
    made = _make(visit, consumer=None)
    for one in visit.machine.initial():
        made.tell(one)
    return _reference("tev:CreatePullPointSubscriptionResponse", visit.machine, made)


async def subscribe(visit: Visit) -> str:
    """Make a subscription that is pushed to its consumer.

    Raises:
        Fault: there is no room, or no consumer's address in it.
    """
    consumer = visit.asked.text("ConsumerReference", "Address") or ""
    try:
        scheme = urlsplit(consumer).scheme
    except ValueError:
        scheme = ""
    if scheme not in {"http", "https"}:
        raise Fault("wsnt:SubscribeCreationFailedFault", "no address to push to")
    made = _make(visit, consumer=consumer)
    for one in visit.machine.initial():
        made.tell(one)
    visit.machine.subscribed(made)
    return _reference("wsnt:SubscribeResponse", visit.machine, made)


async def pull(visit: Visit) -> str:
    """Answer with what waits, or hold the request until something happens or its time is over.

    Raises:
        Fault: the subscription is gone, or is being pulled from already.
    """
    machine, subscription = visit.machine, _subscription(visit)
    if subscription.pulling:
        raise Fault("wsnt:UnableToGetMessagesFault", "it is being pulled from already")
    asked_s = xmltext.duration_s(visit.asked.text("Timeout") or "") or 0.0
    hold_s = _hold_s(machine, asked_s)
    _prolong(machine, subscription, hold_s + asked_s)
    _flood(machine, subscription)
    subscription.pulling += 1
    try:
        await _wait(subscription, hold_s)
    finally:
        subscription.pulling -= 1
    if machine.slots.find(subscription.number, machine.clock.monotonic()) is not subscription:
        raise _unknown(machine)
    subscription.pulls += 1
    taken = subscription.take(_limit(visit, subscription))
    body = notification.written(taken, machine.switches)
    if not taken and machine.switches.on(Quirk.EMPTY_NOTIFICATION):
        body = notification.empty()
    return (
        f"<tev:PullMessagesResponse><tev:CurrentTime>{lifetimes.current(machine)}"
        "</tev:CurrentTime><tev:TerminationTime>"
        f"{lifetimes.termination(machine, subscription.expires_s)}</tev:TerminationTime>"
        f"{body}</tev:PullMessagesResponse>"
    )


async def renew(visit: Visit) -> str:
    """Let a subscription live on.

    Raises:
        Fault: it is gone, or this camera does not like to be asked.
    """
    machine, subscription = visit.machine, _subscription(visit)
    machine.renews += 1
    if machine.switches.on(Quirk.RENEW_REFUSED):
        raise Fault("ter:InvalidArgVal", "TerminationTime")
    if machine.switches.on(Quirk.RENEW_400_UNDECLARED):
        raise Fault("ter:InvalidArgVal", "")
    dies = machine.switches.on(Quirk.DIES_OF_RENEWS)
    if dies and machine.renews >= machine.switches.number(Quirk.DIES_OF_RENEWS, 3):
        machine.renews = 0
        machine.dead_until_s = machine.clock.monotonic() + DEAD_S
    lasts_s = lifetimes.granted_s(machine, visit.asked.text("TerminationTime"))
    subscription.expires_s = machine.clock.monotonic() + lasts_s
    subscription.renews += 1
    return (
        "<wsnt:RenewResponse><wsnt:TerminationTime>"
        f"{lifetimes.termination(machine, subscription.expires_s)}</wsnt:TerminationTime>"
        f"<wsnt:CurrentTime>{lifetimes.current(machine)}</wsnt:CurrentTime></wsnt:RenewResponse>"
    )


async def unsubscribe(visit: Visit) -> str:
    """End a subscription; on some cameras, all.

    Raises:
        Fault: it is gone already.
    """
    machine, subscription = visit.machine, _subscription(visit)
    if machine.switches.on(Quirk.UNSUBSCRIBE_ALL):
        machine.slots.clear()
    machine.slots.close(subscription.number)
    return "<wsnt:UnsubscribeResponse/>"


async def synchronise(visit: Visit) -> str:
    """Tell again how everything stands.

    Raises:
        Fault: the subscription is gone, or the camera lets nobody ask.
    """
    machine, subscription = visit.machine, _subscription(visit)
    if machine.switches.on(Quirk.SYNC_UNAUTHORISED):
        raise Fault("ter:NotAuthorized", "Sender not Authorized")
    if subscription.sought is None:
        for one in machine.initial():
            subscription.tell(one)
    return "<tev:SetSynchronizationPointResponse/>"


async def seek(visit: Visit) -> str:
    """Tell again what was said since a time, or backwards from it.

    Raises:
        Fault: the subscription is gone, or the time is none.
    """
    machine, subscription = visit.machine, _subscription(visit)
    since = xmltext.time(visit.asked.text("UtcTime") or "")
    if since is None:
        raise Fault("ter:InvalidArgVal", "UtcTime")
    reverse = visit.asked.text("Reverse") in {"true", "1"}
    found = [
        one
        for one in machine.store.find(since, reverse=reverse)
        if topicfilter.matches(subscription.wanted, one.topic)
    ]
    begin = notification.spelled(spelling.BEGIN_OF_BUFFER, machine.now(), details={})
    if reverse:
        found.append(begin)
    elif machine.store.begins_after(since):
        found.insert(0, begin)
    subscription.seek(found)
    return "<tev:SeekResponse/>"


def _make(visit: Visit, *, consumer: str | None) -> Subscription:
    machine, now_s = visit.machine, visit.machine.clock.monotonic()
    wanted = topicfilter.read(visit.asked.text("Filter", "TopicExpression"))
    machine.slots.expire(now_s, stick=machine.switches.on(Quirk.SLOTS_STICK))
    if machine.slots.full(now_s) or machine.switches.on(Quirk.SLOTS_FULL):
        raise _no_room(machine)
    lasts_s = lifetimes.granted_s(machine, _asked_lifetime(visit))
    return machine.slots.open(
        lambda number: Subscription(
            number=number,
            expires_s=now_s + lasts_s,
            lasts_s=lasts_s,
            wanted=wanted,
            consumer=consumer,
            connection=visit.connection,
        )
    )


def _asked_lifetime(visit: Visit) -> str | None:
    return visit.asked.text("InitialTerminationTime") or None


def _no_room(machine: Machine) -> Fault:
    if machine.switches.on(Quirk.BLOCKED_THREADS):
        return Fault("ter:BlockedThreadUpperLimit", "")
    return Fault("wsnt:SubscribeCreationFailedFault", "no more pull points", sender=False)


def _reference(tag: str, machine: Machine, made: Subscription) -> str:
    parameters, path = "", f"{SUBSCRIPTION_PATH}?Idx={made.number}"
    if machine.switches.on(Quirk.REFERENCE_PARAMETERS):
        path = EVENTS_PATH
        parameters = (
            f'<wsa:ReferenceParameters><dom0:SubscriptionId xmlns:dom0="{_ID_NAMESPACE}">'
            f"{made.number}\n          </dom0:SubscriptionId></wsa:ReferenceParameters>"
        )
    address = machine.address(path)
    if machine.switches.on(Quirk.FOREIGN_SUBSCRIPTION):
        address = f"http://{machine.switches.text(Quirk.FOREIGN_SUBSCRIPTION, '203.0.113.9')}{path}"
    part = "wsnt" if made.consumer is not None else "tev"
    return (
        f"<{tag}><{part}:SubscriptionReference><wsa:Address>{xmltext.text(address)}</wsa:Address>"
        f"{parameters}</{part}:SubscriptionReference>"
        f"<wsnt:CurrentTime>{lifetimes.current(machine)}</wsnt:CurrentTime>"
        f"<wsnt:TerminationTime>{lifetimes.termination(machine, made.expires_s)}"
        f"</wsnt:TerminationTime></{tag}>"
    )


def _subscription(visit: Visit) -> Subscription:
    machine = visit.machine
    if machine.switches.on(Quirk.FORGETS, visit.asked.call):
        machine.slots.clear()
    if machine.switches.on(Quirk.REFERENCE_PARAMETERS):
        header = visit.asked.header
        said = soap.text_of(header, "SubscriptionId") if header is not None else None
        if said is None:
            raise Fault("ter:InvalidArgs", "SubscriptionId is missing")
        number = int(said) if said.isdecimal() else 0
    else:
        match = _INDEX.search(visit.path)
        number = int(match[1]) if match else 0
    found = machine.slots.find(number, machine.clock.monotonic())
    if found is None:
        raise _unknown(machine)
    return found


def _unknown(machine: Machine) -> Fault:
    if machine.switches.on(Quirk.FORGETS_VAGUELY):
        return Fault("ter:InvalidArgVal", "Invalid token")
    return Fault("wsrf-rw:ResourceUnknownFault", "no such subscription")


def _hold_s(machine: Machine, asked_s: float) -> float:
    if machine.switches.on(Quirk.PULL_AT_ONCE):
        return 0.0
    if machine.switches.on(Quirk.LONG_HOLD):
        return machine.switches.number(Quirk.LONG_HOLD, 300.0)
    if machine.switches.on(Quirk.SHORT_HOLD):
        return min(asked_s, machine.switches.number(Quirk.SHORT_HOLD, 5.0))
    return min(asked_s, LONGEST_S)


def _limit(visit: Visit, subscription: Subscription) -> int:
    split = visit.machine.switches.on(Quirk.SPLITS_INITIAL)
    if split and subscription.pulls <= _SPLIT_PULLS:
        return _SPLIT
    words = visit.asked.text("MessageLimit") or ""
    return min(_LIMIT, max(1, int(words))) if words.isdecimal() and len(words) < 10 else _LIMIT  # noqa: PLR2004 - digits that fit


def _prolong(machine: Machine, subscription: Subscription, seconds: float) -> None:
    if not machine.switches.on(Quirk.RENEW_ONLY):
        until_s = machine.clock.monotonic() + seconds
        subscription.expires_s = max(subscription.expires_s, until_s)


def _flood(machine: Machine, subscription: Subscription) -> None:
    if machine.switches.on(Quirk.LOG_FLOOD):
        log = notification.spelled(
            spelling.LOG, machine.now(), details={"reason": "INFO rtsp: session kept alive"}
        )
        for _ in range(int(machine.switches.number(Quirk.LOG_FLOOD, 20))):
            subscription.tell(log)


async def _wait(subscription: Subscription, hold_s: float) -> None:
    if subscription.has_something() or hold_s <= 0:
        return
    subscription.woken.clear()
    try:
        async with asyncio.timeout(hold_s):
            await subscription.woken.wait()
    except TimeoutError:
        return
