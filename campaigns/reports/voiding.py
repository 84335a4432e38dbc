"""What was rolled up is void when a client's days begin elsewhere, or its calls are counted otherwise."""

from uuid import UUID

from sqlalchemy import delete, text
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.reports.models import ReportDay, ReportSettings

_KEY = "hashtextextended(CAST(CAST(:client_id AS uuid) AS text), 1)"
HOLD_TERMS = text(f"SELECT pg_advisory_xact_lock_shared({_KEY})")
_HOLD_TERMS_ALONE = text(f"SELECT pg_advisory_xact_lock({_KEY})")
# Whoever counts changed cases must not have read the old zone; see ``cases.count_changes``.
_FORGET_CASES = (
    text("SELECT pg_advisory_xact_lock(hashtextextended('report_case', 0))"),
    text("DELETE FROM report_case_cell WHERE client_id = :client_id"),
    text("DELETE FROM report_case WHERE client_id = :client_id"),
    text(
        "INSERT INTO report_case_change (campaign_id, client_id, lead_id)"
        " SELECT campaign_id, client_id, id FROM lead"
        " WHERE client_id = :client_id AND attempts_made > 0"
    ),
)


async def hold_terms_alone(session: AsyncSession, client_id: UUID) -> None:
    """Wait for whoever rolls days up: no day is ever rolled up with what is changed now."""
    await session.execute(_HOLD_TERMS_ALONE, {"client_id": client_id})


async def void_days(session: AsyncSession, client_id: UUID) -> None:
    """Forget the days that were rolled up."""
    await session.execute(delete(ReportDay).where(col(ReportDay.client_id) == client_id))


async def void_cases(session: AsyncSession, client_id: UUID) -> None:
    """Have every contact counted anew, on the day the new zone gives it."""
    for statement in _FORGET_CASES:
        await session.execute(statement, {"client_id": client_id})


async def follow_zone(session: AsyncSession, client_id: UUID, before: str, after: str) -> None:
    """Have days counted anew where the client is now, unless reports have a zone of their own."""
    if (before or "UTC") == (after or "UTC"):
        return
    # Held before it is read: whoever changes the reports' zone at this moment is waited for.
    await hold_terms_alone(session, client_id)
    row = await session.get(ReportSettings, client_id, populate_existing=True)
    if row is not None and row.zone:
        return
    await void_days(session, client_id)
    await void_cases(session, client_id)
