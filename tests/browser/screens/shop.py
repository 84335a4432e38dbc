"""A company at work, for the pictures: people with logins, lists, campaigns in the middle of their day."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from httpx import AsyncClient
from redis.asyncio import Redis
from sqlmodel import col, select

from campaigns.agents import sessions as shifts
from campaigns.agents.models import Agent
from campaigns.leads.models import Attempt, Lead
from campaigns.models import Campaign, Disposition
from campaigns.states import CampaignState
from campaigns.tenancy import bootstrap, tokens
from campaigns.tenancy.models import Role, User
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.browser.screens.said import SAID
from tests.browser.screens.words import Words
from tests.integration.api_world import HOURS, World, api_world
from tests.integration.desk_world import DeskWorld
from tests.integration.form_world import store
from tests.integration.script_world import Writer

ROLES = (Role.ADMIN, Role.MANAGER, Role.SUPERVISOR, Role.CLIENT)


@dataclass
class Shop:
    """The company, in one language."""

    world: World
    language: str
    words: Words
    api: AsyncClient
    people: dict[Role, User]
    desk: DeskWorld
    campaign_ids: tuple[UUID, ...]
    script: str
    article_id: str
    leads: list[Lead] = field(default_factory=list)
    others: list[UUID] = field(default_factory=list)  #: shifts of the other agents

    @property
    def clock(self) -> FrozenClock:
        """The clock of the server, and of the browsers."""
        return self.world.clock

    def user(self, role: Role) -> User:
        """Return somebody of the company."""
        return self.desk.user if role is Role.AGENT else self.people[role]

    async def call(self, lead: Lead, ago_min: float, **facts: Any) -> Attempt:
        """Store a call that began so long ago; it is over unless the facts say otherwise."""
        began = self.clock.now() - timedelta(minutes=ago_min)
        made = Attempt(
            client_id=self.world.client_id,
            campaign_id=lead.campaign_id,
            lead_id=lead.id,
            contact_id=lead.contact_id,
            e164=lead.e164,
            trunk_id=self.world.trunk_id,
            fence=0,
            number_in_lead=1,
            started_at=began,
            rang_at=began + timedelta(seconds=2),
        )
        for name, value in facts.items():
            setattr(made, name, value)
        async with transaction(self.world.sessions) as session:
            session.add(made)
        return made

    async def past(
        self, lead: Lead, outcome: CallOutcome, disposition: str | None, ago_min: float
    ) -> None:
        """Store a call that is over."""
        began = self.clock.now() - timedelta(minutes=ago_min)
        facts: dict[str, Any] = {"outcome": outcome, "ended_at": began + timedelta(seconds=25)}
        if outcome in (CallOutcome.CONNECTED, CallOutcome.MACHINE):
            facts |= {"answered_at": began + timedelta(seconds=9)}
        if outcome is CallOutcome.CONNECTED:
            facts |= {
                "connected_at": began + timedelta(seconds=9),
                "ended_at": began + timedelta(seconds=190),
                "disposition": disposition,
                "agent_session_id": self.desk.shift_id or self.others[0],
            }
        await self.call(lead, ago_min, **facts)


async def _users(world: World, logins: tuple[str, ...]) -> dict[Role, User]:
    made = {}
    async with transaction(world.sessions) as session:
        for role, login in zip(ROLES, logins, strict=True):
            made[role] = await bootstrap.create_user(
                session, client_id=world.client_id, login=login, role=role, clock=world.clock
            )
    return made


async def _agent(world: World, words: Words) -> tuple[User, Agent]:
    async with transaction(world.sessions) as session:
        user = await bootstrap.create_user(
            session, client_id=world.client_id, login="agent.17", role=Role.AGENT, clock=world.clock
        )
        agent = await shifts.create_agent(
            session, client_id=world.client_id, name=words.agent, endpoint=None, user_id=user.id
        )
    return user, agent


async def _campaigns(world: World, api: AsyncClient, words: Words, script: str) -> list[UUID]:
    desk = {
        "colour": "violet",
        "greeting": words.greeting,
        "fields": {words.columns[0][0]: "editable"},
        "successes_per_hour": 6,
    }
    usual = {"hours": HOURS, "purpose": "survey", "wrap_up_s": 45, "wrap_up_extensions": 2}
    main = usual | {
        "form": "delivery",
        "script": script,
        "desk": desk,
        "record_pausable": True,
        "transfer_targets": [{"code": "sales", "name": words.sales, "endpoint": "PJSIP/sales"}],
        "form_dispositions": {"complete": "done"},
        "target_occupancy": 0.8,
        "mode": "predictive",
    }
    amd = {"amd": {"max_false_positive_rate": 0.02}}
    preview = usual | amd | {"mode": "preview", "manual_dial": True, "preview_limit_s": 60}
    preview |= {"desk": {"colour": "amber"}, "form": "delivery", "script": script}
    made = [
        await world.campaign(api, name=name, settings=settings)
        for name, settings in zip(words.campaigns, (main, preview, usual), strict=True)
    ]
    async with transaction(world.sessions) as session:
        for one in made[:2]:
            (await session.get_one(Campaign, one)).state = CampaignState.RUNNING
        codes = select(Disposition).where(col(Disposition.campaign_id).in_(made))
        for row in await session.exec(codes):
            row.requires_note = row.code == "refused"
            row.requires_callback = row.code == "callback_later"
    return made


@asynccontextmanager
async def open_shop(
    language: str, sessions: SessionFactory, redis: Redis, clock: FrozenClock, folder: Path
) -> AsyncIterator[Shop]:
    """Yield the company, in the middle of its day."""
    words = SAID[language]
    async with api_world(sessions, redis, clock) as world:
        state = world.app.state
        changes = {"uploads_dir": folder / "uploads", "recordings_dir": folder}
        settings = state.services.settings.model_copy(update=changes)
        state.services = replace(state.services, settings=settings)
        people = await _users(world, words.logins)
        api = world.anonymous()
        async with transaction(sessions) as session:
            token = await tokens.issue(session, people[Role.MANAGER].id, clock)
        api.headers["Authorization"] = f"Bearer {token}"
        await store(world, words.form, publish=True)
        writer = Writer(world, api)
        await writer.publish(words.script, words.script_name)
        article_id = await _articles(api, words)
        campaign_ids = await _campaigns(world, api, words, writer.code)
        user, agent = await _agent(world, words)
        desk = DeskWorld(world, user, agent, world.anonymous(), campaign_ids[0])
        desk.browser.cookies.set("outdial_session", await world.session_token(user))
        shop = Shop(
            world, language, words, api, people, desk, tuple(campaign_ids), writer.code, article_id
        )
        yield shop


async def _articles(api: AsyncClient, words: Words) -> str:
    first = ""
    for one in words.articles:
        made = await api.post("/api/v1/knowledge/articles", json=one)
        assert made.status_code == 201, made.text
        found = str(made.json()["id"])
        first = first or found
        published = await api.post(f"/api/v1/knowledge/articles/{found}/publish")
        assert published.status_code == 200, published.text
    pinned = {"pinned": True}
    assert (
        await api.put(f"/api/v1/knowledge/articles/{first}/place", json=pinned)
    ).status_code == 200
    return first
