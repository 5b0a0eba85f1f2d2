"""The v1 body: whatever comes becomes Said or Garbled, and nothing else ever escapes."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from adapters.devices import body
from adapters.devices.contract import Garbled
from adapters.signal import ClockQuality, Said, Unread

INT64 = 2**63
PRESS = {"id": "01HXYZ", "kind": "panic.pressed"}

_numbers = some.integers() | some.floats() | some.integers(-INT64 - 2, -INT64 + 2)
_leaves = some.none() | some.booleans() | _numbers | some.text(max_size=20)
_json = some.recursive(
    _leaves,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(), inner, max_size=4),
    max_leaves=20,
)
_fields = some.sampled_from(
    [
        "id",
        "kind",
        "at",
        "age_ms",
        "clock",
        "boot",
        "seq",
        "part",
        "test",
        "where",
        "data",
        "online",
    ]
)
_times = some.sampled_from(
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-11-22T03:15:42Z",
        "2026-11-22T08:15:42",
        "2026-02-30T00:00:00Z",
        "24:00",
    ]
)
_bodies = some.dictionaries(_fields, _json | _times, max_size=8).map(lambda one: {**one, **PRESS})


SLIPS: dict[str, list[Any]] = {
    "at": ["", "yesterday", 17, None, [], "2026-11-22T03:15:42"],
    "age_ms": [-1, "1", True, 1.5, {}],
    "seq": [-1, "7", True, [1]],
    "part": [0, 65, "1", 1.5, None],
    "where": [{}, {"lat": 91, "lon": 0}, "here", {"lat": "a"}, []],
    "test": [1, "true", None],
    "data": ["a text"],
    "new_in_firmware_9": [{"deep": [1, 2]}],
}


def said(**fields: Any) -> Said:  # noqa: ANN401 - whatever a device may say
    return body.event(json.dumps({**PRESS, **fields}).encode())


def reason(raw: bytes) -> Unread:
    with pytest.raises(Garbled) as caught:
        body.event(raw)
    return caught.value.reason


def event_or_reason(raw: bytes) -> Said | Unread:
    try:
        return body.event(raw)
    except Garbled as garbled:
        return garbled.reason


def assert_storable(value: object) -> None:
    """As both databases take it: no NUL, whole numbers within int64."""
    if isinstance(value, str):
        assert "\0" not in value
        value.encode()
    elif isinstance(value, int):
        assert -INT64 <= value < INT64
    elif isinstance(value, dict):
        for key, item in value.items():
            assert_storable(key)
            assert_storable(item)
    elif isinstance(value, list):
        for item in value:
            assert_storable(item)


@given(some.binary(max_size=300) | some.text().map(str.encode))
def test_any_bytes_are_an_event_or_garbled(raw: bytes) -> None:
    assert isinstance(event_or_reason(raw), Said | Unread)


@given(_bodies)
def test_any_json_is_an_event_that_can_be_stored_or_garbled(content: dict[str, Any]) -> None:
    found = event_or_reason(json.dumps(content).encode())
    if isinstance(found, Unread):
        assert found in {Unread.OUT_OF_RANGE, Unread.NUL, Unread.NOT_JSON}
        return
    assert_storable(found.content)
    assert found.at is None or found.at.astimezone(UTC).tzinfo is UTC
    for number, least in ((found.boot, 0), (found.seq, 0), (found.age_ms, 0), (found.part, 1)):
        assert number is None or least <= number < INT64


@pytest.mark.parametrize(
    "odd",
    [{name: value} for name, values in SLIPS.items() for value in values],
    ids=str,
)
def test_a_slip_in_an_optional_field_does_not_silence_a_press(odd: dict[str, Any]) -> None:
    found = said(**odd)
    assert (found.id, found.kind, found.part, found.test) == ("01HXYZ", "panic.pressed", 1, False)
    assert (found.at, found.age_ms, found.seq, found.where) == (None, None, None, None)
    assert found.data == {}


def test_every_field_is_read_as_the_contract_says() -> None:
    at = "2026-11-22T08:15:42+05:00"
    found = said(at=at, age_ms=12, clock="synced", boot=3, seq=4, part=64, test=True, data={"a": 1})
    assert found.at == datetime(2026, 11, 22, 3, 15, 42, tzinfo=UTC)
    assert (found.age_ms, found.boot, found.seq, found.part) == (12, 3, 4, 64)
    assert (found.clock, found.test, found.data) == (ClockQuality.SYNCED, True, {"a": 1})


def test_the_age_is_no_part_of_what_is_compared() -> None:
    assert said(age_ms=1).content == said(age_ms=2001).content


@pytest.mark.parametrize("clock", ["ntp", 1, [], {}])
def test_an_unknown_clock_is_not_trusted(clock: object) -> None:
    assert said(clock=clock).clock is ClockQuality.UNSET


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-13-01T00:00:00Z"]
)
def test_a_time_outside_of_time_is_no_time(at: str) -> None:
    assert said(at=at).at is None


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", Unread.NOT_JSON),
        (b"HELP", Unread.NOT_JSON),
        (b"[1]", Unread.NOT_JSON),
        (b"null", Unread.NOT_JSON),
        (b'{"id": "\xff"}', Unread.NOT_JSON),
        (b"[" * 16_000, Unread.NOT_JSON),
        (b'{"kind": "panic.pressed"}', Unread.BAD_FIELD),
        (b'{"id": "", "kind": "panic.pressed"}', Unread.BAD_FIELD),
        (b'{"id": 7, "kind": "panic.pressed"}', Unread.BAD_FIELD),
        (b'{"id": "%s", "kind": "panic.pressed"}' % (b"x" * 65), Unread.BAD_FIELD),
        (b'{"id": "a\\nb", "kind": "panic.pressed"}', Unread.BAD_FIELD),
        (b'{"id": "1"}', Unread.BAD_FIELD),
        (b'{"id": "1", "kind": "%s"}' % (b"x" * 65), Unread.BAD_FIELD),
        (b'{"id": "1", "kind": "a", "data": {"b": "\\u0000"}}', Unread.NUL),
        (b'{"id": "1", "kind": "a", "data": {"\\u0000": 1}}', Unread.NUL),
        (b'{"id": "1", "kind": "a", "seq": 9223372036854775808}', Unread.OUT_OF_RANGE),
        (b'{"id": "1", "kind": "a", "x": [-9223372036854775809]}', Unread.OUT_OF_RANGE),
        (b'{"id": "1", "kind": "a", "x": %s1%s}' % (b"[" * 40, b"]" * 40), Unread.OUT_OF_RANGE),
        (b'{"id": "1", "kind": "a"}' + b" " * 16_384, Unread.TOO_LARGE),
    ],
    ids=lambda value: value.decode(errors="replace")[:40] if isinstance(value, bytes) else value,
)
def test_what_cannot_be_taken_says_why(raw: bytes, why: Unread) -> None:
    assert reason(raw) is why


def test_a_body_of_exactly_16_kib_is_taken() -> None:
    raw = json.dumps(PRESS).encode()
    assert body.event(raw + b" " * (16 * 1024 - len(raw))).id == "01HXYZ"


def test_a_refusal_names_the_event_where_that_could_be_read() -> None:
    with pytest.raises(Garbled) as caught:
        body.event(b'{"id": "e7", "kind": 1}')
    assert caught.value.event_id == "e7"
