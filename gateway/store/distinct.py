"""The distinct names that an index begins with: one look for each, instead of reading it all."""

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, String, bindparam, func, select

from gateway.store.prepared import Prepared


def names(connection: Connection, column: Any) -> list[str]:  # noqa: ANN401 - of any table
    """They, in order."""
    found: list[str] = []
    after = ""
    while True:
        ((name,),) = _next(column).rows(connection, {"after": after})
        if name is None:
            return found
        after = str(name)
        found.append(after)


@lru_cache(maxsize=64)  # a partition's column is another each time
def _next(column: Any) -> Prepared:  # noqa: ANN401 - likewise
    after = bindparam("after", type_=String)
    return Prepared(select(func.min(column)).where(column > after))
