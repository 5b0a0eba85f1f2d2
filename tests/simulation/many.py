"""Many seeds, over the cores of this machine; a world that ends by an error is a broken promise."""

import gc
import logging
import multiprocessing
from collections.abc import Iterator

import structlog

from tests.simulation import world
from tests.simulation.world import Outcome

_PER_PROCESS = 500


def outcomes(first: int, count: int, jobs: int, verbose: bool = False) -> Iterator[Outcome]:  # noqa: FBT001, FBT002 - a pool gives positions
    """The outcome of each seed, as it comes."""
    seeds = range(first, first + count)
    if jobs == 1:
        _begin(verbose)
        yield from map(one, seeds)
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(jobs, _begin, (verbose,), maxtasksperchild=_PER_PROCESS) as pool:
        yield from pool.imap_unordered(one, seeds, chunksize=5)
        pool.close()
        pool.join()


def one(seed: int) -> Outcome:
    """That seed's."""
    try:
        return world.run(seed)
    except Exception as error:  # noqa: BLE001 - see above
        return Outcome(seed, broken=[f"{type(error).__name__}: {error}"])


def _begin(verbose: bool) -> None:  # noqa: FBT001 - likewise
    """The gateway's own log is of use for one seed only; what is loaded is never garbage."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # a world leaves little: looked through less often, 8 % less
    if not verbose:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
