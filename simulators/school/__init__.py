"""A school or a region that pretends: `run(Options(…))` plays a scenario on its brokers."""

from simulators.school.cameras import Login
from simulators.school.edge import Options, run

__all__ = ["Login", "Options", "run"]
