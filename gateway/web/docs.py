"""The API's documents: the OpenAPI description, and a plain page drawn from it on the server."""

from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response

from gateway.web import auth, pages, shown

router = APIRouter(prefix="/api/v1", dependencies=auth.OPEN, include_in_schema=False)
_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "dabyl"},
}
_PROBLEM = {
    "description": "every error: a problem (RFC 9457)",
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                },
            }
        }
    },
}
_OPEN_PATHS = frozenset({"/livez", "/readyz", "/metrics"})
_OPEN_OPERATIONS = frozenset({("/api/v1/session", "post")})


@router.get("/openapi.json")
async def read_openapi(request: Request) -> Response:
    """The description, for programs."""
    return shown.answer(document(request.app))


@router.get("/docs")
async def read_docs(request: Request) -> Response:
    """The same, for people."""
    description = document(request.app)
    operations = [
        _operation(path, method, found)
        for path, methods in description["paths"].items()
        for method, found in methods.items()
    ]
    schemas = {
        name: _fields(schema)
        for name, schema in sorted(description["components"]["schemas"].items())
        if "properties" in schema
    }
    return pages.page(
        request, "docs.html", info=description["info"], operations=operations, schemas=schemas
    )


def document(app: FastAPI) -> dict[str, Any]:
    """The description, with who may come in and how it says no."""
    described = app.openapi()
    described["components"]["securitySchemes"] = _SCHEMES
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            is_open = path in _OPEN_PATHS or (path, method) in _OPEN_OPERATIONS
            operation["security"] = [] if is_open else [{"token": []}, {"session": []}]
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = _PROBLEM
    return described


def _operation(path: str, method: str, found: dict[str, Any]) -> dict[str, Any]:
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {})
    good: dict[str, Any] = next((v for k, v in found["responses"].items() if k.startswith("2")), {})
    shapes = [content.get("schema", {}) for content in good.get("content", {}).values()]
    return {
        "path": path,
        "method": method.upper(),
        "about": found.get("description", found.get("summary", "")),
        "is_open": not found["security"],
        "parameters": [
            {
                "name": one["name"],
                "in": one["in"],
                "type": _kind(one.get("schema", {})),
                "required": one.get("required", False),
            }
            for one in found.get("parameters", [])
        ],
        "body": _kind(body.get("schema", {})),
        "answer": _kind(shapes[0]) if shapes else "",
    }


def _fields(schema: dict[str, Any]) -> list[dict[str, Any]]:
    needed = set(schema.get("required", []))
    return [
        {"name": name, "type": _kind(one), "required": name in needed}
        for name, one in schema["properties"].items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " | ".join(dict.fromkeys(_kind(one) for one in schema[several]))
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type") or "")
