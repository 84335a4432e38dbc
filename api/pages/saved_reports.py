"""Saved reports: the list, one with its figures and what was made of it, and its files."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api import crosstab_words, delivery_words, report_words, saved_report_words
from api.auth import PageResultSeerDep, PageResultTakerDep
from api.crosstab_showing import made_now, table_problem
from api.deps import ClockDep, SessionDep
from api.languages import language_of
from api.saved_report_showing import ShownReport, attachment, report_file, show_report
from api.templating import render
from campaigns.crosstabs.definition import TableDefinition
from campaigns.crosstabs.making import Made
from campaigns.delivery.deliveries.words import DeliveryReason
from campaigns.saved_reports import keeping, removing, runs
from campaigns.saved_reports.calendar import next_due
from campaigns.saved_reports.definitions import is_fit_for_client
from campaigns.saved_reports.models import SavedReport
from campaigns.saved_reports.scheduling import moment_of, schedule_of
from campaigns.saved_reports.words import PrintFormat, Sharing
from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock
from dialer.errors import OutdialError

router = APIRouter(prefix="/saved-reports")


@router.get("")
async def saved_reports_page(
    request: Request, who: PageResultSeerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """List the reports that a person sees."""
    rows = await keeping.reports_of(session, who)
    next_at = {}
    for row in rows:
        schedule = await schedule_of(session, row)
        if schedule is not None and schedule.paused_at is None:
            next_at[row.id] = next_due(moment_of(schedule), clock.now())
    return render(
        request,
        "saved_reports/list.html",
        who=who,
        rows=rows,
        removed=await removing.removed_of(session, who),
        unfolded="removed" in request.query_params,
        next_at=next_at,
        words=saved_report_words,
        path="/saved-reports",
    )


@router.get("/{report_id}")
async def saved_report_page(
    request: Request, report_id: UUID, who: PageResultSeerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Show a report's figures now, its schedule, and what was made of it."""
    row = await keeping.find(session, report_id, who)
    definition = await keeping.definition_of(session, row)
    shown: ShownReport | None = None
    table: Made | None = None
    problem = ""
    try:
        if isinstance(definition, TableDefinition):
            table = await made_now(request, session, who.client_id, definition)
        else:
            path = f"/saved-reports/{report_id}"
            shown = await show_report(request, session, who, definition, path)
    except OutdialError as wrong:
        problem = table_problem(language_of(request), wrong)
    schedule = await schedule_of(session, row)
    made = await runs.runs_of(session, row, who)
    return render(
        request,
        "saved_reports/page.html",
        who=who,
        row=row,
        shown=shown,
        made_table=table,
        crossed=crosstab_words,
        is_internal=not is_fit_for_client(definition),
        problem=problem,
        schedule=schedule,
        next_at=next_due(moment_of(schedule), clock.now()) if schedule else None,
        made=made,
        files=await runs.files_of(session, made),
        versions=await keeping.versions_of(session, row),
        may_change=keeping.may_change(row, who),
        words=saved_report_words,
        terms=report_words,
        sharings=list(Sharing),
        reason_of=lambda code: delivery_words.REASONS[DeliveryReason(code)],
        path="/saved-reports",
    )


@router.get("/{report_id}/table.xlsx")
async def saved_report_as_xlsx(
    request: Request, report_id: UUID, who: PageResultTakerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Return a report's figures now as a workbook."""
    return await _now(request, report_id, who, session, clock, PrintFormat.XLSX)


@router.get("/{report_id}/table.pdf")
async def saved_report_as_pdf(
    request: Request, report_id: UUID, who: PageResultTakerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Return a report's figures now as PDF."""
    return await _now(request, report_id, who, session, clock, PrintFormat.PDF)


async def _now(
    request: Request,
    report_id: UUID,
    who: Identity,
    session: AsyncSession,
    clock: Clock,
    kind: PrintFormat,
) -> Response:
    row = await keeping.find(session, report_id, who)
    definition = await keeping.definition_of(session, row)
    await _trace(session, row, kind, who, clock)
    return await report_file(request, session, who, row, definition, kind)


async def _trace(
    session: AsyncSession, row: SavedReport, kind: PrintFormat, who: Identity, clock: Clock
) -> None:
    facts = {"kind": kind.value, "version": row.number}
    await audit.trace(
        session, row, "saved_report.downloaded", facts, user_id=who.user_id, clock=clock
    )


@router.get("/{report_id}/runs/{run_id}/{kind}")
async def report_run_file(
    report_id: UUID,
    run_id: UUID,
    kind: PrintFormat,
    who: PageResultTakerDep,
    session: SessionDep,
    clock: ClockDep,
) -> Response:
    """Return a file that was made of a report."""
    row = await keeping.find(session, report_id, who)
    run = await runs.find_run(session, row, run_id, who)
    file, content = await runs.take_file(
        session, run, kind, user_id=who.user_id, clock=clock, by="page"
    )
    return attachment(content, file.name, kind, file.sha256)
