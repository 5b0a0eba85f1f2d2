"""Checks of the brokers: the road, the seal, the login, and whether names are kept apart.

A broker lets a new session of a name end the old one. So a login under the gateway's own names is
tried only while no gateway of that name runs (or where it is asked for, `--take-over`). It leaves
the session as it was: nothing is cleared or acknowledged, and it lasts as long as before.
"""

import socket
import ssl
from collections.abc import Iterator

from gateway.canary import UNPROVEN_S
from gateway.cli.checks import certificates
from gateway.cli.checks.caller import PATIENCE_S, Caller, Door, Login, calling
from gateway.cli.checks.finding import Finding, ok, weak, wrong
from gateway.cli.checks.running import Running
from gateway.domain import proof
from gateway.settings import Broker, Settings, WrongSettings

RECEIPTS_UNDER_WAY = 512
BODY_BYTES = 16 * 1024
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def all_of(settings: Settings, running: Running, *, take_over: bool) -> Iterator[Finding]:
    """Every broker, as far as it lets us come."""
    if not settings.broker:
        yield wrong("brokers", "no [[broker]]: nothing could be heard from any device")
    if len(settings.broker) == 1:
        yield weak("brokers", "only one: while it is down no press is heard")
    for broker in settings.broker:
        what = f"broker {broker.label}"
        try:
            shown = _shown(broker)
        except WrongSettings as error:
            yield wrong(what, str(error))
            continue
        except OSError as error:
            yield wrong(what, _road(broker, error))
            continue
        yield ok(what, f"{broker.url} answers" + (", its seal is trusted" if broker.is_tls else ""))
        yield from certificates.on_the_line(what, shown)
        if running.is_there and not take_over:
            if running.is_ours:
                yield _held(broker, running, settings.gateway.name, what)
                yield _proven(broker.label, running, what)
            else:
                yield weak(what, "its login was not tried, see gateway; `--take-over` tries it")
        else:
            yield from _door(broker, settings.gateway.name, what, is_alone=not running.is_there)
        yield from _anonymous(broker, what)


def _shown(broker: Broker) -> bytes | None:
    """Go the road: TCP, then TLS. The certificate that the broker shows, where it shows one."""
    with socket.create_connection((broker.host, broker.port), PATIENCE_S) as line:
        tls = broker.tls()
        if tls is None:
            return None
        with tls.wrap_socket(line, server_hostname=broker.host) as sealed:
            return sealed.getpeercert(binary_form=True)


