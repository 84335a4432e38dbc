"""Schedules of saved reports for programs, and what was made of them."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import ManagerDep, Permission, ResultSeerDep, ResultTakerDep, may
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.languages import language_of
from api.saved_report_showing import attachment
from api.saved_report_words import wording_of
from api.schemas.saved_reports import LanguageScheduleIn, RunFileOut, RunOut, ScheduleOut
from campaigns.saved_reports import keeping, runs, scheduling
from campaigns.saved_reports.calendar import next_due
from campaigns.saved_reports.errors import (
    NoSchedule,
    NotYourReport,
    RunNotFound,
    SavedReportNotFound,
)
from campaigns.saved_reports.models import ReportRun, ReportSchedule
from campaigns.saved_reports.scheduling import ScheduleIn
from campaigns.saved_reports.words import PrintFormat
from dialer.clock import Clock
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/saved-reports/{report_id}",
    tags=["reports"],
    responses=problems(Unauthenticated, Forbidden, SavedReportNotFound),
)


@router.get("/schedule", responses=problems(NoSchedule))
async def read_report_schedule(
    report_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> ScheduleOut:
    """Return when a report is made and to whom it goes."""
    row = await keeping.find(session, report_id, who)
    schedule = await scheduling.schedule_of(session, row)
    if schedule is None:
        raise NoSchedule
    return _schedule(schedule, clock)


@router.put("/schedule", responses=problems(NotYourReport))
async def write_report_schedule(
    request: Request,
    report_id: UUID,
    body: LanguageScheduleIn,
    who: ManagerDep,
    session: SessionDep,
    clock: ClockDep,
) -> ScheduleOut:
    """Set when a report is made and to whom it goes; a paused schedule goes on."""
    row = await keeping.find_to_change(session, report_id, who)
    wording = wording_of(body.language or language_of(request))
    given = ScheduleIn.model_validate(body.model_dump(exclude={"language"}))
    schedule = await scheduling.set_schedule(session, row, given, wording, who, clock)
    return _schedule(schedule, clock)


@router.delete("/schedule", status_code=HTTPStatus.NO_CONTENT, responses=problems(NotYourReport))
async def delete_report_schedule(
    report_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> None:
    """End a schedule; what was made is kept."""
    row = await keeping.find_to_change(session, report_id, who)
    await scheduling.unschedule(session, row, who, clock)


@router.get("/runs")
async def list_report_runs(
    report_id: UUID, who: ResultSeerDep, session: SessionDep
) -> list[RunOut]:
    """Return what was made of a report, the newest first."""
    row = await keeping.find(session, report_id, who)
    said = await _runs(session, list(await runs.runs_of(session, row, who)))
    if not may(who, Permission.CHANGE):  # it may name people whom the letter did not reach
        for one in said:
            one.reason_detail = ""
    return said


@router.post(
    "/runs", status_code=HTTPStatus.ACCEPTED, responses=problems(NotYourReport, NoSchedule)
)
async def order_report_run(
    report_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> RunOut:
    """Have a report made now, as its schedule says."""
    row = await keeping.find_to_change(session, report_id, who)
    run = await scheduling.order_run(session, row, who, clock)
    return (await _runs(session, [run]))[0]


@router.get("/runs/{run_id}/{kind}", responses=problems(RunNotFound))
async def download_report_run(
    report_id: UUID,
    run_id: UUID,
    kind: PrintFormat,
    who: ResultTakerDep,
    session: SessionDep,
    clock: ClockDep,
) -> Response:
    """Return a file that was made of a report; ``X-Content-SHA256`` is its checksum."""
    row = await keeping.find(session, report_id, who)
    run = await runs.find_run(session, row, run_id, who)
    file, content = await runs.take_file(
        session, run, kind, user_id=who.user_id, clock=clock, by="api"
    )
    return attachment(content, file.name, kind, file.sha256)


def _schedule(schedule: ReportSchedule, clock: Clock) -> ScheduleOut:
    said = ScheduleOut.model_validate(schedule)
    if schedule.paused_at is None:
        said.next_at = next_due(scheduling.moment_of(schedule), clock.now())
    return said


async def _runs(session: AsyncSession, made: list[ReportRun]) -> list[RunOut]:
    files = await runs.files_of(session, made)
    found = []
    for run in made:
        said = RunOut.model_validate(run.model_dump())
        said.files = [RunFileOut.model_validate(one) for one in files.get(run.id, [])]
        found.append(said)
    return found
