"""The demo's scene: settings, keys and schools in one folder, and what happens in the schools."""

import base64
import json
import random
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from gateway import settings as configuration
from gateway import siteplan
from gateway.cli import late, opened
from gateway.cli import token as tokens
from gateway.cli.demonstration import staff
from gateway.cli.demonstration.broker import Broker
from gateway.clock import SystemClock
from gateway.domain.operator import Role
from gateway.settings import Settings
from gateway.store import operators
from gateway.store.database import Database, Urgency
from gateway.store.operators import Token

RECEIVER = "centre"
LASTS = timedelta(hours=12)
PLAYED_S = 6 * 3600
SITES, BUTTONS, CAMERAS = 3, 4, 1
SEED = 7
_OWNER_ONLY = 0o600

_BEGINNING = """
[[act]]
at_s = 4
say = "Noon. A stranger forces the turnstile of the first school."
does = "force"
device = "s001-turnstile-1"

[[act]]
at_s = 7
say = "The guard at the entrance presses the panic button."
does = "press"
device = "s001-button-1"

[[act]]
at_s = 10
say = "In the director's room somebody presses in silence: no lamp, no sound."
does = "press"
device = "s001-button-2"
kind = "panic.holdup"

[[act]]
at_s = 12
say = "The guard presses again: the same alarm, counted."
does = "press"
device = "s001-button-1"

[[act]]
at_s = 17
say = "At the entrance somebody presses the button that is wired to the camera."
does = "press"
device = "s001-camera-1"

[[act]]
at_s = 25
does = "close"
device = "s001-turnstile-1"

[[act]]
at_s = 28
say = "The stranger covers the lens."
does = "cover"
device = "s001-camera-1"

[[act]]
at_s = 36
does = "uncover"
device = "s001-camera-1"

[[act]]
at_s = 38
does = "release"
device = "s001-camera-1"

[[act]]
at_s = 40
say = "From now on: life in three schools, and now and then a press."
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything in its place."""

    settings: Settings
    settings_file: Path
    scenario: Any
    """A `simulators.school.scenario.Scenario`, known only by its name."""
    sign_in: str
    """The secret of a one-time link."""
    people: tuple[staff.Member, ...]
    """Who may sign in, each with a password made for this life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where the scene's secrets and settings lie."""

    folder: Path

    @property
    def settings(self) -> Path:
        """As `dabyl --config` takes it."""
        return self.folder / "dabyl.toml"

    @property
    def signing(self) -> Path:
        """What the gateway signs with."""
        return self.folder / "centre.secret"

    @property
    def token(self) -> Path:
        """The centre's key to the API."""
        return self.folder / "centre.token"

    @property
    def record(self) -> Path:
        """What the centre got, for `dabyl journal verify --against`."""
        return self.folder / "centre.jsonl"


def lay_out(folder: Path) -> Files:
    """Make the folder and the secrets that the centre needs before there is a gateway."""
    folder.mkdir(parents=True, exist_ok=True)
    files = Files(folder=folder)
    if not files.signing.exists():
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        _write_secret(files.signing, f"whsec_{key}\n")
    _write_secret(files.token, tokens.secret() + "\n")
    return files


async def furnish(files: Files, port: int, broker: Broker, alarms_url: str) -> Scene:
    """Write the settings, set the database up, put schools and keys into it."""
    files.settings.write_text(_settings(port, broker, alarms_url, files), encoding="utf-8")
    found = configuration.load(files.settings, environment={})
    played = _scenario(files.folder / "scenario.toml")
    site_file = files.folder / "schools.toml"
    late.load("simulators.school.sitefile").write(played.sites, site_file)
    opened.prepare(found)
    sign_in = secrets.token_urlsafe(32)
    async with opened.database(found) as database:
        await siteplan.apply(database, siteplan.read(site_file), move=True)
        await _give_keys(database, files)
        team = await staff.hire(database, sign_in, LASTS)
    return Scene(
        settings=found,
        settings_file=files.settings,
        scenario=played,
        sign_in=sign_in,
        people=team,
    )


async def _give_keys(database: Database, files: Files) -> None:
    """A key for the centre; a new one in each life."""
    now, life = SystemClock().now(), secrets.token_hex(3)
    machine = Token(name=f"centre {life}", role=Role.MACHINE, receiver=RECEIVER, created_at=now)
    key = files.token.read_text(encoding="utf-8").strip()
    await database.write(lambda c: operators.add_token(c, machine, key), Urgency.STEP)


def _settings(port: int, broker: Broker, alarms_url: str, files: Files) -> str:
    return "\n".join(
        [
            "# Written by `dabyl demo`, anew at each start.",
            '[installation]\nid = "demo"',
            '[gateway]\nname = "g1"',
            '[database]\nurl = "sqlite:///dabyl.db"',
            f'[http]\nlisten = "127.0.0.1:{port}"',
            f'[[broker]]\nname = "demo"\nurl = "{broker.url}"\nprotocol = {broker.protocol}',
            f'[[receiver]]\nname = "{RECEIVER}"\nurl = "{alarms_url}"',
            f'secret_file = "{files.signing.name}"\nauthority = true\n',
        ]
    )


def _scenario(path: Path) -> Any:  # noqa: ANN401 - see Scene
    first = late.load("simulators.school.cameras").free_ports(SITES * CAMERAS)
    head = [
        'about = "Three schools at noon; a stranger comes into the first."',
        f'starts_at = "12:00"\nseed = {SEED}',
        f"[region]\nsites = {SITES}\nbuttons = {BUTTONS}\nturnstiles = 1\ncheck_in_s = 10",
        f"cameras = {CAMERAS}\ncamera_first_port = {first}\nwired_buttons = true",
        _BEGINNING,
    ]
    path.write_text("\n".join([*head, *_life()]), encoding="utf-8")
    return late.load("simulators.school.scenario").load(str(path))


def _life() -> list[str]:
    """Cards every few seconds, a refused card now and then, a press about every minute."""
    dice = random.Random(SEED)  # noqa: S311 - a story, not a key
    acts = []
    at_s = 15.0
    while at_s < PLAYED_S:
        at_s += dice.uniform(3, 9)
        site = f"s{dice.randint(1, SITES):03}"
        act = {"at_s": round(at_s, 1), "device": f"{site}-turnstile-1", "does": "card"}
        chance = dice.random()
        if chance < 0.1 and at_s > 60:  # noqa: PLR2004 - not into the beginning
            act |= {"device": f"{site}-button-{dice.randint(1, BUTTONS)}", "does": "press"}
        elif chance < 0.2:  # noqa: PLR2004 - a card of ten is refused
            act |= {"does": "deny", "reason": "unknown_card"}
        else:
            act |= {"direction": dice.choice(["in", "in", "in", "out"])}
        acts.append("[[act]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in act.items()))
    return acts


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=_OWNER_ONLY)
    path.chmod(_OWNER_ONLY)
    path.write_text(text, encoding="utf-8")
