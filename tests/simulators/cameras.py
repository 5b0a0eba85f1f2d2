"""A simulated camera for one test, and a plain client that asks it by hand-written envelopes."""

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

import httpx2
from lxml import etree

from simulators.camera import MAKES, Account, Camera, Character, Input, Level, Place, Quirk

USER = "dabyl"
PASSWORD = "Жасырын-1"
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "s": "http://www.w3.org/2003/05/soap-envelope",
        "a": "http://www.w3.org/2005/08/addressing",
        "tds": "http://www.onvif.org/ver10/device/wsdl",
        "trt": "http://www.onvif.org/ver10/media/wsdl",
        "tr2": "http://www.onvif.org/ver20/media/wsdl",
        "tev": "http://www.onvif.org/ver10/events/wsdl",
        "wsnt": "http://docs.oasis-open.org/wsn/b-2",
    }.items()
)
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
CREATE = (
    "<tev:CreatePullPointSubscription><tev:InitialTerminationTime>{lasts}"
    "</tev:InitialTerminationTime></tev:CreatePullPointSubscription>"
)


@asynccontextmanager
async def running(
    *quirks: Quirk,
    make: str = "plain",
    inputs: tuple[Input, ...] = (Input(token="1"), Input(token="2")),
    doors: tuple[str, ...] = (),
    place: Place | None = None,
    password: str = PASSWORD,
) -> AsyncIterator[Camera]:
    """A camera with one administrator and one user, and with these quirks."""
    accounts = {USER: Account(password), "guest": Account(password, Level.USER)}
    character = Character(
        name="s001-camera-1", make=MAKES[make], accounts=accounts, inputs=inputs, doors=doors
    )
    camera = Camera(character, place)
    await camera.start()
    try:
        for quirk in quirks:
            await camera.break_(quirk)
        yield camera
    finally:
        await camera.stop()


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: its HTTP status, its body, and the first element in the envelope's body."""

    status: int
    body: bytes
    headers: httpx2.Headers

    @property
    def first(self) -> etree._Element:
        """What stands in the envelope."""
        return next(etree.fromstring(self.body).iterfind("{*}Body/{*}*"))

    def text(self, name: str) -> str:
        """The text of the first element of that local name."""
        return (next(self.first.iter(f"{{*}}{name}")).text or "").strip()

    @property
    def subcode(self) -> str:
        """Why it is a fault; empty if it is none."""
        found = self.first.find("{*}Code/{*}Subcode/{*}Value")
        return "" if found is None else found.text or ""


@dataclass(frozen=True, slots=True)
class Heard:
    """One notification."""

    topic: str
    operation: str | None
    source: dict[str, str]
    data: dict[str, str]
    said_at: str


@dataclass(slots=True)
class Client:
    """Asks one camera."""

    camera: Camera
    http: httpx2.AsyncClient
    user: str = USER
    password: str = PASSWORD
    login: str = "wsse"
    offset_s: float = 0.0
    at: str = ""
    reference: str = field(default="")

    async def ask(self, words: str, *, at: str = "", login: str | None = None) -> Said:
        """Ask something; `at` is another address than the device service's."""
        login = self.login if login is None else login
        header = self.reference if at else ""
        if login == "wsse":
            header += token(self.user, self.password, offset_s=self.offset_s)
        envelope = f"<s:Header>{header}</s:Header><s:Body>{words}</s:Body>"
        body = f"<s:Envelope {_NAMESPACES}>{envelope}</s:Envelope>"
        digest = httpx2.DigestAuth(self.user, self.password)
        auth = digest if login == "digest" else httpx2.Auth()
        url = urljoin(self.camera.url, at)
        answer = await self.http.post(url, content=body.encode(), auth=auth)
        return Said(answer.status_code, answer.content, answer.headers)

    async def subscribe(self, lasts: str = "PT60S") -> Said:
        """Make a pull point, and keep where it is."""
        said = await self.ask(CREATE.format(lasts=lasts))
        if said.status == 200:
            self.at = said.text("Address")
            parameters = said.first.find(".//{*}ReferenceParameters")
            if parameters is not None:
                self.reference = "".join(etree.tostring(one).decode() for one in parameters)
        return said

    async def pull(self, hold: str = "PT5S", limit: int = 100) -> list[Heard]:
        """Pull once, and read what came."""
        return heard(await self.pull_raw(hold, limit))

    async def pull_raw(self, hold: str = "PT5S", limit: int = 100) -> Said:
        """Pull once."""
        return await self.ask(
            f"<tev:PullMessages><tev:Timeout>{hold}</tev:Timeout>"
            f"<tev:MessageLimit>{limit}</tev:MessageLimit></tev:PullMessages>",
            at=self.at,
        )

    async def still(self, auth: httpx2.Auth | None = None) -> httpx2.Response:
        """Fetch the picture."""
        uri = (await self.ask("<trt:GetSnapshotUri/>")).text("Uri")
        return await self.http.get(uri, auth=auth or httpx2.DigestAuth(self.user, self.password))


@asynccontextmanager
async def client_of(camera: Camera, *, login: str = "wsse") -> AsyncIterator[Client]:
    """A client for a camera."""
    async with httpx2.AsyncClient(timeout=10, trust_env=False, verify=False) as http:
        yield Client(camera, http, login=login)


def token(
    user: str, password: str, *, offset_s: float = 0.0, created: str = "", stamp: str = ""
) -> str:
    """A UsernameToken, made by the standard."""
    nonce = secrets.token_bytes(16)
    at = datetime.now(UTC) + timedelta(seconds=offset_s)
    created = created or at.strftime("%Y-%m-%dT%H:%M:%SZ")
    secret = nonce + created.encode() + password.encode()
    digest = hashlib.sha1(secret, usedforsecurity=False).digest()
    timestamp = f"<u:Timestamp><u:Created>{stamp}</u:Created></u:Timestamp>" if stamp else ""
    return (
        f'<w:Security xmlns:w="{_WSS}-wssecurity-secext-1.0.xsd" '
        f'xmlns:u="{_WSS}-wssecurity-utility-1.0.xsd">{timestamp}<w:UsernameToken>'
        f"<w:Username>{user}</w:Username>"
        f'<w:Password Type="{_WSS}-username-token-profile-1.0#PasswordDigest">'
        f"{base64.b64encode(digest).decode()}</w:Password>"
        f"<w:Nonce>{base64.b64encode(nonce).decode()}</w:Nonce>"
        f"<u:Created>{created}</u:Created></w:UsernameToken></w:Security>"
    )


def heard(said: Said) -> list[Heard]:
    """Read the notifications of an answer."""
    assert said.status == 200, said.body
    return [
        Heard(
            (holder.findtext("{*}Topic") or "").strip(),
            message.get("PropertyOperation"),
            _items(message.find("{*}Source")),
            _items(message.find("{*}Data")),
            message.get("UtcTime", ""),
        )
        for holder in said.first.iter("{*}NotificationMessage")
        for message in holder.iterfind("{*}Message/{*}Message")
    ]


def _items(holder: etree._Element | None) -> dict[str, str]:
    found = [] if holder is None else holder.iterfind("{*}SimpleItem")
    return {one.get("Name", ""): one.get("Value", "") for one in found}
