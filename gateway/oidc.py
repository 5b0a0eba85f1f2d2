"""People who sign in at their own organisation: the code flow of OpenID Connect, with PKCE.

Loaded only where `[oidc]` is set: it needs the extra `dabyl[oidc]`. It learns who somebody is, and
nothing of what they may: roles and districts are ours.
Source: OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9700.
"""

import base64
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote_plus, urlsplit

import aiohttp
import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from gateway.vouching import NotVouched

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
"""By a key of theirs, never by a secret that we share, and never by none."""
TIMEOUT_S: Final = 5.0
KEPT_S: Final = 3600.0
ANEW_S: Final = 60.0
"""Keys that do not know a signature are asked for again no sooner."""
LEEWAY_S: Final = 60
_LIMIT_BYTES: Final = 262_144
_LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}
_SUBJECT_LIMIT: Final = 255


class Provider:
    """One provider of identities; what it says of itself is kept for an hour."""

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        secret: Callable[[], str | None],
        name: str,
        tls: ssl.SSLContext | None,
        now: Callable[[], datetime],
    ) -> None:
        self.issuer, self.name = issuer, name
        self._client_id, self._secret, self._tls, self._now = client_id, secret, tls, now
        self._said: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def begin(self, state: str, nonce: str, verifier: str, back: str) -> str:
        """Where to send the browser.

        Raises:
            NotVouched: the provider does not answer as one.
        """
        found: str = prepare_grant_uri(
            (await self._discovered())["authorization_endpoint"],
            self._client_id,
            "code",
            redirect_uri=back,
            scope="openid",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return found

    async def finish(self, code: str, nonce: str, verifier: str, back: str) -> str:
        """Who that is there: the subject, unique and unchanging at that issuer.

        Raises:
            NotVouched: the code is none, or what it was changed for is not for us, not now, or
                not theirs.
        """
        said = await self._discovered()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "client_id": self._client_id,
            "code_verifier": verifier,
        }
        answer = await self._ask("POST", said["token_endpoint"], form)
        raw = answer.get("id_token")
        if not isinstance(raw, str):
            raise NotVouched("no id_token in the answer")
        return await self._subject(raw, nonce)

    async def _subject(self, raw: str, nonce: str) -> str:
        try:
            try:
                token = jwt.decode(raw, await self._key_set(anew=False), algorithms=[*ALGORITHMS])
            except (InvalidKeyIdError, ValueError):  # they have new keys
                token = jwt.decode(raw, await self._key_set(anew=True), algorithms=[*ALGORITHMS])
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self._client_id},
                    "sub": {"essential": True},
                    "exp": {"essential": True},
                },
                {"nonce": nonce, "client_id": self._client_id},
            )
            claims.validate(now=int(self._now().timestamp()), leeway=LEEWAY_S)
        except (JoseError, ValueError) as error:
            raise NotVouched(f"its id_token is refused: {error}") from None
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT_LIMIT:
            raise NotVouched("its subject is none")
        return subject

    async def _discovered(self) -> Mapping[str, Any]:
        now_s = self._now().timestamp()
        if self._said is None or not 0 <= now_s - self._said[0] < KEPT_S:
            place = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
            said = await self._ask("GET", place)
            if said.get("issuer") != self.issuer:
                raise NotVouched(f"it calls itself {said.get('issuer')!r}")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _require_sealed(said.get(name))
            self._said = (now_s, said)
        return self._said[1]

    async def _key_set(self, *, anew: bool) -> KeySet:
        now_s = self._now().timestamp()
        kept_s = ANEW_S if anew else KEPT_S
        if self._keys is None or not 0 <= now_s - self._keys[0] < kept_s:
            said = await self._ask("GET", (await self._discovered())["jwks_uri"])
            self._keys = (now_s, _keys(said))
        return self._keys[1]

    async def _ask(
        self, method: str, url: str, form: dict[str, str] | None = None
    ) -> dict[str, Any]:
        secret = None if form is None else self._secret()
        headers = {} if secret is None else {"Authorization": _basic(self._client_id, secret)}
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as session,
                session.request(
                    method,
                    url,
                    data=form,
                    headers=headers,
                    ssl=self._tls or True,
                    allow_redirects=False,
                ) as answer,
            ):
                body = await answer.content.read(_LIMIT_BYTES)
                if answer.status != 200:  # noqa: PLR2004 - HTTP's own number
                    raise NotVouched(f"{url} answers {answer.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotVouched(f"{url} does not answer: {error!r}") from None
        try:
            return msgspec.json.decode(body, type=dict[str, Any])
        except msgspec.DecodeError:
            raise NotVouched(f"{url} does not answer in JSON") from None


def _basic(client_id: str, secret: str) -> str:
    """As every provider must know it, each part encoded first: RFC 6749, 2.3.1."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _keys(said: Any) -> KeySet:  # noqa: ANN401 - from outside
    try:
        return KeySet.import_key_set(said)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotVouched(f"its keys cannot be read: {error!r}") from None


def _require_sealed(url: object) -> None:
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or not parts.hostname:
        raise NotVouched(f"it names no address: {url!r}")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise NotVouched(f"it names an address that is not sealed: {url}")
