"""Agents' days: what each did when, from the log of their states."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.charts.timeline import Stretch
from campaigns.reports.asking import Filters
from campaigns.reports.dimensions import Dimension
from campaigns.reports.periods import Period
from campaigns.reports.settings import terms_of
from campaigns.reports.tally import LONGEST_STATE

#: So many agents are shown at once.
PAGE = 20


@dataclass(frozen=True, slots=True)
class AgentDay:
    """One agent's day."""

    agent_id: UUID
    name: str
    stretches: tuple[Stretch, ...]  #: seconds since the day began; in order, offline left out


@dataclass(frozen=True, slots=True)
class Shifts:
    """A page of the agents who worked on a day."""

    days: tuple[AgentDay, ...]
    agents: int  #: who worked on that day, on all pages
    page: int
    day_s: float  #: how long the day is: 23 to 25 hours
    began_at: datetime

    @property
    def pages(self) -> int:
        """Return how many pages there are."""
        return -(-self.agents // PAGE)


# As ``tally.AGENT_TIME`` counts it: an open state lasts until its shift's end or until now, a week at most.
_LOG = f"""
    SELECT s.agent_id, e.id, e.state, e.started_at, greatest(e.started_at, :since) AS since,
           least(coalesce(e.ended_at, s.ended_at, CAST(:now AS timestamptz)),
                 e.started_at + {LONGEST_STATE}, CAST(:until AS timestamptz)) AS until
    FROM agent_state_entry e JOIN agent_session s ON s.id = e.session_id
    WHERE e.campaign_id IN (SELECT id FROM campaign WHERE client_id = :client_id)
      AND s.client_id = :client_id AND e.state <> 'offline'
      AND e.started_at < :until AND e.started_at > CAST(:since AS timestamptz) - {LONGEST_STATE}
      AND (CAST(:campaigns AS uuid[]) IS NULL OR e.campaign_id = ANY(CAST(:campaigns AS uuid[])))
      AND (CAST(:agents AS uuid[]) IS NULL OR s.agent_id = ANY(CAST(:agents AS uuid[])))
"""
_WHO = text(
    f"""
    SELECT g.id, g.name, count(*) OVER () AS agents FROM agent g
    WHERE g.client_id = :client_id
      AND g.id IN (SELECT agent_id FROM ({_LOG}) AS entry WHERE entry.until > entry.since)
    ORDER BY g.name, g.id LIMIT {PAGE} OFFSET :offset
    """
)
_WHAT = text(
    f"""
    SELECT agent_id, state, extract(epoch FROM since - :since) AS from_s,
           extract(epoch FROM until - :since) AS to_s
    FROM ({_LOG}) AS entry WHERE until > since ORDER BY agent_id, entry.since, started_at, id
    """
)


async def shifts(
    session: AsyncSession,
    client_id: UUID,
    day: date,
    filters: Filters,
    *,
    page: int,
    now: datetime,
) -> Shifts:
    """Return what agents did on a day of the client's zone; filters: by campaign and agent."""
    terms = await terms_of(session, client_id)
    since, until = Period(day, day).starts(terms.zone)
    known: dict[str, Any] = {
        **{"client_id": client_id, "since": since, "until": until, "now": now},
        "campaigns": _ids(filters, Dimension.CAMPAIGN),
        "agents": _ids(filters, Dimension.AGENT),
    }
    who = (await session.execute(_WHO, known | {"offset": page * PAGE})).all()
    ids = [row.id for row in who]
    found: dict[UUID, list[Stretch]] = {one: [] for one in ids}
    for row in (await session.execute(_WHAT, known | {"agents": ids})).all() if ids else ():
        found[row.agent_id].append(Stretch(row.state, float(row.from_s), float(row.to_s)))
    days = tuple(AgentDay(row.id, row.name, tuple(found[row.id])) for row in who)
    day_s = (until - since).total_seconds()
    return Shifts(days, who[0].agents if who else 0, page, day_s, since)


def _ids(filters: Filters, dimension: Dimension) -> list[UUID] | None:
    chosen = filters.get(dimension)
    return None if chosen is None else [UUID(one) for one in chosen if one]
