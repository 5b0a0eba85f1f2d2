"""Made-up schools of the Almaty region: names, addresses, places, devices."""

import random
from dataclasses import dataclass
from enum import StrEnum

SPREAD_DEGREES = 0.012  # a town of about two kilometres


class Sort(StrEnum):
    """Which sort of device hangs somewhere, in the words of the site file."""

    BUTTON = "panic-button"
    TURNSTILE = "turnstile"
    CAMERA = "camera"


@dataclass(frozen=True, slots=True)
class Words:
    """One thing in three languages."""

    kk: str
    ru: str
    en: str


@dataclass(frozen=True, slots=True)
class Town:
    """Where schools stand."""

    district: str
    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A device in its place."""

    id: str
    sort: Sort
    zone: str
    host: str = ""
    port: int | None = None
    make: str = ""
    looks_at: tuple[str, ...] = ()
    wired_button: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A made-up school."""

    id: str
    name: Words
    district: str
    address: str
    latitude: float
    longitude: float
    devices: tuple[Placed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """What hangs in each school."""

    buttons: int
    turnstiles: int
    cameras: int = 0
    camera_host: str = "127.0.0.1"
    camera_first_port: int = 8900
    camera_makes: tuple[str, ...] = ("plain",)
    wired_buttons: bool = False


TOWNS = (
    Town("Талғар ауданы", "Талғар қ.", 43.303, 77.240),
    Town("Қарасай ауданы", "Қаскелең қ.", 43.200, 76.620),
    Town("Іле ауданы", "Өтеген батыр к.", 43.420, 77.020),
    Town("Еңбекшіқазақ ауданы", "Есік қ.", 43.355, 77.452),
    Town("Жамбыл ауданы", "Ұзынағаш а.", 43.210, 76.320),
    Town("Ұйғыр ауданы", "Шонжы а.", 43.540, 79.470),
    Town("Кеген ауданы", "Кеген а.", 43.020, 79.220),
    Town("Райымбек ауданы", "Нарынқол а.", 42.720, 80.170),
    Town("Балқаш ауданы", "Бақанас а.", 44.810, 76.280),
    Town("Қонаев қаласы", "Қонаев қ.", 43.860, 77.060),
)
STREETS = (
    "Абай",
    "Жамбыл",
    "Райымбек батыр",
    "Төле би",
    "Қонаев",
    "Наурызбай батыр",
    "Әл-Фараби",
    "Сәтпаев",
    "Момышұлы",
    "Достық",
    "Жібек жолы",
    "Бейбітшілік",
)
KINDERGARTENS = (
    Words("Балдырған", "Балдырган", "Baldyrgan"),
    Words("Бөбек", "Бобек", "Bobek"),
    Words("Айгөлек", "Айголек", "Aigolek"),
    Words("Қарлығаш", "Карлыгаш", "Karlygash"),
    Words("Күншуақ", "Куншуак", "Kunshuak"),
)
COLLEGES = (
    Words("көпсалалы колледж", "Многопрофильный колледж", "Multidisciplinary College"),
    Words("аграрлық колледж", "Аграрный колледж", "Agrarian College"),
    Words("политехникалық колледж", "Политехнический колледж", "Polytechnic College"),
)
SHARES = (760, 186, 43)  # schools, kindergartens and colleges of the region
BUTTON_ZONES = (
    "Кіреберіс",
    "Директор кабинеті",
    "Асхана",
    "Спорт залы",
    "Мұғалімдер бөлмесі",
    "Екінші қабат",
    "Кітапхана",
    "Үшінші қабат",
)
TURNSTILE_ZONES = ("Негізгі кіреберіс", "Екінші кіреберіс", "Аула жағы")
CAMERA_ZONES = ("Кіреберіс", "Аула", "Дәліз", "Асхана")


def sites(count: int, equipment: Equipment, seed: int) -> tuple[Site, ...]:
    """Make up so many schools; the same seed makes the same schools."""
    dice = random.Random(seed)
    return tuple(_site(number, equipment, dice) for number in range(1, count + 1))


def _site(number: int, equipment: Equipment, dice: random.Random) -> Site:
    site = f"s{number:03}"
    speakers = _speakers(site, equipment)
    town = dice.choice(TOWNS)
    return Site(
        id=site,
        name=_name(number, dice),
        district=town.district,
        address=f"{town.name}, {dice.choice(STREETS)} көшесі, {dice.randint(1, 120)}",
        latitude=round(town.latitude + dice.gauss(0, SPREAD_DEGREES), 6),
        longitude=round(town.longitude + dice.gauss(0, SPREAD_DEGREES), 6),
        devices=(*speakers, *_cameras(site, number, equipment, speakers)),
    )


def _name(number: int, dice: random.Random) -> Words:
    sort = dice.choices(("school", "kindergarten", "college"), SHARES)[0]
    match sort if number > 1 else "school":  # a demonstration begins with a school
        case "kindergarten":
            name = dice.choice(KINDERGARTENS)
            return Words(
                f"№ {number} «{name.kk}» балабақшасы",
                f"Детский сад № {number} «{name.ru}»",
                f"Kindergarten No. {number} “{name.en}”",
            )
        case "college":
            name = dice.choice(COLLEGES)
            return Words(
                f"№ {number} {name.kk}", f"{name.ru} № {number}", f"{name.en} No. {number}"
            )
        case _:
            return Words(
                f"№ {number} жалпы білім беретін мектеп",
                f"Общеобразовательная школа № {number}",
                f"Secondary School No. {number}",
            )


def _speakers(site: str, equipment: Equipment) -> list[Placed]:
    buttons = [
        Placed(
            id=f"{site}-button-{number + 1}",
            sort=Sort.BUTTON,
            zone=BUTTON_ZONES[number % len(BUTTON_ZONES)],
        )
        for number in range(equipment.buttons)
    ]
    turnstiles = [
        Placed(
            id=f"{site}-turnstile-{number + 1}",
            sort=Sort.TURNSTILE,
            zone=TURNSTILE_ZONES[number % len(TURNSTILE_ZONES)],
        )
        for number in range(equipment.turnstiles)
    ]
    return buttons + turnstiles


def _cameras(
    site: str, site_number: int, equipment: Equipment, speakers: list[Placed]
) -> list[Placed]:
    first = (site_number - 1) * equipment.cameras
    return [
        _camera(f"{site}-camera-{number + 1}", number, first + number, equipment, speakers)
        for number in range(equipment.cameras)
    ]


def _camera(
    name: str, number: int, of_all: int, equipment: Equipment, speakers: list[Placed]
) -> Placed:
    zone = CAMERA_ZONES[number % len(CAMERA_ZONES)]
    buttons = (one for one in speakers if one.sort is Sort.BUTTON and one.zone == zone)
    return Placed(
        id=name,
        sort=Sort.CAMERA,
        zone=zone,
        host=equipment.camera_host,
        port=equipment.camera_first_port + of_all,
        make=equipment.camera_makes[of_all % len(equipment.camera_makes)],
        looks_at=tuple(one.id for one in buttons),
        wired_button=equipment.wired_buttons,
    )
