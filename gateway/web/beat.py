"""The beat: what a heartbeat says beside the counts: how we are, who watches, what climbs."""

from gateway.domain import consoles
from gateway.domain.escalation import Rung
from gateway.store.views import Pulse
from gateway.web.house import House

DISTRICTS = 200
"""More are not named in one heartbeat."""


def of_pulse(house: House, pulse: Pulse) -> dict[str, object]:
    """The same for every page: who watches another district must hear that nobody watches this.

    `escalated` from the rung of everybody on is told to everybody; only counts, no alarm.
    """
    health, now = house.health(), house.clock.now()
    armed = consoles.armed(pulse.consoles, now)
    districts = {site.district for site in house.registry().sites.values() if site.district}
    return {
        "health": {
            "brokers": health.brokers,
            "receivers": health.receivers,
            "store": health.store,
            "clock_off_s": round(health.clock_off_s, 1),
        },
        "consoles": {"armed": len(armed), "here": len(pulse.consoles)},
        "unarmed": consoles.unwatched(districts, armed)[:DISTRICTS],
        "escalated": [
            {"district": district, "rung": rung, "count": count}
            for (district, rung), count in sorted(
                pulse.escalated.items(), key=lambda one: (-one[0][1], one[0][0] or "")
            )
            if rung >= Rung.EVERYONE
        ][:DISTRICTS],
    }
