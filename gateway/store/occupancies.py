"""Occupancy per site, as rows."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from gateway.domain.occupancy import Occupancy
from gateway.store import schema

_rows = schema.occupancies


def of_sites(connection: Connection, sites: Sequence[str]) -> dict[str, Occupancy]:
    """The counts of those sites, where there are any."""
    rows = connection.execute(_OF_SITES, {"sites": list(sites)})
    return {
        row.site: Occupancy(
            site=row.site,
            day=date.fromisoformat(row.day),
            inside=row.inside,
            as_of=row.as_of,
            opened=row.opened,
        )
        for row in rows
    }


def save(connection: Connection, counts: Sequence[Occupancy]) -> None:
    """Write them as they are now."""
    connection.execute(
        _UPSERT[connection.dialect.name],
        [
            {
                "site": one.site,
                "day": one.day.isoformat(),
                "inside": one.inside,
                "as_of": one.as_of,
                "opened": one.opened,
            }
            for one in counts
        ],
    )


def _upsert(made: Any) -> Any:  # noqa: ANN401
    return made.on_conflict_do_update(
        index_elements=["site"],
        set_={name: made.excluded[name] for name in ("day", "inside", "as_of", "opened")},
    )


_OF_SITES = select(_rows).where(_rows.c.site.in_(bindparam("sites", expanding=True)))
_UPSERT = {
    "sqlite": _upsert(sqlite.insert(_rows)),
    "postgresql": _upsert(postgresql.insert(_rows)),
}
