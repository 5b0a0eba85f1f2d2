"""How cameras spell what happened: ONVIF's topics, and what makers put in their place."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

Items = tuple[tuple[str, str], ...]


class Happening(StrEnum):
    """What a camera can notice."""

    INPUT = "input"
    RELAY = "relay"
    TAMPER = "tamper"
    MOTION = "motion"
    LINE = "line"
    INTRUSION = "intrusion"
    PERSON = "person"
    SIGNAL_LOSS = "signal_loss"
    STORAGE = "storage"
    GRANTED = "granted"
    DENIED = "denied"
    DURESS = "duress"
    DOOR_ALARM = "door_alarm"
    DOOR = "door"
    LOCK = "lock"
    PROCESSOR = "processor"


class Dialect(StrEnum):
    """Whose way of spelling it is."""

    STANDARD = "standard"
    HIKVISION = "hikvision"
    GLUED = "glued"
    AXIS = "axis"
    BOSCH = "bosch"
    HANWHA = "hanwha"
    AVIGILON = "avigilon"
    REOLINK = "reolink"
    TAPO = "tapo"
    PELCO = "pelco"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """A topic, what it is about, and the item that says how it stands.

    In sources `{token}` is the input, door or rule meant. Without `off` it is an event
    that begins and ends in one moment; without `item` it says nothing but that it happened.
    """

    topic: str
    source: Items = ()
    item: str = ""
    on: str = "true"
    off: str | None = "false"
    more: Items = ()

    @property
    def is_property(self) -> bool:
        """Whether it stands until it changes."""
        return self.off is not None


_RULE: Final[Items] = (
    ("VideoSourceConfigurationToken", "VSC_1"),
    ("VideoAnalyticsConfigurationToken", "VAC_1"),
    ("Rule", "{token}"),
)
_SOURCE: Final[Items] = (("Source", "VS_1"),)
_DOOR: Final[Items] = (("DoorToken", "{token}"),)
_ACCESS: Final[Items] = (("AccessPointToken", "{token}"),)
_CARD: Final[Items] = (("CredentialToken", "{card}"), ("CredentialHolderName", "{holder}"))

STANDARD: Final[Mapping[Happening, Spelling]] = MappingProxyType(
    {
        Happening.INPUT: Spelling(
            topic="tns1:Device/Trigger/DigitalInput",
            source=(("InputToken", "{token}"),),
            item="LogicalState",
        ),
        Happening.RELAY: Spelling(
            topic="tns1:Device/Trigger/Relay",
            source=(("RelayToken", "{token}"),),
            item="LogicalState",
            on="active",
            off="inactive",
        ),
        Happening.TAMPER: Spelling(
            topic="tns1:VideoSource/GlobalSceneChange/ImagingService", source=_SOURCE, item="State"
        ),
        Happening.MOTION: Spelling(
            topic="tns1:RuleEngine/CellMotionDetector/Motion", source=_RULE, item="IsMotion"
        ),
        Happening.LINE: Spelling(
            topic="tns1:RuleEngine/LineDetector/Crossed",
            source=_RULE,
            item="ObjectId",
            on="{object}",
            off=None,
        ),
        Happening.INTRUSION: Spelling(
            topic="tns1:RuleEngine/FieldDetector/ObjectsInside", source=_RULE, item="IsInside"
        ),
        Happening.SIGNAL_LOSS: Spelling(
            topic="tns1:VideoSource/SignalLoss", source=_SOURCE, item="State"
        ),
        Happening.STORAGE: Spelling(
            topic="tns1:Device/HardwareFailure/StorageFailure",
            source=(("Token", "{token}"),),
            item="Failed",
        ),
        Happening.GRANTED: Spelling(
            topic="tns1:AccessControl/AccessGranted/Credential",
            source=_ACCESS,
            off=None,
            more=_CARD,
        ),
        Happening.DENIED: Spelling(
            topic="tns1:AccessControl/Denied/Credential",
            source=_ACCESS,
            item="Reason",
            on="{reason}",
            off=None,
            more=_CARD,
        ),
        Happening.DURESS: Spelling(
            topic="tns1:AccessControl/Duress",
            source=_ACCESS,
            item="Reason",
            on="{reason}",
            off=None,
            more=_CARD,
        ),
        Happening.DOOR_ALARM: Spelling(
            topic="tns1:Door/State/DoorAlarm",
            source=_DOOR,
            item="State",
            on="{reason}",
            off="Normal",
        ),
        Happening.DOOR: Spelling(
            topic="tns1:Door/State/DoorPhysicalState",
            source=_DOOR,
            item="State",
            on="Open",
            off="Closed",
        ),
        Happening.LOCK: Spelling(
            topic="tns1:Door/State/DoorMode",
            source=_DOOR,
            item="State",
            on="Unlocked",
            off="Locked",
        ),
        Happening.PROCESSOR: Spelling(
            topic="tns1:Monitoring/ProcessorUsage",
            source=(("Token", "cpu"),),
            item="Value",
            on="0.31",
            off="0.29",
        ),
    }
)
TWIN: Final = Spelling(topic="tns1:VideoSource/MotionAlarm", source=_SOURCE, item="State")
LOG: Final = Spelling(topic="tnsavg:Logs", item="Message", on="{reason}", off=None)
BEGIN_OF_BUFFER: Final = Spelling(topic="tns1:EventBuffer/Begin", off=None)

_DIALECTS: Final[Mapping[Dialect, Mapping[Happening, Spelling]]] = MappingProxyType(
    {
        Dialect.STANDARD: {},
        Dialect.HIKVISION: {
            Happening.INPUT: Spelling(
                topic="tns1:Device/tnshik:AlarmIn",
                source=(("AlarmInToken", "{token}"),),
                item="State",
            ),
            Happening.TAMPER: Spelling(
                topic="tns1:VideoSource/GlobalSceneChange/AnalyticsService",
                source=_SOURCE,
                item="State",
            ),
        },
        Dialect.GLUED: {
            Happening.INPUT: Spelling(
                topic="tns1:VideoSource/tns1:Device/Trigger/DigitalInput",
                source=(("InputToken", "{token}"),),
                item="LogicalState",
                on="TRUE",
                off="FALSE",
            ),
        },
        Dialect.AXIS: {
            Happening.INPUT: Spelling(
                topic="tns1:Device/tnsaxis:IO/Port",
                source=(("port", "{token}"),),
                item="state",
                on="1",
                off="0",
            ),
            Happening.TAMPER: Spelling(
                topic="tns1:VideoSource/tnsaxis:Tampering",
                source=(("channel", "1"),),
                item="tampering",
                on="1",
                off=None,
            ),
            Happening.MOTION: Spelling(
                topic="tnsaxis:CameraApplicationPlatform/VMD/Camera1ProfileANY",
                item="active",
                on="1",
                off="0",
            ),
            Happening.STORAGE: Spelling(
                topic="tns1:Storage/tnsaxis:Disruption",
                source=(("disk_id", "SD_DISK"),),
                item="disruption",
                on="1",
                off="0",
            ),
        },
        Dialect.BOSCH: {
            Happening.LINE: Spelling(
                topic="tns1:RuleEngine/LineDetector/Crossed/{token}", source=_RULE[:2], off=None
            ),
            Happening.INTRUSION: Spelling(
                topic="tns1:IVA/EnteringField/{token}", source=_SOURCE, item="State"
            ),
        },
        Dialect.HANWHA: {
            Happening.INPUT: Spelling(
                topic="tns1:Device/tns1:Trigger/tnssamsung:DigitalInput",
                source=(("DigitalInput", "{token}"),),
                item="Level",
                on="1",
                off="0",
            ),
            Happening.TAMPER: Spelling(
                topic="tns1:VideoAnalytics/tnssamsung:Tampering",
                source=(("VideoSourceToken", "VS_1"),),
                item="State",
                on="1",
                off="0",
            ),
        },
        Dialect.AVIGILON: {
            Happening.INPUT: Spelling(
                topic="tns1:Device/Trigger/DigitalInput",
                source=(("InputToken", "{token}"),),
                item="RelayLogicalState",
                on="active",
                off="inactive",
            ),
        },
        Dialect.REOLINK: {
            Happening.PERSON: Spelling(
                topic="tns1:RuleEngine/MyRuleDetector/PeopleDetect", source=_SOURCE, item="State"
            ),
        },
        Dialect.TAPO: {
            Happening.PERSON: Spelling(
                topic="tns1:RuleEngine/PeopleDetector/People", source=_RULE, item="IsPeople"
            ),
            Happening.LINE: Spelling(
                topic="tns1:RuleEngine/TPSmartEventDetector/TPSmartEvent",
                source=_RULE,
                item="IsLineCross",
            ),
            Happening.TAMPER: Spelling(
                topic="tns1:RuleEngine/TamperDetector/Tamper", source=_RULE, item="IsTamper"
            ),
        },
        Dialect.PELCO: {
            Happening.MOTION: Spelling(
                topic="tns1:RuleEngine/CellMotionDetector/Motion",
                item="Value",
                on="True",
                off="False",
            ),
        },
    }
)


def of(dialect: Dialect, happening: Happening) -> Spelling | None:
    """Find how a dialect spells a happening; None if it has no word for it."""
    return _DIALECTS[dialect].get(happening) or STANDARD.get(happening)


def known(dialect: Dialect) -> dict[Happening, Spelling]:
    """Tell everything that a dialect can spell."""
    return {**STANDARD, **_DIALECTS[dialect]}
