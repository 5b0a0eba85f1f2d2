"""What is concluded, in words: ids that everybody finds, and nothing of who a person is."""

from datetime import timedelta

import msgspec
import pytest

from adapters.devices.onvif import conclusion
from adapters.devices.onvif.conclusion import Concluded
from adapters.devices.onvif.notification import Notification
from adapters.signal import Lane
from gateway.domain import belief
from gateway.domain.event import Event
from tests.adapters.onvif.telling import (
    INITIALIZED,
    NOW,
    Camera,
    contact,
    later,
    motion,
    sample,
    told,
    words,
)
from tests.domain.making import BELIEVING, CAMERA, DUMB

_CROSSED = told("RuleEngine/LineDetector/Crossed", {"ObjectId": "7"})


def passages() -> list[Concluded]:
    return Camera().says(*sample("controller_passages"))


def test_two_gateways_and_every_way_find_the_same_id_and_body() -> None:
    by_pull = Camera().says(contact("1", "true"), at_s=0)
    by_push = Camera().says(contact("1", "true"), at_s=1)
    by_seek = Camera().says(contact("1", "true"), at_s=600, replayed=True)
    bodies = [msgspec.json.encode(conclusion.said(one)) for (one,) in (by_pull, by_push, by_seek)]
    assert len(set(bodies)) == 1


def test_what_seek_hands_again_is_the_same_event_after_it_was_heard() -> None:
    camera = Camera()
    (heard,) = camera.says(_CROSSED)
    (again,) = camera.says(_CROSSED, at_s=60, replayed=True)
    assert again.id == heard.id


def test_a_history_that_seek_hands_again_changes_nothing() -> None:
    camera = Camera()
    history = [
        contact("1", "true", said_at=later(0)),
        contact("1", "false", said_at=later(20)),
        contact("1", "true", said_at=later(40)),
    ]
    heard = [one for said in history for one in camera.says(said)]
    replayed = camera.says(*history, at_s=300, replayed=True)
    assert {one.id for one in replayed} <= {one.id for one in heard}
    assert len(camera.standing.active) == 1


@pytest.mark.parametrize(
    "other",
    [
        contact("2", "true"),
        contact("1", "1"),
        contact("1", "true", said_at=NOW + timedelta(microseconds=1)),
        told("Device/Trigger/AlarmIn", {"LogicalState": "true"}, source={"InputToken": "1"}),
    ],
    ids=["another input", "another word", "another moment", "another topic"],
)
def test_another_notification_is_another_event(other: Notification) -> None:
    (first,), (second,) = (Camera().says(one) for one in (contact("1", "true"), other))
    assert first.id != second.id


def test_presses_within_one_second_of_a_slow_clock_are_each_an_event() -> None:
    camera = Camera()
    found = [
        one.id
        for state in ("true", "false") * 3
        for one in camera.says(contact("1", state, said_at=NOW))
    ]
    assert len(set(found)) == 6


def test_a_clock_that_stands_still_makes_no_repeat_of_a_later_press() -> None:
    camera = Camera()
    (first,) = camera.says(contact("1", "true"))
    camera.says(contact("1", "false"), at_s=30)
    (second,) = camera.says(contact("1", "true"), at_s=60)
    assert first.id != second.id


def test_a_clock_that_begins_anew_at_each_boot_makes_no_repeat_of_what_is_found_then() -> None:
    camera, found = Camera(), list[str]()
    for boot_s in (0, 3600, 7200):
        at_boot = contact("1", "true", INITIALIZED, said_at=NOW)
        (one,) = camera.says(at_boot, at_s=boot_s, initial=True)
        found.append(one.id)
        camera.says(at_s=boot_s + 1)
        for turn, state in enumerate(("false", "true", "false"), start=2):
            said = contact("1", state, said_at=later(turn))
            camera.says(said, at_s=boot_s + turn)
    assert len(set(found)) == 3


def test_what_is_handed_in_again_keeps_the_time_at_which_it_was_heard() -> None:
    camera = Camera(stores=False)
    camera.says(contact("1", "true"), at_s=1)
    (again,) = camera.says(at_s=600, initial=True)
    assert conclusion.spoken(again, DUMB.id).received_at == later(1)


def test_where_the_clock_is_known_to_stand_our_time_tells_presses_apart_over_a_restart() -> None:
    (first,), (second,) = (
        Camera().says(contact("1", "true"), at_s=at_s, clock_runs=False) for at_s in (0, 3600)
    )
    assert first.id != second.id


