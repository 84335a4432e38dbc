"""A campaign in preview mode on a simulated Asterisk: what is shown, and what its agents decide."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from campaigns import commands
from campaigns.agents import sessions as shifts
from campaigns.agents.models import AgentSession
from campaigns.commands import CommandName
from campaigns.leads import deciding
from campaigns.leads.keeping import keeper_for
from campaigns.leads.preview_models import Preview
from campaigns.models import Campaign
from campaigns.states import PreviewEnd, SkipReason
from compliance.dnc.shelf import DncShelf
from dialer.agent.states import AgentState
from dialer.clock import SystemClock
from dialer.db import transaction
from dialer.simulator.ari.server import AriSimulator
from tests.factories import MadeCampaign
from tests.hall import CarrierBook, Manners, Place, asterisk
from tests.world import LAW, Books, until

CLOCK = SystemClock()
PREVIEW: dict[str, Any] = {"mode": "preview", "wrap_up_s": 0}


@dataclass(frozen=True, slots=True)
class PreviewHall:
    """A preview campaign with a worker at work."""

    place: Place
    made: MadeCampaign
    sim: AriSimulator
    book: CarrierBook

    @property
    def books(self) -> Books:
        """Return what the database says."""
        return self.place.books(self.made)

    async def shown(self, agent: int = 0, *, other_than: UUID | None = None) -> Preview:
        """Wait until the agent is shown a contact (another one) and return it."""

        async def there() -> Preview | None:
            async with self.place.sessions() as session:
                statement = select(Preview).where(
                    col(Preview.session_id) == self.made.session_ids[agent],
                    col(Preview.ended_at).is_(None),
                )
                found = (await session.exec(statement)).first()
            return None if found is None or found.id == other_than else found

        seen: Preview = await until(there, f"agent {agent} is shown a contact")
        return seen

    async def ended(self, preview_id: UUID) -> Preview:
        """Wait until a preview has ended and return it."""

        async def over() -> Preview | None:
            async with self.place.sessions() as session:
                found = await session.get_one(Preview, preview_id)
            return found if found.ending is not None else None

        seen: Preview = await until(over, "the preview has ended")
        return seen

    async def dial(self, shown: Preview, position: int | None = None, *, tell: bool = True) -> None:
        """Decide to dial, as the API does."""
        async with transaction(self.place.sessions) as session:
            shift = await session.get_one(AgentSession, shown.session_id)
            campaign = await session.get_one(Campaign, shown.campaign_id)
            shelf = DncShelf(Path("/nonexistent"))
            keeper = await keeper_for(session, campaign, LAW, shelf, CLOCK)
            await deciding.dial(
                session,
                shift,
                shown.id,
                keeper=keeper,
                clock=CLOCK,
                user_id=None,
                phone_position=position,
            )
        if tell:
            await commands.send(self.place.redis, self.made.id, CommandName.PREVIEW_DECIDED)

    async def skip(self, shown: Preview, reason: SkipReason = SkipReason.NO_FIT) -> None:
        """Decide to skip, as the API does."""
        async with transaction(self.place.sessions) as session:
            shift = await session.get_one(AgentSession, shown.session_id)
            await deciding.skip(session, shift, shown.id, reason, clock=CLOCK, user_id=None)
        await commands.send(self.place.redis, self.made.id, CommandName.PREVIEW_DECIDED)

    async def hang_up(self, attempt_id: UUID) -> None:
        """End a call as its agent does."""
        facts = {"call_id": str(attempt_id), "by": "agent"}
        await commands.send(self.place.redis, self.made.id, CommandName.HANG_UP, facts)

    async def wish(self, agent: int, wants: AgentState) -> None:
        """Pause, make ready or sign out an agent."""
        session_id = self.made.session_ids[agent]
        how: dict[str, Any] = {"client_id": self.made.client_id}
        async with transaction(self.place.sessions) as session:
            if wants is AgentState.OFFLINE:
                await shifts.sign_out(session, session_id, clock=CLOCK, **how)
            else:
                await shifts.set_wants(session, session_id, wants, pause_code="tea", **how)
        await commands.send(self.place.redis, self.made.id, CommandName.AGENTS_CHANGED)

    async def see_states(self, *states: str) -> None:
        """Wait until the agents are in these states."""

        async def reached() -> bool:
            return await self.books.agent_states() == sorted(states)

        await until(reached, f"the agents are {', '.join(states)}")

    async def change(self, **settings: Any) -> None:
        """Change settings as an entry point does."""
        async with transaction(self.place.sessions) as session:
            campaign = await session.get_one(Campaign, self.made.id)
            campaign.settings = campaign.settings | settings
        await commands.send(self.place.redis, self.made.id, CommandName.REFRESH)

    async def endings(self) -> list[tuple[PreviewEnd | None, str | None]]:
        """Return how the previews ended, in the order in which they were shown."""
        async with self.place.sessions() as session:
            rows = await session.exec(select(Preview).order_by(col(Preview.id)))
            return [(row.ending, row.reason if row.ending else None) for row in rows]

    async def lead(self, lead_id: UUID) -> Any:
        """Return a lead's row."""
        async with self.place.sessions() as session:
            rows = await session.execute(text("SELECT * FROM lead WHERE id = :id"), {"id": lead_id})
            return rows.one()

    async def number_of(self, shown: Preview) -> str:
        """Return the number that is next for what is shown."""
        return str((await self.lead(shown.lead_id)).e164)


@asynccontextmanager
async def preview_hall(
    place: Place,
    leads: int,
    agents: int = 1,
    *,
    usual: str = "t-answer-r50",
    odd: dict[str, str] | None = None,
    settings: dict[str, Any] | None = None,
    **how: Any,
) -> AsyncIterator[PreviewHall]:
    """Run a preview campaign with a worker."""
    chosen = PREVIEW | (settings or {})
    made = await place.campaign(leads, agents, settings=chosen, **how)
    async with asterisk(Manners(usual, odd)) as (sim, book), place.worker(sim):
        yield PreviewHall(place, made, sim, book)
