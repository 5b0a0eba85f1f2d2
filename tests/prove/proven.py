"""The short form of a proof, as a test: every figure that is asked for must be met."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.bench.figures import Figure
from tests.harness.postgres import Postgres
from tests.prove.found import Found, Ground, Size


async def proven(
    prove: Callable[[Ground], Awaitable[Found]],
    folder: Path,
    database: str = "sqlite",
    cluster: Postgres | None = None,
) -> None:
    """Prove it, show the figures, and fail where one falls short."""
    ground = Ground(folder=folder, size=Size.SHORT, database=database, cluster=cluster)
    judged(await prove(ground))


def judged(found: Found) -> None:
    """Show the figures, and fail where one falls short."""
    print(*(f"{one.name}: {one.value:g} {one.unit} {one.verdict}" for one in found.figures))
    assert [one for one in found.short_of if not _is_only_late(one)] == []


def _is_only_late(figure: Figure) -> bool:
    """A busy machine takes its time: the long form judges that, this one only what is far off."""
    return figure.unit in {"s", "ms"} and figure.value <= (figure.target or 0) * 4
