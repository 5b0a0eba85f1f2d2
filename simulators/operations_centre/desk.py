"""The receiving desk: `POST /alarms`, checked against the contract, answered by the mode."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiohttp import web

from simulators.operations_centre import judge, misbehave, shape
from simulators.operations_centre.ledger import AlarmHeard, Ledger
from simulators.operations_centre.modes import Behaviour, Mode, Switch
from simulators.operations_centre.records import Record, Records, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One request as it came, judged but not yet answered."""

    at: datetime
    key: str
    body: bytes
    judged: judge.Fault | dict[str, object]

    @property
    def fault(self) -> judge.Fault | None:
        """What is wrong with it, if anything is."""
        return self.judged if isinstance(self.judged, judge.Fault) else None


# What it begins to work on; what was closed is worked on anew.
_ASKS: Final = frozenset({"dabyl.alarm.raised", "dabyl.alarm.reopened"})
# What became of it, what is said, and after how many seconds.
Answer = tuple[Verdict, web.StreamResponse, float]


class Desk:
    """All that the centre is while it runs."""

    def __init__(
        self, secrets: tuple[bytes, ...], records: Records, now: Callable[[], datetime]
    ) -> None:
        self.now = now
        self.records = records
        self.ledger = Ledger(now())
        self.switch = Switch()
        self.under_way = 0
        self.faults: Counter[Verdict] = Counter()
        self.raised: Callable[[AlarmHeard], None] = lambda _: None
        self.added: Callable[[Mapping[str, object]], None] = lambda _: None
        self._secrets = secrets

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request and record it, also when the sender leaves before the answer."""
        arrival = await self._arrive(request)
        verdict = Verdict.MISBEHAVED
        answer: web.StreamResponse | None = None
        self.under_way += 1
        try:
            verdict, ready, delay_s = await self._answer(request, arrival)
            await asyncio.sleep(delay_s)
            answer = ready
        finally:
            self.under_way -= 1
            self._record(request, arrival, verdict, answer)
        return answer

    def forget(self) -> None:
        """Start anew, as if nothing had ever been heard."""
        self.records.forget()
        self.ledger = Ledger(self.now())
        self.faults.clear()

    async def _arrive(self, request: web.BaseRequest) -> Arrival:
        at = self.now()
        try:
            body = await request.content.readexactly(judge.BODY_LIMIT_BYTES + 1)
        except asyncio.IncompleteReadError as end:
            body = end.partial
        key = request.headers.get("Idempotency-Key", "")
        judged = judge.judge(request.headers, body, secrets=self._secrets, now=at)
        arrival = Arrival(at=at, key=key, body=body, judged=judged)
        if arrival.fault is not None and request.path == "/alarms":
            self.faults[arrival.fault.verdict] += 1
        return arrival

    async def _answer(self, request: web.BaseRequest, arrival: Arrival) -> Answer:
        if request.path == misbehave.FOLLOWED:
            return Verdict.FOLLOWED, web.json_response({"id": arrival.key}), 0
        if request.path != "/alarms":
            return Verdict.REFUSED, web.Response(status=404, text="only /alarms is here"), 0
        if request.method != "POST":
            return Verdict.REFUSED, web.Response(status=405, headers={"Allow": "POST"}), 0
        mode = self.switch.take(arrival.key)
        if (way := misbehave.WAYS.get(mode.mode)) is not None:
            forgot = mode.mode is Behaviour.FORGET
            verdict = Verdict.FORGOTTEN if forgot else Verdict.MISBEHAVED
            return verdict, await way(request, mode, arrival.key), 0
        if isinstance(arrival.judged, judge.Fault):
            fault = arrival.judged
            said = web.json_response({"faults": list(fault.says)}, status=fault.status)
            return fault.verdict, said, 0
        return self._take(arrival.judged, mode, arrival)

    def _take(self, event: dict[str, object], mode: Mode, arrival: Arrival) -> Answer:
        heard, is_new = self.ledger.accept(event, arrival.body, arrival.at)
        if is_new and heard.type in _ASKS and heard.alarm is not None:
            self.raised(heard.alarm)
        if is_new and heard.type == shape.EVIDENCE:
            self.added(event)
        delay_s = 0.0
        if mode.mode is Behaviour.SLOW:
            latest_s = mode.seconds if mode.to_seconds is None else mode.to_seconds
            delay_s = random.uniform(mode.seconds, latest_s)
        said = {"id": heard.id, "reference": heard.reference}
        if is_new:
            return Verdict.ACCEPTED, web.json_response(said), delay_s
        return Verdict.REPEATED, web.json_response(said, status=mode.known), delay_s

    def _record(
        self,
        request: web.BaseRequest,
        arrival: Arrival,
        verdict: Verdict,
        answer: web.StreamResponse | None,
    ) -> None:
        self.records.add(
            Record(
                received_at=arrival.at,
                method=request.method,
                path=request.path,
                headers="\n".join(
                    f"{name.lower()}: {said}" for name, said in request.headers.items()
                ),
                body=arrival.body,
                faults=arrival.fault.says if arrival.fault else (),
                verdict=verdict,
                status=answer.status if answer is not None else None,
                answer=_text(answer),
            )
        )


def _text(answer: web.StreamResponse | None) -> str:
    match answer:
        case web.Response(body=bytes() as body):
            return body[:1000].decode(errors="replace")
        case _:
            return ""
