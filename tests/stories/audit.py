"""The count after a hard time: what devices were promised, against what was stored and told."""

import contextlib
from collections import Counter, defaultdict
from dataclasses import dataclass

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
    """Those named by notices under two keys."""
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
        doubled=tuple(press for press, found in keys.items() if len(found) > 1),
        unjournalled=tuple((wanted | passages) - stored),
        notices=summary["distinct"],
        repeats=summary["repeats"],
    )


def _named(notices: list[Body]) -> dict[Press, set[str]]:
    """By press: the keys under which `raised` and `repeated` notices name it."""
    keys: defaultdict[Press, set[str]] = defaultdict(set)
    for notice in notices:
        device = notice["data"]["device"]
        if notice["type"] in {"dabyl.alarm.raised", "dabyl.alarm.repeated"}:
            for event_id in {device["event_id"], *device["event_ids"]}:
                keys[device["id"], event_id].add(notice["id"])
    return keys


def out_of_order(notices: list[Body]) -> Counter[str]:
    """By alarm: how many notices came after one with a higher number."""
    highest: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for notice in notices:
        alarm, _, number = notice["id"].rpartition(":")
        wrong[alarm] += int(number) < highest[alarm]
        highest[alarm] = max(highest[alarm], int(number))
    return +wrong
