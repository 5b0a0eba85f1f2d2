"""The sections of the configuration: each value with its default, its bounds and its reason."""

import re
import ssl
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from sqlalchemy.engine import make_url

from gateway.settings.base import LOOPBACK, Name, Section, WrongSettings, secret_in
from gateway.settings.cameras import Cameras
from gateway.settings.console import Console
from gateway.settings.escalation import Escalation
from gateway.settings.evidence import Evidence
from gateway.settings.http import Http
from gateway.settings.oidc import Oidc


class Installation(Section):
    """Goes into every alarm id; never changed."""

    id: Name


class Gateway(Section):
    """This process among its peers."""

    name: Name = "g1"
    shared: bool = False
    """Whether passages, check-ins and replies are shared with the other gateways."""


def _database_url(url: str) -> str:
    if re.match(r"^(sqlite:///.+|postgresql://.+)", url):
        return url
    raise ValueError("use sqlite:///FILE or postgresql://user@host/name")


class Database(Section):
    """Where everything is kept."""

    url: Annotated[str, AfterValidator(_database_url)] = "sqlite:///dabyl.db"
    password_file: Path | None = None
    copies: Annotated[int, Field(ge=1, le=5)] = 1
    """On how many machines a commit should be; fewer is trouble."""
    admin_user: str | None = None
    """Who promotes a standby; default: the user of the url."""
    admin_password_file: Path | None = None
    state_file: Path = Path("store.state")
    """How the store stood when it was seen last, for whoever must promote a standby."""

    def address(self) -> str:
        """The url with its password.

        Raises:
            WrongSettings: the password file cannot be read.
        """
        secret = secret_in(self.password_file, "database.password_file")
        if secret is None:
            return self.url
        return make_url(self.url).set(password=secret).render_as_string(hide_password=False)

    def admin_address(self) -> str:
        """The url as whoever may promote a standby.

        Raises:
            WrongSettings: the password file cannot be read.
        """
        if self.admin_user is None:
            return self.address()
        secret = secret_in(self.admin_password_file, "database.admin_password_file")
        whole = make_url(self.url).set(username=self.admin_user, password=secret)
        return whole.render_as_string(hide_password=False)


class Keys(Section):
    """Key files, made with mode 0600 at the first start."""

    seal_file: Path = Path("seal.key")
    card_file: Path = Path("card.key")
    sign_file: Path | None = None

    @property
    def signing_file(self) -> Path:
        """Where the signing key is: beside the seal's, where nothing else is said."""
        return self.sign_file or self.seal_file.with_name("sign.key")


