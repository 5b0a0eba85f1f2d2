"""The papers of made-up schools: telephones, how to get in, floors with what hangs where."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from simulators.school.region import Placed, Site, Sort, Words

WIDTH, HEIGHT = 800, 500


@dataclass(frozen=True, slots=True)
class Room:
    """A zone on a floor's plan: its name, and its walls from the left and the top."""

    floor: int
    name: Words
    left: int
    top: int
    width: int
    height: int


ROOMS = {
    "Кіреберіс": Room(1, Words("Кіреберіс", "Вестибюль", "Entrance hall"), 320, 340, 160, 140),
    "Негізгі кіреберіс": Room(
        1, Words("Негізгі кіреберіс", "Главный вход", "Main entrance"), 320, 340, 160, 140
    ),
    "Екінші кіреберіс": Room(
        1, Words("Екінші кіреберіс", "Второй вход", "Second entrance"), 20, 20, 160, 120
    ),
    "Аула жағы": Room(
        1, Words("Аула жағы", "Со стороны двора", "Yard side"), 620, 20, 160, 120
    ),
    "Аула": Room(1, Words("Аула", "Двор", "Yard"), 620, 20, 160, 120),
    "Дәліз": Room(1, Words("Дәліз", "Коридор", "Corridor"), 20, 220, 760, 60),
    "Асхана": Room(1, Words("Асхана", "Столовая", "Canteen"), 20, 340, 300, 140),
    "Спорт залы": Room(1, Words("Спорт залы", "Спортзал", "Sports hall"), 480, 340, 300, 140),
    "Директор кабинеті": Room(
        2, Words("Директор кабинеті", "Кабинет директора", "Head's office"), 320, 20, 160, 160
    ),
    "Мұғалімдер бөлмесі": Room(
        2, Words("Мұғалімдер бөлмесі", "Учительская", "Staff room"), 480, 20, 300, 160
    ),
    "Екінші қабат": Room(
        2, Words("Екінші қабат, дәліз", "Коридор второго этажа", "Second-floor corridor"),
        20, 220, 760, 60,
    ),
    "Кітапхана": Room(3, Words("Кітапхана", "Библиотека", "Library"), 20, 20, 300, 160),
    "Үшінші қабат": Room(
        3, Words("Үшінші қабат, дәліз", "Коридор третьего этажа", "Third-floor corridor"),
        20, 220, 760, 60,
    ),
}  # fmt: skip
ACCESS = Words(
    "Қызмет қақпасы мектептің артында, коды 4512.\n"
    "Күзетші кіреберістің оң жағында, кілт сонда.\n"
    "Аулада үш автомобиль тұра алады.",
    "Служебные ворота за школой, код 4512.\n"
    "Охрана справа от входа, ключи у неё.\n"
    "Во дворе встанут три машины.",
    "The service gate is behind the school, code 4512.\n"
    "The guard sits right of the entrance and has the keys.\n"
    "The yard takes three cars.",
)
_OFFSETS = {Sort.BUTTON: (0.3, 0.75), Sort.TURNSTILE: (0.75, 0.7), Sort.CAMERA: (0.15, 0.2)}


def phones(site: Site) -> list[str]:
    """Numbers that reach nobody: the guard's and the office's."""
    number = int(site.id.removeprefix("s"))
    return [f"+7 727 000 {number // 100:02} {number % 100:02}", f"+7 700 000 {number:04}"]


def plan(zone: str) -> str:
    """The picture of that zone's floor, below the folder of plans; "" where there is none."""
    room = ROOMS.get(zone)
    return "" if room is None else f"floor-{room.floor}.svg"


def at(device: Placed) -> list[float]:
    """Where on that picture it hangs; nothing where there is none."""
    room = ROOMS.get(device.zone)
    if room is None:
        return []
    x, y = _OFFSETS[device.sort]
    return [
        round((room.left + room.width * x) / WIDTH, 4),
        round((room.top + room.height * y) / HEIGHT, 4),
    ]


def draw(folder: Path) -> None:
    """Draw the plan of every floor into that folder; all made-up schools are built alike."""
    folder.mkdir(parents=True, exist_ok=True)
    for floor in sorted({room.floor for room in ROOMS.values()}):
        (folder / f"floor-{floor}.svg").write_text("\n".join(_drawing(floor)), encoding="utf-8")


def _drawing(floor: int) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="17">'
    )
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fbfcfd"/>'
    yield '<g fill="none" stroke="#33475b" stroke-width="3">'
    yield '<rect x="20" y="20" width="760" height="460" stroke-width="6"/>'
    walls = (
        "M20 200H780M20 300H780M180 20V200M320 20V200M480 20V200M620 20V200M320 300V480M480 300V480"
    )
    yield f'<path d="{walls}"/></g>'
    for line in ("M230 200h60", "M370 200h60", "M530 200h60", "M140 300h60", "M600 300h60"):
        yield f'<path d="{line}" stroke="#fbfcfd" stroke-width="7"/>'
    if floor == 1:
        yield '<path d="M370 480h60" stroke="#fbfcfd" stroke-width="9"/>'
    for place in {(r.left, r.top): r for r in ROOMS.values() if r.floor == floor}.values():
        middle = place.left + place.width / 2
        yield (
            f'<text x="{middle:g}" y="{place.top + 32}" fill="#4a5b6c" text-anchor="middle">'
            f"{place.name.kk}</text>"
        )
    yield "</svg>\n"
