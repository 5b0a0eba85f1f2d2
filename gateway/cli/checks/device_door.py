"""Checks through a device's own login: what somebody could do who has one device's password.

Nothing that a device or a gateway says is touched: sessions have names of their own that vanish,
words go to topics on which nobody listens, and what is heard is counted and forgotten. Only where
it is asked for (`--take-over`) is the gateway's session itself asked for.
"""

import queue
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.cli import printed
from gateway.cli.checks.caller import Caller, Door, Login, calling
from gateway.cli.checks.finding import Finding, ok, weak, wrong
from gateway.cli.checks.running import Running
from gateway.settings import Broker, Settings

LISTEN_S = 12.0
"""A gateway's beacon comes every 10 s."""
BEACONS_AT_MOST = 2
"""So many from one gateway in that time; more come from two of one name."""
DEVICES_PORT = 8883


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """The login that is used, and where devices call."""

    id: str
    secret: str
    at: str | None = None
    """`mqtts://host:port`; None: the host of each [[broker]], port 8883."""


def all_of(
    settings: Settings, running: Running, device: Device, *, take_over: bool
) -> Iterator[Finding]:
    """What the device could do at each broker."""
    for broker in settings.broker:
        door = _door(broker, device)
        what = f"devices at {door.host}:{door.port}"
        login = Login(user=device.id, secret=device.secret)
        try:
            with calling(door, login, _throwaway()) as first:
                refused = first.refused()
                if refused is not None:
                    yield wrong(what, f"login as {device.id} failed: {refused}")
                    continue
                yield ok(what, f"login as {device.id}")
                yield _names_apart(door, login, first, what)
            if take_over:
                yield _takeover(door, login, settings.gateway.name, what)
            yield from _rights(door, login, what)
            yield from _overheard(door, login, settings.gateway.name, running, what)
        except OSError as error:
            yield wrong(what, f"does not answer ({error.strerror or error}); see --at")


def _names_apart(door: Door, login: Login, first: Caller, what: str) -> Finding:
    """Two client ids of no meaning: where both live, any id is taken, a gateway's too."""
    with calling(door, login, _throwaway()) as second:
        if second.refused() is not None or first.is_put_out():
            return ok(what, "a client id is its user name: no device can end another's session")
    return wrong(
        what,
        "it takes any client id: whoever has one device's password can end the gateway's session,"
        " and hear its alarms in its place; use_username_as_clientid true at this listener",
    )


def _takeover(door: Door, login: Login, gateway: str, what: str) -> Finding:
    """Ask for the gateway's session. Where it is given, it is given back as it was."""
    identifier = f"gateway-{gateway}-alarm"
    kept = Login(user=login.user, secret=login.secret, is_kept=True)
    with calling(door, kept, identifier) as thief:
        if thief.refused() is None and thief.was_known:
            return wrong(what, f"{login.user} was given the session {identifier}; see above")
        thief.forget_session()
    return ok(what, f"{login.user} asked for the session {identifier} and was not given it")


def _rights(door: Door, login: Login, what: str) -> Iterator[Finding]:
    """Whether the access list holds: words on topics that nobody hears."""
    with calling(door, login, _throwaway()) as caller:
        if caller.refused() is not None:
            return
        for topic in ("dabyl/v1/check-nobody/none", f"dabyl/v1/{login.user}/none"):
            if caller.may_publish(topic):
                why = f"{login.user} may write on {topic}: every device could speak for another;"
                yield wrong(what, f"{why} acl_file devices.acl at this listener")
                return
    yield ok(what, f"{login.user} may speak only for itself")


def _overheard(
    door: Door, login: Login, gateway: str, running: Running, what: str
) -> Iterator[Finding]:
    """Listen for a while: to others, who should not be heard, and to gateways, who should."""
    own = f"dabyl/v1/{login.user}/"
    with calling(door, login, _throwaway()) as caller:
        if caller.refused() is not None:
            return
        caller.listen("dabyl/v1/_gateway/+", "dabyl/v1/+/alarm", "dabyl/v1/+/event")
        caller.listen("dabyl/v1/+/state", "dabyl/v1/+/receipt")
        printed.progress(f"{what}: listening for {LISTEN_S:.0f} s …")
        topics = _heard_within(caller, LISTEN_S)
        printed.progress("")
    others = {topic for topic in topics if "/_gateway/" not in topic and not topic.startswith(own)}
    if others:
        why = f"{login.user} hears what others say ({min(others)});"
        yield wrong(what, f"{why} acl_file devices.acl at this listener")
    yield from _beacons(Counter(topics), gateway, running, what)


def _beacons(topics: Counter[str], gateway: str, running: Running, what: str) -> Iterator[Finding]:
    beacons = topics[f"dabyl/v1/_gateway/{gateway}"]
    if running.is_there and not beacons:
        why = f"no beacon of {gateway} within {LISTEN_S:.0f} s: devices show that nobody is there;"
        yield wrong(what, f"{why} is the broker one of [[broker]], and /readyz green?")
    elif beacons > (BEACONS_AT_MOST if running.is_there else 0):
        yield wrong(
            what,
            f"another gateway named {gateway} speaks there: two of one name end each other's"
            " sessions; give each a [gateway] name of its own",
        )
    elif beacons:
        yield ok(what, f"hears the beacon of {gateway}, and of no other of that name")
    others = sorted(topic.rpartition("/")[2] for topic in topics if "/_gateway/" in topic)
    if not running.is_there and others and not beacons:
        yield weak(what, f"hears other gateways ({', '.join(others)}), but {gateway} does not run")


def _heard_within(caller: Caller, seconds: float) -> list[str]:
    topics: list[str] = []
    limit = time.monotonic() + seconds
    while (left_s := limit - time.monotonic()) > 0:
        try:
            topic, _ = caller.heard.get(timeout=left_s)
        except queue.Empty:
            break
        topics.append(topic)
    return topics


def _door(broker: Broker, device: Device) -> Door:
    if device.at is None:
        return Door(host=broker.host, port=DEVICES_PORT, tls=broker.tls())
    parts = urlsplit(device.at)
    tls = broker.tls() if parts.scheme == "mqtts" else None
    return Door(host=parts.hostname or broker.host, port=parts.port or DEVICES_PORT, tls=tls)


def _throwaway() -> str:
    """A client id that means nothing to anybody."""
    return f"dabyl-check-{secrets.token_hex(4)}"
