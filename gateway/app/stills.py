"""The stills, joined: where their bytes lie, and who asks cameras for them."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gateway.app.parts import Gateway
from gateway.clock import Clock
from gateway.company.duty import Job
from gateway.domain.site import DeviceId
from gateway.domain.stills import Why
from gateway.evidence import MIB, Evidence
from gateway.evidence.picture import Fetched, NoPicture, NotYet
from gateway.evidence.shelf import Folder, Rows, Shelf
from gateway.settings import Settings
from gateway.store import keeping
from gateway.watch import Lookout

FOLDER = "evidence"
SETTLES_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyes:
    """The cameras whose links this gateway holds, to be looked through."""

    lookout: Lookout | None
    clock: Clock
    settled_at: float
    """Before then (monotonic) it is not known yet who is to be called at all."""

    async def fetch(self, camera: DeviceId) -> Fetched:
        """A picture of that camera, over its link.

        Raises:
            CameraLost, CameraRefused, NoPicture: there is none. NotYet: its link is being made.
        """
        lookout = self.lookout
        held = None if lookout is None else lookout.held.get(camera)
        if lookout is None or (held is None and camera not in lookout.wanted):
            if self.clock.monotonic() < self.settled_at:
                raise NotYet
            raise NoPicture(camera, Why.NO_LOGIN)
        if held is None or held.life is None:
            if held is None or held.reason is None:
                raise NotYet
            raise NoPicture(camera, held.reason)
        return await lookout.picture(camera)

    def holds(self, camera: DeviceId) -> bool:
        """Whether it is ours to ask; or nobody's, and then whoever is first says so."""
        lookout = self.lookout
        return lookout is None or camera in lookout.held or camera not in lookout.wanted


def evidence(gateway: Gateway, config: Settings) -> Evidence:
    """Who asks cameras when an alarm is raised, over the links that are held here."""
    clock = gateway.clock
    eyes = Eyes(lookout=gateway.lookout, clock=clock, settled_at=clock.monotonic() + SETTLES_S)
    return Evidence(
        desk=gateway.desk,
        wakeups=gateway.wakeups,
        shelf=shelf(gateway, config),
        settings=config.evidence,
        fetch=eyes.fetch,
        holds=eyes.holds,
        is_ours=lambda: gateway.company.duty.on(Job.TIDYING),
    )


def shelf(gateway: Gateway, config: Settings) -> Shelf:
    """A folder where one is named, or beside a SQLite file; else the database."""
    folder = _folder(config)
    if folder is None:
        return Rows(database=gateway.database, clock=gateway.clock)
    return Folder(
        path=folder,
        reserve_bytes=config.evidence.reserve_mib * MIB,
        clock=gateway.clock,
        known=lambda digests: gateway.database.read(partial(keeping.known, digests=digests)),
    )


def _folder(config: Settings) -> Path | None:
    named = config.evidence.folder
    if named is not None or not config.database.url.startswith("sqlite:///"):
        return named
    return Path(config.database.url.removeprefix("sqlite:///")).with_name(FOLDER)
