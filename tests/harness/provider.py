"""A small provider of identities (OpenID Connect): signs whoever it is told in, well or badly."""

import base64
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote_plus, urlencode

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.harness import ports

CLIENT, SECRET = "dabyl", "a secret between two servers"


@cache
def key(kid: str) -> RSAKey:
    """A key pair of theirs; making one takes its time."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


@dataclass
class Provider:
    """Who signs in there, and what is wrong with it."""

    url: str
    subject: str = "17"
    own: RSAKey = field(default_factory=lambda: key("k1"))
    signs_with: RSAKey | OctKey | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    """Put over what is true."""
    issuer: str = ""
    algorithm: str = "RS256"
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def renew_key(self) -> None:
        self.own = key("k2")

    async def configuration(self, _: web.Request) -> web.Response:
        self.asked.append("configuration")
        said = {
            "issuer": self.issuer or self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
        }
        return web.json_response(said)

    async def keys(self, _: web.Request) -> web.Response:
        self.asked.append("keys")
        return web.json_response({"keys": [self.own.as_dict(private=False)]})

    async def authorize(self, request: web.Request) -> web.Response:
        """Whoever asks is signed in at once, and led back."""
        query = dict(request.query)
        assert query["client_id"] == CLIENT
        assert query["response_type"] == "code"
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        back = urlencode({"code": code, "state": query["state"]})
        raise web.HTTPFound(f"{query['redirect_uri']}?{back}")

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self.codes.pop(str(form["code"]), None)
        login = base64.b64encode(f"{CLIENT}:{quote_plus(SECRET)}".encode()).decode()
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        shown = request.headers.get("Authorization", "").removeprefix("Basic ")
        if asked is None or asked["code_challenge"] != challenge or shown != login:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"id_token": self._signed(asked["nonce"]), "token_type": "Bearer"})

    def _signed(self, nonce: str) -> str:
        now = int(time.time())
        true = {
            "iss": self.url,
            "sub": self.subject,
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": nonce,
        }
        header = {"alg": self.algorithm, "kid": self.own.kid}
        claims = {k: v for k, v in (true | self.claims).items() if v is not None}
        signer = self.signs_with or self.own
        return jwt.encode(header, claims, signer, algorithms=[self.algorithm])


@asynccontextmanager
async def running(host: str = "127.0.0.1") -> AsyncIterator[Provider]:
    """One on a free port of this machine, called by that name of it."""
    port = ports.free()
    provider = Provider(url=f"http://{host}:{port}")
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", provider.configuration)
    app.router.add_get("/keys", provider.keys)
    app.router.add_get("/authorize", provider.authorize)
    app.router.add_post("/token", provider.token)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield provider
    finally:
        await runner.cleanup()
