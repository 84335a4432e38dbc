"""The agents of the desktop bench: users with open sessions, and the browsers they sit at."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from httpx import AsyncClient, HTTPError, Timeout
from sqlmodel import col, select

from api.browsers import COOKIE
from campaigns.accounts.sessions import Visitor, open_session
from campaigns.agents.models import Agent
from campaigns.agents.sessions import create_agent
from campaigns.configuration import default_dispositions
from campaigns.models import Campaign
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Role
from dialer.clock import SystemClock
from dialer.db import SessionFactory, transaction

CLOCK = SystemClock()
#: How long an agent thinks before choosing a result, seconds.
THINKS_S = (0.5, 1.5)
_CARD = 'data-attempt="'


async def make_operators(sessions: SessionFactory, campaign_id: UUID, count: int) -> list[str]:
    """Add agents who are users, and dispositions; return the tokens of their browsers."""
    tokens = []
    async with transaction(sessions) as session:
        campaign = await session.get_one(Campaign, campaign_id)
        session.add_all(default_dispositions(campaign))
        for n in range(count):
            user = await bootstrap.create_user(
                session,
                client_id=campaign.client_id,
                login=f"operator-{n}",
                role=Role.AGENT,
                clock=CLOCK,
            )
            await create_agent(
                session,
                client_id=campaign.client_id,
                name=f"Operator {n}",
                endpoint=f"PJSIP/agent-{n + 1}",
                user_id=user.id,
            )
            opened = await open_session(session, user, Visitor("127.0.0.1", "bench"), CLOCK)
            tokens.append(opened[1])
        found = await session.exec(
            select(Agent.id).where(col(Agent.client_id) == campaign.client_id)
        )
        assert len(found.all()) == count
    return tokens


@dataclass(slots=True)
class Desktop:
    """One agent's browser: it shows what the stream sends, and saves a result in each wrap-up."""

    base_url: str
    token: str
    campaign_id: UUID
    seen: dict[UUID, datetime]  #: when the card of a call was there, by call; shared
    rng: random.Random
    bytes_in: int = 0
    call_id: UUID | None = None
    saved: int = 0
    _event: str = ""
    _writing: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """Begin a shift and follow the stream until cancelled."""
        headers = {"Origin": self.base_url}
        limits = Timeout(10, read=None)
        async with AsyncClient(base_url=self.base_url, headers=headers, timeout=limits) as client:
            client.cookies.set(COOKIE, self.token)
            begun = await client.post("/desk/shift", data={"campaign": str(self.campaign_id)})
            assert begun.status_code == 303, begun.text
            assert (await client.get("/desk")).status_code == 200
            try:
                await self._follow(client)
            finally:
                for task in self._writing:
                    task.cancel()
                await asyncio.gather(*self._writing, return_exceptions=True)

    async def _follow(self, client: AsyncClient) -> None:
        while True:
            with suppress(HTTPError):
                async with client.stream("GET", "/desk/stream") as answer:
                    async for line in answer.aiter_lines():
                        self._hear(line, client)

    def _hear(self, line: str, client: AsyncClient) -> None:
        self.bytes_in += len(line)
        if line.startswith("event: "):
            self._event = line.removeprefix("event: ")
        elif self._event == "card" and _CARD in line:
            self.call_id = UUID(line.split(_CARD)[1][:36])
            self.seen.setdefault(self.call_id, CLOCK.now())
        elif self._event == "state" and 'data-state="wrap_up"' in line and self.call_id:
            task = asyncio.create_task(self._dispose(self.call_id, client))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _dispose(self, call_id: UUID, client: AsyncClient) -> None:
        await asyncio.sleep(self.rng.uniform(*THINKS_S))
        data = {"code": self.rng.choice(["sale", "no_interest", "refused"]), "note": "said so"}
        headers = {"HX-Request": "true"}
        with suppress(HTTPError):
            path = f"/desk/calls/{call_id}/disposition"
            answer = await client.post(path, data=data, headers=headers)
            assert answer.status_code == 200, answer.text
            self.saved += 1


def spread(values_s: Sequence[float], share: float) -> float:
    """Return a quantile of some seconds, in milliseconds."""
    ordered = sorted(values_s)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)
