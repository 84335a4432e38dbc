"""Which reports are due: a run for each, once a moment, whoever looks and however often."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from campaigns.saved_reports.calendar import latest_due
from campaigns.saved_reports.models import ReportRun, ReportSchedule, SavedReport
from campaigns.saved_reports.scheduling import moment_of
from campaigns.saved_reports.words import RunState
from dialer.clock import Clock
from dialer.db import SessionFactory, affected, transaction
from dialer.ids import new_id

#: Files are kept so long; what is told of them stays.
KEPT_FOR = timedelta(days=400)

_OPEN = (RunState.WAITING, RunState.SENDING)
_LET_GO = text(
    """
    UPDATE report_run_file f SET content = NULL FROM report_run r
    WHERE r.id = f.run_id AND f.content IS NOT NULL AND r.made_at < :before
      AND r.state IN ('done', 'dead')
    """
)


async def plan_due(sessions: SessionFactory, clock: Clock) -> int:
    """Make a run for each schedule whose moment has come; return how many were made.

    Two workers that look at once make one: a moment is a run's only once.
    """
    statement = (
        select(ReportSchedule, SavedReport.number)
        .join(SavedReport, col(SavedReport.id) == col(ReportSchedule.report_id))
        .where(col(ReportSchedule.paused_at).is_(None), col(SavedReport.removed_at).is_(None))
    )
    now = clock.now()
    async with sessions() as session:
        rows = (await session.exec(statement)).all()
    made = 0
    for schedule, number in rows:
        due = latest_due(moment_of(schedule), now)
        if due.at <= schedule.planned_from:
            continue
        values = {
            "id": new_id(),
            "client_id": schedule.client_id,
            "report_id": schedule.report_id,
            "number": number,
            "period": due.key,
            "ended_at": due.at,
            "state": RunState.WAITING,
            "reason": "",
            "reason_detail": "",
            "begun": 0,
            "tries": 0,
            "rows": 0,
            "sent_to": [],
            "created_at": now,
            "next_try_at": now,
        }
        async with transaction(sessions) as session:
            once = insert(ReportRun).values(values).on_conflict_do_nothing()
            made += affected(await session.execute(once))
    return made


async def due(sessions: SessionFactory, clock: Clock) -> Sequence[UUID]:
    """Return the runs to work on now, those first that wait longest."""
    statement = (
        select(ReportRun.id)
        .where(col(ReportRun.state).in_(_OPEN), col(ReportRun.next_try_at) <= clock.now())
        .order_by(col(ReportRun.next_try_at), col(ReportRun.id))
    )
    async with sessions() as session:
        return (await session.exec(statement)).all()


async def let_go(sessions: SessionFactory, clock: Clock) -> int:
    """Delete the contents of old files; return how many."""
    async with transaction(sessions) as session:
        gone = await session.execute(_LET_GO, {"before": clock.now() - KEPT_FOR})
        return affected(gone)
