"""Run panic buttons: `python -m simulators.panic_button --broker mqtt://… --device …`."""

import sys

from simulators import arguments, mqtt, panic_button, story


def main() -> int:
    """Read the command line and let the buttons live."""
    line = arguments.parser(
        "python -m simulators.panic_button",
        "Panic buttons that pretend. An empty line presses; so does --press-every.",
    )
    arguments.add_device(line)
    line.add_argument("--kind", default="panic.pressed", help="panic.pressed, panic.holdup, …")
    line.add_argument("--silent", action="store_true", help="no light, no sound, ever")
    line.add_argument("--press-every", type=float, metavar="SECONDS")
    words = line.parse_args()
    try:
        way = arguments.way(words)
    except (mqtt.WrongAddress, OSError) as wrong:
        line.error(str(wrong))
    options = panic_button.Options(
        way=way,
        devices=tuple(words.device),
        device_class=words.device_class,
        kind=words.kind,
        silent=words.silent,
        check_in_s=words.check_in,
        boot=words.boot,
        device_clock=arguments.device_clock(words),
        press_every_s=words.press_every,
        typed=sys.stdin.isatty(),
        tell=story.teller(json=words.json),
    )
    return arguments.start(line, panic_button.run(options), seconds=words.seconds)


if __name__ == "__main__":
    sys.exit(main())
