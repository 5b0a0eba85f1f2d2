"""A camera that asks for a login: what it accepts is changed by the test."""

import base64
import re
from datetime import datetime, timedelta

from aiohttp import web

from adapters.devices.onvif import digest
from adapters.devices.onvif.digest import Challenge, Digest
from tests.adapters.onvif import cameras
from tests.adapters.onvif.cameras import PASSWORD, USERNAME
from tests.harness.clock import PushedClock

INFORMATION = cameras.envelope(
    "<tds:GetDeviceInformationResponse><tds:Model>GK-100</tds:Model>"
    "</tds:GetDeviceInformationResponse>"
)
CREATED = cameras.envelope(
    "<tev:CreatePullPointSubscriptionResponse></tev:CreatePullPointSubscriptionResponse>"
)


class Guarded:
    """Takes a token or a digest; the clock is the test's."""

    def __init__(self, clock: PushedClock) -> None:
        self.clock = clock
        self.password = PASSWORD
        self.offset = timedelta()
        self.challenges: tuple[str, ...] = ()
        self.nonce = "n1"
        self.next_nonce: str | None = None
        self.stale = False
        self.admin_only: tuple[bytes, ...] = ()
        self.shows_clock = True
        self.guards_clock = False
        self.refusal = cameras.fault("ter:NotAuthorized", "Sender not authorized")

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        if b"GetSystemDateAndTime" in body and not self.guards_clock:
            return cameras.soap(self._time())
        if any(word in body for word in self.admin_only):
            return cameras.soap(cameras.fault("ter:NotAuthorized"), 400)
        is_in = self._is_digest(request) if self.challenges else self._is_token(body)
        if not is_in:
            return self._refusal()
        if b"GetSystemDateAndTime" in body:
            return cameras.soap(self._time())
        known = CREATED if b"CreatePullPoint" in body else INFORMATION
        if self.next_nonce:
            self.nonce, info = self.next_nonce, f'nextnonce="{self.next_nonce}"'
            self.next_nonce = None
            return cameras.soap(known, Authentication_Info=info)
        return cameras.soap(known)

    def _refusal(self) -> web.Response:
        if not self.challenges:
            return cameras.soap(self.refusal, 400)
        answer = web.Response(status=401, text="<html>401</html>")
        for one in self.challenges:
            stale = ", stale=true" if self.stale else ""
            answer.headers.add("WWW-Authenticate", one.format(nonce=self.nonce) + stale)
        return answer

    def _is_digest(self, request: web.BaseRequest) -> bool:
        said = request.headers.get("Authorization", "")
        found = dict(re.findall(r'(\w+)="?([^",]*)', said))
        if found.get("nonce") != self.nonce:
            return False
        algorithm = "SHA-256" if "algorithm=SHA-256" in said else "MD5"
        challenge = Challenge(realm="cam", nonce=self.nonce, algorithm=algorithm, qop=True)
        expected = Digest(USERNAME, self.password, self.nonce, found["cnonce"])
        expected._uses = int(found["nc"], 16) - 1  # noqa: SLF001 - the camera counts as well
        return found["response"] in expected.answer("POST", request.raw_path, challenge)

    def _is_token(self, body: bytes) -> bool:
        created = re.findall(rb"<wsu:Created>([^<]+)</wsu:Created>", body)
        if len(created) != 2 or created[0] != created[1]:
            return False
        at = datetime.fromisoformat(created[0].decode())
        nonce = re.findall(rb'Base64Binary">([^<]+)<', body)[0]
        ours = digest.security(USERNAME, self.password, at, base64.b64decode(nonce))
        return ours in body and abs(at - self._now()) < timedelta(seconds=5)

    def _now(self) -> datetime:
        return self.clock.now() + self.offset

    def _time(self) -> bytes:
        if not self.shows_clock:
            return cameras.envelope("<tds:GetSystemDateAndTimeResponse/>")
        at = self._now()
        return cameras.envelope(
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:UTCDateTime>"
            f"<tt:Time><tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute>"
            f"<tt:Second>{at.second}</tt:Second></tt:Time><tt:Date><tt:Year>{at.year}</tt:Year>"
            f"<tt:Month>{at.month}</tt:Month><tt:Day>{at.day}</tt:Day></tt:Date>"
            "</tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )
