"""What the API's tests start from: an application on real services, and people with tokens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlmodel import func, select
from starlette.routing import BaseRoute

from api.browsers import COOKIE
from api.main import create_app, stop_watching
from campaigns.accounts.sessions import Visitor, open_session
from campaigns.leads.models import Attempt, Lane, Lead
from campaigns.lists.models import Contact, ContactList, Phone
from campaigns.models import Trunk
from campaigns.states import LeadState
from campaigns.tenancy import bootstrap, tokens
from campaigns.tenancy.models import Role, User
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.jobs import JobName
from dialer.settings import Settings
from tests.factories import make_place
from tests.world import SECRET_KEY

BASE_URL = "http://outdial.test"
YEAR_S = 365 * 24 * 3600.0
HOURS = {day: [["09:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


@dataclass
class RecordingJobs:
    """Keeps what was enqueued."""

    enqueued: list[tuple[JobName, dict[str, str]]] = field(default_factory=list)

    async def enqueue(self, name: JobName, *, key: str | None = None, **payload: str) -> None:
        """Keep the job."""
        del key
        self.enqueued.append((name, payload))


@dataclass
class World:
    """An application, its services, and two clients with a trunk for both."""

    app: FastAPI
    sessions: SessionFactory
    redis: Redis
    clock: FrozenClock
    jobs: RecordingJobs
    client_id: UUID
    other_client_id: UUID
    trunk_id: UUID
    users: int = 0

    async def token(self, role: Role = Role.MANAGER, *, client_id: UUID | None = None) -> str:
        """Return the token of a new user."""
        user = await self.user(role, client_id=client_id)
        async with transaction(self.sessions) as session:
            return await tokens.issue(session, user.id, self.clock)

    async def user(self, role: Role = Role.MANAGER, *, client_id: UUID | None = None) -> User:
        """Make a user without a password."""
        self.users += 1
        async with transaction(self.sessions) as session:
            return await bootstrap.create_user(
                session,
                client_id=client_id or self.client_id,
                login=f"user-{self.users}",
                role=role,
                clock=self.clock,
            )

    async def session_token(self, user: User) -> str:
        """Open a session as a sign-in does, without the work of hashing a password."""
        async with transaction(self.sessions) as session:
            visitor = Visitor("127.0.0.1", "test")
            return (await open_session(session, user, visitor, self.clock))[1]

    def anonymous(self) -> AsyncClient:
        """Return a client without a token."""
        transport = ASGITransport(app=self.app, raise_app_exceptions=False)
        return AsyncClient(transport=transport, base_url=BASE_URL)

    async def browser(
        self, role: Role = Role.MANAGER, client_id: UUID | None = None
    ) -> AsyncClient:
        """Return a client that is signed in by the cookie."""
        client = self.anonymous()
        user = await self.user(role, client_id=client_id)
        client.cookies.set(COOKIE, await self.session_token(user))
        return client

    async def api(self, role: Role = Role.MANAGER, client_id: UUID | None = None) -> AsyncClient:
        """Return a client with the token of a new user."""
        client = self.anonymous()
        client.headers["Authorization"] = f"Bearer {await self.token(role, client_id=client_id)}"
        return client

    async def campaign(self, api: AsyncClient, *, leads: int = 0, **body: object) -> UUID:
        """Make a campaign that can be started once it has leads."""
        settings = {"hours": HOURS, "purpose": "survey"}
        given = {"name": "Survey", "trunk": "carrier", "settings": settings, **body}
        made = await api.post("/api/v1/campaigns", json=given)
        assert made.status_code == 201, made.text
        campaign_id = UUID(made.json()["id"])
        for number in range(leads):
            await self.lead(campaign_id, row=number + 1)
        return campaign_id

    async def lead(
        self, campaign_id: UUID, *, row: int, state: LeadState = LeadState.WAITING, **facts: object
    ) -> Lead:
        """Enrol a new contact of a new list."""
        async with transaction(self.sessions) as session:
            owned = ContactList(
                client_id=self.client_id,
                name=f"list {row}",
                file_name="list.csv",
                file_sha256="0" * 64,
                region="RU",
                imported_at=self.clock.now(),
            )
            session.add(owned)
            await session.flush()
            contact = Contact(
                client_id=self.client_id,
                list_id=owned.id,
                source_row=row,
                created_at=self.clock.now(),
            )
            session.add(contact)
            await session.flush()
            place_id = await make_place(session)
            lanes = select(func.max(Lane.lane)).where(Lane.campaign_id == campaign_id)
            lane = ((await session.exec(lanes)).one() or 0) + 2
            session.add(Lane(campaign_id=campaign_id, lane=lane, list_id=owned.id))
            session.add(
                Phone(
                    client_id=self.client_id,
                    contact_id=contact.id,
                    position=0,
                    e164=f"+7943000{row:04}",
                    region="RU",
                    place_id=place_id,
                )
            )
            lead = Lead(
                lane=lane,
                place_id=place_id,
                e164=f"+7943000{row:04}",
                client_id=self.client_id,
                campaign_id=campaign_id,
                contact_id=contact.id,
                state=state,
                next_attempt_at=self.clock.now(),
            )
            for name, value in facts.items():
                setattr(lead, name, value)
            session.add(lead)
        return lead

    async def attempt(self, lead: Lead, number: int, **facts: object) -> Attempt:
        """Store an attempt of a lead; live unless the facts say otherwise."""
        attempt = Attempt(
            client_id=self.client_id,
            campaign_id=lead.campaign_id,
            lead_id=lead.id,
            contact_id=lead.contact_id,
            e164=f"+7943000{number:04}",
            trunk_id=self.trunk_id,
            fence=0,
            number_in_lead=1,
            started_at=self.clock.now(),
        )
        for name, value in facts.items():
            setattr(attempt, name, value)
        async with transaction(self.sessions) as session:
            session.add(attempt)
        return attempt


@dataclass
class EndlessFile:
    """A form with a file that never ends, and how much of it was taken, MB."""

    taken: int = 0

    async def body(self) -> AsyncIterator[bytes]:
        """Yield it, a megabyte a piece; a hundred of them are an end after all."""
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        while self.taken < 100:
            self.taken += 1
            yield b"x" * 1_000_000


@cache
def _routes() -> list[BaseRoute]:
    """Return the routes of an application, made once: working out what they need takes 0.15 s.

    They know no services: what a route is given comes from the application that was asked.
    """
    nothing: Any = None
    app = create_app(Settings(), sessions=nothing, redis=nothing, jobs=nothing, clock=nothing)
    return app.router.routes


@asynccontextmanager
async def api_world(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> AsyncIterator[World]:
    """Yield an application on fresh services."""
    async with transaction(sessions) as session:
        mine = await bootstrap.ensure_client(session, "Sweet Home", clock)
        other = await bootstrap.ensure_client(session, "Somebody Else", clock)
        trunk: Trunk = await bootstrap.ensure_trunk(
            session,
            name="carrier",
            endpoint="PJSIP/{number}@carrier",
            max_channels=30,
            calls_per_s=4,
            simulated=False,
        )
    jobs = RecordingJobs()
    # Tests let days pass between two looks at a page; those of sessions set their own limits.
    settings = Settings(
        session_idle_s=YEAR_S, session_lives_s=YEAR_S, secret_keys=SecretStr(SECRET_KEY)
    )
    app = create_app(settings, sessions=sessions, redis=redis, jobs=jobs, clock=clock)
    app.router.routes = _routes()
    yield World(app, sessions, redis, clock, jobs, mine.id, other.id, trunk.id)
    await stop_watching(app)
