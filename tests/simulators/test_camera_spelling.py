"""How cameras are difficult about what they tell, and how they write it."""

from datetime import datetime

import pytest
from lxml import etree

from simulators.camera import MAKES, Camera, Quirk
from simulators.camera.quirks import MEANINGS
from tests.simulators.cameras import Client, Heard, client_of, running

INFORMATION = "<tds:GetDeviceInformation/>"


async def told(camera: Camera, client: Client, *happenings: str) -> list[Heard]:
    """What is told of things that begin, after the initial state."""
    await client.subscribe()
    while await client.pull("PT0.1S"):
        pass
    for one in happenings:
        getattr(camera, one)(*(() if one in {"press", "cross_line"} else (True,)))
    return await client.pull("PT0.5S")


@pytest.mark.parametrize(
    ("make", "topic", "source", "data"),
    [
        ("plain", "tns1:Device/Trigger/DigitalInput", "InputToken", {"LogicalState": "true"}),
        ("hikvision", "tns1:Device/tnshik:AlarmIn", "AlarmInToken", {"State": "true"}),
        (
            "nvr",
            "tns1:VideoSource/tns1:Device/Trigger/DigitalInput",
            "InputToken",
            {"LogicalState": "TRUE"},
        ),
        ("axis", "tns1:Device/tnsaxis:IO/Port", "port", {"state": "1"}),
        (
            "hanwha",
            "tns1:Device/tns1:Trigger/tnssamsung:DigitalInput",
            "DigitalInput",
            {"Level": "1"},
        ),
        (
            "avigilon",
            "tns1:Device/Trigger/DigitalInput",
            "InputToken",
            {"RelayLogicalState": "active"},
        ),
    ],
)
async def test_make_has_its_own_word_for_a_wired_input(
    make: str, topic: str, source: str, data: dict[str, str]
) -> None:
    async with running(make=make) as camera, client_of(camera, login="digest") as client:
        await camera.mend(Quirk.LOG_FLOOD)
        await camera.mend(Quirk.DOUBLED_PORT)
        (one,) = await told(camera, client, "press")
        assert (one.topic, one.source, one.data) == (topic, {source: "1"}, data)


@pytest.mark.parametrize("make", sorted(MAKES))
async def test_each_make_tells_that_its_lens_is_covered(make: str) -> None:
    async with running(make=make) as camera, client_of(camera) as client:
        client.login = "wsse" if make == "xiongmai" else "digest"
        client.offset_s = -255_600_000.0 if make == "dahua" else 0.0
        for quirk in (Quirk.LOG_FLOOD, Quirk.DOUBLED_PORT, Quirk.RICH_BY_PUSH_ONLY):
            await camera.mend(quirk)
        heard = await told(camera, client, "tamper")
        assert [one for one in heard if "amper" in one.topic or "GlobalScene" in one.topic]


async def test_bosch_crosses_a_line_without_saying_more() -> None:
    async with running(make="bosch") as camera, client_of(camera) as client:
        (one,) = await told(camera, client, "cross_line")
        assert one.topic == "tns1:RuleEngine/LineDetector/Crossed/MyLineRule"
        assert (one.operation, one.data) == (None, {})


async def test_motion_is_told_twice_and_ends_without_a_message() -> None:
    quirks = (Quirk.TWIN_MOTION, Quirk.END_WITHOUT_MESSAGE)
    async with running(*quirks) as camera, client_of(camera) as client:
        assert len(await told(camera, client, "motion")) == 2
        camera.motion(False)
        said = await client.pull_raw()
        assert said.body.count(b"<wsnt:Message></wsnt:Message>") == 2


async def test_press_never_ends() -> None:
    async with running(Quirk.NEVER_ENDS) as camera, client_of(camera) as client:
        assert len(await told(camera, client, "press")) == 1
        camera.release()
        assert await client.pull("PT0.1S") == []


async def test_press_ends_in_the_same_moment() -> None:
    async with running(Quirk.SHORT_PULSES) as camera, client_of(camera) as client:
        heard = await told(camera, client, "press")
        assert [one.data["LogicalState"] for one in heard] == ["true", "false"]


async def test_everything_is_true_at_first() -> None:
    async with running(Quirk.ALL_INITIALIZED_TRUE) as camera, client_of(camera) as client:
        await client.subscribe()
        values = [value for one in await client.pull() for value in one.data.values()]
        assert not [one for one in values if one in {"false", "inactive"}]


