"""A turnstile that pretends: `machine` thinks, `edge` talks, `run(Options(…))` lives."""

from simulators.turnstile.edge import Options, run

__all__ = ["Options", "run"]
