"""A supervisor's wishes as the pages bring them, and what the books say of listening."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import commands
from campaigns.agents.models import AgentSession
from campaigns.commands import CommandName
from campaigns.supervising import monitoring
from campaigns.supervising.models import Monitoring
from campaigns.tenancy.models import Role, User
from dialer.call.monitor_events import Mode
from dialer.clock import SystemClock
from dialer.db import transaction
from tests.factories import MadeCampaign
from tests.hall import Place
from tests.world import until


@dataclass(frozen=True, slots=True)
class Supervisor:
    """Somebody who listens to agents of a campaign."""

    place: Place
    made: MadeCampaign
    id: UUID
    endpoint: str

    async def _does(
        self, what: Callable[..., Awaitable[Monitoring]], *args: Any, **how: Any
    ) -> Monitoring:
        async with transaction(self.place.sessions) as session:
            facts = {"user_id": self.id, "client_id": self.made.client_id, "clock": SystemClock()}
            row = await what(session, *args, **facts, **how)
            campaign_id = await monitoring.campaign_of(session, row)
        await commands.send(self.place.redis, campaign_id, CommandName.AGENTS_CHANGED)
        return row

    async def listen(self, agent: int = 0, *, follow: bool = True) -> Monitoring:
        """Begin to listen."""
        async with self.place.sessions() as session:
            shift = await session.get_one(AgentSession, self.made.session_ids[agent])
        return await self._does(
            monitoring.start, shift.agent_id, follow=follow, endpoint=self.endpoint
        )

    async def speak(self, mode: Mode) -> None:
        """Speak to the agent, to both, or to nobody."""
        await self._does(monitoring.set_mode, mode)

    async def take_over(self, *, pause: bool = False) -> None:
        """Wish for the customer."""
        await self._does(monitoring.take_over, pause=pause)

    async def leave(self) -> None:
        """Listen no more."""
        await self._does(monitoring.leave)

    async def see(self, *states: str) -> Monitoring:
        """Wait until the newest monitoring is in one of the states; ``over`` is ended."""

        async def so() -> Any:
            row = await self.newest()
            state = "over" if row.ended_at is not None else row.state
            return row if state in states else None

        found: Monitoring = await until(so, f"the monitoring is {states}")
        return found

    async def newest(self) -> Any:
        """Return the newest monitoring of this supervisor."""
        sql = "SELECT * FROM monitoring WHERE user_id = :u ORDER BY started_at DESC LIMIT 1"
        async with self.place.sessions() as session:
            return (await session.execute(text(sql), {"u": self.id})).one()

    async def trail(self) -> list[tuple[str, str | None]]:
        """Return what the audit log has of the listening: action and mode, in order."""
        sql = (
            "SELECT action, facts FROM audit_entry WHERE user_id = :u"
            " AND subject = 'monitoring' ORDER BY at, id"
        )
        async with self.place.sessions() as session:
            rows = await session.execute(text(sql), {"u": self.id})
            return [
                (
                    row.action.removeprefix("monitoring."),
                    row.facts.get("to") or row.facts.get("mode"),
                )
                for row in rows
            ]


async def hire(place: Place, made: MadeCampaign, endpoint: str = "") -> Supervisor:
    """Make a supervisor of the campaign's client with a telephone."""
    async with transaction(place.sessions) as session:
        user = await make_user(session, made.client_id)
    return Supervisor(place, made, user.id, endpoint or f"PJSIP/{monitoring.sip_user(user.id)}")


async def make_user(
    session: AsyncSession, client_id: UUID, login: str = "", role: Role = Role.SUPERVISOR
) -> User:
    """Add a user."""
    user = User(
        client_id=client_id,
        login=login or f"{role.value}-{client_id.hex}",
        role=role,
        created_at=SystemClock().now(),
    )
    session.add(user)
    await session.flush()
    return user
