"""A panic button that pretends: `machine` thinks, `edge` talks, `run(Options(…))` lives."""

from simulators.panic_button.edge import Options, run

__all__ = ["Options", "run"]
