"""The broker of deploy/mosquitto as it is installed, with certificates made for the test."""

import re
import ssl
import subprocess
from pathlib import Path

import aiomqtt

from tests.harness import certificates, mosquitto, ports, programs

_DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "mosquitto"
_DEVICES, _CERTIFIED, _GATEWAYS = 8883, 8884, 8885


class DeployedBroker:
    """Its three listeners, and clients for each; a password is the name said backwards.

    With `secret` that is the gateways' password instead, for both sessions of one gateway.
    """

    def __init__(
        self, folder: Path, *, devices: list[str], gateways: list[str], secret: str | None = None
    ) -> None:
        self._folder = folder
        self._ports = {port: ports.free() for port in (_DEVICES, _CERTIFIED, _GATEWAYS)}
        keys = folder / "certs"
        self._ca = certificates.Authority(keys, "site-ca")
        self._ca.sign("server")
        self._devices_ca = certificates.Authority(keys, "devices-ca")
        self._gateways_ca = certificates.Authority(keys, "gateways-ca")
        self.gateway_pair = self._gateways_ca.sign("gateway-g1")
        (folder / "data").mkdir()
        for name in ("devices.acl", "gateways.acl"):
            (folder / name).write_bytes((_DEPLOY / name).read_bytes())
        _passwords(folder / "devices.passwords", devices)
        _passwords(folder / "gateways.passwords", gateways, secret)
        self.broker = mosquitto.Mosquitto(
            folder, configuration=self._configuration(), listens_on=[*self._ports.values()]
        )

    @property
    def ca_file(self) -> Path:
        """Whom everybody trusts for the server."""
        return self._ca.certificate

    @property
    def gateways_port(self) -> int:
        """Where gateways call."""
        return self._ports[_GATEWAYS]

    @property
    def devices_port(self) -> int:
        """Where devices call that have a password."""
        return self._ports[_DEVICES]

    def device(self, name: str | None, *, says_it_is: str | None = None) -> aiomqtt.Client:
        """A client with a password (without a name: nobody), under a client id of its choice."""
        return self._client(_DEVICES, name, says_it_is, self._trust())

    def certified_device(self, name: str) -> aiomqtt.Client:
        """A client that shows a certificate and says no name."""
        return self._client(_CERTIFIED, None, "whatever", self._trust(self._devices_ca.sign(name)))

    def gateway(self, name: str, *, certificate: bool = True) -> aiomqtt.Client:
        """A client at the gateways' listener, with a session that is kept."""
        trust = self._trust(self.gateway_pair if certificate else None)
        return self._client(_GATEWAYS, name, None, trust, clean=False)

    def has_saved(self) -> bool:
        """Whether an alarm with the body `help` is in the broker's file."""
        kept = self._folder / "data" / "mosquitto.db"
        return kept.exists() and b"/alarmhelp" in kept.read_bytes()

    def _configuration(self) -> str:
        text = (_DEPLOY / "dabyl.conf").read_text()
        text = text.replace("/etc/mosquitto/", f"{self._folder}/")
        text = text.replace("/var/lib/mosquitto/", f"{self._folder}/data/")
        for port, free in self._ports.items():
            text = re.sub(
                rf"^listener {port}$", f"listener {free} 127.0.0.1", text, flags=re.MULTILINE
            )
        return text

    def _trust(self, pair: tuple[Path, Path] | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self._ca.certificate))
        if pair:
            context.load_cert_chain(*pair)
        return context

    def _client(
        self,
        port: int,
        name: str | None,
        says_it_is: str | None,
        trust: ssl.SSLContext,
        *,
        clean: bool = True,
    ) -> aiomqtt.Client:
        return aiomqtt.Client(
            "127.0.0.1",
            self._ports[port],
            identifier=says_it_is or name or "nobody",
            username=name,
            password=name[::-1] if name else None,
            tls_context=trust,
            clean_session=clean,
            protocol=aiomqtt.ProtocolVersion.V311,
            timeout=5,
        )


def _passwords(path: Path, names: list[str], secret: str | None = None) -> None:
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}:{secret or name[::-1]}\n" for name in names))
    # -U puts a hash in the place of every password in the file.
    subprocess.run([programs.find("mosquitto_passwd"), "-U", str(path)], check=True)
