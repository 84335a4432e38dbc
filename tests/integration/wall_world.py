"""A call centre to watch: campaigns with agents and calls that are stored as their owners store them."""

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from sqlmodel import col, select, update

from api.deps import Services
from api.pages.wall_stream import events
from api.wall.client_wall import ClientWall
from api.wall.keys import Audience
from api.wall.walls import Walls
from campaigns.agents.models import AgentStateEntry
from campaigns.commands import agents_channel, lease_key
from campaigns.leads.models import Attempt
from campaigns.models import Campaign
from campaigns.wall.patches import apply
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import MadeCampaign, make_campaign, numbers
from tests.integration.api_world import World, api_world

ENDS = (CallOutcome.NO_ANSWER, CallOutcome.BUSY, CallOutcome.CONGESTION, CallOutcome.MACHINE)
MODES = tuple(set(AgentState) - {AgentState.OFFLINE})


@dataclass
class Floor:
    """One client's campaigns."""

    world: World
    campaigns: list[MadeCampaign]
    chance: random.Random = field(default_factory=lambda: random.Random(5))
    free: dict[UUID, list[UUID]] = field(default_factory=dict)  #: leads without an attempt
    numbered: int = 0  #: attempts so far: each has a number of its own

    @property
    def services(self) -> Services:
        """The application's services."""
        services: Services = self.world.app.state.services
        return services

    def wall(self, client_id: UUID | None = None) -> ClientWall:
        """Return a wall that looks when it is told to."""
        return ClientWall(self.services, client_id or self.world.client_id)

    async def be(self, session_id: UUID, state: AgentState, **facts: Any) -> None:
        """Store a state as the campaign's owner does, from now on."""
        now = self.world.clock.now()
        async with transaction(self.world.sessions) as session:
            mine = col(AgentStateEntry.session_id) == session_id
            is_open = col(AgentStateEntry.ended_at).is_(None)
            await session.exec(update(AgentStateEntry).where(mine, is_open).values(ended_at=now))
            campaign = next(one.id for one in self.campaigns if session_id in one.session_ids)
            session.add(
                AgentStateEntry(
                    session_id=session_id,
                    campaign_id=campaign,
                    state=state,
                    started_at=now,
                    **facts,
                )
            )

    async def tell(self, session_id: UUID, state: AgentState) -> None:
        """Publish a state as the campaign's owner does, before it is stored."""
        campaign = next(one.id for one in self.campaigns if session_id in one.session_ids)
        facts = {
            "session_id": str(session_id),
            "campaign_id": str(campaign),
            "state": state.value,
            "at": self.world.clock.now().isoformat(),
        }
        await self.world.redis.publish(agents_channel(campaign), json.dumps(facts))

    async def call(self, campaign: MadeCampaign, **facts: Any) -> Attempt:
        """Store an attempt that begins now."""
        leads = self.free.setdefault(campaign.id, list(campaign.lead_ids))
        now = self.world.clock.now()
        lead_id = leads.pop()
        self.numbered += 1
        async with transaction(self.world.sessions) as session:
            attempt = Attempt(
                **{
                    "client_id": campaign.client_id,
                    "campaign_id": campaign.id,
                    "lead_id": lead_id,
                    "contact_id": await contact_of(session, lead_id),
                    "e164": f"+7495{3000000 + self.numbered}",
                    "trunk_id": campaign.trunk_id,
                    "caller_id": "+74951234567",
                    "fence": 0,
                    "number_in_lead": 1,
                    "started_at": now,
                    **facts,
                }
            )
            session.add(attempt)
        return attempt

    async def end(self, attempt: Attempt, outcome: CallOutcome, **facts: Any) -> None:
        """End a call now."""
        values = {"outcome": outcome, "ended_at": self.world.clock.now(), **facts}
        await self.change(attempt, **values)

    async def change(self, attempt: Attempt, **values: Any) -> None:
        """Store something of a call."""
        async with transaction(self.world.sessions) as session:
            mine = col(Attempt.id) == attempt.id
            await session.exec(update(Attempt).where(mine).values(**values))

    async def pass_time(self, minutes: int) -> None:
        """Let calls come and go, and agents work, in steps of half a minute."""
        chance, clock = self.chance, self.world.clock
        live: list[Attempt] = []
        for _ in range(minutes * 2):
            clock.advance(chance.uniform(25, 35))
            for attempt in live:
                await self._finish(attempt)
            live = [
                await self._random_call(campaign)
                for campaign in self.campaigns
                for _ in range(chance.randrange(2))
            ]
            for campaign in self.campaigns:
                await self.be(chance.choice(campaign.session_ids), chance.choice(MODES))

    async def _random_call(self, campaign: MadeCampaign) -> Attempt:
        now, chance = self.world.clock.now(), self.chance
        attempt = await self.call(campaign, rang_at=now + timedelta(seconds=1))
        if chance.random() < 0.5:
            answered = now + timedelta(seconds=2)
            connected = answered + timedelta(seconds=chance.choice([0.2, 1.5, 25]))
            spoke = {"connected_at": connected} if chance.random() < 0.8 else {}
            attempt.answered_at, attempt.connected_at = answered, spoke.get("connected_at")
            await self.change(attempt, answered_at=answered, **spoke)
        return attempt

    async def _finish(self, attempt: Attempt) -> None:
        if attempt.connected_at is not None:
            code = self.chance.choice(["sale", "refused", None])
            await self.end(attempt, CallOutcome.CONNECTED, disposition=code, cause=16)
        elif attempt.answered_at is not None:
            await self.end(
                attempt, self.chance.choice([CallOutcome.ABANDONED, CallOutcome.MACHINE])
            )
        else:
            await self.end(attempt, self.chance.choice(ENDS), cause=self.chance.choice([17, 19]))

    async def hold_leases(self) -> None:
        """Have every campaign's owner say that it lives."""
        for one in self.campaigns:
            await self.world.redis.set(lease_key(one.id), "worker", ex=600)

    async def sql(self, statement: str, **facts: Any) -> Any:
        """Return the only value of a statement."""
        from sqlalchemy import text

        async with self.world.sessions() as session:
            return (await session.execute(text(statement), facts)).scalar_one()


