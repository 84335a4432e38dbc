"""An operator at the desk: a client with a campaign, an agent who is a user, a shift and calls."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from httpx import AsyncClient, Response
from redis.asyncio import Redis
from sqlmodel import col, select

from api.browsers import COOKIE
from api.desks import Desks
from api.pages.desk_stream import events
from api.pages.desk_view import View
from campaigns.agents import sessions as shifts
from campaigns.agents.models import Agent, AgentSession, AgentStateEntry
from campaigns.commands import agents_channel
from campaigns.desk.looking import own_moment
from campaigns.leads.models import Attempt, Lead
from campaigns.lists.models import Contact
from campaigns.models import Campaign, Disposition
from campaigns.states import CampaignState, LeadState
from campaigns.tenancy.models import Role, User
from campaigns.tenancy.tokens import Identity
from dialer.agent.states import AgentState
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import BASE_URL, World, api_world

OWN_FORM = {"Origin": BASE_URL}
PIECES = {**OWN_FORM, "HX-Request": "true"}
PERSON = {"name": "Anna Petrova", "fields": {"City": "Kazan", "Plan": "Basic", "Phone": ""}}


@dataclass
class DeskWorld:
    """What a test of the desk does."""

    world: World
    user: User
    agent: Agent
    browser: AsyncClient
    campaign_id: UUID
    shift_id: UUID | None = None
    rows: int = field(default=0)

    @property
    def clock(self) -> FrozenClock:
        """The world's clock."""
        return self.world.clock

    async def post(self, path: str, *, pieces: bool = True, **data: Any) -> Response:
        """Send a form of the desk, by htmx or plainly."""
        return await self.send(path, data, pieces=pieces)

    async def send(self, path: str, data: dict[str, Any], *, pieces: bool = True) -> Response:
        """Send a form whose fields have odd names."""
        headers = PIECES if pieces else OWN_FORM
        return await self.browser.post(f"/desk{path}", data=data, headers=headers)

    async def get(self, path: str = "", **headers: str) -> Response:
        """Open a page of the desk."""
        return await self.browser.get(f"/desk{path}", headers=headers)

    async def begin(self) -> UUID:
        """Begin a shift in the campaign."""
        answer = await self.post("/shift", pieces=False, campaign=str(self.campaign_id))
        assert (answer.status_code, answer.headers["location"]) == (303, "/desk"), answer.text
        async with transaction(self.world.sessions) as session:
            moment = await own_moment(session, self.user.id, client_id=self.user.client_id)
        assert moment is not None
        self.shift_id = moment.session_id
        return moment.session_id

    async def be(
        self, state: AgentState, call_id: UUID | None = None, **facts: Any
    ) -> AgentStateEntry:
        """Store a state as the campaign's owner does, from now on."""
        assert self.shift_id is not None
        async with transaction(self.world.sessions) as session:
            open_one = select(AgentStateEntry).where(
                col(AgentStateEntry.session_id) == self.shift_id,
                col(AgentStateEntry.ended_at).is_(None),
            )
            for old in await session.exec(open_one):
                old.ended_at = self.clock.now()
            await session.flush()
            entry = AgentStateEntry(
                session_id=self.shift_id,
                campaign_id=self.campaign_id,
                state=state,
                call_id=call_id,
                started_at=self.clock.now(),
                **facts,
            )
            session.add(entry)
        return entry

    async def tell(
        self, state: AgentState, call_id: UUID | None = None, at: datetime | None = None
    ) -> None:
        """Publish a state as the campaign's owner does, a moment before it is stored."""
        facts = {
            "session_id": str(self.shift_id),
            "campaign_id": str(self.campaign_id),
            "state": state.value,
            "call_id": str(call_id) if call_id else None,
            "preview_id": None,
            "leg_up": True,
            "at": (at or self.clock.now()).isoformat(),
        }
        await self.world.redis.publish(agents_channel(self.campaign_id), json.dumps(facts))

    async def lead(self, **facts: Any) -> Lead:
        """Enrol a person."""
        self.rows += 1
        lead = await self.world.lead(self.campaign_id, row=self.rows, state=LeadState.DIALING)
        number = lead.e164
        person = {**PERSON, "fields": {**PERSON["fields"], "Phone": number}, **facts}  # type: ignore[dict-item]
        async with transaction(self.world.sessions) as session:
            contact = await session.get_one(Contact, lead.contact_id)
            for name, value in person.items():
                setattr(contact, name, value)
        return lead

    async def talk(self, lead: Lead | None = None, **facts: Any) -> Attempt:
        """Have the agent talk with somebody."""
        lead = lead or await self.lead()
        now = self.clock.now()
        values = {
            "answered_at": now,
            "connected_at": now,
            "agent_session_id": self.shift_id,
            "e164": lead.e164,
            **facts,
        }
        attempt = await self.world.attempt(lead, self.rows, **values)
        await self.be(AgentState.ON_CALL, attempt.id)
        return attempt

    async def codes(self, code: str, **facts: Any) -> None:
        """Change a disposition of the campaign."""
        async with transaction(self.world.sessions) as session:
            statement = select(Disposition).where(
                col(Disposition.campaign_id) == self.campaign_id, col(Disposition.code) == code
            )
            row = (await session.exec(statement)).one()
            for name, value in facts.items():
                setattr(row, name, value)

    async def settings(self, **changes: Any) -> None:
        """Change settings of the campaign."""
        async with transaction(self.world.sessions) as session:
            campaign = await session.get_one(Campaign, self.campaign_id)
            campaign.settings = {**campaign.settings, **changes}

    async def stored(self, attempt: Attempt) -> Attempt:
        """Return an attempt as it is stored."""
        async with self.world.sessions() as session:
            return await session.get_one(Attempt, attempt.id)

    async def shift(self) -> AgentSession:
        """Return the shift as it is stored."""
        async with self.world.sessions() as session:
            return await session.get_one(AgentSession, self.shift_id)

    def identity(self) -> Identity:
        """Return who asks, by a token of the API."""
        return Identity(self.user.id, self.user.client_id, self.user.role, self.user.login)

    @property
    def desks(self) -> Desks:
        """The desks of the process."""
        state = self.world.app.state
        if not hasattr(state, "desks"):
            state.desks = Desks(state.services)
        desks: Desks = state.desks
        return desks

    @asynccontextmanager
    async def tab(
        self, language: str = "en", who: Identity | None = None
    ) -> AsyncIterator[AsyncIterator[str]]:
        """Open the stream of a tab."""
        view = View(
            self.world.app.state.services, self.desks, who or self.identity(), language, "UTC"
        )
        async with transaction(self.world.sessions) as session:
            moment = await own_moment(session, self.user.id, client_id=self.user.client_id)
        stream = events(self.desks, view, moment)
        try:
            yield stream
        finally:
            await stream.aclose()  # type: ignore[attr-defined]


