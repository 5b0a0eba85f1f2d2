"""Checks of a Mosquitto configuration: what makes it lose alarms, or let anybody in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gateway.cli.checks.finding import Finding, ok, weak, wrong

QUEUED_ENOUGH = 100_000
AUTOSAVE_LONGEST_S = 60
INFLIGHT_ENOUGH = 512
BODY_BYTES = 16 * 1024
_OF_LISTENER = frozenset(
    {
        "use_username_as_clientid",
        "certfile",
        "keyfile",
        "cafile",
        "require_certificate",
        "use_identity_as_username",
    }
)
_OF_LISTENER_IF_ASKED = frozenset(
    {"allow_anonymous", "password_file", "acl_file", "plugin", "auth_plugin"}
)
"""A listener's own only with per_listener_settings true; else the last one said holds for all."""
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option:
    value: str
    where: str


@dataclass(slots=True, kw_only=True)
class _Listener:
    port: str
    address: str
    where: str
    options: dict[str, _Option] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class _Configuration:
    options: dict[str, _Option] = field(default_factory=dict)
    listeners: list[_Listener] = field(default_factory=list)

    def of(self, listener: _Listener, name: str, default: str = "") -> str:
        """A listener's own word, or what is said for all."""
        found = listener.options.get(name)
        if found is None and not (name in _OF_LISTENER or self.is_on("per_listener_settings")):
            found = self.options.get(name)
        return default if found is None else found.value

    def number(self, name: str, default: int) -> int:
        """A whole number said for all."""
        found = self.options.get(name)
        return int(found.value) if found is not None and found.value.isdecimal() else default

    def at(self, name: str) -> str:
        """Where it is said."""
        found = self.options.get(name)
        return "not set" if found is None else f"{found.where}: {name} {found.value}"

    def is_on(self, name: str) -> bool:
        """Whether it is said to be true."""
        found = self.options.get(name)
        return found is not None and found.value == "true"


def all_of(path: Path) -> Iterator[Finding]:
    """Everything that is wrong in that file, or one line that nothing is."""
    try:
        configuration = _read(path)
    except (OSError, UnicodeDecodeError) as error:
        yield wrong("mosquitto", f"{path}: {getattr(error, 'strerror', None) or error}")
        return
    found = [*_keeping(configuration), *_room(configuration)]
    for listener in configuration.listeners:
        found += _door(configuration, listener)
    if not configuration.listeners:
        found.append(wrong("mosquitto", "no listener: only this machine could connect"))
    yield from found or [ok("mosquitto", f"{path}: none of the known traps")]


def _keeping(conf: _Configuration) -> Iterator[Finding]:
    """What survives a restart, and a kill."""
    if not conf.is_on("persistence"):
        why = f"{conf.at('persistence')}: a restart forgets what waits; persistence true"
        yield wrong("mosquitto persistence", why)
    interval = conf.number("autosave_interval", 1800)
    if not conf.is_on("autosave_on_changes") and not 0 < interval <= AUTOSAVE_LONGEST_S:
        why = (
            f"{conf.at('autosave_interval')}: a killed broker forgets {interval or 'all'} s; set 2"
        )
        yield wrong("mosquitto autosave_interval", why.replace("all s", "all"))
    kept = conf.options.get("persistent_client_expiration")
    if kept is not None and kept.value in {"1h", "1d", "2d", "3d"}:
        why = f"{kept.where}: {kept.value} is shorter than a gateway's session; set 7d"
        yield weak("mosquitto persistent_client_expiration", why)


def _room(conf: _Configuration) -> Iterator[Finding]:
    """What may pile up while a gateway is away, and what stops one mad device."""
    queued = conf.number("max_queued_messages", 1000)
    if 0 < queued < QUEUED_ENOUGH:
        why = f"{conf.at('max_queued_messages')}: drops after {queued}, acknowledged; set 1000000"
        yield wrong("mosquitto max_queued_messages", why)
    for name in ("max_queued_bytes", "memory_limit", "max_packet_size"):
        if conf.number(name, 0) == 0:
            yield weak(f"mosquitto {name}", "not set: one mad device can fill the broker's memory")
    for name in ("max_packet_size", "message_size_limit"):
        size = conf.number(name, 0)
        if 0 < size <= BODY_BYTES:
            why = f"{conf.at(name)}: cuts off bodies of 16 KiB; set 65536"
            yield wrong(f"mosquitto {name}", why)
    inflight = conf.number("max_inflight_messages", 20)
    if 0 < inflight < INFLIGHT_ENOUGH:
        why = f"{conf.at('max_inflight_messages')}: slow in the morning; set {INFLIGHT_ENOUGH}"
        yield weak("mosquitto max_inflight_messages", why)


def _door(conf: _Configuration, listener: _Listener) -> Iterator[Finding]:
    """Who gets in at one listener, and as whom."""
    what = f"mosquitto listener {listener.port}"
    if conf.of(listener, "allow_anonymous", "false") == "true":
        yield wrong(what, "allow_anonymous true: anybody can press, and anybody can listen")
    if conf.of(listener, "use_username_as_clientid") != "true":
        why = "use_username_as_clientid true is missing: one device can end another's session"
        yield wrong(what, why)
    if not conf.of(listener, "acl_file") and not conf.of(listener, "plugin"):
        yield wrong(what, "no acl_file: every device could speak for every other")
    by_certificate = conf.of(listener, "use_identity_as_username") == "true"
    known = any(conf.of(listener, name) for name in ("password_file", "plugin", "auth_plugin"))
    if not known and not by_certificate:
        yield wrong(what, "no password_file and no certificates: nobody proves who he is")
    if not conf.of(listener, "certfile") and listener.address not in _LOOPBACK:
        yield wrong(what, "no certfile: passwords travel readable; only 127.0.0.1 may do so")


def _read(path: Path) -> _Configuration:
    conf = _Configuration()
    for where, name, value in _lines(path, depth=0):
        if name in {"listener", "port"}:
            port, _, address = value.partition(" ")
            conf.listeners.append(_Listener(port=port, address=address.strip(), where=where))
        elif conf.listeners and (
            name in _OF_LISTENER
            or (name in _OF_LISTENER_IF_ASKED and conf.is_on("per_listener_settings"))
        ):
            conf.listeners[-1].options[name] = _Option(value=value, where=where)
        else:
            conf.options[name] = _Option(value=value, where=where)
    return conf


def _lines(path: Path, depth: int) -> Iterator[tuple[str, str, str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, value = line.strip().partition(" ")
        if name == "include_dir" and depth == 0:
            for file in sorted(Path(value.strip()).glob("*.conf")):
                yield from _lines(file, depth=1)
        else:
            yield f"{path.name}:{number}", name, value.strip()
