"""Measures of the staff: operators and supervisors of a client at the ends of a period."""

from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports.periods import Period

_COUNT = text(
    """
    SELECT count(*) FILTER (WHERE role = 'agent' AND created_at < :until AND NOT gone) AS operators_now,
           count(*) FILTER (WHERE role = 'supervisor' AND created_at < :until AND NOT gone)
               AS supervisors_now,
           count(*) FILTER (WHERE role = 'agent' AND created_at < :since
                            AND (disabled_at IS NULL OR disabled_at >= :since)) AS operators_before,
           count(*) FILTER (WHERE role = 'agent' AND disabled_at >= :since AND gone) AS operators_left
    FROM user_account
    CROSS JOIN LATERAL (SELECT coalesce(disabled_at < :until, false) AS gone) AS state
    WHERE client_id = :client_id
    """
)


async def count(
    session: AsyncSession, client_id: UUID, period: Period, zone: str
) -> dict[str, int]:
    """Return the components of the staff's measures."""
    starts = period.starts(zone)
    asked = {"client_id": client_id, "since": starts[0], "until": starts[-1]}
    row = (await session.execute(_COUNT, asked)).mappings().one()
    return {name: int(value) for name, value in row.items()}
