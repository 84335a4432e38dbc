"""What an operator's tools ask: is the process able to work, and its metrics."""

from http import HTTPStatus

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from api.deps import Services, ServicesDep
from dialer.db import transaction

router = APIRouter(tags=["service"])


@router.get("/health", responses={503: {"description": "A part that is needed is away."}})
async def health(services: ServicesDep) -> JSONResponse:
    """Tell whether the database and Redis answer."""
    parts = {"database": await _database(services), "redis": await _redis(services)}
    well = all(parts.values())
    words = {name: "ok" if fine else "away" for name, fine in parts.items()}
    return JSONResponse(words, HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE)


async def _database(services: Services) -> bool:
    try:
        async with transaction(services.sessions) as session:
            await session.exec(select(1))
    except (SQLAlchemyError, OSError):
        return False
    return True


async def _redis(services: Services) -> bool:
    try:
        return bool(await services.redis.ping())
    except (RedisError, OSError):
        return False


@router.get("/metrics", response_class=Response)
async def metrics(services: ServicesDep) -> Response:
    """Return this process's metrics in Prometheus' text format."""
    return Response(services.metrics.text(), media_type=CONTENT_TYPE_LATEST)
