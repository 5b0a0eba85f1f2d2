"""Notify: what waits in a subscription is posted to its consumer, as cameras push it."""

import asyncio
from typing import Final

import aiohttp

from simulators.camera import dressing, notification, soap, xmltext
from simulators.camera.machine import Machine
from simulators.camera.subscriptions import Subscription

ACTION: Final = "http://docs.oasis-open.org/wsn/bw-2/NotificationConsumer/Notify"
_BATCH: Final = 20
_LOOK_S: Final = 1.0
_PATIENCE_S: Final = 5.0
_TRIES: Final = 3
_AGAIN_S: Final = 1.0


class Pusher:
    """Posts for one camera or for many, over one session made at the first need."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close its connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def tell(self, machine: Machine, subscription: Subscription) -> None:
        """Post what comes, until the subscription ends."""
        while _lives(machine, subscription):
            try:
                async with asyncio.timeout(_LOOK_S):
                    await subscription.woken.wait()
            except TimeoutError:
                continue
            taken = subscription.take(_BATCH)
            if taken and _lives(machine, subscription):
                body = notification.written(taken, machine.switches)
                reply = soap.envelope(
                    f"<wsnt:Notify>{body}</wsnt:Notify>",
                    header=f"<wsa:To>{xmltext.text(subscription.consumer or '')}</wsa:To>"
                    f"<wsa:Action>{ACTION}</wsa:Action>",
                )
                await self._post(
                    machine, subscription, dressing.dressed(reply, machine.switches, "Notify")
                )

    async def _post(self, machine: Machine, subscription: Subscription, body: bytes) -> None:
        for _ in range(_TRIES):
            result = await self._try(subscription.consumer or "", body)
            machine.record.pushed[result] += 1
            if result.startswith("2"):
                return
            await asyncio.sleep(_AGAIN_S)

    async def _try(self, consumer: str, body: bytes) -> str:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=_PATIENCE_S)
            self._session = aiohttp.ClientSession(timeout=timeout)
        headers = {"Content-Type": f'application/soap+xml; charset=utf-8; action="{ACTION}"'}
        try:
            async with self._session.post(
                consumer, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return str(answer.status)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return type(error).__name__


def _lives(machine: Machine, subscription: Subscription) -> bool:
    now_s = machine.clock.monotonic()
    return machine.slots.find(subscription.number, now_s) is subscription
