"""A campaign in which calls are promised: shared by the tests of callbacks."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent, AgentSession
from campaigns.leads import dispositions, hopper
from campaigns.leads.callbacks import (
    CallbackRequest,
    promise,
)
from campaigns.leads.due_callbacks import claim_callbacks, release_overdue
from campaigns.leads.models import Attempt, Callback, Lead
from campaigns.leads.results import EndedCall, store_ends
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from campaigns.states import LeadState
from compliance.places.placement import Placement
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.factories import MadeCampaign, make_agent, make_campaign, make_place, numbers

#: 15:00 in Moscow on the day of the frozen clock.
THREE = datetime(2026, 11, 23, 15, 0)  # noqa: DTZ001 - as a person says it
THREE_UTC = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def always(_: Placement, at: datetime) -> datetime | None:
    return at


class PromiseWorld:
    """A campaign with three leads and one agent, Olga or whoever the factory names."""

    def __init__(self, sessions: SessionFactory, clock: FrozenClock) -> None:
        """Remember where and when."""
        self.sessions, self.clock = sessions, clock
        self.made: MadeCampaign
        self.agent = ""

    async def begin(self) -> "PromiseWorld":
        """Make the rows."""
        async with transaction(self.sessions) as session:
            self.made = await make_campaign(session, self.clock.now(), leads=numbers(3))
            campaign = await session.get_one(Campaign, self.made.id)
            shift = await make_agent(session, self.clock.now(), campaign, "PJSIP/olga")
            self.agent = await name_of(session, shift)
            self.shift = shift
        return self

    async def promise(self, lead: int = 0, at: datetime = THREE, **facts: Any) -> Callback:
        """Promise a call to one of the leads."""
        request = CallbackRequest(at, facts.pop("next_opening", always), **facts)
        async with transaction(self.sessions) as session:
            return await promise(
                session,
                self.made.lead_ids[lead],
                request,
                client_id=self.made.client_id,
                user_id=None,
                clock=self.clock,
            )

    async def lead(self, number: int = 0) -> Lead:
        """One of the leads as it is stored."""
        async with self.sessions() as session:
            return await session.get_one(Lead, self.made.lead_ids[number])

    async def change(self, number: int = 0, **values: Any) -> None:
        """Set columns of one of the leads."""
        async with transaction(self.sessions) as session:
            lead = await session.get_one(Lead, self.made.lead_ids[number])
            for name, value in values.items():
                setattr(lead, name, value)

    async def claim(self, *free: str, limit: int = 10) -> list[hopper.Candidate]:
        """Claim what is due."""
        async with transaction(self.sessions) as session:
            return await claim_callbacks(
                session,
                self.made.id,
                places=[await make_place(session)],
                free_agents=free,
                limit=limit,
                now=self.clock.now(),
            )

    async def release(self, grace_s: float = 900) -> int:
        """Release what is overdue."""
        async with transaction(self.sessions) as session:
            return await release_overdue(session, self.made.id, self.clock.now(), grace_s)

    async def talk(self, lead: int = 0, **facts: Any) -> UUID:
        """Put a lead into a conversation and return its attempt's id."""
        await self.change(lead, state=LeadState.DIALING, attempts_made=6)
        row = await self.lead(lead)
        values: dict[str, Any] = {"connected_at": self.clock.now()}
        attempt = Attempt(
            client_id=self.made.client_id,
            campaign_id=self.made.id,
            lead_id=row.id,
            contact_id=row.contact_id,
            e164=numbers(3)[lead],
            trunk_id=self.made.trunk_id,
            fence=0,
            number_in_lead=6,
            started_at=self.clock.now(),
            **(values | facts),
        )
        async with transaction(self.sessions) as session:
            session.add(attempt)
        return attempt.id

    async def dispose(self, attempt_id: UUID, code: str = "refused", **facts: Any) -> None:
        """Save a disposition with a promised call."""
        async with transaction(self.sessions) as session:
            await dispositions.record(
                session,
                attempt_id,
                code,
                client_id=self.made.client_id,
                clock=self.clock,
                callback=CallbackRequest(THREE, always, **facts),
            )

    async def end(self, attempt_id: UUID) -> None:
        """Let a conversation end."""
        async with transaction(self.sessions) as session:
            await store_ends(
                session,
                [EndedCall(attempt_id, CallOutcome.CONNECTED, self.clock.now())],
                settings=CampaignSettings(),
                retry_after_s={"refused": None},
                now=self.clock.now(),
            )


async def name_of(session: AsyncSession, session_id: UUID) -> str:
    shift = await session.get_one(AgentSession, session_id)
    return (await session.get_one(Agent, shift.agent_id)).name
