"""The gauges: what can be read off at any moment, and what is looked up every now and then.

Everything here is counted, never listed: thousands of series would block the loop at each scrape.
"""

import asyncio
import shutil
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

import structlog
from cryptography import x509

from adapters.devices.onvif.fault import Reason as CameraReason
from adapters.devices.onvif.health import LetGo
from adapters.receivers.contract import Reason
from adapters.signal import Lane, Unread
from gateway import metrics
from gateway.app.parts import Gateway
from gateway.domain import consoles as noun
from gateway.domain import escalation
from gateway.domain import kind as kinds
from gateway.domain.belief import Doubt
from gateway.domain.camera import Picture
from gateway.domain.deed import Why as Refused
from gateway.domain.kind import KINDS, Priority, Voice
from gateway.domain.presence import Heard
from gateway.domain.site import Sort
from gateway.domain.stills import Fate, Why
from gateway.emergency import calls
from gateway.metrics import people
from gateway.settings import Settings
from gateway.store import alarms, consoles, troubles
from gateway.store.database import StoreDown

EVERY_S = 10.0
SLICE = 500
LAG_EVERY_S = 0.25
LAG_WINDOW = 40
CERTIFICATES_EVERY = 360
"""Once an hour: a file that was exchanged is seen soon, and none is read for nothing."""

log = structlog.get_logger()


def begin(gateway: Gateway, config: Settings) -> None:
    """Let every series of a closed set be there from the start: what appears at 1 never rose."""
    for reason in (*Unread, *Doubt):
        metrics.quarantined.labels(reason)
    for reason in ("down", "bad_data"):
        metrics.store_failures.labels(reason)
    for refused in Refused:
        metrics.refused_requests.labels(refused)
    for lane in Lane:
        metrics.misplaced.labels(lane)
    for kind in KINDS.values():
        if kind.raises is not None:
            metrics.alarms.labels(kind.name, kind.raises.name, "false")
    for rung, why in escalation.CLIMBS:
        people.escalations.labels("P0", int(rung), why)
    _tell_nothing_yet(config)
    _tell_of_no_camera_yet()
    _read_off(gateway, config)


def _tell_of_no_camera_yet() -> None:
    for ended in CameraReason:
        metrics.camera_lives.labels(ended)
    for kind in KINDS.values():
        if Voice.ADAPTER in kind.by:
            metrics.camera_events.labels(kind.name)
    for picture in ("none", *Picture):
        metrics.camera_stills.labels(picture)
    for let_go in LetGo:
        metrics.camera_let_go.labels(let_go)


def _tell_nothing_yet(config: Settings) -> None:
    for result in calls.RESULTS:
        metrics.emergency.labels(result)
    for became in (Fate.KEPT, *Why, *CameraReason):
        metrics.evidence.labels(became)
    for receiver in config.receiver:
        metrics.receiver_state.labels(receiver.name).set(1)  # until a delivery proves otherwise
        for result in ("accepted", "refused", *Reason):
            metrics.attempts.labels(receiver.name, result)


def _read_off(gateway: Gateway, config: Settings) -> None:
    """What costs nothing is asked at the scrape itself."""
    metrics.store_up.set_function(lambda: gateway.intake.is_storing)
    metrics.time_seconds.set_function(lambda: gateway.clock.now().timestamp())
    for lane in Lane:
        metrics.lane_signals.labels(lane).set_function(partial(gateway.bus.waiting, lane))
    for receiver in config.receiver:
        age = partial(gateway.attest.age_s, receiver.name)
        metrics.supervision_age.labels(receiver.name).set_function(age)


async def keep(gateway: Gateway, config: Settings) -> None:
    """Look up the rest, until cancelled."""
    certificates = _certificates(config)
    turn = 0
    while True:
        if turn % CERTIFICATES_EVERY == 0:
            for use, end in (await asyncio.to_thread(_first_ends, certificates)).items():
                metrics.certificate_end.labels(use).set(end)
        turn += 1
        await _look(gateway, config)
        await gateway.clock.sleep(EVERY_S)


