"""Hostile payloads: what a broken firmware, a fuzzer or an enemy might say, without end.

Three sources: bodies that hypothesis thinks up, random bytes, and good bodies that were mutated.
"""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import hypothesis
from hypothesis import strategies as st

from gateway.domain.kind import KINDS

_KINDS = [*KINDS, "panic.new-model", "coffee.ready", "", "panic.", "PANIC.PRESSED", "panic\0.x"]
_NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70), st.floats(), st.sampled_from([2**63, -(2**63) - 1, 1e308, -0.0])
)
_TEXT = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "\0",
            "\ud800",
            "\u202e",
            "'; DROP TABLE journal_alarm; --",
            "../../etc/passwd",
            "%s%n",
            "\n",
        ]
    ),
    st.sampled_from(
        ["2026-11-22T08:15:42+05:00", "0001-01-01T00:00:00+14:00", "yesterday", "24:61"]
    ),
)
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)
_IDS = st.uuids().map(str) | st.text(min_size=1, max_size=70)
_SAID = st.sampled_from(_KINDS)
_PLACE = st.fixed_dictionaries({}, optional={"lat": _VALUES, "lon": _VALUES, "at": _VALUES})
_EVENTS = st.fixed_dictionaries(
    {"id": st.one_of(_IDS, _IDS, _IDS, _VALUES), "kind": st.one_of(_SAID, _SAID, _SAID, _VALUES)},
    optional={
        "at": _TEXT | _VALUES,
        "age_ms": st.integers(0, 10**6) | _VALUES,
        "clock": st.sampled_from(["synced", "free", "unset", "?"]) | _VALUES,
        "boot": st.integers(0, 99) | _NUMBERS,
        "seq": st.integers(0, 10**6) | _NUMBERS,
        "part": st.integers(-2, 70) | _VALUES,
        "test": st.booleans() | _VALUES,
        "where": _PLACE | _VALUES,
        "data": st.fixed_dictionaries(
            {}, optional={"direction": _VALUES, "credential": _VALUES, "taken": _VALUES}
        )
        | _VALUES,
        "online": _VALUES,
        "ok": _VALUES,
    },
)
_TOKENS = [
    b"\0", b"\\u0000", b"\\ud800", b"\xff\xfe", b"null", b"NaN", b"-Infinity", b"1e999", b"[" * 40,
    b"}" * 3, b'"', b"\\", b"99999999999999999999", b'"id":', b'"kind":"panic.pressed",', b"{" * 99,
    b"\xf0\x9f\x9a\xa8", b"\r\n", b"\t", b'"data":{"a":{"b":[]}}', b"e" * 300, b"/*", b",,", b":",
]  # fmt: skip
_SAMPLES: list[bytes] = [
    json.dumps(body, ensure_ascii=False).encode()
    for body in (
        {"id": "01HQ7Z", "kind": "panic.pressed", "at": "2026-11-22T08:15:42.1+05:00", "age_ms": 3,
         "clock": "synced", "boot": 3, "seq": 41, "part": 2, "test": False},
        {"id": "01HQ7Y", "kind": "panic.duress", "where": {"lat": 43.2, "lon": 76.9, "at": None}},
        {"id": "01HQ7X", "kind": "passage.granted", "seq": 9,
         "data": {"direction": "in", "credential": "04A2239B", "taken": True}},
        {"id": "01HQ7W", "kind": "passage.denied", "data": {"reason": "anti_passback"}},
        {"id": "01HQ7V", "kind": "tamper.opened"}, {"id": "01HQ7U", "kind": "tamper.closed"},
        {"id": "01HQ7T", "kind": "input.activated", "part": 64},
        {"id": "01HQ7S", "kind": "battery.low", "data": {"percent": 7}},
        {"online": True, "at": "2026-11-22T08:15:42+05:00", "every_s": 30, "battery": 0.9},
        {"online": False}, {"id": "c1", "ok": True}, {"id": "c1", "ok": False, "error": "busy"},
    )
]  # fmt: skip
_LEAVES = ["alarm"] * 5 + ["event"] * 4 + ["state"] * 2 + ["reply", "receipt", "command", "", "x/y"]
_NAMES = [
    "Кнопка №1",
    "button-1 ",
    "gateway-g1",
    "canary-b1",
    "x" * 300,
    "a'--\"",
    "%s",
    "🚨",
    "..",
]


class Said(NamedTuple):
    """One hostile message."""

    device: str
    leaf: str
    payload: bytes
    retained: bool


def thought_up(count: int) -> list[bytes]:
    """So many bodies as hypothesis makes them; the same each time."""
    found: list[bytes] = []

    @hypothesis.settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(st.one_of(_EVENTS, _EVENTS, _EVENTS, _VALUES), st.booleans())
    def think(value: Any, in_ascii: bool) -> None:  # noqa: ANN401, FBT001 - whatever comes
        text = json.dumps(value, ensure_ascii=in_ascii)
        found.append(text.encode(errors="surrogatepass"))

    think()
    return found


def stream(dice: random.Random, corpus: list[bytes], devices: list[str]) -> Iterator[Said]:
    """Hostile messages without end."""
    sources: list[Callable[[], bytes]] = [
        *([lambda: dice.choice(corpus)] * 5),
        *([lambda: _bent(dice, corpus)] * 6),
        *([lambda: _mutated(dice, dice.choice(_SAMPLES))] * 6),
        *([lambda: _mutated(dice, dice.choice(corpus))] * 3),
        *([lambda: dice.randbytes(dice.randint(0, 400))] * 2),
        lambda: dice.choice(_SAMPLES),
        lambda: _large(dice),
    ]
    while True:
        is_odd = dice.random() < 0.02
        yield Said(
            device=dice.choice(_NAMES if is_odd else devices),
            leaf=dice.choice(_LEAVES),
            payload=dice.choice(sources)(),
            retained=dice.random() < 0.02,
        )


def _mutated(dice: random.Random, body: bytes) -> bytes:
    """A body with one to four things done to it."""
    work = bytearray(body)
    for _ in range(dice.randint(1, 4)):
        at = dice.randint(0, len(work))
        match dice.randint(0, 5):
            case 0 if work:
                work[at % len(work)] ^= 1 << dice.randint(0, 7)
            case 1:
                del work[at : at + dice.randint(1, 20)]
            case 2:
                work[at:at] = dice.choice(_TOKENS)
            case 3:
                work[at:at] = work[: dice.randint(0, len(work))]
            case 4:
                work[at:] = dice.choice(_SAMPLES)[at:]
            case _:
                del work[at:]
    return bytes(work[:20_000])


def _bent(dice: random.Random, corpus: list[bytes]) -> bytes:
    """Good JSON with something of another body in one place."""
    body: dict[str, object] = json.loads(dice.choice(_SAMPLES))
    other = json.loads(dice.choice(corpus), parse_constant=lambda _: None)
    values = [*other.values(), other] if isinstance(other, dict) else [other]
    body["id"] = f"bent-{dice.randint(0, 10**9)}"
    body[dice.choice([*body, "x", "data", "part", "where", "at"])] = dice.choice(values)
    return json.dumps(body).encode()


def _large(dice: random.Random) -> bytes:
    """About the limit of a body, on both sides of it."""
    size = dice.choice([100, 4_000, 16_000, 16_300, 17_000])
    return b'{"id": "large-%d", "kind": "panic.pressed", "data": {"x": "%s"}}' % (
        dice.randint(0, 10**9),
        b"x" * size,
    )
