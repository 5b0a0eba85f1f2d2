"""The machines of a T2 installation, made of the files in deploy/t2 and deploy/mosquitto.

Only paths and addresses are put in place; and PostgreSQL gets less memory than a region's.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.harness import certificates, programs
from tests.harness.servers import DidNotStartError, Server
from tests.t2.namespaces import Network

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PASSWORD = "nobody-knows"
EXAMPLE_NET = "10.20.0"
_START_WITHIN_S = 40.0
_SMALL = """
shared_buffers = 32MB
max_wal_size = 256MB
wal_keep_size = 128MB
max_slot_wal_keep_size = 512MB
"""
_AS_POSTGRES = ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env")


class Machine:
    """One namespace with one program; `etc` and `var` are its own."""

    def __init__(self, network: Network, folder: Path, name: str, last: int) -> None:
        self.name = name
        self.network = network
        self.address = network.add(name, last)
        self.home = folder / name
        self.etc, self.var = self.home / "etc", self.home / "var"
        for one in (self.etc, self.var):
            one.mkdir(parents=True)
        self.server: Server | None = None

    def serves(self, *command: str) -> Server:
        """That program, to be started here."""
        whole = [*self.network.within(self.name), *command]
        self.server = Server(whole, log=self.home / "log", cwd=self.home)
        return self.server

    def run(self, *command: str, within_s: float = 60, check: bool = True) -> str:
        """A command that ends; what it said."""
        done = subprocess.run(
            [*self.network.within(self.name), *command],
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )
        said = done.stdout + done.stderr
        assert not check or done.returncode == 0, f"{self.name}: {command}: {said}"
        return said

    def placed(self, text: str) -> str:
        """An example's text with this network's addresses."""
        return text.replace(EXAMPLE_NET, self.network.net)

    def signal(self, how: signal.Signals) -> None:
        """To the program itself: SIGSTOP, SIGCONT."""
        assert self.server is not None
        os.kill(self.server.pid, how)

    def kill(self) -> None:
        """As a power cut does."""
        assert self.server is not None
        self.server.end(signal.SIGKILL)

    def log(self) -> str:
        """All that it ever said."""
        return "" if self.server is None else self.server.log()


class Broker(Machine):
    """A Mosquitto as it is shipped."""

    def prepare(self, authorities: "Authorities", passwords: Sequence[Path]) -> None:
        """Its files; the passwords of devices and of gateways."""
        certs = self.etc / "certs"
        certs.mkdir()
        authorities.give(certs, "server", self.address)
        for name in ("devices-ca", "gateways-ca"):
            shutil.copy(authorities.folder / f"{name}.crt", certs / f"{name}.crt")
        for name in ("devices.acl", "gateways.acl"):
            shutil.copy(DEPLOY / "mosquitto" / name, self.etc / name)
        for file in passwords:
            shutil.copy(file, self.etc / file.name)
        text = (DEPLOY / "mosquitto" / "dabyl.conf").read_text()
        text = text.replace("/etc/mosquitto/", f"{self.etc}/")
        text = text.replace("/var/lib/mosquitto/", f"{self.var}/")
        # It gives up root for `mosquitto`, who may not read a test's folder.
        (self.etc / "mosquitto.conf").write_text("user root\n" + text)
        self.serves(programs.find("mosquitto"), "-c", str(self.etc / "mosquitto.conf"))

    def start(self) -> None:
        """Starts it."""
        assert self.server is not None
        self.server.start()


class Postgres(Machine):
    """One of three; a primary is made by `begin`, a standby by `follow`."""

    @property
    def data(self) -> Path:
        """What it holds."""
        return self.var / "data"

    @property
    def config(self) -> Path:
        """Its first file."""
        return self.etc / "postgresql.conf"

    def prepare(self, authorities: "Authorities") -> None:
        """Its files, as Debian lays them out."""
        authorities.give(self.etc, "server", self.address)
        shutil.copy(authorities.folder / "site-ca.crt", self.etc / "ca.crt")
        (self.etc / "passfile").write_text(f"*:*:*:dabyl_replica:{PASSWORD}\n")
        (self.etc / "conf.d").mkdir()
        for name in ("dabyl.conf", "node.conf"):
            text = (
                (DEPLOY / "t2" / "postgresql" / name).read_text().replace("'pg1'", f"'{self.name}'")
            )
            text = text.replace("application_name=pg1", f"application_name={self.name}")
            text = text.replace("/etc/postgresql/15/main", str(self.etc))
            (self.etc / "conf.d" / name).write_text(self.placed(text))
        (self.etc / "conf.d" / "small.conf").write_text(_SMALL)
        (self.etc / "pg_ident.conf").touch()
        hba = self.placed((DEPLOY / "t2" / "postgresql" / "pg_hba.conf").read_text())
        (self.etc / "pg_hba.conf").write_text(hba)
        self.config.write_text(
            f"data_directory = '{self.data}'\nhba_file = '{self.etc}/pg_hba.conf'\n"
            f"ident_file = '{self.etc}/pg_ident.conf'\n"
            f"unix_socket_directories = '{self.var}'\ninclude_dir = 'conf.d'\n"
        )
        for path in (self.home, *self.home.rglob("*")):
            shutil.chown(path, "postgres", "postgres")
        for secret in (self.etc / "server.key", self.etc / "passfile"):
            secret.chmod(0o600)
        self.serves(*_AS_POSTGRES, programs.find("postgres"), "-c", f"config_file={self.config}")

    def begin(self) -> None:
        """The first primary: an empty cluster, and who may what."""
        self.as_postgres(
            *(programs.find("initdb"), "--auth=peer", "--encoding=UTF8", "--locale=C.UTF-8"),
            f"--pgdata={self.data}",
        )
        self.start()
        self.psql("-f", str(DEPLOY / "t2" / "postgresql" / "roles.sql"))
        for role in ("dabyl", "dabyl_admin", "dabyl_replica"):
            alone = ("-c", "SET synchronous_commit = local")
            self.psql(*alone, "-c", f"ALTER ROLE {role} PASSWORD '{PASSWORD}'")

    def follow(self, primary: "Postgres") -> None:
        """Become its standby, by the script that is shipped."""
        script = str(DEPLOY / "t2" / "postgresql" / "follow")
        self.as_postgres(script, self.name, str(self.data), primary.address, str(self.config))
        self.start()

    def may_start(self, *others: "Postgres") -> bool:
        """What the shipped fence says."""
        fence = str(DEPLOY / "t2" / "postgresql" / "fence")
        said = self.as_postgres(
            *(fence, str(self.data), str(self.config), *(one.address for one in others)),
            check=False,
        )
        return "is the primary now" not in said

    def start(self) -> None:
        """Starts it, and returns when it answers."""
        assert self.server is not None
        self.server.start()
        limit = time.monotonic() + _START_WITHIN_S
        while not self.accepts():
            if time.monotonic() > limit or not self.server.alive():
                raise DidNotStartError(self.name, self.log())
            time.sleep(0.1)

    def accepts(self) -> bool:
        """Whether it answers."""
        ready = (programs.find("pg_isready"), "--quiet", f"--host={self.var}", "--timeout=1")
        return (
            subprocess.run([*self.network.within(self.name), *ready], check=False).returncode == 0
        )

    def psql(self, *words: str) -> str:
        """As its own superuser."""
        return self.as_postgres(
            programs.find("psql"), f"--host={self.var}", "-v", "ON_ERROR_STOP=1", "-At", *words
        )

    def as_postgres(self, *command: str, check: bool = True) -> str:
        """A command as its user."""
        return self.run(*_AS_POSTGRES, *command, check=check)


class Gateway(Machine):
    """A `dabyl run`, by the example's settings."""

    def prepare(self, authorities: "Authorities", keys: Path, secret: Path) -> None:
        """Its files; `keys` holds seal.key and card.key, `secret` the centre's."""
        authorities.give(self.etc, "gateway", self.address, f"{self.network.net}.10")
        authorities.give(self.etc, self.name, authority="gateways-ca")
        shutil.copy(authorities.folder / "site-ca.crt", self.etc / "ca.crt")
        shutil.copy(secret, self.etc / "centre.secret")
        for name in ("database.password", "database-admin.password", "broker.password"):
            (self.etc / name).write_text(PASSWORD + "\n")
        for name in ("seal.key", "card.key"):
            shutil.copy(keys / name, self.var / name)
            (self.var / name).chmod(0o600)
        text = (DEPLOY / "t2" / "gateways" / f"{self.name}.toml").read_text()
        text = text.replace("/etc/dabyl/", f"{self.etc}/").replace(
            "/var/lib/dabyl/", f"{self.var}/"
        )
        (self.etc / "dabyl.toml").write_text(self.placed(text))
        self.serves(*self._dabyl, "run")

    def start(self) -> None:
        """Starts it."""
        assert self.server is not None
        self.server.start()

    def dabyl(self, *words: str, check: bool = True) -> str:
        """Another verb of it."""
        return self.run(*self._dabyl, *words, within_s=120, check=check)

    @property
    def _dabyl(self) -> tuple[str, ...]:
        command = Path(sys.executable).with_name("dabyl")
        return (str(command), "--config", str(self.etc / "dabyl.toml"))


class Authorities:
    """Who signs whose certificate."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known = {
            name: certificates.Authority(folder, name)
            for name in ("site-ca", "devices-ca", "gateways-ca")
        }

    def give(self, to: Path, name: str, *addresses: str, authority: str = "site-ca") -> None:
        """A certificate and its key into that folder."""
        for file in self._known[authority].sign(name, *addresses):
            shutil.copy(file, to / file.name)
