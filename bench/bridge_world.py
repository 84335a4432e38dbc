"""The telephone network of the bridge bench: a database, a carrier, telephones and Asterisk."""

import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bench.engine import child
from bench.engine_campaign import make_campaign
from cli.embedded.asterisk_config import AgentEndpoint, TrunkEndpoint
from cli.embedded.services import Services
from cli.migrations import migrate
from dialer.ari.connection import AriEndpoint
from dialer.db import make_engine, make_sessions
from dialer.settings import Settings

DATABASE = "bridge"
CARRIER = "carrier"
#: Everybody answers soon and talks briefly, so that 30 agents are enough for 10 calls a second.
PEOPLE: dict[str, Any] = {
    "name": "bridge",
    "shares": {"answer": 1.0},
    "ring": {"median_s": 0.3, "sigma": 0.0},
    "talk": {"median_s": 2.2, "sigma": 0.0},
}


@dataclass(frozen=True, slots=True)
class Network:
    """A running telephone network."""

    settings: Settings
    asterisk: psutil.Process
    log: Path  #: the carrier's

    @property
    def ari(self) -> AriEndpoint:
        """Return where ARI answers."""
        assert self.settings.ari_url is not None
        assert self.settings.ari_password is not None
        secret = self.settings.ari_password.get_secret_value()
        return AriEndpoint(self.settings.ari_url, self.settings.ari_user, secret)


@contextmanager
def network(services: Services, folder: Path, *, agents: int, seed: int = 1) -> Iterator[Network]:
    """Start Asterisk between a fresh carrier and fresh telephones; ``seed`` draws the people."""
    people, log = folder / "people.json", folder / "carrier.jsonl"
    people.write_text(json.dumps(PEOPLE))
    carrier_port, phones_port = services.ports.udp(CARRIER), services.ports.udp("phones")
    module = [sys.executable, "-m", "dialer.simulator.sip"]
    drawn = ["--profile", f"@{people}", "--seed", str(seed)]
    parts = (
        ["carrier", "--port", str(carrier_port), *drawn, "--log", str(log)],
        ["phones", "--port", str(phones_port), "--count", str(agents)],
    )
    with ExitStack() as stack:
        for part in parts:
            process = stack.enter_context(child([*module, *part], stdout=-1))
            assert process.stdout is not None
            assert process.stdout.readline(), f"{part[0]} did not start"
        config = services.asterisk_config(
            trunks=(TrunkEndpoint(CARRIER, "127.0.0.1", carrier_port),),
            agents=tuple(
                AgentEndpoint(f"agent-{n}", contact=f"127.0.0.1:{phones_port}")
                for n in range(1, agents + 1)
            ),
        )
        ari = services.ensure_asterisk(config)
        assert services.asterisk is not None
        stack.callback(services.asterisk.stop)
        settings = Settings(
            ari_url=ari.url,
            ari_user=ari.user,
            ari_password=SecretStr(ari.password),
            asterisk_recordings_dir=f"{services.asterisk.dirs.spool}/monitor",
            raw_recordings_dir=services.asterisk.monitor_dir,
            instance=services.instance,
            log_json=True,
        )
        pid = json.loads((services.run_dir / "asterisk.pid.json").read_text())["pid"]
        yield Network(settings, psutil.Process(pid), log)


@asynccontextmanager
async def campaign(
    services: Services,
    settings: Settings,
    *,
    leads: int,
    agents: int,
    calls_per_s: float,
    **how: Any,
) -> AsyncIterator[tuple[Settings, AsyncEngine]]:
    """Make a fresh database with a campaign that waits for nothing but a worker."""
    admin = services.ensure_postgres()
    server = create_async_engine(admin, isolation_level="AUTOCOMMIT")
    async with server.connect() as connection:
        await connection.execute(text(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"))
        await connection.execute(text(f"CREATE DATABASE {DATABASE}"))
    await server.dispose()
    url = make_url(admin).set(database=DATABASE).render_as_string(hide_password=False)
    await migrate(url)
    redis = Redis.from_url(services.ensure_redis())
    await redis.flushall()
    await redis.aclose()
    engine = make_engine(url)
    try:
        await make_campaign(make_sessions(engine), leads=leads, agents=agents)
        async with engine.begin() as connection:
            change = text("UPDATE campaign SET settings = settings || CAST(:how AS jsonb)")
            await connection.execute(change, {"how": json.dumps(how)})
            rate = text("UPDATE trunk SET calls_per_s = :rate, max_channels = 200")
            await connection.execute(rate, {"rate": calls_per_s})
        secrets = {
            "database_url": SecretStr(url),
            "redis_url": SecretStr(services.ensure_redis()),
        }
        yield settings.model_copy(update=secrets), engine
    finally:
        await engine.dispose()
