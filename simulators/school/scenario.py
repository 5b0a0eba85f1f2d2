"""Scenarios: which schools there are and what happens in them, read strictly from TOML."""

import fnmatch
import random
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pydantic

from simulators.acts import CAMERA_DEEDS, Act, Deed
from simulators.camera import quirks
from simulators.camera.makes import MAKES
from simulators.character import DeviceClass
from simulators.school import region
from simulators.school.region import Equipment, Site, Sort
from simulators.school.tomlfile import ActRow, RegionRow, ScenarioFile

FOLDER = Path(__file__).parent.parent / "scenarios"
LAST_PORT = 65535
ANY_DEVICE = frozenset(
    {
        Deed.DURESS,
        Deed.TAMPER_OPEN,
        Deed.TAMPER_CLOSE,
        Deed.BATTERY,
        Deed.MAINS_OFF,
        Deed.MAINS_ON,
        Deed.REBOOT,
        Deed.UNPLUG,
        Deed.PLUG,
    }
)
DEEDS = {
    Sort.BUTTON: ANY_DEVICE | {Deed.PRESS},
    Sort.TURNSTILE: frozenset(Deed) - (CAMERA_DEEDS - ANY_DEVICE),
    Sort.CAMERA: CAMERA_DEEDS,
}


class WrongScenario(Exception):
    """A scenario that cannot be played: which, where in it, and why."""

    def __init__(self, name: str, where: str, why: str) -> None:
        super().__init__(f"scenario {name}: {where}: {why}" if where else f"scenario {name}: {why}")


@dataclass(frozen=True, slots=True)
class Timed:
    """One act of one device, at its time."""

    at_s: float
    device: str
    act: Act


@dataclass(frozen=True, slots=True)
class Said:
    """What the narrator says, at its time."""

    at_s: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """Pupils who come before the bell."""

    bell_at: str
    pupils_per_turnstile: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario, whole and consistent."""

    name: str
    about: str
    seed: int
    starts_at: str
    speed: float
    device_class: DeviceClass
    check_in_s: float
    silent_buttons: str | None
    sites: tuple[Site, ...]
    timed: tuple[Timed, ...]
    said: tuple[Said, ...]
    morning: Morning | None

    def lasts_s(self) -> float:
        """Tell when the last act is over."""
        times = [act.at_s for act in self.timed] + [words.at_s for words in self.said]
        return max(times, default=0.0)


def names() -> list[str]:
    """List the scenarios that come with the house."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def load(
    name_or_path: str, *, sites: int | None = None, camera_first_port: int | None = None
) -> Scenario:
    """Read a scenario by its name or from a file; what is said here replaces what stands there.

    Raises:
        WrongScenario: there is none, or it is not right; one line says why.
    """
    path = FOLDER / f"{name_or_path}.toml" if name_or_path in names() else Path(name_or_path)
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        known = ", ".join(names())
        raise WrongScenario(name_or_path, "", f"no such file, and none of: {known}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as wrong:
        raise WrongScenario(path.stem, "", str(wrong)) from None
    try:
        file = ScenarioFile.model_validate(fields)
    except pydantic.ValidationError as wrong:
        first = wrong.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise WrongScenario(path.stem, where, first["msg"]) from None
    said = {"sites": sites, "camera_first_port": camera_first_port}
    instead = {name: value for name, value in said.items() if value is not None}
    file = file.model_copy(update={"region": file.region.model_copy(update=instead)})
    return _scenario(path.stem, file)


def _scenario(name: str, file: ScenarioFile) -> Scenario:
    place = file.region
    _check_cameras(name, place)
    equipment = Equipment(
        buttons=place.buttons,
        turnstiles=place.turnstiles,
        cameras=place.cameras,
        camera_host=place.camera_host,
        camera_first_port=place.camera_first_port,
        camera_makes=place.camera_makes,
        wired_buttons=place.wired_buttons,
    )
    sites = region.sites(place.sites, equipment, file.seed)
    morning = file.morning
    return Scenario(
        name=name,
        about=file.about,
        seed=file.seed,
        starts_at=file.starts_at,
        speed=file.speed,
        device_class=place.device_class,
        check_in_s=place.check_in_s,
        silent_buttons=place.silent_buttons,
        sites=sites,
        timed=_timed(name, file, sites),
        said=tuple(Said(act.at_s, act.say) for act in file.act if act.say is not None),
        morning=Morning(bell_at=morning.bell_at, pupils_per_turnstile=morning.pupils_per_turnstile)
        if morning is not None
        else None,
    )


def _check_cameras(name: str, place: RegionRow) -> None:
    unknown = sorted(set(place.camera_makes) - set(MAKES))
    if unknown:
        raise WrongScenario(name, "region.camera_makes", f"no such make: {', '.join(unknown)}")
    last = place.camera_first_port + place.sites * place.cameras - 1
    if last > LAST_PORT:
        raise WrongScenario(name, "region.cameras", f"the last would be at port {last}")


def _timed(name: str, file: ScenarioFile, sites: tuple[Site, ...]) -> tuple[Timed, ...]:
    dice = random.Random(file.seed)
    sorts = {device.id: device.sort for site in sites for device in site.devices}
    timed = [
        timed
        for number, row in enumerate(file.act)
        if row.does is not None and row.device is not None
        for timed in _of_row(row, _matching(name, f"act.{number}", row, sorts), dice)
    ]
    return tuple(sorted(timed, key=lambda one: one.at_s))


def _matching(name: str, where: str, row: ActRow, sorts: dict[str, Sort]) -> list[str]:
    devices = fnmatch.filter(sorts, row.device or "")
    able = [device for device in devices if row.does in DEEDS[sorts[device]]]
    if not devices:
        raise WrongScenario(name, where, f"no device is called {row.device!r}")
    try:
        _ = quirks.read(row.quirk) if row.quirk or row.does is Deed.BREAK else None
    except quirks.UnknownQuirk as wrong:
        raise WrongScenario(name, f"{where}.quirk", str(wrong)) from None
    if not able:
        sort = sorts[devices[0]]
        raise WrongScenario(name, where, f"{devices[0]} is a {sort}: no {row.does} there")
    return able


def _of_row(row: ActRow, devices: list[str], dice: random.Random) -> list[Timed]:
    if row.does is None:
        return []
    act = Act(
        deed=row.does,
        kind=row.kind,
        part=row.part,
        test=row.test,
        percent=row.percent,
        card=row.card,
        direction=row.direction,
        reason=row.reason,
        quirk=row.quirk,
    )
    some = dice.sample(devices, max(1, round(len(devices) * row.share)))
    return [Timed(row.at_s + dice.uniform(0, row.spread_s), device, act) for device in some]
