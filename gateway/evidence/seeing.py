"""Seeing: one camera asked, its picture kept, and all alarms that wait for it told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from gateway.desk import Desk
from gateway.domain import stills
from gateway.domain.stills import Fate, Still, Why
from gateway.evidence import picture, settling
from gateway.evidence.picture import Fetch, NoPicture, NotYet, Picture
from gateway.evidence.queue import Job
from gateway.evidence.room import Room
from gateway.evidence.shelf import NoRoom, NotKept

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seer:
    """Looks through cameras."""

    desk: Desk
    room: Room
    fetch: Fetch

    async def see_to(self, job: Job) -> bool:
        """What was taken before the alarm first; then ask. False: what is left is asked later."""
        before: dict[Picture, list[Still]] = {}
        for one in job.wanted:
            if one.picture is not None:
                before.setdefault(one.picture, []).append(one.still)
        for found, wanted in before.items():
            await self._keep(wanted, found)
        now = self.desk.clock.now()
        after = [one.still for one in job.wanted if one.picture is None]
        late = [one for one in after if now - one.due_at > stills.FRESH]
        await settling.end(
            self.desk, [replace(one, fate=Fate.MISSED, why=Why.LATE) for one in late]
        )
        fresh = [one for one in after if now - one.due_at <= stills.FRESH]
        if not fresh:
            return True
        try:
            found = await picture.take(self.fetch, job.camera, self.desk.clock)
        except NotYet:
            return False
        except NoPicture as error:
            await self._fail(fresh, error.why)
        else:
            await self._keep(fresh, found)
        return True

    async def _keep(self, wanted: Sequence[Still], found: Picture) -> None:
        """Its bytes first; then what they are, and that they are there."""
        try:
            digest = await self.room.keep(found.body)
        except (NoRoom, NotKept) as error:
            log.warning("a still was not kept", camera=wanted[0].camera, why=str(error))
            await self._fail(wanted, Why.NO_ROOM if isinstance(error, NoRoom) else Why.NOT_KEPT)
            return
        kept = [
            replace(
                one,
                fate=Fate.KEPT,
                sha256=digest,
                content_type=found.content_type,
                size_bytes=len(found.body),
                taken_at=found.taken_at,
                fetched_at=found.fetched_at,
            )
            for one in wanted
        ]
        await settling.end(self.desk, kept)

    async def _fail(self, wanted: Sequence[Still], why: str) -> None:
        await settling.end(self.desk, [replace(one, fate=Fate.FAILED, why=why) for one in wanted])
