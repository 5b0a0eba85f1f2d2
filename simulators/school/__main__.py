"""Play a scenario: `python -m simulators.school --broker mqtt://… --scenario panic_at_noon`."""

import sys
from pathlib import Path

from simulators import arguments, mqtt, school, story
from simulators.school import scenario, sitefile


def main() -> int:
    """Read the command line and play."""
    line = arguments.parser(
        "python -m simulators.school",
        "A school, or a region of schools, that pretends.",
        needs_broker=False,
    )
    line.add_argument(
        "--scenario", default="quiet_day", help=f"{', '.join(scenario.names())}, FILE"
    )
    line.add_argument("--sites", type=int, help="so many schools instead of the scenario's own")
    line.add_argument("--speed", type=float, help="how fast the schedule runs")
    line.add_argument("--once", action="store_true", help="end with the scenario")
    line.add_argument(
        "--site-file", type=Path, help="only write the schools as a site file (CSV, or .toml)"
    )
    line.add_argument(
        "--cameras", action="store_true", help="its cameras listen too (dabyl, simulated)"
    )
    words = line.parse_args()
    try:
        played = scenario.load(words.scenario, sites=words.sites)
        way = arguments.way(words)
    except (scenario.WrongScenario, mqtt.WrongAddress, OSError) as wrong:
        line.error(str(wrong))
    if words.site_file is not None:
        sitefile.write(played.sites, words.site_file)
        return 0
    if not way.brokers:
        line.error("say --broker, or only --site-file")
    options = school.Options(
        scenario=played,
        way=way,
        cameras=school.Login() if words.cameras else None,
        speed=words.speed,
        stay=not words.once,
        digest=not words.json,
        tell=story.teller(json=words.json),
    )
    return arguments.start(line, school.run(options), seconds=words.seconds)


if __name__ == "__main__":
    sys.exit(main())