def test_without_a_time_it_is_our_time() -> None:
    (first,) = Camera().says(contact("1", "true", said_at=None))
    (second,) = Camera().says(contact("1", "true", said_at=None), at_s=1)
    assert first.id != second.id
    assert first.said_at is None


def test_a_key_is_short_and_printable_and_still_tells_two_things_apart() -> None:
    long = [
        told(
            "Device/Trigger/DigitalInput",
            {"State": "1"},
            source={"InputToken": f"\t{'n' * 200}{n}"},
        )
        for n in range(2)
    ]
    keys = [one.key for one in Camera().says(*long)]
    assert len(set(keys)) == 2
    assert all(len(key) <= conclusion.KEY_LIMIT and key.isprintable() for key in keys)


def test_a_controllers_words_are_passages() -> None:
    assert words(passages()) == [
        *("passage.granted", "passage.denied", "passage.denied", "passage.denied"),
        *("passage.duress", "passage.forced", "passage.held_open"),
        *("passage.closed", "passage.closed", "passage.unlocked", "tamper.opened"),
    ]


def test_a_denial_says_why_in_the_contracts_words() -> None:
    reasons = [one.data["reason"] for one in passages() if one.kind == "passage.denied"]
    assert reasons == ["schedule", "unknown_card", "anti_passback"]


def test_of_a_person_only_the_credential_is_said_where_intake_hashes_it() -> None:
    for one in passages()[:5]:
        said = conclusion.said(one)
        assert set(said.data) <= {"topic", "source", "credential", "reason"}
        assert set(said.data["source"]) <= {"AccessPointToken"}
        spoken = conclusion.spoken(one, CAMERA.id)
        event = belief.believe(spoken, BELIEVING)
        assert isinstance(event, Event)
        kept = event.body.decode() + one.key + one.id
        assert "hashed" in kept
        for secret in ("Aigerim", "Daniyar", "guard", "cred-100", "0012345678"):
            assert secret not in kept


def test_a_card_number_cannot_be_guessed_from_the_id() -> None:
    topic, source = "AccessControl/Denied/CredentialNotFound/Card", {"AccessPointToken": "gate"}
    cards = ("0012345678", "0087654321")
    said = [[told(topic, {"Card": card}, None, source=source) for card in cards]]
    topic, data = "Credential/State/ApbViolation", {"ApbViolation": "true"}
    said += [[told(topic, data, None, source={"CredentialToken": card}) for card in cards]]
    for of_one_kind in said:
        found = [Camera().says(one)[0] for one in of_one_kind]
        assert len({(one.id, one.key) for one in found}) == 1


def test_two_persons_in_one_second_are_two_passages_and_one_said_twice_is_one() -> None:
    camera, topic = Camera(), "AccessControl/AccessGranted/Credential"
    source = {"AccessPointToken": "gate"}
    found = [
        camera.says(told(topic, {"CredentialToken": who}, None, source=source))[0].id
        for who in ("a", "b", "b")
    ]
    assert len(set(found)) == 2
    assert found[1] == found[2]


def test_a_passage_is_not_silenced_by_an_item_that_looks_like_a_state() -> None:
    granted = told("AccessControl/AccessGranted/Anonymous", {"External": "false"}, None)
    assert words(Camera().says(granted)) == ["passage.granted"]


def test_duress_is_a_cry_though_it_is_called_state_and_a_passage_is_none() -> None:
    said = [sample("controller_passages")[place] for place in (0, 5)]
    states = [
        Notification(topic=one.topic, source=one.source, operation=INITIALIZED)
        for one in said
        if isinstance(one, Notification)
    ]
    assert words(Camera().says(*states, initial=True)) == ["passage.duress"]


def test_it_is_handed_in_as_the_gateway_takes_it() -> None:
    for one, lane in (
        (contact("1", "true"), Lane.ALARM),
        (motion("true"), Lane.EVENT),
        (_CROSSED, Lane.ALARM),
    ):
        (concluded,) = Camera().says(one, at_s=0.2)
        spoken = conclusion.spoken(concluded, DUMB.id)
        event = belief.believe(spoken, BELIEVING)
        assert isinstance(event, Event)
        assert (event.link, event.device, event.lane, event.misplaced) == (
            *(DUMB.id, DUMB.id),
            *(lane, False),
        )
        assert (event.said_at, event.received_at) == (NOW, later(0.2))
