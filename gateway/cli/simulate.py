"""`dabyl simulate`: a simulated school or region, against any broker."""

from pathlib import Path

import click

from gateway.cli import foreground, late
from gateway.cli.failures import NotDone


@click.command
@click.argument("scenario")
@click.option(
    "--broker", "brokers", multiple=True, metavar="URL", help="mqtt://host:port; may be repeated."
)
@click.option("--ca-file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--password-file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--protocol", type=click.Choice(["5", "3.1.1"]), default="5", show_default=True)
@click.option("--sites", type=click.IntRange(1, 9000), help="So many schools instead of its own.")
@click.option("--speed", type=click.FloatRange(0.01, 1000), help="How fast the schedule runs.")
@click.option("--once", is_flag=True, help="End with the scenario.")
@click.option("--seconds", type=float, help="End after so many seconds.")
@click.option("--shared-connection", "is_shared", is_flag=True, help="For load: one for all.")
@click.option(
    "--site-file",
    type=click.Path(path_type=Path),
    help="Only write its schools as a site file (CSV, or .toml) for `dabyl site import`.",
)
@click.option(
    "--cameras", "with_cameras", is_flag=True, help="Its cameras listen too (dabyl, simulated)."
)
@click.option(
    "--camera-port", type=click.IntRange(1, 65535), help="Of the first camera; the next follow."
)
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of sentences.")
def simulate(  # noqa: PLR0913 - one parameter for each option
    *,
    scenario: str,
    brokers: tuple[str, ...],
    ca_file: Path | None,
    password_file: Path | None,
    protocol: str,
    sites: int | None,
    speed: float | None,
    seconds: float | None,
    site_file: Path | None,
    once: bool,
    is_shared: bool,
    with_cameras: bool,
    camera_port: int | None,
    as_json: bool,
) -> None:
    """Play SCENARIO (a name, or a TOML file) on the brokers.

    Names: panic_at_noon, morning_peak, quiet_day, storm, cameras_fail.
    """
    scenarios = late.load("simulators.school.scenario")
    try:
        played = scenarios.load(scenario, sites=sites, camera_first_port=camera_port)
    except scenarios.WrongScenario as error:
        raise click.UsageError(str(error)) from None
    if site_file is not None:
        late.load("simulators.school.sitefile").write(played.sites, site_file)
        click.echo(f"{len(played.sites)} schools in {site_file}; `dabyl site import` reads it")
        return
    if not brokers:
        raise click.UsageError("say --broker URL, or only --site-file FILE")
    mqtt, cast, school = (late.load(f"simulators.{name}") for name in ("mqtt", "cast", "school"))
    try:
        known = tuple(mqtt.parse(url, ca_file=ca_file, protocol=protocol) for url in brokers)
    except mqtt.WrongAddress as error:
        raise click.UsageError(str(error)) from None
    password = None if password_file is None else password_file.read_text("utf-8").strip()
    options = school.Options(
        scenario=played,
        way=cast.Way(brokers=known, password=password, shared=is_shared),
        cameras=school.Login() if with_cameras else None,
        speed=speed,
        stay=not once,
        digest=not as_json,
        tell=late.load("simulators.story").teller(json=as_json),
    )
    try:
        foreground.play(school.run(options), seconds)
    except (cast.TooManyConnections, OSError) as error:
        raise NotDone(str(error)) from None
