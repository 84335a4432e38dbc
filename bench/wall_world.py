"""The floor of the wall's bench: 300 agents who change state, stored and told as runners do it."""

import asyncio
import json
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from redis.asyncio import Redis
from sqlalchemy import insert, text
from sqlmodel import col, select

from campaigns.accounts.sessions import Visitor, open_session
from campaigns.agents.models import AgentSession, AgentStateEntry
from campaigns.commands import agents_channel, lease_key
from campaigns.leads.models import Attempt, Lead
from campaigns.models import Campaign
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Role
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome
from dialer.clock import SystemClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id

CLOCK = SystemClock()
#: Mean seconds in a state; an agent on a call every half a minute makes ten calls a second of 300.
LASTS_S = {AgentState.READY: 4.0, AgentState.ON_CALL: 18.0, AgentState.WRAP_UP: 8.0}
_NEXT = {
    AgentState.READY: AgentState.ON_CALL,
    AgentState.ON_CALL: AgentState.WRAP_UP,
    AgentState.WRAP_UP: AgentState.READY,
}
#: A part of a working day that lies behind, so that counts have something to count: calls.
PAST_CALLS = 60_000

_PAST = text(
    """
    INSERT INTO attempt (id, client_id, campaign_id, lead_id, contact_id, e164, trunk_id, fence,
        number_in_lead, decision, subject, reserved_agent, started_at, rang_at, answered_at,
        connected_at, ended_at, outcome, cause, disposition)
    SELECT gen_random_uuid(), :client_id, :campaign_id, :lead_id, :contact_id, '+74952000000',
           :trunk_id, 0, 1, '{}', '', false, at, at + interval '2 seconds',
           CASE WHEN n % 3 = 0 THEN at + interval '5 seconds' END,
           CASE WHEN n % 3 = 0 THEN at + interval '5.3 seconds' END, at + interval '30 seconds',
           CASE WHEN n % 3 = 0 THEN 'connected' ELSE 'no_answer' END, 16,
           CASE WHEN n % 6 = 0 THEN 'sale' END
    FROM generate_series(1, :calls) AS n,
         LATERAL (SELECT CAST(:now AS timestamptz) - n * interval '0.1 seconds' AS at) AS t
    """
)


@dataclass
class BenchFloor:
    """What the bench knows of its floor."""

    sessions: SessionFactory
    redis: Redis
    campaign: Campaign
    leads: list[tuple[UUID, UUID]]  #: and whose they are
    shifts: list[UUID]
    told_at: dict[tuple[str, str], float] = field(
        default_factory=dict
    )  #: (shift, since) -> committed
    changes: int = 0
    rng: random.Random = field(default_factory=lambda: random.Random(3))

    async def run(self) -> None:
        """Have every agent work until cancelled; the campaign's owner says that it lives."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hold_lease())
            for shift in self.shifts:
                group.create_task(self._work(shift))

    async def _hold_lease(self) -> None:
        while True:
            await self.redis.set(lease_key(self.campaign.id), "bench", px=6000)
            await asyncio.sleep(2)

    async def _work(self, shift: UUID) -> None:
        state, call = AgentState.READY, None
        entry = await self._enter(shift, state, None, None)
        await asyncio.sleep(self.rng.uniform(0, 30))
        while True:
            state = _NEXT[state]
            if state is AgentState.ON_CALL:
                call = await self._dial(shift)
            elif state is AgentState.WRAP_UP and call is not None:
                await self._end(call)
            entry = await self._enter(shift, state, call, entry)
            await asyncio.sleep(self.rng.expovariate(1 / LASTS_S[state]))

    async def _dial(self, shift: UUID) -> UUID:
        """Place a call that is answered at once, and two that nobody answers."""
        now, call = CLOCK.now(), new_id()
        lead_id, contact_id = self.leads.pop()
        row = {
            "client_id": self.campaign.client_id,
            "campaign_id": self.campaign.id,
            "trunk_id": self.campaign.trunk_id,
            "fence": 0,
            "number_in_lead": 1,
            "started_at": now,
            "rang_at": now,
        }
        rows: list[dict[str, Any]] = [
            {
                **row,
                "id": call,
                "lead_id": lead_id,
                "contact_id": contact_id,
                "e164": f"+7495{call.int % 10**7:07}",
                "agent_session_id": shift,
                "answered_at": now,
                "connected_at": now,
            }
        ]
        async with transaction(self.sessions, durable=False) as session:
            await session.execute(insert(Attempt), rows)
        return call

    async def _end(self, call: UUID) -> None:
        values = {"ended_at": CLOCK.now(), "outcome": CallOutcome.CONNECTED, "cause": 16}
        async with transaction(self.sessions, durable=False) as session:
            row = await session.get_one(Attempt, call)
            row.sqlmodel_update({**values, "disposition": self.rng.choice(["sale", "refused"])})

    async def _enter(
        self, shift: UUID, state: AgentState, call: UUID | None, before: UUID | None
    ) -> UUID:
        """Store a state and tell it, as a runner does; note when it was committed."""
        now, entry = CLOCK.now(), new_id()
        async with transaction(self.sessions, durable=False) as session:
            if before is not None:
                old = await session.get_one(AgentStateEntry, before)
                old.ended_at = max(now, old.started_at)
                await session.flush()
            session.add(
                AgentStateEntry(
                    id=entry,
                    session_id=shift,
                    campaign_id=self.campaign.id,
                    state=state,
                    call_id=call,
                    started_at=now,
                )
            )
        since = str(round(now.timestamp() * 1000))
        self.told_at[str(shift), since] = CLOCK.now().timestamp()
        self.changes += 1
        await self.redis.publish(agents_channel(self.campaign.id), _notice(self, shift, state, now))
        return entry


def _notice(floor: BenchFloor, shift: UUID, state: AgentState, at: datetime) -> str:
    facts = {
        "session_id": str(shift),
        "campaign_id": str(floor.campaign.id),
        "state": state.value,
        "call_id": None,
        "preview_id": None,
        "leg_up": True,
        "at": at.isoformat(),
    }
    return json.dumps(facts)


async def make_floor(sessions: SessionFactory, redis: Redis, campaign_id: UUID) -> BenchFloor:
    """Return the floor of a campaign with agents and leads, and a past of an hour and more."""
    async with transaction(sessions) as session:
        campaign = await session.get_one(Campaign, campaign_id)
        leads = (
            await session.exec(
                select(Lead.id, Lead.contact_id).where(col(Lead.campaign_id) == campaign_id)
            )
        ).all()
        shifts = (
            await session.exec(
                select(AgentSession.id).where(col(AgentSession.campaign_id) == campaign_id)
            )
        ).all()
        past = {
            "client_id": campaign.client_id,
            "campaign_id": campaign_id,
            "trunk_id": campaign.trunk_id,
            "lead_id": leads[0][0],
            "contact_id": leads[0][1],
            "calls": PAST_CALLS,
            "now": CLOCK.now() - timedelta(minutes=1),
        }
        await session.execute(_PAST, past)
    async with transaction(sessions) as session:
        await session.execute(text("ANALYZE attempt"))
    return BenchFloor(sessions, redis, campaign, list(leads), list(shifts))


async def supervisor_token(sessions: SessionFactory, client_id: UUID) -> str:
    """Return the session of a supervisor's browser."""
    async with transaction(sessions) as session:
        user = await bootstrap.create_user(
            session, client_id=client_id, login="watcher", role=Role.SUPERVISOR, clock=CLOCK
        )
        return (await open_session(session, user, Visitor("127.0.0.1", "bench"), CLOCK))[1]
