"""A company at work, for the pictures: people with logins, lists, campaigns in the middle of their day."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from httpx import AsyncClient
from redis.asyncio import Redis
from sqlmodel import col, select

from campaigns.agents import sessions as shifts
from campaigns.agents.models import Agent, AgentSession, AgentStateEntry
from campaigns.leads.models import Attempt, Callback, Lane, Lead
from campaigns.lists.models import Contact, ContactList, Phone
from campaigns.models import Campaign, CampaignList, Disposition
from campaigns.states import CampaignState, LeadState
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Role, User
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.browser.screens.said import SAID
from tests.browser.screens.words import Words
from tests.factories import make_place
from tests.integration.api_world import HOURS, World, api_world
from tests.integration.desk_world import DeskWorld
from tests.integration.form_world import store
from tests.integration.script_world import Writer

ROLES = (Role.ADMIN, Role.MANAGER, Role.SUPERVISOR, Role.CLIENT)
#: How the first people of the list stand: outcome, disposition, minutes ago.
TALKED = (
    (CallOutcome.CONNECTED, "done", 50),
    (CallOutcome.CONNECTED, "refused", 44),
    (CallOutcome.NO_ANSWER, None, 38),
    (CallOutcome.CONNECTED, "done", 31),
    (CallOutcome.BUSY, None, 27),
    (CallOutcome.MACHINE, None, 22),
    (CallOutcome.CONNECTED, "sale", 12),
)


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


async def _enrol(shop: Shop) -> None:
    words, world = shop.words, shop.world
    names = [name for name, _ in words.columns]
    async with transaction(world.sessions) as session:
        place_id = await make_place(session, zones=(words.zone,))
        lists = [
            ContactList(
                client_id=world.client_id,
                name=name,
                file_name="orders.csv",
                file_sha256="0" * 64,
                region=words.region,
                columns=names,
                rows_in=len(words.people),
                rows_accepted=len(words.people),
                imported_at=shop.clock.now() - timedelta(days=days),
            )
            for days, name in enumerate(words.lists, start=1)
        ]
        session.add_all(lists)
        await session.flush()
        main = shop.campaign_ids[0]
        session.add(CampaignList(campaign_id=main, list_id=lists[0].id))
        session.add(Lane(campaign_id=main, lane=2, list_id=lists[0].id))
        contacts = [
            Contact(
                client_id=world.client_id,
                list_id=lists[0].id,
                source_row=row,
                name=name,
                fields=dict(words.columns),
                language=shop.language,
                created_at=shop.clock.now(),
                tags=["VIP"] if row == 1 else [],
            )
            for row, name in enumerate(words.people, start=1)
        ]
        session.add_all(contacts)
        await session.flush()
        for row, contact in enumerate(contacts, start=1):
            number = f"{words.number}{row:02}" if shop.language == "en" else f"{words.number}{row:03}"
            session.add(
                Phone(
                    client_id=world.client_id,
                    contact_id=contact.id,
                    position=0,
                    e164=number,
                    region=words.region,
                    place_id=place_id,
                )
            )
            lead = Lead(
                client_id=world.client_id,
                campaign_id=main,
                contact_id=contact.id,
                lane=2,
                place_id=place_id,
                sort_key=row,
                e164=number,
                next_attempt_at=shop.clock.now(),
            )
            session.add(lead)
            shop.leads.append(lead)


async def _others(shop: Shop) -> None:
    """Let the other agents work: one talks, one is ready, one has a break."""
    now = shop.clock.now()
    doing = (
        (AgentState.ON_CALL, 2.0, None),
        (AgentState.READY, 0.5, None),
        (AgentState.PAUSED, 7.0, "lunch"),
    )
    async with transaction(shop.world.sessions) as session:
        for name, (state, minutes, code) in zip(shop.words.agents, doing, strict=True):
            agent = await shifts.create_agent(
                session,
                client_id=shop.world.client_id,
                name=name,
                endpoint=f"PJSIP/agent-{len(shop.others) + 2}",
                user_id=None,
            )
            shift = AgentSession(
                client_id=shop.world.client_id,
                agent_id=agent.id,
                campaign_id=shop.campaign_ids[0],
                started_at=now - timedelta(hours=1),
                wants=AgentState.PAUSED if code else AgentState.READY,
                pause_code=code,
            )
            session.add(shift)
            await session.flush()
            shop.others.append(shift.id)
            for part, since, until in (
                (AgentState.READY, now - timedelta(hours=1), now - timedelta(minutes=minutes)),
                (state, now - timedelta(minutes=minutes), None),
            ):
                session.add(
                    AgentStateEntry(
                        session_id=shift.id,
                        campaign_id=shop.campaign_ids[0],
                        state=part,
                        pause_code=code if until is None else None,
                        started_at=since,
                        ended_at=until,
                    )
                )


async def _the_day_so_far(shop: Shop) -> None:
    for lead, (outcome, disposition, ago) in zip(shop.leads[1:], TALKED, strict=False):
        await shop.past(lead, outcome, disposition, ago)
        done = disposition or (None if outcome is not CallOutcome.MACHINE else None)
        async with transaction(shop.world.sessions) as session:
            row = await session.get_one(Lead, lead.id)
            row.attempts_made, row.last_outcome = 1, outcome
            if done is not None:
                row.state, row.result = LeadState.DONE, done
            else:
                row.waiting_reason = f"retry_{outcome.value}"
                row.next_attempt_at = shop.clock.now() + timedelta(hours=3)
    await shop.past(shop.leads[0], CallOutcome.NO_ANSWER, None, 26 * 60)


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
        api = await world.api(Role.MANAGER)
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
        await _enrol(shop)
        await _others(shop)
        await _the_day_so_far(shop)
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


async def promise(shop: Shop, lead: Lead, at: datetime, note: str) -> None:
    """Have the agent of the desk promise a call."""
    row = Callback(
        client_id=shop.world.client_id,
        campaign_id=lead.campaign_id,
        lead_id=lead.id,
        promised_at=at,
        zone=shop.words.zone,
        agent=shop.words.agent,
        note=note,
        created_at=shop.clock.now(),
    )
    async with transaction(shop.world.sessions) as session:
        session.add(row)
