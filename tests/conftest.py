"""What tests share: a frozen clock, one PostgreSQL and one Redis a run, a fresh database a test."""

import asyncio
import fcntl
import gc
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import structlog
from redis.asyncio import Redis
from sqlalchemy.engine import make_url

from cli.embedded.services import Services
from cli.migrations import migrate
from dialer import settings as dialer_settings
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, make_engine, make_sessions
from dialer.memory import keep_what_is_loaded
from tests import scratch

#: A Monday, 12:00 in Moscow: inside every usual calling window of the test data.
NOON_MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

TEMPLATE = "outdial_template"
_databases = count(1)


@pytest.fixture(scope="session", autouse=True)
def _pinned_time_zones() -> None:
    """Use the pinned time-zone data, as every entry point does."""
    dialer_settings.load()


@pytest.fixture(scope="session", autouse=True)
def _plain_tracebacks() -> None:
    """Print a crash in short: with every local variable it takes minutes, and the test's time."""
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False),
            renderer,
        ]
    )


@pytest.fixture(autouse=True)
def _logging_stays() -> Iterator[None]:
    """A command that runs in this process logs to a stream that is closed with its test."""
    root, known = logging.getLogger(), structlog.get_config()
    level = root.level
    yield
    structlog.configure(**known)
    root.setLevel(level)
    for handler in root.handlers[:]:
        if type(handler) is logging.StreamHandler:  # pytest's own are kinds of it
            root.removeHandler(handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Collect less garbage: a full look at all tests and libraries takes a second of a busy machine.

    Nobody in the process runs meanwhile, neither the dialer nor the people it calls.
    """
    keep_what_is_loaded()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture
def clock() -> FrozenClock:
    """A clock that stands at noon on a Monday until told to move."""
    return FrozenClock(NOON_MONDAY)


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    """The run's private PostgreSQL and Redis; runs at the same time take different ones."""
    run_dir = dialer_settings.PROJECT_ROOT / ".run"
    run_dir.mkdir(exist_ok=True)
    with _free_slot(run_dir) as instance, scratch.servers(run_dir, instance) as run:
        yield run


@contextmanager
def _free_slot(run_dir: Path) -> Iterator[str]:
    for slot in count(1):
        with (run_dir / f"test-{slot}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield f"test-{slot}"
            return


@pytest.fixture(scope="session")
def postgres_url(services: Services) -> str:
    """The URL of the run's PostgreSQL server."""
    return services.ensure_postgres()


@pytest.fixture(scope="session")
def redis_url(services: Services) -> str:
    """The URL of the run's Redis server."""
    return services.ensure_redis()


async def run_sql(url: str, statement: str) -> None:
    """Run one statement outside a transaction."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(plain)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def _template_made() -> dict[str, bool]:
    return {}


@pytest.fixture
async def database_url(
    services: Services, postgres_url: str, _template_made: dict[str, bool]
) -> AsyncIterator[str]:
    """The URL of a fresh database with all tables, copied from a template migrated once a run."""
    if not _template_made:
        await run_sql(postgres_url, f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")
        await run_sql(postgres_url, f"CREATE DATABASE {TEMPLATE}")
        template_url = make_url(postgres_url).set(database=TEMPLATE)
        await migrate(template_url.render_as_string(hide_password=False))
        _template_made["done"] = True
    name = f"t{next(_databases)}_{uuid4().hex[:8]}"
    how = scratch.copying(services)
    await run_sql(postgres_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY {how}")
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    await _drop(postgres_url, name)


async def _drop(postgres_url: str, name: str) -> None:
    """Drop a test's database; autovacuum, which we may not end, may still be in it for a moment."""
    for _ in range(20):
        try:
            await run_sql(postgres_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        except (asyncpg.InsufficientPrivilegeError, asyncpg.ObjectInUseError):
            await asyncio.sleep(0.5)
        else:
            return


@pytest.fixture
async def sessions(database_url: str) -> AsyncIterator[SessionFactory]:
    """A session factory on a fresh database."""
    engine = make_engine(database_url)
    yield make_sessions(engine)
    await engine.dispose()


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """An empty Redis."""
    client = Redis.from_url(redis_url)
    await client.flushall()
    yield client
    await client.aclose()
