"""The demo's people at the telephones: they wrap up and choose a disposition."""

import asyncio
import json
import random
from typing import Any
from uuid import UUID

import structlog
from sqlmodel import col, select

from campaigns.agents import sessions as shifts
from campaigns.commands import CommandName, agents_channel, send
from campaigns.law.suppressions import cancel_ringing
from campaigns.leads import dispositions
from campaigns.models import Campaign, Disposition
from cli.installation import Opened
from dialer.db import transaction
from dialer.errors import OutdialError

log = structlog.get_logger()

#: How long a virtual agent writes after a call, seconds.
WRITING_S = (0.4, 1.6)
#: One in so many conversations ends with a promise to call again later: such a lead keeps waiting.
CALLBACK_RATE = 0.05


async def sign_in(work: Opened, campaign: Campaign, count: int) -> None:
    """Make agents with the endpoints ``agent-1`` and up, and begin their shifts."""
    async with transaction(work.sessions) as session:
        for number in range(1, count + 1):
            agent = await shifts.create_agent(
                session,
                client_id=work.client_id,
                name=f"{campaign.name} · agent {number}",
                endpoint=f"PJSIP/agent-{number}",
            )
            await shifts.sign_in(
                session, agent.id, campaign.id, client_id=work.client_id, clock=work.clock
            )
    await send(work.redis, campaign.id, CommandName.AGENTS_CHANGED)


class VirtualAgents:
    """Closes every conversation with a disposition, as people do: a moment after it ended."""

    def __init__(self, work: Opened, campaign: Campaign, rng: random.Random) -> None:
        """Act on ``campaign``'s calls."""
        self._work = work
        self._campaign = campaign
        self._rng = rng
        self._codes: list[Disposition] = []
        self._writing: set[asyncio.Task[None]] = set()
        self.disposed = 0

    async def run(self) -> None:
        """Listen for wrap-ups until cancelled."""
        async with self._work.sessions() as session:
            statement = select(Disposition).where(col(Disposition.campaign_id) == self._campaign.id)
            self._codes = list(await session.exec(statement.order_by(col(Disposition.position))))
        async with self._work.redis.pubsub() as listener:
            await listener.subscribe(agents_channel(self._campaign.id))
            async for message in listener.listen():
                if message["type"] == "message":
                    self._hear(json.loads(message["data"]))

    def _hear(self, change: dict[str, Any]) -> None:
        if change["state"] != "wrap_up" or change["call_id"] is None:
            return
        task = asyncio.create_task(self._dispose(UUID(change["call_id"])))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _dispose(self, call_id: UUID) -> None:
        await asyncio.sleep(self._rng.uniform(*WRITING_S))
        try:
            async with transaction(self._work.sessions) as session:
                saved = await dispositions.record(
                    session,
                    call_id,
                    self._choice(),
                    client_id=self._work.client_id,
                    clock=self._work.clock,
                )
        except OutdialError as error:
            log.warning("agent.not_disposed", code=error.code)
            return
        self.disposed += 1
        facts = {"call_id": str(call_id), "code": saved.code}
        await send(self._work.redis, self._campaign.id, CommandName.DISPOSED, facts)
        await cancel_ringing(self._work.redis, saved.ringing)

    def _choice(self) -> str:
        later = [row.code for row in self._codes if row.retry_after_s is not None]
        final = [row.code for row in self._codes if row.retry_after_s is None]
        if later and self._rng.random() < CALLBACK_RATE:
            return self._rng.choice(later)
        return self._rng.choice(final)
