"""One proof in a process of its own: `python -m tests.prove.child KEY SIZE FILE`.

Writes what it found as JSON. Started by `tests.prove.runner`, in namespaces of its own if it can.
"""

import asyncio
import contextlib
import json
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

from tests.harness.postgres import Postgres
from tests.prove import catalog, disk, limits, others
from tests.prove.catalog import Proof
from tests.prove.found import Found, Ground, Size


def run(proof: Proof, size: Size) -> Found:
    """Prove it in a new folder, which is gone at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="dabyl-prove-") as folder,
        _server(proof) as (database, cluster),
    ):
        ground = Ground(
            folder=Path(folder),
            size=size,
            database=database,
            cluster=cluster,
            say=lambda line: print(f"  {proof.key}: {line}", flush=True),
        )
        return asyncio.run(proof.prove(ground))  # type: ignore[arg-type]  # each is a coroutine


@contextlib.contextmanager
def _server(proof: Proof) -> Iterator[tuple[str, Postgres | None]]:
    if proof.database != "postgresql":
        yield "sqlite", None
        return
    server = Postgres(settings=())
    try:
        server.start()
        yield server.new_database(), server
    finally:
        server.remove()


def main() -> None:
    """Prove, and write it down."""
    key, size, file = sys.argv[1:]
    limits.as_many_files_as_allowed()
    (proof,) = catalog.chosen([key])
    try:
        told: dict[str, object] = run(proof, Size(size)).plain()
    except (others.NotThere, disk.NotApart) as error:
        told = {"failed": f"{type(error).__name__}: {error}"}
    except Exception as error:  # noqa: BLE001 - whatever it is, the report tells it
        told = {"failed": " ".join(f"{type(error).__name__}: {error}".split())[:300]}
        traceback.print_exc()
    Path(file).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
