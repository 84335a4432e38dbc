"""Buttons of a saved report: share, schedule, make now, try again, restore a version, remove, bring back."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api import saved_report_words
from api.auth import PageManagerDep, PageResultSeerDep
from api.deps import ClockDep, SessionDep
from api.languages import LANGUAGES, language_of
from api.saved_report_forms import ScheduleWrong, first_of, schedule_in, sent_pairs
from api.saved_report_words import wording_of
from api.templating import problem_words, render
from campaigns.reports.settings import terms_of
from campaigns.saved_reports import keeping, removing, runs, scheduling
from campaigns.saved_reports.models import SavedReport
from campaigns.saved_reports.words import Carries, PrintFormat, Rhythm, Sharing
from campaigns.tenancy.tokens import Identity
from dialer.errors import OutdialError

router = APIRouter(prefix="/saved-reports/{report_id}")


class ScheduleStep(StrEnum):
    """What a button of a schedule does."""

    PAUSE = "pause"
    RESUME = "resume"
    END = "end"
    RUN = "run"


@router.post("/sharing")
async def share_report(
    request: Request, report_id: UUID, who: PageManagerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Say who sees a report."""
    row = await keeping.find_to_change(session, report_id, who)
    sharing = first_of(await sent_pairs(request), "sharing")
    await keeping.share(
        session, row, Sharing(sharing) if sharing in set(Sharing) else row.sharing, who, clock
    )
    return _to(report_id)


@router.post("/removal")
async def remove_report(
    report_id: UUID, who: PageResultSeerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Remove a report."""
    row = await keeping.find_to_change(session, report_id, who)
    await removing.remove(session, row, who, clock)
    return RedirectResponse(f"/saved-reports?removed={report_id}#removed", HTTPStatus.SEE_OTHER)


@router.post("/return")
async def bring_report_back(
    report_id: UUID, who: PageResultSeerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Undo a removal."""
    await removing.bring_back(session, report_id, who, clock)
    return _to(report_id)


@router.post("/versions/{number}")
async def restore_version(
    report_id: UUID, number: int, who: PageResultSeerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Make an earlier version the newest again."""
    row = await keeping.find_to_change(session, report_id, who)
    earlier = await keeping.definition_of(session, row, number)
    await keeping.change(session, row, row.name, earlier, who, clock)
    return _to(report_id)


@router.get("/schedule")
async def schedule_page(
    request: Request, report_id: UUID, who: PageManagerDep, session: SessionDep
) -> Response:
    """Show when a report is made and to whom it goes."""
    row = await keeping.find(session, report_id, who)
    return await _form(request, session, who, row, None)


@router.post("/schedule")
async def set_schedule(
    request: Request, report_id: UUID, who: PageManagerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Set a report's schedule."""
    pairs = await sent_pairs(request)
    row = await keeping.find_to_change(session, report_id, who)
    chosen = first_of(pairs, "language")
    language = chosen if chosen in LANGUAGES else language_of(request)
    try:
        given = schedule_in(pairs)
    except ScheduleWrong as wrong:
        said = {**dict(pairs), "formats": [v for n, v in pairs if n == "formats"]}
        return await _form(request, session, who, row, said, wrong=wrong)
    await scheduling.set_schedule(session, row, given, wording_of(language), who, clock)
    return _to(report_id)


@router.post("/schedule/{order}")
async def step_of_schedule(
    report_id: UUID, order: ScheduleStep, who: PageManagerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Pause a schedule, go on with it, end it, or make the report now."""
    row = await keeping.find_to_change(session, report_id, who)
    if order is ScheduleStep.RUN:
        await scheduling.order_run(session, row, who, clock)
    elif order is ScheduleStep.END:
        await scheduling.unschedule(session, row, who, clock)
    else:
        on = order is ScheduleStep.PAUSE
        await scheduling.pause(session, row, who, clock, on=on)
    return _to(report_id)


@router.post("/runs/{run_id}")
async def try_run_again(
    report_id: UUID, run_id: UUID, who: PageManagerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Try a run again that was given up."""
    row = await keeping.find_to_change(session, report_id, who)
    run = await runs.find_run(session, row, run_id, who, lock=True)
    await scheduling.wake(session, run, who, clock)
    return _to(report_id)


async def _form(
    request: Request,
    session: AsyncSession,
    who: Identity,
    row: SavedReport,
    given: Mapping[str, Any] | None,
    *,
    wrong: OutdialError | None = None,
) -> Response:
    schedule = await scheduling.schedule_of(session, row)
    usual = {"zone": (await terms_of(session, who.client_id)).zone, "formats": ["xlsx"]}
    if given is None and schedule is not None:
        at = f"{schedule.at_minute // 60:02}:{schedule.at_minute % 60:02}"
        language = schedule.wording.get("language", "en")
        recipients = "\n".join(schedule.recipients)
        given = schedule.model_dump() | {"at": at, "language": language, "recipients": recipients}
    language = language_of(request)
    problem = problem_words(language, wrong) if wrong else ""
    if wrong is not None and wrong.facts:
        problem = f"{problem} {wrong.facts.get('field')}: {wrong.facts.get('said')}"
    return render(
        request,
        "saved_reports/schedule.html",
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        who=who,
        row=row,
        schedule=schedule,
        given=given or usual | {"language": language},
        problem=problem,
        rhythms=list(Rhythm),
        formats=list(PrintFormat),
        carryings=list(Carries),
        words=saved_report_words,
        path="/saved-reports",
    )


def _to(report_id: UUID) -> Response:
    return RedirectResponse(f"/saved-reports/{report_id}", HTTPStatus.SEE_OTHER)
