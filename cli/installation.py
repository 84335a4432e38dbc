"""The installation a command works on: complete settings, opened services, the client's rows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from pydantic import SecretStr
from redis.asyncio import Redis

from campaigns.setup.virtual import SIMULATED_TRUNK
from campaigns.tenancy import bootstrap
from cli.embedded.asterisk_config import AgentEndpoint, TrunkEndpoint
from cli.embedded.services import Services
from cli.migrations import migrate
from dialer import settings as dialer_settings
from dialer.clock import Clock, SystemClock
from dialer.db import SessionFactory, make_engine, make_sessions, transaction
from dialer.jobs import JobQueue
from dialer.settings import Settings

#: The embedded Asterisk knows this many telephones, ``agent-1`` and up, for trying things out.
PHONES = 40
#: The trunk to the simulated carrier.
CARRIER = SIMULATED_TRUNK


def services_of(settings: Settings) -> Services:
    """Return the embedded services of an instance; URLs that are set win over them."""
    return Services(
        settings.run_dir,
        settings.instance,
        database_url=settings.database() if settings.database_url else None,
        redis_url=settings.redis() if settings.redis_url else None,
    )


def complete(settings: Settings, services: Services) -> Settings:
    """Start PostgreSQL and Redis where no URL is set and return settings that name them."""
    return settings.model_copy(
        update={
            "database_url": SecretStr(services.ensure_postgres()),
            "redis_url": SecretStr(services.ensure_redis()),
            "secret_keys": settings.secret_keys or _secret_keys(settings, services),
            "web_port": settings.web_port or services.ports.tcp("web", keep=True),
            "phone_websocket_url": settings.phone_websocket_url or _phones(settings, services),
            **_simulated(settings, services),
        }
    )


def _simulated(settings: Settings, services: Services) -> dict[str, int]:
    """Return where the embedded Asterisk looks for the simulated carrier and its telephones."""
    if settings.ari_url is not None or not services.asterisk_installed:
        return {}
    return {
        "simulated_carrier_port": services.ports.udp("carrier", keep=True),
        "simulated_phones_port": services.ports.udp("phones", keep=True),
    }


def _secret_keys(settings: Settings, services: Services) -> SecretStr | None:
    """Return the keys beside the embedded database; one elsewhere wants keys that all machines share."""
    return None if settings.database_url else SecretStr(services.secret_keys())


def _phones(settings: Settings, services: Services) -> str | None:
    """Return where browsers register at the embedded Asterisk; of another one nobody knows."""
    if settings.ari_url is not None:
        return None
    return f"ws://127.0.0.1:{services.ports.tcp('ari', keep=True)}/ws"


def with_asterisk(settings: Settings, services: Services) -> Settings:
    """Start the embedded Asterisk, unless another is named, and return settings that name it.

    It knows one trunk, to the simulated carrier, and the telephones of virtual agents.
    """
    if settings.ari_url is not None:
        return settings
    carrier_port = services.ports.udp("carrier", keep=True)
    phones_port = services.ports.udp("phones", keep=True)
    config = services.asterisk_config(
        trunks=(TrunkEndpoint(CARRIER, "127.0.0.1", carrier_port),),
        agents=tuple(
            AgentEndpoint(f"agent-{n}", contact=f"127.0.0.1:{phones_port}")
            for n in range(1, PHONES + 1)
        ),
    )
    asterisk, ari = services.start_asterisk(config)
    return settings.model_copy(
        update={
            "ari_url": ari.url,
            "ari_user": ari.user,
            "ari_password": SecretStr(ari.password),
            "raw_recordings_dir": asterisk.monitor_dir,
            "asterisk_recordings_dir": f"{asterisk.dirs.spool}/monitor",
        }
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """What a command works with."""

    settings: Settings
    sessions: SessionFactory
    redis: Redis
    jobs: JobQueue
    clock: Clock
    client_id: UUID


@asynccontextmanager
async def opened(client: str, settings: Settings | None = None) -> AsyncIterator[Opened]:
    """Open the installation for a client (made when new): services up, tables up to date."""
    loaded = settings or dialer_settings.load()
    ready = complete(loaded, services_of(loaded))
    await migrate(ready.database())
    engine = make_engine(ready.database(), pool_size=5)
    redis = Redis.from_url(ready.redis())
    jobs = await JobQueue.open(ready.redis())
    clock = SystemClock()
    try:
        sessions = make_sessions(engine)
        async with transaction(sessions) as session:
            owner = await bootstrap.ensure_client(session, client, clock)
        yield Opened(ready, sessions, redis, jobs, clock, owner.id)
    finally:
        await jobs.close()
        await redis.aclose()
        await engine.dispose()