async def _look(gateway: Gateway, config: Settings) -> None:
    try:
        counts = await gateway.database.read(alarms.open_counts)
        opened = await gateway.database.read(troubles.counts)
        await _count_consoles(gateway)
    except StoreDown as error:
        log.debug("gauges wait for the store", why=str(error))
    else:
        for priority in Priority:
            metrics.alarms_open.labels(priority.name).set(counts.get(priority, 0))
        _set_troubles(opened)
    if config.database.url.startswith("sqlite:///"):
        folder = Path(config.database.url.removeprefix("sqlite:///")).parent
        room = await asyncio.to_thread(shutil.disk_usage, folder)
        metrics.disk_free.set(room.free)
        metrics.disk_size.set(room.total)


async def _count_consoles(gateway: Gateway) -> None:
    now = gateway.clock.now()
    here = await gateway.database.read(lambda c: consoles.heard_since(c, now - noun.LASTS))
    armed = noun.armed(here, now)
    districts = {site.district for site in gateway.registry().sites.values() if site.district}
    people.consoles.labels("armed").set(len(armed))
    people.consoles.labels("silent").set(len(here) - len(armed))
    people.unarmed.set(len(noun.unwatched(districts, armed)))


def _set_troubles(opened: Mapping[str, int]) -> None:
    """By kind, those that are over too: a series that goes away never fell."""
    counts = dict.fromkeys((name for name, kind in KINDS.items() if kind.raises is not None), 0)
    for name, count in opened.items():
        found = kinds.find(name)
        label = name if found is None else kinds.label(found)
        counts[label] = counts.get(label, 0) + count
    for label, count in counts.items():
        metrics.troubles.labels(label).set(count)


def _certificates(config: Settings) -> dict[str, list[Path]]:
    """By use: our own files; what others show us is theirs to watch, and `dabyl check`'s."""
    named = {
        "http": [config.http.cert_file],
        "broker": [path for one in config.broker for path in (one.ca_file, one.cert_file)],
        "receiver": [one.ca_file for one in config.receiver],
    }
    return {use: [path for path in paths if path] for use, paths in named.items()}


def _first_ends(certificates: Mapping[str, Iterable[Path]]) -> dict[str, float]:
    """By use, the seconds since 1970 at which the first certificate ends."""
    found: dict[str, float] = {}
    for use, paths in certificates.items():
        for path in paths:
            try:
                held = x509.load_pem_x509_certificates(path.read_bytes())
            except (OSError, ValueError) as error:
                log.warning("certificate cannot be read", file=str(path), why=str(error))
                continue
            ends = min(one.not_valid_after_utc.timestamp() for one in held)
            found[use] = min(ends, found.get(use, ends))
    return found


async def count_devices(gateway: Gateway) -> None:
    """Devices by state, counted and not listed: thousands of series would block the loop."""
    while True:
        counts = {(sort, state): 0 for sort in Sort for state in Heard}
        for number, device in enumerate(gateway.registry().devices.values()):
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)  # a press must not wait for sixteen thousand devices
            now_s = gateway.clock.monotonic()
            counts[device.sort, gateway.presence.state(device, now_s)] += 1
        for (sort, state), count in counts.items():
            metrics.devices.labels(sort, state).set(count)
        metrics.tasks.set(len(asyncio.all_tasks()))
        await gateway.clock.sleep(EVERY_S)


async def measure_lag(gateway: Gateway, alive: Callable[[], None]) -> None:
    """How late the loop wakes: what blocks it delays a press."""
    lags: list[float] = []
    while True:
        before = gateway.clock.monotonic()
        await gateway.clock.sleep(LAG_EVERY_S)
        lags.append(max(0.0, gateway.clock.monotonic() - before - LAG_EVERY_S))
        del lags[:-LAG_WINDOW]
        metrics.event_loop_lag.set(max(lags))
        alive()
