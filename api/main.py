"""The web application: ``create_app`` for given services, ``serving_app`` for a server process."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from importlib import metadata
from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from redis.asyncio import Redis

from api import errors
from api.deps import Jobs, Services
from api.desks import Desks
from api.limits import BodyLimitMiddleware
from api.metrics import Metrics, MetricsMiddleware
from api.pages.all import ROUTERS as PAGES
from api.routes import service
from api.routes.all import ROUTERS as NOUNS
from api.security import SecurityHeadersMiddleware, require_same_origin
from api.wall.walls import Walls
from compliance.dnc.shelf import DncShelf
from compliance.law import load_law
from dialer.clock import Clock, SystemClock
from dialer.db import SessionFactory, make_engine, make_sessions
from dialer.jobs import JobQueue
from dialer.memory import keep_what_is_loaded
from dialer.settings import Settings

API_PREFIX = "/api/v1"

#: Where files are sent; these routes ask who sends before they read, and count on their own.
_UPLOADS = frozenset(
    f"{API_PREFIX}{path}"
    for path in ("/lists", "/imports", "/portal/uploads", "/dnc-lists", "/dnc-lists/changes")
) | {"/lists/upload", "/portal/lists/upload", "/forms/import", "/form-files", "/look"}

#: Asked by every page, before anything else: no page can forget it.
_FORMS_ARE_OURS = [Depends(require_same_origin)]

_STATIC = Path(__file__).parent / "static"

_Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app(
    settings: Settings, *, sessions: SessionFactory, redis: Redis, jobs: Jobs, clock: Clock
) -> FastAPI:
    """Return the application on services that the caller opened and will close."""
    metrics = Metrics()
    app = _build(metrics)
    law, shelf = load_law(settings.rule_packs_dir), DncShelf(settings.dnc_lists())
    app.state.services = Services(settings, sessions, redis, jobs, clock, law, shelf, metrics)
    return app


def serving_app(settings: Settings) -> FastAPI:
    """Return the application that opens the database, Redis and the queue when it is served."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.services = await _open(settings, metrics, stack)
            stack.push_async_callback(stop_watching, app)
            keep_what_is_loaded()
            yield

    return _build(metrics, lifespan)


async def stop_watching(app: FastAPI) -> None:
    """End what looks and listens for pages; before the database and Redis are closed."""
    for name in ("desks", "walls"):
        watching: Desks | Walls | None = getattr(app.state, name, None)
        if watching is not None:
            await watching.close()


async def _open(settings: Settings, metrics: Metrics, stack: AsyncExitStack) -> Services:
    engine = make_engine(settings.database(), pool_size=settings.db_pool_size)
    stack.push_async_callback(engine.dispose)
    redis = Redis.from_url(settings.redis())
    stack.push_async_callback(redis.aclose)
    jobs = await JobQueue.open(settings.redis())
    stack.push_async_callback(jobs.close)
    law, shelf = load_law(settings.rule_packs_dir), DncShelf(settings.dnc_lists())
    sessions = make_sessions(engine)
    return Services(settings, sessions, redis, jobs, SystemClock(), law, shelf, metrics)


def _build(metrics: Metrics, lifespan: _Lifespan | None = None) -> FastAPI:
    app = FastAPI(
        title="Outdial",
        version=metadata.version("outdial"),
        lifespan=lifespan,
        openapi_url=f"{API_PREFIX}/openapi.json",
        docs_url=None,  # its scripts come from another site, which our policy forbids
        redoc_url=None,
    )
    errors.install(app)
    # Paths are looked for in this order, one after the other: operators' pages ask the most by far.
    for page in PAGES:
        app.include_router(page, include_in_schema=False, dependencies=_FORMS_ARE_OURS)
    app.include_router(service.router)
    for noun in NOUNS:
        app.include_router(noun, prefix=API_PREFIX)
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.add_middleware(BodyLimitMiddleware, uploads=_UPLOADS)
    app.add_middleware(SecurityHeadersMiddleware)
    app.add_middleware(MetricsMiddleware, metrics=metrics)
    return app
