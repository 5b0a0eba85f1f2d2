"""Company: who else is there, what one of all does alone, and on how many machines the store is.

Every gateway of a PostgreSQL beats in its database, and looks for the others. On SQLite there is
one gateway, which does everything.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from sqlalchemy import Connection

from gateway import metrics
from gateway.clock import Clock
from gateway.company import duty, words
from gateway.company.duty import Duty, Job
from gateway.company.record import Recorder
from gateway.company.words import Peers, Store, Word
from gateway.store import gateways, holding, leases, standbys
from gateway.store.database import Database, StoreDown, Urgency, WrongDatabase
from gateway.store.gateways import Me, Seen
from gateway.store.leases import Tokens
from gateway.store.standbys import Standing

BEAT_S = 3.0
LEAVE_WITHIN_S = 2.0

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Company:
    """This gateway among its peers."""

    me: Me
    database: Database
    clock: Clock
    duty: Duty
    say: Callable[[str, str, str], None]
    """Says an event in the gateway's own voice: kind, about whom, cause."""
    counts: Callable[[bool], None]
    """Told whether commits wait for standbys, so that they are asked how many."""
    recorder: Recorder
    """Keeps how the store stood, for whoever must promote a standby."""
    expected: int = 1
    """On how many machines a commit should be."""
    peers: dict[str, str] = field(default_factory=dict)
    """By name: here, silent or left."""
    standing: Standing | None = None
    _known: Peers = field(default_factory=Peers)
    _store: Store = field(init=False)
    _since: float | None = None
    """Since when the store has answered without a gap, monotonic."""
    _was_on_duty: bool = False

    def __post_init__(self) -> None:
        self._store = Store(self.expected)

    @property
    def copies(self) -> int:
        """On how many machines a commit is now, as far as was seen last."""
        return 1 if self.standing is None else self.standing.pledge.machines

    def standbys(self) -> dict[str, str]:
        """By name: `confirms`, `away`, or how else it stands."""
        if self.standing is None:
            return {}
        found = dict.fromkeys(self.standing.wanted, "away")
        for one in self.standing.standbys:
            found[one.name] = "confirms" if one.is_confirming else str(one.state)
        return found

    async def enter(self) -> None:
        """Look who is there before anything else begins.

        Raises:
            WrongDatabase: a living gateway has other keys: the same card, the same press would be
                two things.
        """
        if self.duty.is_alone:
            return
        found = await self.database.read(self._everyone)
        for one in found:
            is_living = one.left is None and one.age <= words.SILENT and one.name != self.me.name
            if is_living and one.keys != self.me.keys:
                raise WrongDatabase(
                    f"gateway {one.name}, which is running on this database, has another"
                    " installation id, seal.key or card.key: all gateways need the same;"
                    " copy them from there"
                )

    async def run(self) -> None:
        """Beat and look until cancelled."""
        if self.duty.is_alone:
            await asyncio.Event().wait()
        while True:
            try:
                await self._turn()
            except StoreDown as error:
                self._since = None
                log.debug("the company waits for the store", why=str(error))
            await self.clock.sleep(BEAT_S)

    async def leave(self) -> None:
        """Stop in good order: what is ours is others' at once."""
        if self.duty.is_alone:
            return
        now, name = self.clock.now(), self.me.name

        def going(connection: Connection) -> None:
            gateways.leave(connection, name, now)
            leases.release(connection, name)
            holding.release(connection, name)

        with contextlib.suppress(StoreDown, TimeoutError):
            async with asyncio.timeout(LEAVE_WITHIN_S):
                await self.database.write(going, Urgency.STEP)

    async def _turn(self) -> None:
        started, now = self.clock.monotonic(), self.clock.now()

        def beating(connection: Connection) -> tuple[Seen | None, Tokens]:
            before = gateways.beat(connection, self.me, now)
            name = self.me.name
            tokens = leases.renew(connection, name, self.duty.tokens, now, duty.LASTS)
            missing = [job.value for job in Job if job not in tokens]
            return before, tokens | leases.take(connection, name, missing, now, duty.LASTS)

        before, tokens = await self.database.write(beating, Urgency.STEP)
        self.duty.held(tokens, started)
        self._since = started if self._since is None else self._since
        self._say_that_we_are_back(before)
        found, standing = await self.database.read(self._look)
        self._take_in(found, standing)

    def _everyone(self, connection: Connection) -> list[Seen]:
        return gateways.everyone(connection, self.clock.now())

    def _look(self, connection: Connection) -> tuple[list[Seen], Standing | None]:
        return self._everyone(connection), standbys.standing(connection)

    def _say_that_we_are_back(self, before: Seen | None) -> None:
        if before is None:
            return
        if before.life != self.me.life or before.age > words.SILENT:
            self.say("gateway.heard", words.about(self.me.name), "back")

    def _take_in(self, found: list[Seen], standing: Standing | None) -> None:
        judged = timedelta(seconds=self.clock.monotonic() - (self._since or 0.0))
        others = [one for one in found if one.name != self.me.name]
        self.peers = {one.name: _state(one, judged) for one in others}
        self.standing = standing
        self._measure()
        said = self._known.judge(others, judged)
        is_on_duty = self.duty.on(Job.SUPERVISION)
        if is_on_duty and not self._was_on_duty:
            self._store.forget()
            said = [*said, *_again(self._known, others)]
        self._was_on_duty = is_on_duty
        if standing is not None:
            self.counts(standing.pledge.machines > 1)
            said = [*said, *self._store.judge(standing)]
            self.recorder.keep(standing, self.clock.now())
        if is_on_duty:
            for word in dict.fromkeys(said):
                log.warning("the company changed", kind=word.kind, about=word.about)
                self.say(word.kind, word.about, word.cause)

    def _measure(self) -> None:
        states = list(self.peers.values())
        for state in ("here", "silent", "left"):
            metrics.gateways.labels(state).set(states.count(state) + (state == "here"))
        metrics.copies.set(self.copies)
        metrics.standbys.set(0 if self.standing is None else len(self.standing.following))


def _state(peer: Seen, judged: timedelta) -> str:
    if peer.left is not None:
        return "left"
    return "silent" if words.is_silent(peer, judged) else "here"


def _again(known: Peers, others: list[Seen]) -> list[Word]:
    """Who took over the duty says what the one before may not have come to say."""
    return [
        Word("gateway.silent", words.about(one.name), "no_sign_of_life")
        for one in others
        if one.name in known.told
    ]
