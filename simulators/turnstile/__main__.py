"""Run turnstiles: `python -m simulators.turnstile --broker mqtt://… --device …`."""

import sys

from simulators import arguments, mqtt, story, turnstile


def main() -> int:
    """Read the command line and let the turnstiles live."""
    line = arguments.parser(
        "python -m simulators.turnstile",
        "Turnstiles that pretend. Type `card 7700000001`, `force`, `unlock` and the like.",
    )
    arguments.add_device(line)
    line.add_argument("--pupils", type=int, default=0, help="who come in the morning, per device")
    line.add_argument("--starts-at", default="07:15", help="the hour at which the schedule starts")
    line.add_argument("--bell-at", default="08:00")
    line.add_argument("--speed", type=float, default=1.0, help="how fast the schedule runs")
    line.add_argument("--seed", type=int, default=1)
    line.add_argument("--no-anti-passback", action="store_true")
    words = line.parse_args()
    try:
        way = arguments.way(words)
    except (mqtt.WrongAddress, OSError) as wrong:
        line.error(str(wrong))
    options = turnstile.Options(
        way=way,
        devices=tuple(words.device),
        device_class=words.device_class,
        pupils=words.pupils,
        starts_at=words.starts_at,
        bell_at=words.bell_at,
        speed=words.speed,
        seed=words.seed,
        anti_passback=not words.no_anti_passback,
        check_in_s=words.check_in,
        boot=words.boot,
        device_clock=arguments.device_clock(words),
        typed=sys.stdin.isatty(),
        tell=story.teller(json=words.json),
    )
    return arguments.start(line, turnstile.run(options), seconds=words.seconds)


if __name__ == "__main__":
    sys.exit(main())
