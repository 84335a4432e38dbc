"""Campaigns that share agents, for tests: made, watched and compared."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import text

from campaigns import commands
from campaigns.agents.models import AgentSessionCampaign
from campaigns.commands import CommandName
from campaigns.models import Campaign
from dialer.clock import SystemClock
from dialer.db import transaction
from tests.factories import MadeCampaign, make_agent
from tests.hall import Place
from tests.world import until


async def share(
    place: Place,
    weights: Mapping[MadeCampaign, float],
    count: int,
    *,
    endpoint: str = "PJSIP/agent-{n}",
    first: int = 1,
) -> list[UUID]:
    """Sign agents in to several campaigns; all begin in the first of them."""
    made = list(weights)
    async with transaction(place.sessions) as session:
        campaign = await session.get_one(Campaign, made[0].id)
        found = []
        for n in range(first, first + count):
            shift = await make_agent(session, SystemClock().now(), campaign, endpoint.format(n=n))
            session.add_all(
                AgentSessionCampaign(
                    session_id=shift, campaign_id=one.id, client_id=one.client_id, weight=weight
                )
                for one, weight in weights.items()
            )
            found.append(shift)
    await commands.send(place.redis, made[0].id, CommandName.AGENTS_CHANGED)
    return found


async def places(place: Place, made: Sequence[MadeCampaign]) -> list[int]:
    """Return how many open sessions work for each campaign."""
    async with place.sessions() as session:
        rows = await session.execute(
            text(
                "SELECT campaign_id, count(*) AS n FROM agent_session"
                " WHERE ended_at IS NULL GROUP BY 1"
            )
        )
        found = {row.campaign_id: row.n for row in rows}
    return [found.get(one.id, 0) for one in made]


async def see_places(place: Place, made: Sequence[MadeCampaign], *counts: int) -> None:
    """Wait until so many agents work for each campaign."""

    async def so_many() -> bool:
        return await places(place, made) == list(counts)

    await until(so_many, f"{counts} agents work for the campaigns")


async def check_log(place: Place) -> None:
    """Check that states leave no gap, do not overlap, name who had the agent, and end before they leave."""
    async with place.sessions() as session:
        rows = await session.execute(
            text(
                """
                SELECT e.before, e.started_at, e.state, e.campaign_id, e.next_campaign, a.campaign_id AS calls
                FROM (SELECT *, lag(ended_at) OVER life AS before,
                             lead(campaign_id) OVER life AS next_campaign
                      FROM agent_state_entry
                      WINDOW life AS (PARTITION BY session_id ORDER BY started_at, id)) e
                LEFT JOIN attempt a ON a.id = e.call_id
                WHERE (e.before IS NOT NULL AND e.started_at <> e.before)
                   OR (e.call_id IS NOT NULL AND a.campaign_id <> e.campaign_id)
                   OR (e.next_campaign <> e.campaign_id
                       AND e.state NOT IN ('ready', 'paused', 'connecting'))
                """
            )
        )
        wrong = [dict(row._mapping) for row in rows]
        assert not wrong, wrong
