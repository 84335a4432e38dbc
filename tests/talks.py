"""Agents' wishes for their calls as the API brings them, and what the books say of talks."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from campaigns import commands
from campaigns.agents import controls
from campaigns.agents.controls import Control
from campaigns.commands import CommandName
from campaigns.leads.models import Attempt
from dialer.clock import SystemClock
from dialer.db import transaction
from tests.factories import MadeCampaign
from tests.hall import Place
from tests.world import until


@dataclass(frozen=True, slots=True)
class TalkDesk:
    """The agents' side of a campaign."""

    place: Place
    made: MadeCampaign

    async def call_of(self, agent: int = 0, *, other_than: UUID | None = None) -> UUID:
        """Wait until an agent talks (on another call) and return the attempt."""
        sql = (
            "SELECT a.id FROM attempt a JOIN agent_state_entry e ON e.call_id = a.id"
            " WHERE e.session_id = :s AND e.state = 'on_call' AND e.ended_at IS NULL"
            " AND a.connected_at IS NOT NULL AND a.ended_at IS NULL"
        )
        books = self.place.books(self.made)

        async def talks() -> UUID | None:
            found: UUID | None = await books.scalar(sql, s=self.made.session_ids[agent])
            return None if found == other_than else found

        seen: UUID = await until(talks, f"agent {agent} talks")
        return seen

    async def wish(
        self, call_id: UUID, control: Control, *, target: str = "", keys: str = ""
    ) -> None:
        """Do what the API does: check, trace, commit, tell the runner."""
        async with transaction(self.place.sessions) as session:
            attempt = await session.get_one(Attempt, call_id)
            facts = await controls.wish(
                session, attempt, control, target=target, user_id=None, clock=SystemClock()
            )
        if keys:
            facts["keys"] = await controls.leave_keys(self.place.redis, keys)
        await commands.send(self.place.redis, self.made.id, CommandName.TALK, facts)

    async def see_state(self, call_id: UUID, state: str | None) -> controls.Controls:
        """Wait until the books have the talk in a state, and return what can be done."""

        async def reached() -> controls.Controls | None:
            async with self.place.sessions() as session:
                attempt = await session.get_one(Attempt, call_id)
                found = await controls.controls_of(session, attempt)
            return found if (found.state.value if found.state else None) == state else None

        seen: controls.Controls = await until(reached, f"the talk is {state}")
        return seen

    async def parts(self, call_id: UUID) -> list[tuple[str, str | None]]:
        """Return the kinds of a talk's parts and how they ended, in order."""
        sql = "SELECT kind, ending FROM call_part WHERE attempt_id = :id ORDER BY began_at, kind"
        async with self.place.sessions() as session:
            rows = await session.execute(text(sql), {"id": call_id})
            return [(row.kind, row.ending) for row in rows]

    async def see_parts(self, call_id: UUID, *parts: tuple[str, str | None]) -> None:
        """Wait until the books have exactly these parts."""

        async def so() -> bool:
            return await self.parts(call_id) == list(parts)

        await until(so, f"the parts of the talk are {parts}")

    async def attempt(self, call_id: UUID) -> Any:
        """Return the attempt's row."""
        async with self.place.sessions() as session:
            sql = text("SELECT * FROM attempt WHERE id = :id")
            return (await session.execute(sql, {"id": call_id})).one()

    async def see_ended(self, call_id: UUID) -> Any:
        """Wait until a call has its outcome and return the attempt's row."""

        async def over() -> Any:
            row = await self.attempt(call_id)
            return row if row.ended_at is not None else None

        return await until(over, "the call has ended")