class Broker(Section):
    """One MQTT broker; there may be several."""

    name: Name | None = None
    url: str
    protocol: Literal[4, 5] = 5
    username: str | None = None
    """Default: `gateway-<name>-alarm` and `gateway-<name>-event`; given, both sessions use it."""
    password: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None

    @property
    def host(self) -> str:
        """Whom to call."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """On which port."""
        return urlsplit(self.url).port or (8883 if self.is_tls else 1883)

    @property
    def is_tls(self) -> bool:
        """Whether the line is sealed."""
        return self.url.startswith("mqtts://")

    @property
    def label(self) -> str:
        """How it is called in metrics and messages."""
        return self.name or f"{self.host}-{self.port}"

    def secret(self) -> str | None:
        """The password, read now, so that a changed file counts at the next connect."""
        return self.password or secret_in(self.password_file, "broker.password_file")

    def tls(self) -> ssl.SSLContext | None:
        """The context for mqtts, None for mqtt."""
        if not self.is_tls:
            return None
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            if self.cert_file is not None:
                context.load_cert_chain(self.cert_file, self.key_file)
        except (OSError, ssl.SSLError) as error:
            raise WrongSettings(
                f"broker {self.label}: its certificates cannot be read: {error}"
            ) from None
        return context

    @model_validator(mode="after")
    def _is_safe(self) -> "Broker":
        parts = urlsplit(self.url)
        if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
            raise ValueError("url must be mqtt://host:port or mqtts://host:port")
        if parts.username or parts.password:
            raise ValueError("no user or password in the url: use username and password_file")
        if parts.scheme == "mqtt" and parts.hostname not in LOOPBACK:
            raise ValueError("plain mqtt:// only to this machine; use mqtts:// with ca_file")
        return self


class Receiver(Section):
    """One that must be told."""

    name: Name
    kind: Literal["webhook"] = "webhook"
    url: str
    backup_url: str | None = None
    secret_file: Path
    ca_file: Path | None = None
    pin: str | None = None
    authority: bool = False
    echo: bool = True

    @model_validator(mode="after")
    def _is_safe(self) -> "Receiver":
        for url in (self.url, self.backup_url):
            parts = urlsplit(url or self.url)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError("url must be https://…")
            if parts.scheme == "http" and parts.hostname not in LOOPBACK:
                raise ValueError("plain http:// only to this machine; use https://")
        return self


class Route(Section):
    """Which alarms go to one receiver."""

    receiver: Name
    priorities: tuple[Annotated[int, Field(ge=0, le=3)], ...] = (0, 1)
    kinds: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()


class Rule(Section):
    """Which event raises which priority; the first that fits counts. P0 obeys no rule."""

    kinds: tuple[str, ...]
    priority: Annotated[int, Field(ge=1, le=3)] | None = None
    sites: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    count: Annotated[int, Field(ge=1, le=1000)] = 1
    within_s: Annotated[int, Field(ge=1, le=3600)] = 60


class Retention(Section):
    """How long things are kept, in days; what is open or unsettled is kept for ever."""

    passages_days: Annotated[int, Field(ge=1, le=3650)] = 30
    alarms_days: Annotated[int, Field(ge=30, le=3650)] = 1095
    deliveries_days: Annotated[int, Field(ge=7, le=3650)] = 365
    quarantine_days: Annotated[int, Field(ge=1, le=90)] = 7
    commands_days: Annotated[int, Field(ge=1, le=365)] = 30
    changes_days: Annotated[int, Field(ge=1, le=30)] = 1
    evidence_days: Annotated[int, Field(ge=1, le=3650)] = 30
    access_days: Annotated[int, Field(ge=1, le=3650)] = 1095
    audit_days: Annotated[int, Field(ge=365, le=36500)] = 3650

    @model_validator(mode="after")
    def _fits_together(self) -> "Retention":
        for name in ("deliveries_days", "evidence_days"):
            if getattr(self, name) > self.alarms_days:
                raise ValueError(f"{name} may not be more than alarms_days: they go first")
        return self


class Settings(Section):
    """Everything that can be configured."""

    installation: Installation
    gateway: Gateway = Gateway()
    database: Database = Database()
    http: Http = Http()
    keys: Keys = Keys()
    broker: tuple[Broker, ...] = ()
    receiver: tuple[Receiver, ...] = ()
    route: tuple[Route, ...] = ()
    rule: tuple[Rule, ...] = ()
    evidence: Evidence = Evidence()
    escalation: Escalation = Escalation()
    retention: Retention = Retention()
    cameras: Cameras = Cameras()
    console: Console = Console()
    oidc: Oidc = Oidc()
    time_zone: str = "Asia/Almaty"

    @model_validator(mode="after")
    def _fits_together(self) -> "Settings":
        names = [receiver.name for receiver in self.receiver]
        labels = [broker.label for broker in self.broker]
        for kind, found in (("receiver", names), ("broker", labels)):
            if len(set(found)) != len(found):
                raise ValueError(f"two of [[{kind}]] have the same name")
        called = [("[escalation]", self.escalation.receiver)] if self.escalation.receiver else []
        for where, name in [*called, *(("[[route]]", route.receiver) for route in self.route)]:
            if name not in names:
                raise ValueError(f"{where} names the receiver {name!r}, which is not there")
        is_sqlite = self.database.url.startswith("sqlite")
        if not is_sqlite and "name" not in self.gateway.model_fields_set:
            raise ValueError("gateway.name is required with PostgreSQL: it must be unique")
        if is_sqlite and (self.gateway.shared or self.database.copies > 1):
            raise ValueError("gateway.shared and database.copies need PostgreSQL: SQLite is one")
        return self
