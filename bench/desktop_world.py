"""The agents of the desktop bench: users with open sessions, and the browsers they sit at."""

import asyncio
import random
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from httpx import AsyncClient, HTTPError, Timeout
from sqlmodel import col, select

from api.browsers import COOKIE
from bench.desktop_papers import ANSWERS, add_papers
from campaigns.accounts.sessions import Visitor, open_session
from campaigns.agents.models import Agent
from campaigns.agents.sessions import create_agent
from campaigns.configuration import default_dispositions
from campaigns.models import Campaign
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.clock import SystemClock
from dialer.db import SessionFactory, transaction

CLOCK = SystemClock()
#: How long an agent thinks before choosing a result, seconds.
THINKS_S = (0.5, 1.5)
#: How long people take for an answer, seconds.
ANSWERS_S = (1.0, 2.5)
_CARD, _TALK, _INTERVIEW = 'data-attempt="', 'data-talk="', 'data-interview="'
_FRAGMENT = {"HX-Request": "true"}


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
        author = Identity(user.id, campaign.client_id, user.role, user.login)
        await add_papers(session, author, CLOCK)
        found = await session.exec(
            select(Agent.id).where(col(Agent.client_id) == campaign.client_id)
        )
        assert len(found.all()) == count
    return tokens


@dataclass(slots=True)
class Desktop:
    """One agent's browser: shows what the stream sends, fills in the form, saves a result in each wrap-up."""

    base_url: str
    token: str
    campaign_id: UUID
    seen: dict[UUID, datetime]  #: when the card of a call was there, by call; shared
    rng: random.Random
    whole: bool = False  #: it loads and fills in everything the page has, not the stream alone
    bytes_in: int = 0
    call_id: UUID | None = None
    talk_id: str = ""
    saved: int = 0
    answered: int = 0
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
            if self._event == "state" and self.whole:
                self._begin(_get(client, "/desk/state/notice"))
        elif self._event == "card" and _CARD in line:
            self.call_id = UUID(line.split(_CARD)[1][:36])
            self.seen.setdefault(self.call_id, CLOCK.now())
        elif self._event == "talk" and _TALK in line:
            talk_id = line.split(_TALK)[1].partition('"')[0]
            if self.whole and talk_id not in ("", self.talk_id):
                self._begin(self._talk(talk_id, client))
            self.talk_id = talk_id
        elif self._event == "state" and 'data-state="wrap_up"' in line and self.call_id:
            self._begin(self._dispose(self.call_id, client))

    def _begin(self, what: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(what)
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _talk(self, talk_id: str, client: AsyncClient) -> None:
        """Load what the page loads when people talk, and answer some questions."""
        pieces = (f"calls/{talk_id}/controls", f"script/{talk_id}", "knowledge")
        await asyncio.gather(*(_get(client, f"/desk/{piece}") for piece in pieces))
        url = f"/desk/interview/{talk_id}"
        with suppress(HTTPError):
            page = (await client.get(url, headers=_FRAGMENT)).text
            if _INTERVIEW not in page:
                return
            facts = {"interview": page.split(_INTERVIEW)[1][:36]}
            await _get(client, f"{url}/ahead")
            for number, (code, value) in enumerate(ANSWERS, start=1):
                await asyncio.sleep(self.rng.uniform(*ANSWERS_S))
                body = facts | {"sequence": number, "value": value}
                answer = await client.post(f"{url}/answers/{code}", json=body, headers=_FRAGMENT)
                assert answer.status_code == 200, answer.text
                self.answered += 1

    async def _dispose(self, call_id: UUID, client: AsyncClient) -> None:
        await asyncio.sleep(self.rng.uniform(*THINKS_S))
        data = {"code": self.rng.choice(["sale", "no_interest", "refused"]), "note": "said so"}
        with suppress(HTTPError):
            path = f"/desk/calls/{call_id}/disposition"
            answer = await client.post(path, data=data, headers=_FRAGMENT)
            assert answer.status_code == 200, answer.text
            self.saved += 1


async def _get(client: AsyncClient, path: str) -> None:
    with suppress(HTTPError):
        answer = await client.get(path, headers=_FRAGMENT)
        assert answer.status_code in (200, 204), answer.text


def spread(values_s: Sequence[float], share: float) -> float:
    """Return a quantile of some seconds, in milliseconds."""
    ordered = sorted(values_s)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)
