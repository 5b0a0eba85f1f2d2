"""The series of people: who watches, and what climbs because nobody acts."""

from prometheus_client import Counter, Gauge

from gateway.metrics.registry import REGISTRY

escalations = Counter(
    "dabyl_escalations_total",
    "Alarms that climbed, to which rung (1 supervisors, 2 every console, 3 a receiver) and why",
    ["priority", "state", "reason"],
    registry=REGISTRY,
)
consoles = Gauge(
    "dabyl_consoles",
    "Consoles heard within 25 s: armed, or silent where no shift was begun or no sound runs",
    ["state"],
    registry=REGISTRY,
)
unarmed = Gauge(
    "dabyl_districts_unarmed", "Districts over which no console sounds", registry=REGISTRY
)
lapses = Counter("dabyl_claims_lapsed_total", "Claims whose holder was gone", registry=REGISTRY)
