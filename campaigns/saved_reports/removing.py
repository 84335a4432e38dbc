"""Removed reports: taken out of everybody's sight, and brought back with their schedule, which rests."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from campaigns.accounts.permissions import Permission, may
from campaigns.saved_reports.errors import SavedReportNotFound
from campaigns.saved_reports.keeping import free_name
from campaigns.saved_reports.models import ReportSchedule, SavedReport
from campaigns.saved_reports.words import Sharing
from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock

#: So many removed reports are offered; those removed earlier are still known by their id.
MOST_OFFERED = 20


async def remove(session: AsyncSession, row: SavedReport, who: Identity, clock: Clock) -> None:
    """Remove a report and pause its schedule; what was made of it is kept as long as any."""
    row.removed_at = clock.now()
    session.add(row)
    schedule = await session.get(ReportSchedule, row.id)
    if schedule is not None and schedule.paused_at is None:
        schedule.paused_at = row.removed_at
        session.add(schedule)
    await _trace(session, row, "saved_report.removed", who, clock)


async def removed_of(session: AsyncSession, who: Identity) -> Sequence[SavedReport]:
    """Return removed reports that a person may bring back, the last removed first."""
    statement = (
        _removed(who)
        .order_by(col(SavedReport.removed_at).desc(), col(SavedReport.id))
        .limit(MOST_OFFERED)
    )
    return (await session.exec(statement)).all()


async def bring_back(
    session: AsyncSession, report_id: UUID, who: Identity, clock: Clock
) -> SavedReport:
    """Undo a removal; the schedule stays paused until somebody goes on with it.

    Raises:
        SavedReportNotFound: no such report is removed, or it is somebody else's.
        NameTaken: another report has its name meanwhile.
    """
    statement = _removed(who).where(col(SavedReport.id) == report_id).with_for_update()
    row = (await session.exec(statement)).first()
    if row is None:
        raise SavedReportNotFound
    row.name = await free_name(session, row.name, row.owner_id, row.client_id)
    row.removed_at = None
    session.add(row)
    await _trace(session, row, "saved_report.brought_back", who, clock)
    return row


def _removed(who: Identity) -> SelectOfScalar[SavedReport]:
    """Select the removed reports that a person may change: as ``keeping.may_change`` says."""
    may_change = col(SavedReport.owner_id) == who.user_id
    if may(who, Permission.CHANGE):
        may_change = or_(may_change, col(SavedReport.sharing) != Sharing.OWN)
    return select(SavedReport).where(
        col(SavedReport.client_id) == who.client_id,
        col(SavedReport.removed_at).is_not(None),
        may_change,
    )


async def _trace(
    session: AsyncSession, row: SavedReport, action: str, who: Identity, clock: Clock
) -> None:
    facts = {"name": row.name}
    await audit.trace(session, row, action, facts, user_id=who.user_id, clock=clock)
