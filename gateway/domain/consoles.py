"""Consoles: at which pages a dispatcher can be reached by sound, and for which districts. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.operator import RIGHTS, May

SIGN = timedelta(seconds=10)
"""How often a page says that it is there."""
LASTS = timedelta(seconds=25)
"""A page that said nothing for so long is not there: two signs may be lost."""
OF_A_PERSON = 16
"""Consoles of one person; the one that said nothing longest is forgotten first."""
_TAKE_OVER = frozenset(role.value for role, rights in RIGHTS.items() if May.TAKE_OVER in rights)


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """A page at which somebody began a shift, as it last said of itself."""

    id: str
    person: str
    role: str
    districts: tuple[str, ...] = ()
    """Whose alarms sound there; empty: everybody's."""
    armed: bool
    """Somebody began their shift at it."""
    sound: bool
    """Its sound is running now."""
    heard_at: datetime

    @property
    def may_take_over(self) -> bool:
        """Whether its person may hold what another holds, and does not answer."""
        return self.role in _TAKE_OVER

    @property
    def is_armed(self) -> bool:
        """Whether a cry can be heard at it."""
        return self.armed and self.sound


def armed(consoles: Iterable[Console], now: datetime) -> list[Console]:
    """Those that are there now and sound."""
    return [one for one in consoles if one.is_armed and now - one.heard_at < LASTS]


def is_watched(district: str | None, armed: Sequence[Console]) -> bool:
    """Whether an alarm of that district sounds anywhere; one without a district does at each."""
    return any(not one.districts or district is None or district in one.districts for one in armed)


def unwatched(districts: Collection[str], armed: Sequence[Console]) -> list[str]:
    """The districts that no console sounds for."""
    return sorted(one for one in districts if not is_watched(one, armed))