def _road(broker: Broker, error: OSError) -> str:
    """What is wrong on the way."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}; see ca_file"
    if isinstance(error, ssl.SSLError):
        return f"no TLS with it: {error.reason or error}; see ca_file, cert_file, key_file"
    reason = error.strerror or str(error)
    return f"{broker.host}:{broker.port} does not answer ({reason}); `systemctl status mosquitto`"


def _held(broker: Broker, running: Running, gateway: str, what: str) -> Finding:
    """What the gateway that runs says; its sessions are left alone."""
    if running.brokers.get(broker.label):
        return ok(what, f"{gateway} holds both its sessions there")
    return wrong(
        what,
        f"{gateway} runs, and is not connected there; `journalctl -u dabyl` says why,"
        " `--take-over` tries its login",
    )


def _door(broker: Broker, gateway: str, what: str, *, is_alone: bool) -> Iterator[Finding]:
    """Whether both sessions may log in, and how well names are kept apart.

    A gateway of ours that runs (not `is_alone`) comes back at once, and puts us out.
    """
    names = [f"gateway-{gateway}-{lane}" for lane in ("alarm", "event")]
    try:
        secret = broker.secret()
    except WrongSettings as error:
        yield wrong(what, str(error))
        return
    users = [broker.username or name for name in names]
    hint = "see username and password_file" if secret else "no password_file is set"
    found: list[Finding] = []
    for name, user in zip(names, users, strict=True):
        login = Login(user=user, secret=secret, is_kept=True)
        with calling(_at(broker), login, name) as caller:
            refused = caller.refused()
            if refused is not None:
                yield wrong(what, f"login as {user} failed: {refused}; {hint}")
                return
            if is_alone and name == names[0] and caller.is_put_out():
                yield _two_of_a_name(gateway, what)
                return
            found += [one for one in _room(caller, what) if one not in found]
            if name == names[0]:
                found.append(_canary(broker, caller, what))
    yield ok(what, f"login as {' and '.join(dict.fromkeys(users))}")
    yield from found
    if is_alone:
        yield from _names_apart(broker, names, users, secret, what)


def _two_of_a_name(gateway: str, what: str) -> Finding:
    return wrong(
        what,
        f"somebody else is gateway {gateway} there, and takes the session back: two of one name"
        " end each other's sessions; give each gateway a [gateway] name of its own",
    )


def _canary(broker: Broker, caller: Caller, what: str) -> Finding:
    """It proves the path only where what is said under its name comes back to us."""
    if caller.hears_itself(f"dabyl/v1/{proof.device(broker.label)}/receipt"):
        return ok(what, "what the canary says comes back: the path can be proven")
    why = "what the canary says does not come back: give the gateway readwrite dabyl/v1/#"
    return wrong(what, why)


def _proven(label: str, running: Running, what: str) -> Finding:
    """What the gateway that runs says of its own canary."""
    age = dict((running.health or {}).get("canary_age_s", {})).get(label)
    if age is None:
        return weak(what, "the path is not proven yet: no canary has come back since the start")
    if age > UNPROVEN_S:
        return wrong(what, f"no canary has come back for {age:.0f} s: a press may not be heard")
    return ok(what, f"the path was proven {age:.0f} s ago")


def _room(caller: Caller, what: str) -> Iterator[Finding]:
    """What a broker of MQTT 5 says it takes. Source: MQTT 5, 3.2.2.3."""
    window = getattr(caller.granted, "ReceiveMaximum", None)
    if window is not None and window < RECEIPTS_UNDER_WAY:
        why = f"takes {window} unanswered messages at once: slow in the morning;"
        yield weak(what, f"{why} max_inflight_messages {RECEIPTS_UNDER_WAY}")
    size = getattr(caller.granted, "MaximumPacketSize", None)
    if size is not None and size <= BODY_BYTES:
        yield wrong(what, f"cuts off above {size} bytes; bodies have 16 KiB: max_packet_size 65536")
    expiry_s = getattr(caller.granted, "SessionExpiryInterval", None)
    if expiry_s is not None:
        yield wrong(what, f"forgets a session after {expiry_s} s instead of a week, with its queue")


def _names_apart(
    broker: Broker, names: list[str], users: list[str], secret: str | None, what: str
) -> Iterator[Finding]:
    """One user under two client ids: a broker that forces the id ends the first for the second."""
    login = Login(user=users[0], secret=secret, is_kept=True)
    with calling(_at(broker), login, names[0]) as first:
        if first.refused() is not None:
            return
        with calling(_at(broker), login, f"{names[0]}-check") as second:
            is_forced = second.refused() is not None or first.is_put_out()
            if not is_forced:
                second.forget_session()
    if is_forced and users[0] == users[1]:
        yield wrong(what, f"{users[0]} is the name of both sessions: one would end the other")
    elif is_forced:
        yield ok(what, "a client id is its user name: none can end another's session")
    else:
        yield weak(
            what,
            "it takes any client id: who has one password can end another's session;"
            " use_username_as_clientid true",
        )


def _anonymous(broker: Broker, what: str) -> Iterator[Finding]:
    with calling(_at(broker), Login(user=None, secret=None), "dabyl-check") as nobody:
        if nobody.refused() is not None:
            return
    why = "lets in whoever gives no name; allow_anonymous false"
    yield weak(what, why) if broker.host in _LOOPBACK else wrong(what, why)


def _at(broker: Broker) -> Door:
    return Door(host=broker.host, port=broker.port, tls=broker.tls(), protocol=broker.protocol)