@asynccontextmanager
async def desk_world(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, role: Role = Role.AGENT
) -> AsyncIterator[DeskWorld]:
    """Yield an agent at the desk of a running campaign."""
    async with api_world(sessions, redis, clock) as world:
        campaign_id = await world.campaign(await world.api())
        user = await world.user(role)
        async with transaction(sessions) as session:
            campaign = await session.get_one(Campaign, campaign_id)
            campaign.state = CampaignState.RUNNING
            agent = await shifts.create_agent(
                session,
                client_id=world.client_id,
                name="Olga",
                endpoint="PJSIP/agent-1",
                user_id=user.id,
            )
        browser = world.anonymous()
        browser.cookies.set(COOKIE, await world.session_token(user))
        yield DeskWorld(world, user, agent, browser, campaign_id)


def events_of(chunk: str) -> dict[str, str]:
    """Return the events of a piece of the stream by name."""
    found: dict[str, str] = {}
    for part in chunk.split("\n\n"):
        lines = part.split("\n")
        if lines[0].startswith("event: "):
            body = [line.removeprefix("data: ") for line in lines[1:]]
            found[lines[0].removeprefix("event: ")] = "\n".join(body)
    return found


async def see(stream: AsyncIterator[str], name: str, words: str) -> str:
    """Read the stream until a piece says something; return the piece."""
    for _ in range(40):
        pieces = events_of(await anext(stream))
        if words in pieces.get(name, ""):
            return pieces[name]
    raise AssertionError(f"{name} never says {words!r}")


def minutes(number: float) -> timedelta:
    """Return minutes."""
    return timedelta(minutes=number)
