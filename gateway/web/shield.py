"""The shield: headers on every answer, a limit on every body; plain ASGI that buffers nothing."""

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 64 * 1024
EVENT_LIMIT = 16 * 1024
_EVENTS = "/api/v1/events"
_NO_STORE = ("/api/", "/signin", "/livez", "/readyz", "/metrics")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
        " frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_STRICT_TLS = "max-age=31536000"


class Shield:
    """Wraps the whole application."""

    def __init__(self, app: ASGIApp, *, is_tls: bool) -> None:
        self._app = app
        self._headers = {
            **HEADERS,
            **({"Strict-Transport-Security": _STRICT_TLS} if is_tls else {}),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]

        async def shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)  # a route may only say something stricter
                if path.startswith(_NO_STORE):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, _limited(receive, path), shielded)


def _limited(receive: Receive, path: str) -> Receive:
    limit_bytes = EVENT_LIMIT if path == _EVENTS else BODY_LIMIT
    heard_bytes = 0

    async def limited() -> Message:
        nonlocal heard_bytes
        message = await receive()
        heard_bytes += len(message.get("body", b""))
        if heard_bytes > limit_bytes:
            raise HTTPException(413, f"a body may have {limit_bytes} bytes")
        return message

    return limited
