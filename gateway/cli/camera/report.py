"""Report: what a survey means to a technician, a line for each thing, and what to do next. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from adapters.devices.onvif.calls import Namespace
from gateway.cli.camera import meanings
from gateway.cli.camera.advice import ADVICE, HOW_TO
from gateway.cli.camera.approached import Approached
from gateway.cli.camera.survey import Failure, Step, Survey
from gateway.cli.checks.finding import Verdict
from gateway.domain.site import Device

CLOCK_S: Final = 5.0
EARLY_SHARE: Final = 0.5
SHOWN: Final = 12
DEEP_SHOWN: Final = 600
_TWO_PORTS: Final = re.compile(r":\d+:\d+")
_NO_USE: Final = "docs/how-to/cameras/unknown-topics.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One finding, and the next step where there is one."""

    verdict: Verdict
    what: str
    why: str
    do: str = ""


def lines(found: Survey, camera: Approached) -> Iterator[Line]:
    """All of it, in the order in which a technician mends it."""
    yield _reach(found)
    if found.answered_s is None:
        return
    yield _line_of(found, camera)
    yield _clock(found)
    yield from _login(found, camera)
    if found.who is not None:
        yield _ok("what it is", _identity(found))
    if not found.services and Step.SUBSCRIBE not in found.failed and found.listened is None:
        return
    yield from _addresses(found, camera)
    yield _topics(found)
    yield from _subscription(found)
    yield from _inputs(found, camera.device)
    yield _still(found)
    if found.deep is not None:
        yield _deep(found.deep)
    elif Step.DEEP in found.failed:
        yield _failed("deep check", found.failed[Step.DEEP])


def facts(found: Survey, camera: Approached) -> dict[str, Any]:
    """The same for a machine."""
    who, listened, still = found.who, found.listened, found.still
    named = meanings.inputs(listened)
    return {
        "address": found.at,
        "device": None if camera.device is None else camera.device.id,
        "manufacturer": None if who is None else who.manufacturer,
        "model": None if who is None else who.model,
        "firmware": None if who is None else who.firmware,
        "serial": None if who is None else who.serial,
        "certificate": found.pin,
        "clock_offset_s": None if found.offset_s is None else round(found.offset_s, 1),
        "login": _way(found),
        "topics": None if found.topics is None else meanings.of(one.path for one in found.topics),
        "inputs": [{"token": token, "closed": closed} for token, closed in named.items()],
        "granted_s": None if listened is None else listened.granted_s,
        "still_bytes": None if still is None else len(still.body),
        "deviations": None if found.deep is None else list(found.deep),
        "findings": [
            {"verdict": one.verdict, "what": one.what, "why": one.why, "do": one.do or None}
            for one in lines(found, camera)
        ],
    }


def _reach(found: Survey) -> Line:
    failure = found.failed.get(Step.REACH)
    if found.answered_s is not None:
        return _ok("reach", f"{found.at} answers in {found.answered_s * 1000:.0f} ms")
    if failure is not None and found.elsewhere is not None:
        why = f"{ADVICE[failure.reason].means} [{failure.reason}: {failure.why}]"
        do = f"something speaks ONVIF at port {found.elsewhere}: --port {found.elsewhere}"
        return Line(verdict=Verdict.WRONG, what="reach", why=why, do=do)
    return _failed("reach", failure)


def _line_of(found: Survey, camera: Approached) -> Line:
    if found.pin is None:
        why = "plain http: the password is never readable, what it says is"
        return _weak("line", why, "https where it has a certificate of its own: --tls")
    if camera.pin is None:
        why = f"https, certificate {found.pin[:16]}…, which nobody approved yet"
        return _ok("line", why)
    return _ok("line", f"https, the approved certificate {found.pin[:16]}…")


def _clock(found: Survey) -> Line:
    off = found.offset_s
    if off is None:
        return _weak("clock", "it tells no time", _page("set its clock", "clock-off.md"))
    if abs(off) <= CLOCK_S:
        return _ok("clock", f"{abs(off):.0f} s beside ours")
    by_hand = ", and is set by hand" if found.is_manual else ""
    why = f"{_span(abs(off))} {'ahead of' if off > 0 else 'behind'} ours{by_hand}"
    do = _page("give it a time server; alarms keep our time, logins may fail", "clock-off.md")
    return _weak("clock", why, do)


def _login(found: Survey, camera: Approached) -> Iterator[Line]:
    failure = found.failed.get(Step.LOGIN)
    if failure is not None:
        yield _failed("login", failure)
    elif found.asks_for_login and not camera.has_login:
        lacking = f" ({camera.lacking})" if camera.lacking else ""
        do = "say --user NAME --password-file FILE, or approve it: `dabyl camera login DEVICE`"
        why = f"it asks for one, by {_asked(found)}; none was named{lacking}"
        yield Line(verdict=Verdict.WRONG, what="login", why=why, do=do)
    elif found.asks_for_login is False:
        why = "it tells anybody what it is, without a login"
        yield _weak("login", why, "switch authentication on in its ONVIF settings")
    else:
        yield _ok("login", f"{camera.settings.username}, by {_asked(found)}")


def _asked(found: Survey) -> str:
    if found.challenge is None:
        return "WS-UsernameToken with its own time"
    page = f"; {HOW_TO}digest-only.md" if found.challenge.hash_name != "MD5" else ""
    return f"HTTP Digest ({found.challenge.algorithm}{page})"


def _way(found: Survey) -> str | None:
    if found.asks_for_login is None:
        return None
    if not found.asks_for_login:
        return "none"
    return "token" if found.challenge is None else "digest"


