"""Scored calls for tests: kept recordings of an operator's talks, people who score them, an application."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from httpx import AsyncClient
from redis.asyncio import Redis

from api.browsers import COOKIE
from campaigns.agents.models import Agent, AgentSession
from campaigns.leads.models import Attempt
from campaigns.quality import reviewing, scorecards
from campaigns.quality.models import Review, ScorecardVersion
from campaigns.quality.scorecard import Answers, Item, Sheet
from campaigns.tenancy.models import Role, User
from campaigns.tenancy.tokens import Identity
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World, api_world
from tests.recordings_world import Recorded, recorded
from workers.jobs.recordings import sweep_recordings

ORIGIN = {"Origin": "http://outdial.test"}
SHEET = Sheet(
    items=(
        Item(code="greeted", text="Greeted", weight=40),
        Item(code="asked", text="Asked well", weight=60, points=4, may_not_apply=True),
        Item(code="polite", text="Was polite", weight=0, critical=True),
    )
)
GOOD: Answers = {"greeted": 1, "asked": 3, "polite": 1}  # 85 %


@dataclass
class Quality:
    """Calls of two operators, of whom the first can sign in."""

    world: World
    made: Recorded
    operator: User
    agents: Sequence[UUID]

    @property
    def client_id(self) -> UUID:
        """Whose everything is."""
        return self.made.made.client_id

    @property
    def clock(self) -> FrozenClock:
        """The world's clock."""
        return self.made.clock

    @property
    def calls(self) -> Sequence[UUID]:
        """The calls: all but the last are the first operator's."""
        return self.made.attempts

    async def who(self, role: Role = Role.SUPERVISOR) -> Identity:
        """Return a new person."""
        return self.identity(await self.world.user(role, client_id=self.client_id))

    def identity(self, user: User) -> Identity:
        """Return who a user is."""
        return Identity(user.id, self.client_id, user.role, user.login)

    async def browser(self, role: Role = Role.SUPERVISOR) -> AsyncClient:
        """Return the browser of a new person."""
        client = await self.world.browser(role, self.client_id)
        client.headers.update(ORIGIN)
        return client

    async def operators_browser(self) -> AsyncClient:
        """Return the first operator's browser."""
        client = self.world.anonymous()
        client.cookies.set(COOKIE, await self.world.session_token(self.operator))
        client.headers.update(ORIGIN)
        return client

    async def published(
        self, who: Identity, sheet: Sheet = SHEET, name: str = "Card"
    ) -> ScorecardVersion:
        """Make a scorecard and publish it."""
        by: dict[str, Any] = {"who": who, "clock": self.clock}
        async with transaction(self.world.sessions) as session:
            row = await scorecards.make(session, name, sheet, **by)
            return await scorecards.publish(session, row.id, **by)

    async def scored(
        self, who: Identity, version: ScorecardVersion, call: int = 0, answers: Answers = GOOD
    ) -> Review:
        """Score a call."""
        async with transaction(self.world.sessions) as session:
            return await reviewing.record(
                session, self.calls[call], version.id, answers, who=who, clock=self.clock
            )


@asynccontextmanager
async def open_quality(
    sessions: SessionFactory,
    redis: Redis,
    clock: FrozenClock,
    folder: Path,
    *,
    calls: int = 3,
    seconds: float = 3,
) -> AsyncIterator[Quality]:
    """Yield calls with kept recordings."""
    made = await recorded(sessions, clock, folder, calls=calls, seconds=seconds)
    async with api_world(sessions, redis, clock) as world:
        services = world.app.state.services
        names = ("recordings_dir", "recording_store", "secret_keys")
        settings = {name: getattr(made.settings, name) for name in names}
        object.__setattr__(services, "settings", services.settings.model_copy(update=settings))
        operator = await world.user(Role.AGENT, client_id=made.made.client_id)
        agents = await _taken(sessions, made, operator)
        assert await sweep_recordings({"deps": made.deps}) == calls
        yield Quality(world, made, operator, agents)


async def _taken(sessions: SessionFactory, made: Recorded, operator: User) -> list[UUID]:
    """Have the first operator have taken all calls but the last, which a second one took."""
    own: dict[str, Any] = {"client_id": made.made.client_id}
    agents = []
    async with transaction(sessions) as session:
        for name, calls in (("Olga", made.attempts[:-1]), ("Pavel", made.attempts[-1:])):
            user_id = operator.id if name == "Olga" else None
            agent = Agent(**own, name=name, endpoint=f"PJSIP/{name}", user_id=user_id)
            session.add(agent)
            await session.flush()
            shift = AgentSession(
                **own,
                agent_id=agent.id,
                campaign_id=made.made.id,
                started_at=made.clock.now(),
                ended_at=made.clock.now(),
            )
            session.add(shift)
            await session.flush()
            for call in calls:
                (await session.get_one(Attempt, call)).agent_session_id = shift.id
            agents.append(agent.id)
    return agents
