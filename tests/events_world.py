"""Events for tests: a campaign whose calls begin, end and are disposed, endpoints, and a worker's sweeps."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from campaigns.events.models import Event
from campaigns.events.reading import read_after
from campaigns.events.sequencing import place_all
from campaigns.webhooks import endpoints
from campaigns.webhooks.endpoint_in import EndpointIn
from campaigns.webhooks.models import WebhookEndpoint
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from dialer.sealing import KeyRing
from dialer.settings import Settings
from tests.factories import MadeCampaign, make_campaign, make_client, numbers
from tests.receivers import Hook
from tests.world import SECRET_KEY
from workers.deps import BackgroundDeps
from workers.jobs.events import sweep

RING = KeyRing.parse(SECRET_KEY)

BEGIN = """
    INSERT INTO attempt (id, client_id, campaign_id, lead_id, contact_id, e164, trunk_id, fence,
                         number_in_lead, decision, subject, reserved_agent, started_at)
    SELECT n.id, l.client_id, l.campaign_id, l.id, l.contact_id, l.e164, c.trunk_id, 0, 1, '{}', '',
           false, :now
    FROM unnest(CAST(:ids AS uuid[]), CAST(:leads AS uuid[])) AS n(id, lead_id)
    JOIN lead l ON l.id = n.lead_id JOIN campaign c ON c.id = l.campaign_id
"""
END = """
    UPDATE attempt SET outcome = :outcome, ended_at = :now, ended_by = 'customer'
    WHERE id = ANY(CAST(:ids AS uuid[])) AND ended_at IS NULL
"""
DISPOSE = "UPDATE attempt SET disposition = :code, disposed_at = :now WHERE id = ANY(CAST(:ids AS uuid[]))"


@dataclass
class Happening:
    """One client's campaigns, of which events tell."""

    sessions: SessionFactory
    clock: Clock
    made: MadeCampaign

    @classmethod
    async def begin(
        cls,
        sessions: SessionFactory,
        clock: Clock,
        *,
        leads: int = 6,
        client_id: UUID | None = None,
    ) -> "Happening":
        """Make a campaign, of a client of its own unless one is named; its own events are none yet."""
        async with transaction(sessions) as session:
            made = await make_campaign(
                session, clock.now(), leads=numbers(leads), client_id=client_id
            )
        return cls(sessions, clock, made)

    @classmethod
    async def begin_elsewhere(
        cls, sessions: SessionFactory, clock: Clock, *, leads: int = 6, first: int = 900
    ) -> "Happening":
        """Make a campaign of another client."""
        async with transaction(sessions) as session:
            owner = await make_client(session, clock.now(), f"Other {new_id().hex[-6:]}")
            made = await make_campaign(
                session, clock.now(), leads=numbers(leads, first), client_id=owner.id
            )
        return cls(sessions, clock, made)

    async def another_campaign(self, *, leads: int = 6, first: int = 500) -> "Happening":
        """Make another campaign of the same client."""
        async with transaction(self.sessions) as session:
            made = await make_campaign(
                session,
                self.clock.now(),
                leads=numbers(leads, first),
                client_id=self.made.client_id,
            )
        return Happening(self.sessions, self.clock, made)

    async def run(self, sql: str, **facts: Any) -> None:
        """Run a statement in a transaction of its own."""
        async with transaction(self.sessions) as session:
            await session.execute(text(sql), facts)

    async def scalar(self, sql: str, **facts: Any) -> Any:
        """Return the single value of a query."""
        async with self.sessions() as session:
            return (await session.execute(text(sql), facts)).scalar()

    async def call(self, lead_ids: Sequence[UUID] = ()) -> list[UUID]:
        """Begin a call to each lead; return the attempts."""
        leads = list(lead_ids or self.made.lead_ids)
        ids = [new_id() for _ in leads]
        await self.run(BEGIN, ids=ids, leads=leads, now=self.clock.now())
        return ids

    async def end(self, ids: Sequence[UUID], outcome: str = "connected") -> None:
        """End calls."""
        await self.run(END, ids=list(ids), outcome=outcome, now=self.clock.now())

    async def dispose(self, ids: Sequence[UUID], code: str) -> None:
        """Give calls a disposition."""
        await self.run(DISPOSE, ids=list(ids), code=code, now=self.clock.now())

    async def happen(self, times: int = 1) -> None:
        """Let calls begin, end and be disposed: three events for each lead."""
        for _ in range(times):
            ids = await self.call()
            await self.end(ids)
            await self.dispose(ids, "sale")

    async def place(self) -> int:
        """Give what happened its positions."""
        return await place_all(self.sessions, self.clock)

    async def events(self, after: int = 0, **which: Any) -> list[Event]:
        """Place and read what happened after a cursor."""
        await self.place()
        async with self.sessions() as session:
            page = await read_after(
                session, self.made.client_id, after, **({"limit": 1000} | which)
            )
        return list(page.events)

    async def kinds(self, after: int = 0) -> list[str]:
        """Return the kinds of what happened after a cursor."""
        return [event.kind for event in await self.events(after)]

    async def endpoint(self, url: str, **changes: Any) -> WebhookEndpoint:
        """Make an endpoint."""
        given = EndpointIn.model_validate(
            {"name": f"CRM {new_id().hex[-6:]}", "url": url} | changes
        )
        async with transaction(self.sessions) as session:
            return await endpoints.make(
                session,
                given,
                client_id=self.made.client_id,
                user_id=None,
                ring=RING,
                clock=self.clock,
            )

    async def send(self, settings: Settings) -> int:
        """Place what happened and do what a worker does every second."""
        await self.place()
        deps = BackgroundDeps(settings, self.sessions, self.clock)
        return await sweep(deps, asyncio.Semaphore(4))

    async def refreshed(self, row: WebhookEndpoint) -> WebhookEndpoint:
        """Return an endpoint as it is now."""
        async with self.sessions() as session:
            return await session.get_one(WebhookEndpoint, row.id)


def bodies(receiver: Hook) -> list[dict[str, Any]]:
    """Return what a receiver was told, message by message."""
    return [json.loads(got.body) for got in receiver.got]


def told(receiver: Hook) -> list[dict[str, Any]]:
    """Return the events a receiver was told, in their order."""
    return [event for body in bodies(receiver) for event in body["data"].get("events", [])]
