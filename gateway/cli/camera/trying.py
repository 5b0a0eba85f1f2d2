"""Trying: one call after the other, each with what it came to, or why it came to nothing."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from adapters.devices.onvif import complaint, soap
from adapters.devices.onvif.calls import Action
from adapters.devices.onvif.element import Element
from adapters.devices.onvif.fault import CameraLost, CameraRefused, Reason
from adapters.devices.onvif.transport import Caller
from gateway.cli.camera.survey import Failure, Step, Survey

T = TypeVar("T")

CALL_S: Final = 10.0
NOT_IN: Final = frozenset({Reason.CREDENTIALS, Reason.CLOCK, Reason.LOCKED, Reason.CHANGED})


@dataclass(frozen=True, slots=True)
class Trying:
    """Calls to one camera, for one survey."""

    found: Survey

    async def told(
        self,
        step: Step,
        caller: Caller,
        ask: tuple[bytes, Action, Callable[[Element], T]],
        url: str | None = None,
    ) -> T | None:
        """What it answered to one call; None: nothing, and why."""
        asked, action, read = ask

        async def told() -> T:
            where = url or caller.device_url
            return read(await caller.call(where, asked, action=action, within_s=CALL_S))

        return await self.attempt(step, told())

    async def attempt(self, step: Step, work: Coroutine[Any, Any, T]) -> T | None:
        """What that came to; None: nothing, and why.

        A camera that refused our login once is not asked again: it may lock the account.
        """
        failed = self.found.failed
        if any(one.reason in NOT_IN for one in failed.values()):
            work.close()
            return None
        try:
            return await work
        except soap.Fault as fault:
            failed[step] = Failure(reason=complaint.reason(fault), why=str(fault)[:200])
        except soap.NotSoap as error:
            failed[step] = Failure(reason=Reason.NOT_SOAP, why=error.why)
        except (CameraLost, CameraRefused) as error:
            failed[step] = Failure(reason=error.reason, why=error.why)
        return None
