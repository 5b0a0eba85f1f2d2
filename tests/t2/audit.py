"""The count: what devices were promised, against what the centre was told and the journal holds."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.t2.ledger import Key, Ledger

Body = dict[str, Any]
Row = tuple[str, str, int]
"""Device, event id, and how many of that kind the row stands for: a flood's row gathers many."""
TAKEN = {"accepted", "repeated"}
JOURNAL = " UNION ALL ".join(
    f"SELECT device, event_id, folded FROM journal_{lane} WHERE link <> 'gateway'"  # noqa: S608
    for lane in ("alarm", "event")
)
"""Every row of both lanes that a device has said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One press at the centre."""

    keys: frozenset[str]
    """The idempotency keys of the notices that name it."""
    unstored: frozenset[str]
    """Those of them that said it before it was stored: what comes after may count it elsewhere."""
    at: float
    """When the first of them arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What it is all about."""

    presses: int
    receipted: int
    passages: int
    lost: tuple[Key, ...]
    """Receipted presses that no notice names."""
    doubled: tuple[Key, ...]
    """Those named by notices under two keys, where none was told before it was stored."""
    unstored: int
    """Presses that the centre was told of before they were stored."""
    apart: int
    """Those of them that another gateway had counted on an open alarm: told once more, as that."""
    unjournalled: tuple[Key, ...]
    """Receipted presses and passages that are not in the journal, nor counted in a flood's row."""
    folded: int
    """Passages that are only counted there."""
    twice: tuple[Key, ...]
    """Those in the journal twice."""
    unreceipted: int
    """Presses that still wait: they are no loss, the device goes on."""
    copies: dict[int, int]
    """How many receipts said how many machines."""
    notices: int
    repeats: int
    """Notices that the centre got again under the same key: harmless."""
    refused: tuple[str, ...] = ()
    told: dict[Key, Told] = field(default_factory=dict, repr=False)

    @property
    def is_kept(self) -> bool:
        """Whether the promise was kept."""
        return not (self.lost or self.doubled or self.unjournalled or self.twice or self.refused)


def figures(ledger: Ledger, records: Iterable[Body], journal: Sequence[Row]) -> Figures:
    """Count; `records` are the centre's, `journal` every row of both lanes."""
    told, notices, repeats = _told(records)
    keys = [(device, event_id) for device, event_id, _ in journal]
    kept = set(keys)
    seen: set[Key] = set()
    twice = [key for key in keys if key in seen or seen.add(key)]  # type: ignore[func-returns-value]  # it returns nothing
    folded, missing = _folded(ledger.passages_promised.keys() - kept, journal)
    counts: defaultdict[int, int] = defaultdict(int)
    for promise in ledger.promised.values():
        counts[promise.copies] += 1
    return Figures(
        presses=len(ledger.said),
        receipted=len(ledger.promised),
        passages=len(ledger.passages_promised),
        lost=tuple(sorted(ledger.promised.keys() - told.keys())),
        doubled=tuple(sorted(k for k, one in told.items() if len(one.keys - one.unstored) > 1)),
        unstored=sum(bool(one.unstored) for one in told.values()),
        apart=sum(bool(one.unstored) and len(one.keys) > 1 for one in told.values()),
        unjournalled=tuple(sorted((ledger.promised.keys() - kept) | missing)),
        folded=folded,
        twice=tuple(sorted(twice)),
        unreceipted=len(ledger.said.keys() - ledger.promised.keys()),
        copies=dict(sorted(counts.items())),
        notices=notices,
        repeats=repeats,
        refused=tuple(ledger.refused),
        told=told,
    )


def took_s(ledger: Ledger, found: Figures) -> dict[Key, float]:
    """From the press to the centre, of each press that it was told of."""
    return {key: found.told[key].at - at for key, at in ledger.said.items() if key in found.told}


def _folded(absent: Iterable[Key], journal: Sequence[Row]) -> tuple[int, set[Key]]:
    """How many of those absent are counted in rows of their device; and those that are not."""
    counted: Counter[str] = Counter()
    for device, _, folded in journal:
        counted[device] += folded - 1
    of_device: defaultdict[str, set[Key]] = defaultdict(set)
    for key in absent:
        of_device[key[0]].add(key)
    beyond = {device: keys for device, keys in of_device.items() if len(keys) > counted[device]}
    missing = {key for keys in beyond.values() for key in keys}
    return sum(map(len, of_device.values())) - len(missing), missing


def _told(records: Iterable[Body]) -> tuple[dict[Key, Told], int, int]:
    """By press: under which keys it was told, and when first; how many notices came once, again."""
    keys: defaultdict[Key, set[str]] = defaultdict(set)
    unstored: defaultdict[Key, set[str]] = defaultdict(set)
    first: dict[Key, float] = {}
    times: defaultdict[str, int] = defaultdict(int)
    for record in records:
        if record["verdict"] not in TAKEN:
            continue
        event = json.loads(record["body"])
        if not event["type"].startswith("dabyl.alarm."):
            continue
        times[event["id"]] += 1
        if event["type"] not in {"dabyl.alarm.raised", "dabyl.alarm.repeated"}:
            continue
        device, at = event["data"]["device"], _seconds(record["received_at"])
        for event_id in {device["event_id"], *device["event_ids"]}:
            key = (device["id"], event_id)
            keys[key].add(event["id"])
            if not event["data"]["stored"]:
                unstored[key].add(event["id"])
            first[key] = min(at, first.get(key, at))
    told = {
        key: Told(keys=frozenset(found), unstored=frozenset(unstored[key]), at=first[key])
        for key, found in keys.items()
    }
    return told, len(times), sum(count - 1 for count in times.values())


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
