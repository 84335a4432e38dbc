"""A dialing world for tests: workers on a simulated Asterisk, and ways to wait for facts."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.commands import board_key
from compliance.dnc.shelf import DncShelf
from compliance.law import load_law
from dialer.ari.connection import AriEndpoint
from dialer.clock import SystemClock
from dialer.db import SessionFactory
from dialer.jobs import JobQueue
from dialer.pacing.breaker import BreakerPolicy
from dialer.settings import Settings
from workers.dialing.deps import DialingDeps
from workers.dialing.supervisor import Supervisor

#: Only a broken program waits so long; a starved machine may need half of it to start a process.
PATIENCE_S = 40.0
LAW = load_law()
#: 32 bytes in base64; it keeps nothing secret.
SECRET_KEY = "dGVzdHMgc2VhbCB0aGVpciBzZWNyZXRzIHdpdGggaXQ="


async def until(fact: Callable[[], Awaitable[Any]], what: str, within_s: float = PATIENCE_S) -> Any:
    """Wait until ``fact`` is true and return it; fail with ``what`` when it does not come."""
    deadline = monotonic() + within_s
    while True:
        value = await fact()
        if value:
            return value
        assert monotonic() < deadline, f"not seen within {within_s} s: {what}"
        await asyncio.sleep(0.05)


class Books:
    """What the database says of a campaign."""

    def __init__(self, sessions: SessionFactory, campaign_id: UUID) -> None:
        self.sessions = sessions
        self.campaign_id = campaign_id

    async def scalar(self, sql: str, **facts: Any) -> Any:
        """Return the single value of a query."""
        async with self.sessions() as session:
            return (await session.execute(text(sql), {"c": self.campaign_id, **facts})).scalar()

    async def state(self) -> str:
        """Return the campaign's state."""
        return str(await self.scalar("SELECT state FROM campaign WHERE id = :c"))

    async def outcomes(self) -> dict[str, int]:
        """Return the attempts by outcome ("live" for none yet)."""
        async with self.sessions() as session:
            rows = await session.execute(
                text(
                    "SELECT coalesce(outcome, 'live') AS o, count(*) AS n FROM attempt"
                    " WHERE campaign_id = :c GROUP BY 1"
                ),
                {"c": self.campaign_id},
            )
            return {row.o: row.n for row in rows}

    async def leads(self) -> dict[str, int]:
        """Return the leads by state and result; "claimed" are those in the hopper."""
        async with self.sessions() as session:
            rows = await session.execute(
                text(
                    "SELECT CASE WHEN EXISTS (SELECT FROM lead_claim k WHERE k.lead_id = lead.id)"
                    " THEN 'claimed' ELSE state || coalesce(':' || result, '') END AS s,"
                    " count(*) AS n FROM lead WHERE campaign_id = :c GROUP BY 1"
                ),
                {"c": self.campaign_id},
            )
            return {row.s: row.n for row in rows}

    async def is_finished(self) -> bool:
        """Tell whether the campaign is finished."""
        return await self.state() == "finished"

    async def why(self, redis: Redis) -> list[str]:
        """Return the board's reasons for not dialling."""
        kept = await redis.get(board_key(self.campaign_id))
        return list(json.loads(kept)["why"]) if kept else []

    async def agent_states(self) -> list[str]:
        """Return the agents' open states."""
        async with self.sessions() as session:
            rows = await session.execute(
                text(
                    "SELECT e.state FROM agent_state_entry e JOIN agent_session s"
                    " ON s.id = e.session_id WHERE s.campaign_id = :c AND e.ended_at IS NULL"
                ),
                {"c": self.campaign_id},
            )
            return sorted(row.state for row in rows)


def test_settings(database_url: str, redis_url: str, **changes: Any) -> Settings:
    """Return complete settings with short leases."""
    values: dict[str, Any] = {
        "database_url": SecretStr(database_url),
        "redis_url": SecretStr(redis_url),
        "secret_keys": SecretStr(SECRET_KEY),
        "lease_s": 2.0,
        "adopt_every_s": 0.2,
        "shutdown_grace_s": 2.0,
    }
    return Settings(**(values | changes))


test_settings.__test__ = False  # type: ignore[attr-defined]


@asynccontextmanager
async def dialing_worker(
    settings: Settings,
    sessions: SessionFactory,
    redis: Redis,
    ari: AriEndpoint,
    breaker: BreakerPolicy | None = None,
) -> AsyncIterator[Supervisor]:
    """Run a dialing worker's supervisor inside the test, drained at the end."""
    jobs = await JobQueue.open(settings.redis())
    deps = DialingDeps(
        worker_id=f"test-{uuid4().hex[:8]}",
        settings=settings,
        sessions=sessions,
        redis=redis,
        jobs=jobs,
        clock=SystemClock(),
        ari=ari,
        law=LAW,
        shelf=DncShelf(settings.dnc_lists()),
        breaker=breaker or BreakerPolicy(),
    )
    supervisor = Supervisor(deps)
    task = asyncio.create_task(supervisor.run())
    try:
        yield supervisor
    finally:
        await supervisor.drain()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await jobs.close()
