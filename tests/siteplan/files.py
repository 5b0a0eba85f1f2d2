"""Site files for the tests, and a registry to put them into."""

from gateway.domain.site import Registry
from gateway.siteplan import Plan, csvfile
from gateway.store import schema, sites
from gateway.store.database import Database, Urgency

HEADER = ",".join(csvfile.COLUMNS)
GATE = "s1,Мектеп,Школа,School,Talgar,Абай 1,43.25,76.95,b-1,panic-button,Кіреберіс,,,A"
HALL = "s1,Мектеп,Школа,School,Talgar,Абай 1,43.25,76.95,b-2,panic-button,Асхана,,,B"
TURN = "s2,,Лицей,,Talgar,,,,t-1,turnstile,,10.0.0.7,502,"


def text(*rows: str, header: str = HEADER) -> str:
    """A site file of these rows."""
    return "\n".join([header, *rows]) + "\n"


def plan(*rows: str) -> Plan:
    """What a file of these rows says."""
    return csvfile.read(text(*rows), "school.csv")


async def make_tables(database: Database) -> None:
    """Every table, empty."""
    await database.write(schema.metadata.create_all, Urgency.BULK)


async def registered(database: Database) -> Registry:
    """What the registry says now."""
    return await database.read(sites.registry)
