"""Checks of the settings and of the files that they name: routes, keys, secrets, pages."""

import ipaddress
import stat
from collections.abc import Iterator
from pathlib import Path

from gateway.cli.checks.finding import Finding, ok, weak, wrong
from gateway.settings import Settings

NOBODY_ELSE = 0o077
EXAMPLES = frozenset({"my-region", "almaty-region"})
"""The ids that our own pages use."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def routes(settings: Settings) -> Iterator[Finding]:
    """Whether every P0 has somebody to go to."""
    receivers = [receiver.name for receiver in settings.receiver]
    if not receivers:
        yield wrong("routes", "no [[receiver]]: nobody would be told of a panic press")
        return
    whole = [
        route
        for route in settings.route
        if 0 in route.priorities and not (route.kinds or route.sites or route.districts)
    ]
    if settings.route and not whole:
        yield weak("routes", "no route takes every P0; one that none takes goes to every receiver")
    else:
        told = sorted({route.receiver for route in whole}) or receivers
        yield ok("routes", f"every P0 goes to {', '.join(told)}")
    if not any(receiver.authority for receiver in settings.receiver):
        yield weak("authority", "no receiver has authority = true: only people here can close")


def keys(settings: Settings) -> Iterator[Finding]:
    """Whether the key files are there and closed to others."""
    files = settings.keys
    for name, path in (
        ("seal", files.seal_file),
        ("card", files.card_file),
        ("sign", files.signing_file),
    ):
        what = f"key {name}"
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            is_empty = not path.read_bytes().strip()
        except FileNotFoundError:
            yield _unmade(what, path)
        except OSError as error:
            yield wrong(what, f"{path}: {error.strerror}")
        else:
            if mode & NOBODY_ELSE:
                yield wrong(what, f"{path} can be read by others: chmod 600 {path}")
            elif is_empty:
                yield wrong(what, f"{path} is empty: put its backup back")
            else:
                yield ok(what, str(path))


def secrets(settings: Settings) -> Iterator[Finding]:
    """Whether what only we may know is closed to everybody on this machine."""
    named = [("http: key_file", settings.http.key_file)]
    named.append(("database: password_file", settings.database.password_file))
    for broker in settings.broker:
        named += [
            (f"broker {broker.label}: password_file", broker.password_file),
            (f"broker {broker.label}: key_file", broker.key_file),
        ]
        if broker.password is not None:
            why = "its password stands in dabyl.toml: put it into a password_file"
            yield weak(f"secret broker {broker.label}", why)
    named += [(f"receiver {one.name}: secret_file", one.secret_file) for one in settings.receiver]
    for name, path in named:
        try:
            is_open = path is not None and bool(path.stat().st_mode & stat.S_IROTH)
        except OSError:
            continue  # whoever needs it says so
        if is_open:
            yield wrong(f"secret {name}", f"{path} can be read by anybody here: chmod o= {path}")


def names(settings: Settings) -> Iterator[Finding]:
    """What is chosen once."""
    if settings.installation.id in EXAMPLES:
        why = f"id {settings.installation.id!r} is the example's; choose one before the first press"
        yield weak("installation", f"{why}: it goes into every alarm id, and is never changed")


def pages(settings: Settings) -> Iterator[Finding]:
    """Whether whoever reaches the pages comes over a sealed line, and links lead to them."""
    http = settings.http
    if http.behind_proxy and http.cert_file is None and http.host not in LOOPBACK:
        yield weak(
            "pages",
            f"{http.listen} takes plain HTTP from the network, past the proxy: who reaches it reads"
            " along; listen on 127.0.0.1, or let only the proxy reach it",
        )
        if all(ipaddress.ip_network(one).is_loopback for one in http.proxies):
            yield weak("pages", "http.proxies names no other machine: nobody can sign in past one")
    if http.public_url.startswith("http://") and http.host not in LOOPBACK:
        yield weak("pages", "public_url is http://: passwords and alarms travel readable")
    if not http.public_url and (http.behind_proxy or http.host not in LOOPBACK):
        yield weak("pages", f"no public_url: links in notices lead to {http.base_url}")
    if settings.oidc.issuer and not http.public_url.startswith("https://"):
        yield weak("oidc", f"its way back is {http.base_url}/signin/elsewhere/back: set public_url")


def _unmade(what: str, path: Path) -> Finding:
    if path.parent.is_dir():
        return weak(what, f"{path} is not there yet; the first `dabyl run` makes it: back it up")
    return wrong(what, f"{path.parent} is no folder: make it, or correct [keys]")
