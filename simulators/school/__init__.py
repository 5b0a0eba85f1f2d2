"""A school or a region that pretends: `run(Options(…))` plays a scenario on its brokers."""

from simulators.school.edge import Options, run

__all__ = ["Options", "run"]
