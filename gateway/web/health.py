"""Health without login: alive, ready, and the metrics."""

from fastapi import APIRouter, Response

from gateway.web import auth, shown
from gateway.web.house import Health, Here

router = APIRouter(tags=["health"], dependencies=auth.OPEN)
_METRICS = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/livez")
async def is_alive() -> Response:
    """The process answers."""
    return shown.answer({"status": "alive"})


@router.get("/readyz", response_model=Health)
async def is_ready(house: Here) -> Response:
    """Red only where nothing can be stored or no broker is connected; the rest is listed."""
    health = house.health()
    cut_off = bool(health.brokers) and not any(health.brokers.values())
    status = 503 if health.store == "down" or cut_off else 200
    return shown.answer(health, status)


@router.get("/metrics")
async def measure(house: Here) -> Response:
    """Every series, for Prometheus."""
    return Response(house.metrics(), media_type=_METRICS)
