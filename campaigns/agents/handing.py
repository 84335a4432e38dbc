"""Handing agents over from one campaign to another: by the owner, in one transaction, under its fence.

Only the owner of the campaign an agent works for may give the agent away, and only while nobody else has
become the owner; so no two campaigns ever have one agent. Decisions of a client's owners follow one
another: each sees what the former moved. Nothing here commits.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.originate import Owner, OwnershipLost
from dialer.agent.states import AgentState
from dialer.ids import new_id
from dialer.pacing.blending import SharedAgent, moves

#: An agent whose leg is being dialled counts as one who works, for so long.
CONNECTING_S = 10.0

_LOCK_CLIENT = text("SELECT pg_advisory_xact_lock(hashtextextended('sharing ' || :client_id, 0))")
_OWN = text("SELECT 1 FROM campaign WHERE id = :campaign_id AND fence = :fence FOR SHARE")
_ALIVE = text(
    """
    SELECT id, state FROM campaign
    WHERE client_id = :client_id AND id = ANY(CAST(:campaigns AS uuid[]))
      AND state IN ('running', 'paused') FOR SHARE
    """
)
# At work: wants calls, and has (or will have in a moment) a leg.
_AT_WORK = text(
    """
    SELECT s.id, s.campaign_id, json_object_agg(k.campaign_id, k.weight ORDER BY k.campaign_id) AS weights
    FROM agent_session s
    JOIN agent_session_campaign k ON k.session_id = s.id
    LEFT JOIN agent_state_entry e ON e.session_id = s.id AND e.ended_at IS NULL
    WHERE s.client_id = :client_id AND s.ended_at IS NULL AND s.wants = 'ready'
      AND (e.state IS NULL OR e.state <> 'connecting' OR e.started_at > :fresh)
    GROUP BY s.id, s.campaign_id ORDER BY s.id
    """
)
# An agent who is leaving the shift is not given away; its owner ends the shift.
_OURS = text(
    """
    SELECT s.id, s.leg_channel, s.leg_bridge,
           json_object_agg(k.campaign_id, k.weight ORDER BY k.campaign_id) AS weights
    FROM agent_session s JOIN agent_session_campaign k ON k.session_id = s.id
    WHERE s.campaign_id = :campaign_id AND s.ended_at IS NULL AND s.wants <> 'offline'
    GROUP BY s.id ORDER BY s.id
    """
)
_SWITCH = text(
    """
    UPDATE agent_session SET campaign_id = m.target, leg_channel = m.channel, leg_bridge = m.bridge
    FROM unnest(CAST(:ids AS uuid[]), CAST(:targets AS uuid[]), CAST(:channels AS text[]),
                CAST(:bridges AS text[])) AS m(id, target, channel, bridge)
    WHERE agent_session.id = m.id AND agent_session.campaign_id = :campaign_id
      AND agent_session.ended_at IS NULL
    RETURNING agent_session.id, agent_session.campaign_id
    """
)
_CLOSE_ENTRIES = text(
    """
    UPDATE agent_state_entry SET ended_at = greatest(started_at, CAST(:now AS timestamptz))
    WHERE session_id = ANY(CAST(:ids AS uuid[])) AND ended_at IS NULL
    RETURNING session_id, ended_at
    """
)
_OPEN_ENTRIES = text(
    """
    INSERT INTO agent_state_entry (id, session_id, campaign_id, state, started_at)
    SELECT n.id, n.session_id, s.campaign_id, :state, n.at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:sessions AS uuid[]), CAST(:instants AS timestamptz[]))
         AS n(id, session_id, at)
    JOIN agent_session s ON s.id = n.session_id
    """
)
# Whoever starts the other campaign waits for its row; nobody has dialled this agent's leg yet.
_FETCH = text(
    """
    UPDATE agent_session SET campaign_id = :campaign_id
    WHERE id IN (
        SELECT s.id FROM agent_session_campaign k
        JOIN agent_session s ON s.id = k.session_id JOIN campaign c ON c.id = s.campaign_id
        WHERE k.campaign_id = :campaign_id AND s.campaign_id <> :campaign_id
          AND s.ended_at IS NULL AND c.state = 'draft'
          AND NOT EXISTS (SELECT FROM agent_state_entry e
                          WHERE e.session_id = s.id AND e.ended_at IS NULL)
        FOR UPDATE OF s FOR SHARE OF c
    )
    RETURNING id
    """
)


@dataclass(frozen=True, slots=True)
class Leg:
    """An agent's leg as Asterisk has it; without a channel the next campaign dials it anew."""

    channel_id: str | None = None
    bridge_id: str | None = None


@dataclass(frozen=True, slots=True)
class Roll:
    """A client's shared agents at work, and which campaign each works for."""

    ids: tuple[UUID, ...]  #: sessions, beside ``agents``
    agents: tuple[SharedAgent, ...]

    def of(self, campaign_id: UUID) -> list[int]:
        """Return the positions of a campaign's agents."""
        return [n for n, agent in enumerate(self.agents) if agent.campaign == campaign_id]


async def load_roll(session: AsyncSession, client_id: UUID, now: datetime) -> Roll:
    """Read a client's shared agents at work."""
    fresh = now - timedelta(seconds=CONNECTING_S)
    rows = (await session.execute(_AT_WORK, {"client_id": client_id, "fresh": fresh})).all()
    agents = tuple(SharedAgent(row.campaign_id, weights_of(row.weights)) for row in rows)
    return Roll(tuple(row.id for row in rows), agents)


def weights_of(stored: Mapping[str, float] | None) -> dict[UUID, float]:
    """Return weights as they come from the database."""
    return {UUID(campaign_id): weight for campaign_id, weight in (stored or {}).items()}


