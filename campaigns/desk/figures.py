"""An agent's own figures: of the shift, and of this hour against its target. One statement for all desks."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

#: Entries of the states' log lead to the calls: the attempts have no index by agent.
_FIGURES = text(
    """
    WITH entry AS (
        SELECT e.session_id, e.state, e.call_id,
               greatest(extract(epoch FROM least(coalesce(e.ended_at, :now), :now)
                                           - greatest(e.started_at, :hour)), 0) AS hour_s
        FROM agent_state_entry e JOIN agent_session s ON s.id = e.session_id
        WHERE e.session_id = ANY(CAST(:ids AS uuid[])) AND s.client_id = ANY(CAST(:clients AS uuid[]))
    ), spent AS (
        SELECT session_id,
               sum(hour_s) FILTER (WHERE state IN
                   ('previewing', 'dialing', 'reserved', 'on_call', 'wrap_up')) AS busy_s,
               sum(hour_s) FILTER (WHERE state = 'ready') AS free_s
        FROM entry GROUP BY 1
    ), talk AS (
        SELECT DISTINCT session_id, call_id FROM entry WHERE state = 'on_call' AND call_id IS NOT NULL
    ), said AS (
        SELECT t.session_id, count(*) AS calls,
               count(*) FILTER (WHERE a.connected_at >= :hour) AS calls_hour,
               count(*) FILTER (WHERE d.success) AS successes,
               count(*) FILTER (WHERE d.success AND a.disposed_at >= :hour) AS successes_hour,
               sum((SELECT count(*) FROM interview i
                    WHERE i.attempt_id = a.id AND i.ending = 'complete')) AS forms
        FROM talk t JOIN attempt a ON a.id = t.call_id
        LEFT JOIN disposition d ON d.campaign_id = a.campaign_id AND d.code = a.disposition
        GROUP BY 1
    )
    SELECT p.session_id, p.busy_s, p.free_s, s.calls, s.calls_hour, s.successes, s.successes_hour, s.forms
    FROM spent p LEFT JOIN said s ON s.session_id = p.session_id
    """
)


@dataclass(frozen=True, slots=True)
class OwnFigures:
    """What an agent did."""

    calls: int = 0  #: conversations of the shift
    calls_hour: int = 0
    successes: int = 0  #: results that count for the campaign
    successes_hour: int = 0
    forms: int = 0  #: questionnaires that were finished
    busy_s: float = 0.0  #: of this hour, seconds
    free_s: float = 0.0

    @property
    def conversion(self) -> float | None:
        """Return the share of conversations with a result that counts, 0..1."""
        return self.successes / self.calls if self.calls else None

    @property
    def occupancy(self) -> float | None:
        """Return the busy share of this hour's time at work, 0..1; breaks do not count."""
        at_work_s = self.busy_s + self.free_s
        return self.busy_s / at_work_s if at_work_s else None


async def load_figures(
    session: AsyncSession, ids: Collection[UUID], clients: Collection[UUID], now: datetime
) -> dict[UUID, OwnFigures]:
    """Return the figures of shifts; the hour is the clock's."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    facts = {"ids": list(ids), "clients": list(clients), "now": now, "hour": hour}
    rows: Any = await session.execute(_FIGURES, facts)
    return {
        row.session_id: OwnFigures(
            calls=row.calls or 0,
            calls_hour=row.calls_hour or 0,
            successes=row.successes or 0,
            successes_hour=row.successes_hour or 0,
            forms=int(row.forms or 0),
            busy_s=float(row.busy_s or 0),
            free_s=float(row.free_s or 0),
        )
        for row in rows
    }