async def test_only_motion_is_told_by_pull() -> None:
    async with running(Quirk.RICH_BY_PUSH_ONLY) as camera, client_of(camera) as client:
        heard = await told(camera, client, "press", "motion", "tamper")
        assert [one.topic for one in heard] == ["tns1:RuleEngine/CellMotionDetector/Motion"]


async def test_empty_pull_holds_an_empty_notification() -> None:
    async with running(Quirk.EMPTY_NOTIFICATION) as camera, client_of(camera) as client:
        assert await told(camera, client) == []
        assert b"<wsnt:Message></wsnt:Message>" in (await client.pull_raw("PT0.1S")).body


async def test_logs_flood_every_reply() -> None:
    async with running(Quirk.LOG_FLOOD) as camera, client_of(camera) as client:
        await client.subscribe()
        heard = [*await client.pull(), *await client.pull()]
        assert sum(one.topic == "tnsavg:Logs" for one in heard) == 40


async def test_messages_are_written_badly() -> None:
    quirks = (Quirk.JUNK_DIALECT, Quirk.CAPITAL_VALUES, Quirk.NO_OPERATION, Quirk.WHITE_SPACE)
    async with running(*quirks) as camera, client_of(camera) as client:
        await client.subscribe()
        camera.press()
        said = await client.pull_raw()
        assert b'Dialect="http://docs.oasis-open.org/wsn/t-1/TopicExpression/???' in said.body
        assert b'Value="True" Name="LogicalState"' in said.body
        assert b"PropertyOperation" not in said.body
        assert b">\n      tns1:Device/Trigger/DigitalInput\n" in said.body


async def test_one_holder_holds_many_messages() -> None:
    async with running(Quirk.MANY_IN_ONE) as camera, client_of(camera) as client:
        await client.subscribe()
        said = await client.pull_raw()
        inputs = [
            one
            for one in said.first.iter("{*}NotificationMessage")
            if "DigitalInput" in (one.findtext("{*}Topic") or "")
        ]
        assert [len(list(one.iter("{*}Message"))) for one in inputs] == [3]


async def test_dates_are_none() -> None:
    async with running(Quirk.BAD_DATES) as camera, client_of(camera) as client:
        await told(camera, client)
        for seconds in range(5):  # it has five kinds, by the second
            camera.set_clock(seconds)
            camera.press()
            camera.release()
        dates = [one.said_at for one in await client.pull()]
        await camera.mend(Quirk.BAD_DATES)
        camera.press()
        assert [_is_date(one.said_at) for one in await client.pull()] == [True]
    assert (len(dates), any(map(_is_date, dates))) == (10, False)


def _is_date(said: str) -> bool:
    try:
        return datetime.fromisoformat(said).tzinfo is not None
    except ValueError:
        return False


async def test_bytes_are_no_utf8() -> None:
    async with running(Quirk.INVALID_UTF8) as camera, client_of(camera) as client:
        with pytest.raises(UnicodeDecodeError):
            (await client.ask(INFORMATION)).body.decode()


async def test_namespaces_order_and_prefixes_are_others() -> None:
    quirks = (Quirk.WRONG_NAMESPACES, Quirk.WRONG_ORDER, Quirk.UNDECLARED_PREFIX)
    async with running(*quirks) as camera, client_of(camera) as client:
        said = await client.ask("<tds:GetSystemDateAndTime/>")
        assert b"www.onvif.org/ver10/device/wsdl" not in said.body
        assert b"xmlns:tns1" not in said.body
        whole = said.first.find(".//{*}UTCDateTime")
        assert whole is not None
        assert [etree.QName(one).localname for one in whole] == ["Date", "Time"]


async def test_anything_can_be_said() -> None:
    async with running() as camera, client_of(camera) as client:
        await told(camera, client)
        camera.say("tnsacme:Kettle/Boils", data=(("Steam", "much"),))
        camera.say("tns1:Broken", raw="<tt:Message>no end")
        said = await client.pull_raw()
        assert b"tnsacme:Kettle/Boils" in said.body
        assert b"no end" in said.body


def test_every_quirk_has_its_meaning() -> None:
    assert set(MEANINGS) == set(Quirk)