async def hand_over(
    session: AsyncSession,
    owner: Owner,
    free: Mapping[UUID, Leg],
    rooms: Mapping[UUID, int],
    now: datetime,
) -> dict[UUID, UUID]:
    """Give those of the free agents away whom another campaign lacks; return who went where.

    Args:
        session: The transaction.
        owner: Of the campaign they work for.
        free: Sessions that can leave now, and their legs.
        rooms: By campaign, how many shared agents it can use.
        now: The instant from which they are the other's.

    Raises:
        OwnershipLost: another worker owns the campaign.
    """
    await _hold(session, owner)
    roll = await load_roll(session, owner.client_id, now)
    alive = await _alive(session, owner.client_id, rooms)
    open_rooms = {one: rooms[one] if state == "running" else 0 for one, state in alive.items()}
    leaving = [n for n in roll.of(owner.campaign_id) if roll.ids[n] in free]
    found = {roll.ids[n]: target for n, target in moves(roll.agents, open_rooms, leaving)}
    return await _switch(session, owner, found, free, now)


async def disperse(
    session: AsyncSession,
    owner: Owner,
    legs: Mapping[UUID, Leg],
    rooms: Mapping[UUID, int],
    now: datetime,
) -> dict[UUID, UUID]:
    """Give away everybody who has another campaign that goes on: this one is over.

    ``legs`` are those of the agents on the owner's floor; the others keep what the row says of theirs.

    Raises:
        OwnershipLost: another worker owns the campaign.
    """
    await _hold(session, owner)
    rows = (await session.execute(_OURS, {"campaign_id": owner.campaign_id})).all()
    weights = {row.id: weights_of(row.weights) for row in rows}
    known = {row.id: Leg(row.leg_channel, row.leg_bridge) for row in rows} | dict(legs)
    named = {one for kind in weights.values() for one in kind} - {owner.campaign_id}
    alive = await _alive(session, owner.client_id, named)
    open_rooms = {one: rooms.get(one, 0) * (state == "running") for one, state in alive.items()}
    roll = await load_roll(session, owner.client_id, now)
    others = [agent for agent in roll.agents if agent.campaign != owner.campaign_id]
    ours = [SharedAgent(owner.campaign_id, _without(weights[row.id], owner)) for row in rows]
    found = moves([*ours, *others], open_rooms, range(len(ours)))
    return await _switch(session, owner, {rows[n].id: to for n, to in found}, known, now)


def _without(weights: Mapping[UUID, float], owner: Owner) -> dict[UUID, float]:
    return {one: weight for one, weight in weights.items() if one != owner.campaign_id}


async def fetch_idle(session: AsyncSession, campaign_id: UUID) -> int:
    """Take the shared agents whose own campaign has not been started, and return how many.

    Nobody calls them there.
    """
    return len((await session.execute(_FETCH, {"campaign_id": campaign_id})).all())


async def has_agents_elsewhere(session: AsyncSession, campaign_id: UUID) -> bool:
    """Tell whether agents this campaign shares work for another one now."""
    rows = await session.execute(
        text(
            "SELECT 1 FROM agent_session_campaign k JOIN agent_session s ON s.id = k.session_id"
            " WHERE k.campaign_id = :campaign_id AND s.campaign_id <> :campaign_id"
            " AND s.ended_at IS NULL LIMIT 1"
        ),
        {"campaign_id": campaign_id},
    )
    return rows.first() is not None


async def still_open(session: AsyncSession, session_ids: Collection[UUID]) -> set[UUID]:
    """Return those of the sessions that are open, in whatever campaign."""
    rows = await session.execute(
        text(
            "SELECT id FROM agent_session WHERE id = ANY(CAST(:ids AS uuid[])) AND ended_at IS NULL"
        ),
        {"ids": list(session_ids)},
    )
    return {row.id for row in rows}


async def _hold(session: AsyncSession, owner: Owner) -> None:
    """Wait for the client's other owners, and stay the owner until the commit."""
    await session.execute(_LOCK_CLIENT, {"client_id": str(owner.client_id)})
    facts = {"campaign_id": owner.campaign_id, "fence": owner.fence}
    if (await session.execute(_OWN, facts)).one_or_none() is None:
        raise OwnershipLost(campaign_id=str(owner.campaign_id))


async def _alive(
    session: AsyncSession, client_id: UUID, campaigns: Collection[UUID]
) -> dict[UUID, str]:
    facts = {"client_id": client_id, "campaigns": list(campaigns)}
    return {row.id: row.state for row in await session.execute(_ALIVE, facts)}


async def _switch(
    session: AsyncSession,
    owner: Owner,
    found: Mapping[UUID, UUID],
    legs: Mapping[UUID, Leg],
    now: datetime,
) -> dict[UUID, UUID]:
    if not found:
        return {}
    ids = list(found)
    facts: dict[str, Any] = {
        "ids": ids,
        "targets": [found[one] for one in ids],
        "channels": [legs[one].channel_id for one in ids],
        "bridges": [legs[one].bridge_id for one in ids],
        "campaign_id": owner.campaign_id,
    }
    moved = {row.id: row.campaign_id for row in await session.execute(_SWITCH, facts)}
    closed = await session.execute(_CLOSE_ENTRIES, {"ids": list(moved), "now": now})
    await _open_entries(session, [(row.session_id, row.ended_at) for row in closed])
    return moved


async def _open_entries(session: AsyncSession, begun: Sequence[tuple[UUID, datetime]]) -> None:
    """Log that the agents are on their way: the next owner goes on from there."""
    if begun:
        await session.execute(
            _OPEN_ENTRIES,
            {
                "ids": [new_id() for _ in begun],
                "sessions": [session_id for session_id, _ in begun],
                "instants": [at for _, at in begun],
                "state": AgentState.CONNECTING.value,
            },
        )
