"""What every table is made of. Times are microseconds since 1970 in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Integer, MetaData, TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = datetime.max.replace(tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970, as the tables keep them."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """The aware moment of what the tables keep."""
    return _EPOCH + timedelta(microseconds=microseconds)


def midnight(moment: datetime) -> datetime:
    """When the day of that moment began, by UTC: what lies together lies together by that day."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


class Instant(TypeDecorator[datetime]):
    """An aware moment, kept as whole microseconds: the same on every database, and ordered."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ANN401, ARG002
        """To the table."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: Any, dialect: Any) -> datetime | None:  # noqa: ANN401, ARG002
        """From the table."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Position = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts a row by itself only where the key is exactly INTEGER."""
