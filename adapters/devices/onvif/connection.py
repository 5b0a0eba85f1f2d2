"""One life of a camera's link: all ONVIF I/O of it, driven by the table of subscription.py."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Final

from adapters.devices.contract import Emit
from adapters.devices.onvif import snapshot, stills
from adapters.devices.onvif.calls import MESSAGES_LIMIT, Pulled
from adapters.devices.onvif.conversation import Conversation
from adapters.devices.onvif.course import PROOF_S, REST_S, Course
from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason, ended
from adapters.devices.onvif.health import Health, LetGo, Way
from adapters.devices.onvif.hearing import Hearing
from adapters.devices.onvif.means import Means, Past
from adapters.devices.onvif.point import seconds
from adapters.devices.onvif.pushing import Pushing
from adapters.devices.onvif.settings import CameraSettings
from adapters.devices.onvif.snapshot import Still
from adapters.devices.onvif.standing import Standing
from adapters.devices.onvif.subscription import INITIAL, STEADY, Do, Happened, State
from adapters.devices.onvif.transport import STEP_S, Caller

CLOCK_EVERY_S: Final = 3600.0
"""A clock that drifts slowly is seen by reading it now and then."""
TRY_AGAIN_S: Final = 0.1
"""So often what the gateway did not take is handed in again."""
LEAVE_S: Final = 4.0
"""So long giving back all subscriptions may take, with the login."""

_NO_WAY: Final = frozenset({Reason.REFUSED, Reason.UNREACHABLE, Reason.TIMED_OUT, Reason.RESET})
_PULLS: Final = frozenset({Do.PULL, Do.PULL_RESTED, Do.PULL_PACED})


class Camera:
    """One life of one camera's link."""

    __slots__ = (
        "_clock_read_s",
        "_course",
        "_hearing",
        "_means",
        "_past",
        "_pushing",
        "_standing",
        "_talk",
        "_up",
        "health",
        "settings",
    )

    def __init__(
        self,
        settings: CameraSettings,
        means: Means,
        *,
        standing: Standing,
        health: Health,
        past: Past,
    ) -> None:
        """`standing`, `health` and `past` are the camera's for all its lives."""
        self.settings, self.health = settings, health
        self._means, self._standing, self._past = means, standing, past
        self._up: Callable[[], None] | None = None
        self._course = Course(hold_s=settings.hold_s, quiet_s=means.quiet_s)
        self._talk = Conversation(settings, means, self._course, health, past)
        self._hearing: Hearing | None = None
        self._pushing: Pushing | None = None
        self._clock_read_s = 0.0

    async def live(self, emit: Emit, up: Callable[[], None]) -> None:
        """Introduce, subscribe, synchronise, and hand in what is heard until it ends.

        It is up with the first answered pull: only that proves the channel.

        Raises:
            CameraLost: it ended. CameraRefused: it did not let us in. Both with a reason.
        """
        means, self._up = self._means, up
        self.health.is_introduced = False
        self._clock_read_s = means.monotonic()
        hearing = Hearing(self.settings.device, self._standing, self.health, means.now, emit)
        self._hearing = hearing
        if means.listener is not None and self.settings.pushes:
            caller = self._talk.caller
            self._pushing = Pushing(means.listener, caller, hearing, self.health, means.monotonic)
        try:
            await self._run(hearing)
        except (CameraLost, CameraRefused) as error:
            self._note(error.reason)
            raise
        finally:
            await self.close()

    @property
    def caller(self) -> Caller:
        """For calls beside the link, such as where its stills are."""
        return self._talk.caller

    async def picture(self) -> Still:
        """A still of now.

        Raises:
            CameraLost, CameraRefused: with the reason why there is none.
        """
        past = self._past
        if past.still_uri is None:
            past.still_uri = await stills.uri(self.caller)
        try:
            return await snapshot.fetch(self._means.wire, self.settings, past.still_uri)
        except (CameraLost, CameraRefused):
            past.still_uri = None  # it may have another one by now
            raise

    async def close(self) -> None:
        """Give its subscriptions back, as far as it answers, in a moment."""
        self.health.subscribed = False
        pushing, self._pushing = self._pushing, None
        is_there = self.health.reachable is not False
        with suppress(TimeoutError):  # it expires, or the next life gives it back
            async with asyncio.timeout(LEAVE_S):
                if pushing is not None:
                    await pushing.leave(give_back=is_there)
                if is_there:
                    await self._talk.leave()

    async def _run(self, hearing: Hearing) -> None:
        """Through the table until it ends."""
        course, monotonic = self._course, self._means.monotonic
        do = course.goes(Happened.BEGUN, monotonic())
        while do is not Do.LEAVE:
            happened = await self._step(do, hearing)
            do = course.goes(happened, monotonic())
            if do in _PULLS:
                do = await self._before_pull(do, hearing)
        raise self._talk.why or ended(self.settings.device, Reason.FAULT, "it gives no events")

    async def _step(self, do: Do, hearing: Hearing) -> Happened:
        if do in _PULLS:
            return await self._pull(do, hearing)
        if do is Do.SYNCHRONISE:
            return await self._synchronise()
        if do in _PUSH_STEPS and self._pushing is not None:
            return await _PUSH_STEPS[do](self, self._pushing)
        return await _STEPS[do](self._talk, do)

    async def _before_pull(self, do: Do, hearing: Hearing) -> Do:
        """What has to be done between two pulls."""
        hearing.catch_up()
        while hearing.must_wait:
            await self._means.sleep(TRY_AGAIN_S)
            hearing.catch_up()
        hearing.due()
        if self._course.state not in STEADY:
            return do
        now_s = self._means.monotonic()
        if now_s - self._clock_read_s >= CLOCK_EVERY_S:
            self._clock_read_s = now_s
            await self._talk.read_clock()
        happened = self._push_due() or self._course.due(now_s)
        return do if happened is None else self._course.goes(happened, now_s)

    async def _pull(self, do: Do, hearing: Hearing) -> Happened:
        course, monotonic = self._course, self._means.monotonic
        if rest_s := course.rest_s(do, self._means.dice()):
            await self._means.sleep(rest_s)
        begun = monotonic()
        pulled = await self._talk.pull(course.timeout_s())
        if isinstance(pulled, Happened):
            return pulled
        now_s = monotonic()
        await self._take(pulled, hearing, now_s)
        if self._up is not None and course.state is not State.CATCHING_UP:
            up, self._up = self._up, None
            up()  # it is subscribed, synchronised, and has answered a pull
        left_s = seconds(pulled.granted)
        if pulled.overflow:
            self.health.let_go[LetGo.CUT] += pulled.overflow
            course.doubt()
        return course.pulled(len(pulled.messages), now_s - begun, left_s, now_s)

    async def _take(self, pulled: Pulled, hearing: Hearing, now_s: float) -> None:
        health, state = self.health, self._course.state
        clock_runs = self._note_clock(pulled.current_at)
        health.last_reply_at = self._past.heard_until = self._means.now()
        health.way = Way.POLL if state is State.POLLING else Way.PULL
        if state is State.PROVING:
            health.is_mute = not pulled.messages
        elif pulled.messages and state is not State.CATCHING_UP:  # what it stored is no sign
            health.is_mute = False
        if not pulled.messages and state not in INITIAL:
            return
        for first in range(0, len(pulled.messages) or 1, MESSAGES_LIMIT):
            if first:
                await asyncio.sleep(0)  # more than it was asked for; others wait
            hearing.take(
                pulled.messages[first : first + MESSAGES_LIMIT],
                initial=bool(pulled.messages) and self._course.is_initial(now_s),
                replayed=state is State.CATCHING_UP,
                clock_runs=clock_runs,
            )

    def _note_clock(self, current_at: datetime | None) -> bool:
        """Whether its clock goes on as ours does."""
        before = self.caller.offset_s
        self.caller.told_time(current_at)
        self.health.clock_offset_s = after = self.caller.offset_s
        return before is None or after is None or abs(after - before) <= STEP_S

    async def _synchronise(self) -> Happened:
        if self._course.is_failing:
            least, most = REST_S
            await self._means.sleep(least + (most - least) * self._means.dice())
        return await self._talk.synchronise()

    async def _listen(self, pushing: Pushing) -> Happened:
        """Let it push for a while; then see whether it is still there at all."""
        is_on_trial = self._course.state is State.PROVING_PUSH
        self.health.way, pushed = Way.PUSH, self.health.pushed
        if is_on_trial:
            await self._means.sleep(PROOF_S)
        else:
            await pushing.listen(self.settings.hold_s, self._means.sleep)
        await self._talk.read_clock()
        is_missed = pushing.is_missed
        happened = None if is_on_trial else await pushing.asked()
        if self.health.pushed != pushed and not is_missed:  # else all since then may be lost
            self._past.heard_until = self.health.last_reply_at
        return happened or pushing.judged(is_on_trial=is_on_trial)

    async def _subscribe_push(self, pushing: Pushing) -> Happened:
        return await pushing.subscribe(self._talk.events_url)

    def _push_due(self) -> Happened | None:
        pushing = self._pushing
        if pushing is None:
            return None
        if pushing.is_wanted:
            return Happened.PUSH_WANTED
        takes_over = pushing.is_proven and not self._course.has_doubt
        return Happened.PUSH_PROVEN if takes_over else None

    def _note(self, reason: Reason) -> None:
        if reason in _NO_WAY:
            self.health.reachable = False


_STEPS: Final[Mapping[Do, Callable[[Conversation, Do], Awaitable[Happened]]]] = {
    Do.RESOLVE: lambda talk, _: talk.resolve(),
    Do.CREATE: Conversation.create,
    Do.CREATE_UNTIL: Conversation.create,
    Do.CREATE_BARE: Conversation.create,
    Do.RENEW: Conversation.renew,
    Do.RENEW_UNTIL: Conversation.renew,
    Do.SEEK: lambda talk, _: talk.seek(),
    Do.UNSUBSCRIBE: lambda talk, _: talk.replace(),
}
_PUSH_STEPS: Final[Mapping[Do, Callable[[Camera, Pushing], Awaitable[Happened]]]] = {
    Do.SUBSCRIBE_PUSH: Camera._subscribe_push,  # noqa: SLF001 - its own table
    Do.LISTEN: Camera._listen,  # noqa: SLF001
    Do.RENEW_PUSH: lambda _, pushing: pushing.renew(),
    Do.SYNCHRONISE_PUSH: lambda _, pushing: pushing.synchronise(),
}