async def contact_of(session: Any, lead_id: UUID) -> UUID:
    """Return the person of a lead."""
    from campaigns.leads.models import Lead

    found: UUID = (await session.exec(select(Lead.contact_id).where(Lead.id == lead_id))).one()
    return found


@dataclass
class Page:
    """What a browser makes of the stream."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    last_id: str = ""
    beats: list[dict[str, Any]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  #: of the events, in order
    bytes_in: int = 0

    def take(self, text: str) -> None:
        """Take a piece of the stream."""
        self.bytes_in += len(text)
        for event in filter(None, text.split("\n\n")):
            fields = dict(line.split(": ", 1) for line in event.splitlines())
            self.names.append(fields["event"])
            self.last_id = fields.get("id", self.last_id)
            if fields["event"] == "gone":
                continue
            told = json.loads(fields["data"])
            if fields["event"] == "beat":
                self.beats.append(told)
            elif fields["event"] == "snapshot":
                self.rows = told["rows"]
            else:
                self.rows = apply(self.rows, told["rows"])

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return the rows of a kind."""
        return [row for key, row in self.rows.items() if key.startswith(f"{kind}/")]


async def always() -> bool:
    """Let a viewer go on."""
    return True


@asynccontextmanager
async def watching(
    floor: Floor,
    walls: Walls,
    audience: Audience | None = None,
    last_id: str = "",
    client_id: UUID | None = None,
    may: Any = always,
) -> AsyncIterator[tuple[Page, AsyncIterator[str]]]:
    """Watch the stream as a browser does."""
    page = Page()
    client = client_id or floor.world.client_id
    stream = events(walls, floor.services, client, audience or Audience(), may, last_id)
    try:
        yield page, stream
    finally:
        await stream.aclose()  # type: ignore[attr-defined] # it is a generator


@asynccontextmanager
async def open_floor(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, *, leads: int = 120
) -> AsyncIterator[Floor]:
    """Yield two campaigns of one client with three agents each."""
    async with api_world(sessions, redis, clock) as world:
        made = []
        for first in (0, leads):
            async with transaction(sessions) as session:
                campaign = await make_campaign(
                    session,
                    clock.now(),
                    leads=numbers(leads, first),
                    agents=3,
                    client_id=world.client_id,
                )
                row = await session.get_one(Campaign, campaign.id)
                row.name = f"Campaign {first}"
            made.append(campaign)
        yield Floor(world, made)
