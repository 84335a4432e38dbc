"""Virtual agents: people who are not there take the calls of a simulated trunk and close them.

They talk, fill in the form of the campaign and write a result down (``virtual_answers``).

The row of the crew is the truth: each round signs in and out whoever is missing or too many, and closes
the conversations that ended. A round that was cut short is made up for by the next one, in any worker.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents import sessions as shifts
from campaigns.agents.models import Agent
from campaigns.commands import CommandName, send
from campaigns.law.suppressions import cancel_ringing
from campaigns.leads.dispositions import RecordedDisposition
from campaigns.models import Campaign, Disposition, Trunk
from campaigns.setup.models import VirtualCrew
from campaigns.setup.virtual import MOST
from campaigns.states import CampaignState
from dialer.clock import Clock
from dialer.db import transaction
from dialer.errors import OutdialError
from workers.deps import BackgroundDeps
from workers.jobs.simulated_network import SimulatedNetwork
from workers.jobs.virtual_answers import closing

log = structlog.get_logger()

#: Their names; their telephones are the exchange's own, ``agent-1`` and up.
NAME = "Virtual agent"

_UNDER_WAY = (CampaignState.RUNNING, CampaignState.PAUSED)
_OPEN = text(
    """
    SELECT s.id, s.wants FROM agent_session s JOIN agent a ON a.id = s.agent_id
    WHERE s.campaign_id = :campaign_id AND s.client_id = :client_id AND s.ended_at IS NULL
      AND a.name LIKE :names
    ORDER BY s.id
    """
)
# Telephones belong to the installation: another client's shift may sit at one.
_BUSY = text(
    """
    SELECT a.endpoint FROM agent_session s JOIN agent a ON a.id = s.agent_id
    WHERE s.ended_at IS NULL
    """
)
_ENDED = text(
    """
    SELECT t.id FROM attempt t JOIN agent_session s ON s.id = t.agent_session_id
    JOIN agent a ON a.id = s.agent_id
    WHERE t.campaign_id = :campaign_id AND t.client_id = :client_id AND t.outcome = 'connected'
      AND t.ended_at IS NOT NULL AND t.disposition IS NULL AND a.name LIKE :names
      AND t.ended_at > :since
    ORDER BY t.ended_at LIMIT 100
    """
)
_NAMES = f"{NAME} %"
_SINCE = timedelta(hours=1)


async def keep_virtual_agents(ctx: dict[str, Any]) -> None:
    """Make every crew's agents what its row asks for, and let them close what they talked about."""
    deps: BackgroundDeps = ctx["deps"]
    async with deps.sessions() as session:
        crews = (await session.exec(select(VirtualCrew).order_by(col(VirtualCrew.id)))).all()
    if any(crew.ended_at is None for crew in crews):
        network: SimulatedNetwork | None = ctx.get("network")
        if network is not None:
            await network.ensure()
    for crew in crews:
        try:
            await _keep(deps, ctx.get("redis"), crew)
        except OutdialError as error:  # a campaign that ended between two looks
            log.info("virtual_agents.refused", campaign_id=str(crew.campaign_id), error=error.code)


async def _keep(deps: BackgroundDeps, redis: Any, crew: VirtualCrew) -> None:
    told: list[RecordedDisposition] = []
    async with transaction(deps.sessions) as session:
        mine = select(VirtualCrew).where(col(VirtualCrew.id) == crew.id)
        row = (await session.exec(mine.with_for_update(skip_locked=True))).first()
        if row is None:
            return  # another worker has it
        campaign = await session.get_one(Campaign, row.campaign_id)
        trunk = await session.get(Trunk, campaign.trunk_id) if campaign.trunk_id else None
        works = trunk is not None and trunk.simulated and campaign.state in _UNDER_WAY
        wanted = row.agents if works and row.ended_at is None else 0
        changed = await _staff(session, campaign, wanted, deps.clock)
        told = await _close(session, campaign, deps.clock)
    if redis is None:
        return
    if changed:
        await send(redis, crew.campaign_id, CommandName.AGENTS_CHANGED)
    for one in told:
        facts = {"call_id": str(one.attempt_id), "code": one.code}
        await send(redis, crew.campaign_id, CommandName.DISPOSED, facts)
        await cancel_ringing(redis, one.ringing)


async def _staff(session: AsyncSession, campaign: Campaign, wanted: int, clock: Clock) -> bool:
    """Sign in who is missing and out who is too many; tell whether anybody was."""
    client_id = campaign.client_id
    facts = {"campaign_id": campaign.id, "client_id": client_id, "names": _NAMES}
    open_shifts = (await session.execute(_OPEN, facts)).all()
    leaving = [row for row in open_shifts if row.wants != "offline"][wanted:]
    for row in leaving:
        await shifts.sign_out(session, row.id, client_id=client_id, clock=clock)
    missing = wanted - len(open_shifts)
    if missing <= 0:
        return bool(leaving)
    busy = set((await session.execute(_BUSY)).scalars())
    free = [n for n in range(1, MOST + 1) if f"PJSIP/agent-{n}" not in busy][:missing]
    for number in free:
        agent_id = await _agent(session, client_id, number)
        await shifts.sign_in(session, agent_id, campaign.id, client_id=client_id, clock=clock)
    return bool(free or leaving)


async def _agent(session: AsyncSession, client_id: UUID, number: int) -> UUID:
    name = f"{NAME} {number}"
    mine = select(Agent.id).where(col(Agent.client_id) == client_id, col(Agent.name) == name)
    found = (await session.exec(mine)).first()
    if found is not None:
        return found
    made = await shifts.create_agent(
        session, client_id=client_id, name=name, endpoint=f"PJSIP/agent-{number}"
    )
    return made.id


async def _close(
    session: AsyncSession, campaign: Campaign, clock: Clock
) -> list[RecordedDisposition]:
    """Choose a disposition for the conversations that ended a moment ago."""
    now = clock.now()
    facts = {"campaign_id": campaign.id, "client_id": campaign.client_id, "names": _NAMES}
    ended = (await session.execute(_ENDED, {**facts, "since": now - _SINCE})).scalars().all()
    if not ended:
        return []
    codes = (
        await session.exec(
            select(Disposition)
            .where(col(Disposition.campaign_id) == campaign.id)
            .where(col(Disposition.client_id) == campaign.client_id)
            .order_by(col(Disposition.position))
        )
    ).all()
    told = []
    for attempt_id in ended:
        try:
            async with session.begin_nested():
                done = await closing(session, attempt_id, codes, campaign, clock)
        except OutdialError as error:
            log.info("virtual_agents.not_disposed", error=error.code)
            continue
        if done is not None:
            told.append(done)
    return told
