"""The kinds of events against the contract's table, row by row."""

import pytest

from adapters.signal import Lane
from gateway.domain import kind as kinds
from gateway.domain.kind import KINDS, Kind, Voice

# Contract `dabyl/v1`, kinds of events: by, restored by, lane, raises, CID, SIA.
# `person` latches; `G` is the gateway's own word; lane `-`: never travels by itself.
TABLE = """
panic.pressed          D   person                alarm 0 120 PA
panic.audible          D   person                alarm 0 123 PA
panic.medical          D   person                alarm 0 100 MA
panic.fire             D   person                alarm 0 110 FA
panic.anything_else    D   person                alarm 0 120 PA
panic.holdup           D   person                alarm 0 122 HA
panic.duress           D   person                alarm 0 121 HA
passage.duress         DA  person                alarm 0 121 HA
alarm.unreadable       G   person                -     1 380 UX
events.missing         G   person                -     1 380 UX
passage.forced         DA  passage.closed        alarm 1 423 DF
passage.held_open      DA  passage.closed        alarm 2 426 DM
passage.granted        DA  -                     event - -   -
passage.denied         DA  -                     event - 421 DD
passage.unlocked       DA  passage.locked        alarm 1 422 DG
tamper.opened          DA  tamper.closed         alarm 1 137 TA
camera.line_crossed    A   -                     alarm 1 130 BA
camera.intrusion       A   -                     alarm 1 130 BA
camera.motion          A   -                     event - 130 BA
camera.tampered        A   camera.restored       alarm 1 137 TA
camera.signal_lost     A   camera.signal_back    event 2 380 UX
camera.storage_failed  A   camera.storage_back   event 2 380 UX
input.activated        DA  -                     alarm - -   -
input.cleared          DA  -                     alarm - -   -
battery.low            D   battery.restored      event 2 384 XT
mains.lost             D   mains.restored        event 2 301 AT
device.silent          SG  G                     -     2 381 YS
device.stuck           SG  G                     -     2 381 YS
device.ids_reused      SG  device.ids_unique     -     2 381 YS
device.clock_off       SG  device.clock_right    -     2 381 YS
device.moved           SG  person                -     1 381 YS
device.duplicated      SG  device.single         -     1 381 YS
site.silent            S   site.heard            -     1 381 YS
district.silent        S   district.heard        -     1 381 YS
broker.lost            G   broker.back           -     1 350 YC
site.cameras_silent    S   site.cameras_heard    -     1 381 YS
district.cameras_silent S  district.cameras_heard - 1 381 YS
camera.picture_bad     A   camera.picture_back   -     2 380 UX
camera.firmware_changed A  -                     -     3 380 UX
camera.events_dead     A   camera.events_back    -     2 381 YS
camera.clock_off       A   camera.clock_back     -     2 381 YS
camera.refused         A   camera.refused_back   -     2 381 YS
camera.unreachable     A   camera.unreachable_back - 2 381 YS
centre.unreachable     G   G                     -     1 350 YC
centre.refusing        G   G                     -     1 350 YC
centre.unproven        G   G                     -     1 350 YC
delivery.refused       G   -                     -     1 350 YC
gateway.clock_off      G   gateway.clock_right   -     1 350 YC
gateway.silent         G   gateway.heard         -     1 350 YC
store.alone            G   store.joined          -     1 350 YC
store.standby_lost     G   store.standby_back    -     2 350 YC
path.proof             G   -                     alarm - 602 RP
path.unproven          G   G                     -     1 350 YC
"""
ROWS = [row.split() for row in TABLE.strip().splitlines()]


def found(name: str) -> Kind:
    kind = kinds.find(name)
    assert kind is not None, name
    return kind


def enders(name: str) -> list[str]:
    return [kind.name for kind in KINDS.values() if name in kind.restores]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_kind_is_what_its_row_of_the_contract_says(row: list[str]) -> None:
    name, by, _, lane, raises, cid, sia = row
    kind = found(name)
    assert kind.by == {Voice(letter) for letter in by}
    assert kind.lane == (None if lane == "-" else Lane(lane))
    assert kind.raises == (None if raises == "-" else int(raises))
    assert (kind.cid or "-", kind.sia or "-") == (int(cid) if cid != "-" else "-", sia)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_kind_is_restored_by_what_its_row_says(row: list[str]) -> None:
    name, by, restored_by = row[:3]
    assert found(name).latches == (restored_by == "person")
    match restored_by:
        case "person" | "-":
            assert enders(name) == []
        case "G":
            (ender,) = enders(name)
            assert found(ender).by == {Voice(letter) for letter in by}
        case _:
            assert enders(name) == [restored_by]
            assert found(restored_by).by == found(name).by
            assert found(restored_by).lane == found(name).lane


def test_no_kind_is_known_that_the_contract_does_not_name() -> None:
    named = {row[0] for row in ROWS} | {row[2] for row in ROWS}
    own = {"device.heard", "device.calm", "centre.reached", "path.proven"}
    assert set(KINDS) - named == own


def test_only_three_kinds_are_silent_and_only_two_are_never_tests() -> None:
    assert {k.name for k in KINDS.values() if k.silent} == {
        *("panic.holdup", "panic.duress", "passage.duress"),
    }
    assert {k.name for k in KINDS.values() if k.never_test} == {"panic.holdup", "panic.duress"}


def test_every_kind_that_raises_bears_both_codes() -> None:
    assert not [k.name for k in KINDS.values() if k.raises is not None and not (k.cid and k.sia)]


@pytest.mark.parametrize("name", ["", "panic", "panic.", "Panic.pressed", "smoke.detected"])
def test_an_unknown_word_is_no_kind(name: str) -> None:
    assert kinds.find(name) is None


def test_whatever_a_firmware_invents_is_one_label_in_metrics() -> None:
    assert kinds.label(found("panic.b52")) == "panic.other"
    assert kinds.label(found("panic.fire")) == "panic.fire"
