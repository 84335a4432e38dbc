"""Schedules of saved reports: set, paused, taken away. Nothing here commits."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries.targets import MailAddress
from campaigns.saved_reports.calendar import Clock as Moment
from campaigns.saved_reports.errors import NoSchedule
from campaigns.saved_reports.models import ReportRun, ReportSchedule, SavedReport
from campaigns.saved_reports.wording import Wording
from campaigns.saved_reports.words import Carries, PrintFormat, Rhythm, RunState
from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("an IANA time zone such as Europe/Kyiv is wanted") from error
    return name


class ScheduleIn(BaseModel):
    """When a report is made, in what, and to whom it goes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rhythm: Rhythm
    at_minute: Annotated[int, Field(ge=0, le=1439)] = 8 * 60
    weekday: Annotated[int, Field(ge=1, le=7)] = 1
    month_day: Annotated[int, Field(ge=1, le=31)] = 1
    zone: Annotated[str, AfterValidator(_zone), Field(max_length=64)]
    formats: Annotated[tuple[PrintFormat, ...], Field(min_length=1, max_length=2)] = (
        PrintFormat.XLSX,
    )
    recipients: Annotated[tuple[MailAddress, ...], Field(max_length=20)] = ()
    carries: Carries = Carries.LINK
    link_days: Annotated[int, Field(ge=1, le=90)] = 14


def moment_of(schedule: ReportSchedule) -> Moment:
    """Return when a schedule's report is made."""
    return Moment(
        schedule.rhythm,
        schedule.at_minute,
        schedule.weekday,
        schedule.month_day,
        schedule.zone,
    )


async def schedule_of(session: AsyncSession, row: SavedReport) -> ReportSchedule | None:
    """Return a report's schedule."""
    statement = select(ReportSchedule).where(
        col(ReportSchedule.report_id) == row.id, col(ReportSchedule.client_id) == row.client_id
    )
    return (await session.exec(statement)).first()


async def set_schedule(
    session: AsyncSession,
    row: SavedReport,
    given: ScheduleIn,
    wording: Wording,
    who: Identity,
    clock: Clock,
) -> ReportSchedule:
    """Set a report's schedule; it is made from the next moment on, also after a pause."""
    schedule = await schedule_of(session, row)
    if schedule is None:
        schedule = ReportSchedule(
            report_id=row.id,
            client_id=row.client_id,
            rhythm=given.rhythm,
            zone=given.zone,
            planned_from=clock.now(),
        )
    schedule.rhythm, schedule.zone = given.rhythm, given.zone
    schedule.at_minute, schedule.weekday = given.at_minute, given.weekday
    schedule.month_day, schedule.link_days = given.month_day, given.link_days
    schedule.formats = [one.value for one in dict.fromkeys(given.formats)]
    schedule.recipients = list(dict.fromkeys(given.recipients))
    schedule.carries, schedule.wording = given.carries, wording.stored()
    schedule.planned_from, schedule.paused_at = clock.now(), None
    session.add(schedule)
    facts = given.model_dump(mode="json", exclude={"recipients"})
    await audit.trace(
        session,
        row,
        "saved_report.scheduled",
        facts | {"recipients": len(schedule.recipients)},
        user_id=who.user_id,
        clock=clock,
    )
    return schedule


async def pause(
    session: AsyncSession, row: SavedReport, who: Identity, clock: Clock, *, on: bool
) -> None:
    """Pause a schedule, or go on with it from the next moment.

    Raises:
        NoSchedule: there is none.
    """
    schedule = await schedule_of(session, row)
    if schedule is None:
        raise NoSchedule
    schedule.paused_at = clock.now() if on else None
    if not on:
        schedule.planned_from = clock.now()
    session.add(schedule)
    action = "saved_report.paused" if on else "saved_report.resumed"
    await audit.trace(session, row, action, {}, user_id=who.user_id, clock=clock)


async def unschedule(session: AsyncSession, row: SavedReport, who: Identity, clock: Clock) -> None:
    """Take a schedule away; what was made is kept."""
    schedule = await schedule_of(session, row)
    if schedule is None:
        return
    await session.delete(schedule)
    await audit.trace(
        session, row, "saved_report.unscheduled", {}, user_id=who.user_id, clock=clock
    )


async def order_run(
    session: AsyncSession, row: SavedReport, who: Identity, clock: Clock
) -> ReportRun:
    """Order a report now, as its schedule says.

    Raises:
        NoSchedule: nothing says how.
    """
    if await schedule_of(session, row) is None:
        raise NoSchedule
    now = clock.now()
    run = ReportRun(
        client_id=row.client_id,
        report_id=row.id,
        number=row.number,
        period=f"by hand {now.isoformat()}",
        ended_at=now,
        created_at=now,
        created_by=who.user_id,
        next_try_at=now,
    )
    session.add(run)
    await audit.trace(session, row, "saved_report.ordered", {}, user_id=who.user_id, clock=clock)
    return run


async def wake(session: AsyncSession, run: ReportRun, who: Identity, clock: Clock) -> None:
    """Try a run that was given up once more; any other is left as it is."""
    if run.state is not RunState.DEAD:
        return
    run.tries, run.begun, run.first_try_at = 0, 0, None
    run.state = RunState.SENDING if run.made_at else RunState.WAITING
    run.next_try_at = clock.now()
    session.add(run)
    await audit.trace(session, run, "saved_report.woken", {}, user_id=who.user_id, clock=clock)
