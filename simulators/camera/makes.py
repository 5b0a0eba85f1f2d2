"""Makes of cameras: what each says it is, how it spells, and which of its quirks are known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from simulators.camera.quirks import Quirk, Value
from simulators.camera.spelling import Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Make:
    """A make of cameras, simulated in its likeness."""

    manufacturer: str = "Dabyl"
    model: str = "Simulated camera"
    firmware: str = "1.0.0"
    dialect: Dialect = Dialect.STANDARD
    quirks: Mapping[Quirk, Value] = field(default_factory=dict)
    slots: int = 10


MAKES: Final[Mapping[str, Make]] = MappingProxyType(
    {
        "plain": Make(),
        "hikvision": Make(
            manufacturer="HIKVISION",
            model="DS-2CD2043G2-I",
            firmware="V5.7.15 build 230313",
            dialect=Dialect.HIKVISION,
            quirks={
                Quirk.ADMINISTRATOR_SUBSCRIBES: None,
                Quirk.ONE_CREATED: None,
                Quirk.TWIN_MOTION: None,
                Quirk.SPLITS_INITIAL: None,
            },
        ),
        "nvr": Make(
            manufacturer="OEM",
            model="NVR channel",
            dialect=Dialect.GLUED,
            quirks={Quirk.DOUBLED_PORT: None, Quirk.TWIN_MOTION: None, Quirk.BAD_DATES: None},
        ),
        "dahua": Make(
            manufacturer="Dahua",
            model="DH-SD4A425DB-HNY",
            quirks={
                Quirk.BLOCKED_THREADS: None,
                Quirk.EMPTY_NOTIFICATION: None,
                Quirk.CLOCK_OFF: -255_600_000.0,
            },
            slots=3,
        ),
        "axis": Make(
            manufacturer="AXIS",
            model="P3265-LV",
            firmware="11.11.160",
            dialect=Dialect.AXIS,
            quirks={
                Quirk.REFERENCE_PARAMETERS: None,
                Quirk.OWN_LIFETIME: 2_419_200.0,
                Quirk.DIGEST_ONLY: None,
            },
            slots=5,
        ),
        "pelco": Make(
            manufacturer="Pelco",
            model="IMP219-1",
            dialect=Dialect.PELCO,
            quirks={
                Quirk.REFERENCE_PARAMETERS: None,
                Quirk.OWN_LIFETIME: 90.0,
                Quirk.WHITE_SPACE: None,
            },
        ),
        "bosch": Make(
            manufacturer="Bosch",
            model="FLEXIDOME 5000i",
            dialect=Dialect.BOSCH,
            quirks={
                Quirk.RENEW_REFUSED: None,
                Quirk.SYNC_UNAUTHORISED: None,
                Quirk.PULLPOINT_FLAG_FALSE: None,
            },
        ),
        "hanwha": Make(
            manufacturer="Hanwha Techwin",
            model="XNV-6080R",
            dialect=Dialect.HANWHA,
            quirks={Quirk.DIGEST_ONLY: None, Quirk.JUNK_DIALECT: None},
        ),
        "avigilon": Make(
            manufacturer="Avigilon",
            model="2.0C-H4A-D1",
            dialect=Dialect.AVIGILON,
            quirks={Quirk.LOG_FLOOD: None},
        ),
        "reolink": Make(
            manufacturer="Reolink",
            model="RLC-810A",
            dialect=Dialect.REOLINK,
            quirks={Quirk.SLOTS_STICK: None, Quirk.NEVER_ENDS: None, Quirk.TWIN_MOTION: None},
            slots=4,
        ),
        "tapo": Make(
            manufacturer="TP-Link",
            model="Tapo C210",
            dialect=Dialect.TAPO,
            quirks={
                Quirk.WANTS_INITIAL_TERMINATION: None,
                Quirk.RICH_BY_PUSH_ONLY: None,
                Quirk.CURRENT_TIME_OFF: None,
                Quirk.DIES_OF_RENEWS: None,
                Quirk.NO_MEDIA2: None,
            },
        ),
        "xiongmai": Make(
            manufacturer="H264",
            model="50H20L",
            quirks={
                Quirk.RENEW_400_UNDECLARED: None,
                Quirk.ALL_INITIALIZED_TRUE: None,
                Quirk.WSSE_ONLY: None,
                Quirk.NO_MEDIA2: None,
            },
        ),
    }
)
