"""The demo's cameras: their logins approved, as `dabyl camera login` would do it."""

from datetime import datetime

from sqlalchemy import Connection

from gateway.domain.site import Registry, Sort
from gateway.settings import Settings
from gateway.store import camera_logins, sealed
from gateway.store.camera_logins import Login, Secret
from gateway.store.database import Database, Urgency
from gateway.store.sealed import Seal
from gateway.watch import wanted


async def approve(
    settings: Settings, database: Database, registry: Registry, known: Secret, now: datetime
) -> int:
    """Approve that login at each camera; how many there are."""
    seal = Seal(sealed.key_from(settings.keys.seal_file))
    logins = [
        Login(
            device=one.id,
            host=one.host,
            port=wanted.port(one, tls=False),
            tls=False,
            secret=known,
            approved_by="demo",
            approved_at=now,
        )
        for one in registry.devices.values()
        if one.sort is Sort.CAMERA
    ]

    def write(connection: Connection) -> None:
        for login in logins:
            camera_logins.put(connection, seal, login)

    await database.write(write, Urgency.STEP)
    return len(logins)
