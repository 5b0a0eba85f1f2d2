"""Occupancy per site, as rows."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Text, bindparam, cast, column, func, select, text
from sqlalchemy.dialects import postgresql

from gateway.domain.occupancy import Occupancy
from gateway.store import schema
from gateway.store.bulk import Bulk
from gateway.store.prepared import Prepared, Question, Row, ask

_rows = schema.occupancies


def of_sites(connection: Connection, sites: Sequence[str]) -> dict[str, Occupancy]:
    """The counts of those sites, where there are any."""
    return ask(connection, asking(sites))


def asking(sites: Sequence[str]) -> Question[dict[str, Occupancy]]:
    """The same, to be asked with others."""

    def parameters(dialect: str) -> dict[str, Any]:
        wanted = msgspec.json.encode(sites).decode() if dialect == "sqlite" else list(sites)
        return {"sites": wanted}

    return Question(_OF_SITES, parameters, _made)


def save(connection: Connection, counts: Sequence[Occupancy]) -> None:
    """Write them as they are now."""
    _UPSERT.write(
        connection,
        [
            (
                one.site,
                one.day.isoformat(),
                one.inside,
                schema.microseconds(one.as_of),
                one.opened,
            )
            for one in counts
        ],
    )


def _made(rows: Sequence[Row]) -> dict[str, Occupancy]:
    return {
        site: Occupancy(
            site=site,
            day=date.fromisoformat(day),
            inside=inside,
            as_of=schema.moment(as_of),
            opened=bool(opened),
        )
        for site, day, inside, as_of, opened in rows
    }


# One parameter, however many sites: an IN of hundreds is written anew for every batch.
_ASKED = select(_rows.c.site, _rows.c.day, _rows.c.inside, _rows.c.as_of, _rows.c.opened)
_OF_SITES = Prepared(
    {
        "sqlite": _ASKED.where(
            _rows.c.site.in_(text("SELECT value FROM json_each(:sites)").columns(column("value")))
        ),
        "postgresql": _ASKED.where(
            _rows.c.site == func.any(cast(bindparam("sites"), postgresql.ARRAY(Text)))
        ),
    }
)
_UPSERT = Bulk.insert(
    _rows,
    ("site", "day", "inside", "as_of", "opened"),
    "ON CONFLICT (site) DO UPDATE SET day = excluded.day, inside = excluded.inside,"
    " as_of = excluded.as_of, opened = excluded.opened",
)