def _identity(found: Survey) -> str:
    who = found.who
    if who is None:
        return ""
    name = found.scopes.get("name", "")
    said = [
        f"{who.manufacturer} {who.model}".strip(),
        f"firmware {who.firmware}" if who.firmware else "",
        f"serial {who.serial}" if who.serial else "no serial number",
        f"called {name!r}" if name else "",
    ]
    return ", ".join(filter(None, said))


def _addresses(found: Survey, camera: Approached) -> Iterator[Line]:
    """Addresses of its own that nobody but itself can use."""
    settings = camera.settings
    told = {urlsplit(one).netloc for one in found.services.values() if "://" in one}
    if any(_TWO_PORTS.search(one) for one in told):
        yield _ok("addresses", "it says its port twice; Dabyl mends that")
        return
    foreign = sorted(one for one in told if urlsplit(f"//{one}").hostname != settings.host)
    if foreign:
        why = f"it calls itself {', '.join(foreign[:3])}; Dabyl stays at {settings.host}"
        yield _ok("addresses", f"{why} ({HOW_TO}behind-a-router.md)")


def _topics(found: Survey) -> Line:
    if found.topics is None:
        why = "it does not list what it can tell"
        return _weak(
            "events", why, "press, cover, walk by: `dabyl camera watch` shows what it says"
        )
    listed = meanings.of(one.path for one in found.topics)
    kinds = ", ".join(sorted(listed.understood)) or "nothing"
    why = f"{len(found.topics)} topics: it can tell {kinds}"
    if listed.no_event:
        why += f"; {len(listed.no_event)} that are no events"
    unknown = listed.unknown
    if unknown:
        more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
        why += f"; unknown: {', '.join(unknown[:SHOWN])}{more}"
    if not listed.understood:
        return _weak("events", why, f"switch its detections on ({_NO_USE})")
    return _ok("events", why + (f" ({_NO_USE})" if unknown else ""))


def _subscription(found: Survey) -> Iterator[Line]:
    listened = found.listened
    if listened is None:
        yield _failed("subscription", found.failed.get(Step.SUBSCRIBE))
        return
    places = None if found.abilities is None else found.abilities.max_pull_points
    room = f", {places} places in all" if places else ""
    lasts = "" if listened.granted_s is None else f" for {_span(listened.granted_s)}"
    usual = "; it names no event service, and has one at the usual place"
    odd = "" if Namespace.EVENTS in found.services else usual
    yield _ok("subscription", f"granted{lasts}{room}; role and place are there{odd}")
    failure = found.failed.get(Step.PULL)
    if failure is not None:
        yield _failed("listening", failure)
    elif listened.held_s is not None and listened.held_s < listened.asked_s * EARLY_SHARE:
        why = (
            f"it answers after {listened.held_s:.1f} s with nothing: it is asked every few seconds"
        )
        yield _weak("listening", why, "it works, and is a little slower than others")
    elif listened.held_s is None:
        yield _ok("listening", "each call brought something; whether it keeps one open is not seen")
    else:
        yield _ok("listening", "it keeps a call open until it has something to tell")
    if not listened.was_given_back:
        why = "it did not take its place back; it expires by itself"
        yield _weak("place", why, _page("leave it alone for 10 minutes", "slots-used-up.md"))


def _inputs(found: Survey, device: Device | None) -> Iterator[Line]:
    named = meanings.inputs(found.listened)
    expected = {} if device is None else device.inputs
    if named:
        state = {True: "closed", False: "open", None: "unclear"}
        said = ", ".join(f"{token} {state[now]}" for token, now in sorted(named.items()))
        yield _ok("wired inputs", f"{said} at this moment")
    elif not expected and found.listened is not None:
        yield _ok("wired inputs", "it named none; some name them only when they are pressed")
    for token in sorted(set(expected) - set(named)) if named else ():
        why = f"the site file names input {token!r}, and it has {', '.join(sorted(named))}"
        do = "correct `inputs` in the site file, and import it again"
        yield Line(verdict=Verdict.WRONG, what="wired inputs", why=why, do=do)


def _still(found: Survey) -> Line:
    if found.still is not None:
        size = f"{len(found.still.body) / 1024:.0f} KiB {found.still.content_type}"
        return _ok("still", f"{size} in {found.still_s * 1000:.0f} ms")
    failure = found.failed.get(Step.STILL)
    line = _failed("still", failure)
    return Line(verdict=Verdict.WEAK, what=line.what, why=line.why, do=line.do)


def _deep(wrong: tuple[str, ...]) -> Line:
    if not wrong:
        return _ok("deep check", "each answer keeps to the letter of the standard")
    why = f"{len(wrong)} answers do not keep to the standard: {'; '.join(wrong)[:DEEP_SHOWN]}"
    return _weak("deep check", why, "Dabyl need not mind; the maker should: update its firmware")


def _failed(what: str, failure: Failure | None) -> Line:
    if failure is None:
        return _weak(what, "not tried: what comes before it did not work", "mend that first")
    found = ADVICE[failure.reason]
    why = f"{found.means} [{failure.reason}: {failure.why}]"
    return Line(verdict=Verdict.WRONG, what=what, why=why, do=found.words)


def _page(do: str, page: str) -> str:
    return f"{do} ({HOW_TO}{page})"


def _span(seconds: float) -> str:
    for unit_s, name in ((365 * 86400, "years"), (86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= unit_s:
            return f"{seconds / unit_s:.1f} {name}".replace(".0 ", " ")
    return f"{seconds:.0f} s"


def _ok(what: str, why: str) -> Line:
    return Line(verdict=Verdict.OK, what=what, why=why)


def _weak(what: str, why: str, do: str) -> Line:
    return Line(verdict=Verdict.WEAK, what=what, why=why, do=do)
