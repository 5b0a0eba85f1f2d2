"""The count after a hard time: what devices were promised, against what was stored and told."""

import contextlib
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from tests.harness import waiting
from tests.stories import town as towns
from tests.stories.crowd import Crowd
from tests.stories.town import Body, Town

Press = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What the story is about."""

    presses: int
    passages: int
    lost: tuple[Press, ...]
    """Receipted presses that no notice names."""
    doubled: tuple[Press, ...]
    """Those named by notices under two keys, of all that these people said."""
    unjournalled: tuple[Press, ...]
    """Receipted presses and passages that are not in the journal."""
    notices: int
    repeats: int
    """Notices that the centre got again under the same key: harmless."""


async def take(town: Town, crowd: Crowd, *, within_s: float = 40) -> Figures:
    """Count, once the centre was told everything or the time is over."""
    wanted = {(said.device, said.id) for said in crowd.presses}

    async def told() -> bool:
        return not wanted - _named(await towns.notices(town.centre)).keys()

    with contextlib.suppress(waiting.NotInTimeError):  # the figures say what is missing
        await waiting.until(told, within_s=within_s, what="every press is told")
    keys = _named(await towns.notices(town.centre))
    stored = {
        (row.device, row.event_id)
        for lane in ("alarm", "event")
        for row in await town.rows(f"SELECT device, event_id FROM journal_{lane}")  # noqa: S608
    }
    passages = {(said.device, said.id) for said in crowd.passages}
    summary = await town.centre.get("/summary")
    return Figures(
        presses=len(wanted),
        passages=len(passages),
        lost=tuple(wanted - keys.keys()),
        doubled=tuple(press for press in crowd.said if len(keys.get(press, ())) > 1),
        unjournalled=tuple((wanted | passages) - stored),
        notices=summary["distinct"],
        repeats=summary["repeats"],
    )


def _named(notices: list[Body]) -> dict[Press, set[str]]:
    """By press: the keys under which `raised` and `repeated` notices name it."""
    keys: defaultdict[Press, set[str]] = defaultdict(set)
    for notice in notices:
        if notice["type"] in {"dabyl.alarm.raised", "dabyl.alarm.repeated"}:
            device = notice["data"]["device"]
            for event_id in {device["event_id"], *device["event_ids"]}:
                keys[device["id"], event_id].add(notice["id"])
    return keys


async def arrivals(town: Town) -> dict[Press, float]:
    """When the centre first heard of each press, by the clock on the wall."""
    found: dict[Press, float] = {}
    after = 0
    while items := (await town.centre.get(f"/records?after={after}&limit=10000"))["items"]:
        after = items[-1]["number"]
        for item in items:
            if item["verdict"] in {"accepted", "repeated"}:
                at = datetime.fromisoformat(item["received_at"]).timestamp()
                for press in _named([json.loads(item["body"])]):
                    found.setdefault(press, at)
    return found


def out_of_order(notices: list[Body]) -> Counter[str]:
    """By alarm: how many notices came after one with a higher number."""
    highest: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for notice in notices:
        alarm, _, number = notice["id"].rpartition(":")
        wrong[alarm] += int(number) < highest[alarm]
        highest[alarm] = max(highest[alarm], int(number))
    return +wrong
