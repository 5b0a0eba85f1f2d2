"""What this installation knows of cameras; nothing where there is no installation, as on a laptop.

Neither settings nor a database are made: a technician who only looks leaves nothing behind.
"""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from gateway.cli import opened
from gateway.domain.camera import Facts
from gateway.domain.site import Device, Registry, Sort
from gateway.settings import DEFAULT_FILE, Settings
from gateway.store import camera_logins, camera_states, revision, sealed, sites
from gateway.store.camera_logins import Login
from gateway.store.database import Database, StoreError
from gateway.store.sealed import Seal, WrongKey
from gateway.watch import wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Registered cameras, their approved logins, and how each is."""

    registry: Registry = field(default_factory=Registry)
    logins: Mapping[str, Login] = field(default_factory=dict)
    states: Mapping[str, Facts] = field(default_factory=dict)
    """How each is, as the gateway that holds its link wrote it."""
    lacking: str | None = None
    """Why nothing, or not all, is known; None: all is."""
    is_there: bool = True
    """Whether there is a registry at all."""

    def camera(self, name: str) -> Device | None:
        """The registered camera of that id, if it has a host."""
        found = self.registry.devices.get(name)
        return found if found is not None and found.sort is Sort.CAMERA and found.host else None

    def at(self, host: str, port: int) -> Device | None:
        """The registered camera at that address."""
        return next(
            (one for one in self._cameras() if _place(one, self.logins) == (host, port)), None
        )

    def _cameras(self) -> list[Device]:
        return [one for one in self.registry.devices.values() if one.sort is Sort.CAMERA]


def look() -> Known:
    """All that is known here."""
    if not _has_settings():
        return Known(lacking="there are no settings here", is_there=False)
    settings = opened.settings()
    if not revision.is_current(settings.database.address()):
        lacking = "its database is not there, or not of this version: `dabyl check`"
        return Known(lacking=lacking, is_there=False)
    try:
        return asyncio.run(_read(settings))
    except StoreError as error:
        return Known(lacking=f"its database does not answer: {error}", is_there=False)


async def _read(settings: Settings) -> Known:
    async with opened.database(settings) as database:
        registry = await database.read(sites.registry)
        try:
            logins = await _logins(settings, database)
        except WrongKey as error:
            return Known(registry=registry, lacking=f"logins cannot be opened: {error}")
        states = await database.read(camera_states.everyone)
        return Known(registry=registry, logins=logins, states=states)


async def _logins(settings: Settings, database: Database) -> Mapping[str, Login]:
    if not settings.keys.seal_file.exists():
        return {}
    seal = Seal(sealed.key_from(settings.keys.seal_file))
    return await database.read(lambda c: camera_logins.everyone(c, seal))


def _has_settings() -> bool:
    """Whether some are named, or lie here; that one that is named is not there is an error."""
    is_named = click.get_current_context().find_root().obj is not None
    return is_named or "DABYL_CONFIG" in os.environ or Path(DEFAULT_FILE).exists()


def _place(device: Device, logins: Mapping[str, Login]) -> tuple[str, int]:
    login = logins.get(device.id)
    return device.host, wanted.port(device, tls=login is not None and login.tls)
