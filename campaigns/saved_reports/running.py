"""One making of a report: counted, printed, kept, sent; tried again, given up. Each step is a transaction.

The files are stored in the transaction that says they are made, so a run has all of them or none. Killed at
any moment, whoever comes next goes on where the table stands; a letter that was under way goes out anew
under the same id, and mail programs show one. A run is in one worker's hands, by a lock that ends with its
connection.
"""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries.carrying import Means
from campaigns.delivery.deliveries.retrying import after_failure
from campaigns.delivery.deliveries.wire.faults import SendFault
from campaigns.delivery.deliveries.words import DeliveryReason
from campaigns.reports.periods import day_of
from campaigns.saved_reports.definitions import read
from campaigns.saved_reports.finishing import finish
from campaigns.saved_reports.holding import hold_tables
from campaigns.saved_reports.models import (
    ReportRun,
    ReportRunFile,
    ReportSchedule,
    SavedReport,
    SavedReportVersion,
)
from campaigns.saved_reports.posting import post
from campaigns.saved_reports.wording import Wording
from campaigns.saved_reports.words import PrintFormat, RunState
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction
from dialer.errors import OutdialError
from dialer.rows import Whose

log = structlog.get_logger()

#: A run that ended its worker so often is not tried again.
MOST_BEGUN = 10
_LOCK = text("SELECT pg_try_advisory_xact_lock(hashtextextended('report run ' || :run_id, 0))")
_OPEN = (RunState.WAITING, RunState.SENDING)


async def run(sessions: SessionFactory, means: Means, run_id: UUID) -> RunState | None:
    """Bring a run as far as it gets now; None when it is not due, or somebody else is at it."""
    async with _in_hand(sessions, run_id, means.clock) as whose:
        if whose is None:
            return None
        began_at = means.clock.now()
        if await _begin(sessions, run_id, whose) > MOST_BEGUN:
            lost = SendFault(DeliveryReason.WORKER_LOST)
            return await failed(sessions, run_id, lost, began_at=began_at, clock=means.clock)
        try:
            await _make(sessions, run_id, whose, means.clock)
            sent_to = await post(sessions, means, run_id, whose)
        except SendFault as fault:
            return await failed(sessions, run_id, fault, began_at=began_at, clock=means.clock)
        await _done(sessions, run_id, whose, sent_to, means.clock)
        return RunState.DONE


@asynccontextmanager
async def _in_hand(
    sessions: SessionFactory, run_id: UUID, clock: Clock
) -> AsyncIterator[Whose | None]:
    """Hold a run and yield whose it is; the transaction is idle meanwhile, and its end lets go."""
    async with sessions() as holding:
        locked = await holding.execute(_LOCK, {"run_id": str(run_id)})
        row = await holding.get(ReportRun, run_id) if locked.scalar() else None
        if row is None or row.state not in _OPEN or row.next_try_at > clock.now():
            yield None
            return
        yield Whose(row.client_id)


async def _begin(sessions: SessionFactory, run_id: UUID, whose: Whose) -> int:
    """Count a beginning before anything can end the worker."""
    async with transaction(sessions, whose=whose) as session:
        row = await session.get_one(ReportRun, run_id, with_for_update=True)
        row.begun += 1
        session.add(row)
        return row.begun


async def _make(sessions: SessionFactory, run_id: UUID, whose: Whose, clock: Clock) -> None:
    """Count, print and store a report, unless it is made already."""
    async with transaction(sessions, whose=whose) as session:
        row = await session.get_one(ReportRun, run_id)
        schedule = await session.get(ReportSchedule, row.report_id)
        report = await session.get_one(SavedReport, row.report_id)
        if row.made_at is not None and not await _is_emptied(session, row):
            return
        if schedule is None or report.removed_at is not None:
            raise SendFault(DeliveryReason.CANNOT_BE_MADE, "the schedule was taken away")
        version = await session.get_one(SavedReportVersion, (row.report_id, row.number))
        today = day_of(row.ended_at, schedule.zone)
        await hold_tables(session, row.client_id)
        await session.exec(delete(ReportRunFile).where(col(ReportRunFile.run_id) == row.id))
        try:
            finished = await finish(
                session,
                row.client_id,
                read(report.kind, version.definition),
                title=report.name,
                words=Wording.model_validate(schedule.wording),
                today=today,
                now=clock.now(),
            )
        except OutdialError as error:
            raise SendFault(DeliveryReason.CANNOT_BE_MADE, error.detail) from error
        for one in schedule.formats:
            kind = PrintFormat(one)
            session.add(_file(row, report.name, kind, await finished.printed(kind)))
        row.first, row.last, row.rows = finished.first, finished.last, finished.rows
        row.state, row.made_at = RunState.SENDING, clock.now()
        session.add(row)


async def _is_emptied(session: AsyncSession, row: ReportRun) -> bool:
    """Tell whether an erasure emptied the files before they were sent: then they are made anew."""
    gone = select(ReportRunFile.format).where(
        col(ReportRunFile.run_id) == row.id, col(ReportRunFile.content).is_(None)
    )
    return (await session.exec(gone.limit(1))).first() is not None


def _file(row: ReportRun, name: str, kind: PrintFormat, content: bytes) -> ReportRunFile:
    plain = "".join(one if one.isalnum() or one in " -_" else "_" for one in name).strip()
    moment = f"{row.ended_at:%Y-%m-%d}"
    return ReportRunFile(
        run_id=row.id,
        format=kind,
        client_id=row.client_id,
        name=f"{plain or 'report'} {moment}.{kind.value}",
        size=len(content),
        sha256=sha256(content).hexdigest(),
        content=content,
    )


async def _done(
    sessions: SessionFactory, run_id: UUID, whose: Whose, sent_to: list[str], clock: Clock
) -> None:
    async with transaction(sessions, whose=whose) as session:
        row = await session.get_one(ReportRun, run_id, with_for_update=True)
        row.state, row.done_at, row.sent_to = RunState.DONE, clock.now(), sent_to
        row.reason, row.reason_detail = "", ""
        row.tries += 1
        session.add(row)
    log.info("report.made", run_id=str(run_id), sent=len(sent_to))


async def failed(
    sessions: SessionFactory,
    run_id: UUID,
    fault: SendFault,
    *,
    began_at: datetime,
    clock: Clock,
) -> RunState:
    """Store why a try failed, and when the next one is; or give up."""
    async with transaction(sessions) as session:
        row = await session.get_one(ReportRun, run_id, with_for_update=True)
        row.tries += 1
        row.begun = 0  # it did not end its worker
        row.first_try_at = row.first_try_at or began_at
        row.reason, row.reason_detail = fault.reason.value, fault.said
        following = after_failure(
            fault.reason,
            tries=row.tries,
            first_try_at=row.first_try_at,
            now=clock.now(),
            spread=random.random(),
        )
        if following.at is None:
            row.state = RunState.DEAD
        else:
            row.next_try_at = following.at
        session.add(row)
        state = row.state
    log.warning("report.failed", run_id=str(run_id), reason=fault.reason.value, state=state.value)
    return state
