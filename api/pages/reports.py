"""Reports: tables with the period before beside it, their files, and the calls behind a figure."""

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api import report_words
from api.auth import PageExporterDep, PageIdentityDep
from api.deps import ClockDep, SessionDep
from api.languages import language_of
from api.measure_words import NAMES
from api.report_asking import Asked
from api.report_files import as_csv, as_xlsx
from api.report_showing import STEPS, Shown, asked_of, by_kind_of_hours, show
from api.report_view import Cell, Line, Teller, view_of
from api.templating import render, translate
from campaigns.reports.asking import MeasureUnknown
from campaigns.reports.dimensions import Dimension
from campaigns.reports.drill import calls_behind
from campaigns.reports.measures import MEASURES
from campaigns.reports.naming import choices, names_of
from campaigns.reports.periods import Usual
from campaigns.reports.standard import REPORTS, ReportKey
from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FILTERS = (Dimension.CAMPAIGN, Dimension.LIST, Dimension.AGENT)

router = APIRouter(prefix="/reports")


@dataclass(frozen=True, slots=True)
class Heat:
    """One hour of a weekday on the map: how often calls were answered."""

    cell: Cell
    level: int  #: 0 = nothing is known, 1 = the least answers, 9 = the most
    calls: str


@router.get("")
async def reports_page(who: PageIdentityDep) -> Response:
    """Lead to the first report."""
    del who
    return RedirectResponse("/reports/overview", HTTPStatus.SEE_OTHER)


@router.get("/calls")
async def report_calls_page(
    request: Request, who: PageIdentityDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Show the calls behind a figure, as many as it says."""
    measure = MEASURES.get(request.query_params.get("measure", ""))
    if measure is None:
        raise MeasureUnknown
    asked, terms = await asked_of(request, session, who)
    found = await calls_behind(
        session,
        who.client_id,
        measure,
        asked.period,
        asked.filters,
        page=asked.page,
        now=clock.now(),
    )
    names = await names_of(session, who.client_id, dict(asked.filters))
    teller = Teller(language_of(request), terms, names)
    chosen = [
        (
            translate(teller.language, report_words.DIMENSIONS[one]),
            ", ".join(teller.name(one, value) for value in values),
        )
        for one, values in asked.filters.items()
    ]
    campaigns = await names_of(
        session,
        who.client_id,
        {Dimension.CAMPAIGN: {str(call.campaign_id) for call in found.calls}},
    )
    return render(
        request,
        "reports/calls.html",
        who=who,
        found=found,
        title=translate(teller.language, NAMES[measure.key]),
        chosen=chosen,
        asked=asked,
        measure=measure,
        campaigns=campaigns.get(Dimension.CAMPAIGN, {}),
        client_zone=terms.zone,
        outcome_of=lambda value: teller.name(Dimension.OUTCOME, value),
        path="/reports/calls",
    )


@router.get("/{name}")
async def report_page(
    request: Request, name: str, who: PageIdentityDep, session: SessionDep
) -> Response:
    """Show a standard report."""
    shown = await show(request, session, who, name)
    kinds = [
        (kind, view_of(table, shown.teller, shown.asked, "").total)
        for kind, table in await by_kind_of_hours(request, session, who, shown)
    ]
    lists = {one: await choices(session, who.client_id, one) for one in _FILTERS}
    return render(
        request,
        "reports/page.html",
        who=who,
        shown=shown,
        kinds=kinds,
        heat=_heat(shown),
        reports=REPORTS,
        words=report_words,
        usual=list(Usual),
        steps=STEPS if Dimension.DAY in shown.report.dimensions else (),
        choices=lists,
        chosen={one: set(shown.asked.filters.get(one, ())) for one in _FILTERS},
        query=shown.asked.address(""),
        path="/reports",
    )


def _heat(shown: Shown) -> list[tuple[str, list[Heat | None]]]:
    """Return the map of answers: a row for each weekday, a place for each hour."""
    if shown.report.key is not ReportKey.BEST_TIME:
        return []
    rate = shown.report.measures.index("answer_rate")
    known = {
        row.key: line.cells for row, line in zip(shown.table.rows, _in_order(shown), strict=True)
    }
    most = max((float(cells[rate].value or 0) for cells in known.values()), default=0.0)
    week = []
    for day in report_words.WEEKDAYS:
        hours: list[Heat | None] = []
        for hour in range(24):
            cells = known.get((day, str(hour)))
            hours.append(_warm(cells[rate], cells[0].text, most) if cells else None)
        week.append((shown.teller.name(Dimension.CONTACT_WEEKDAY, day), hours))
    return week


def _in_order(shown: Shown) -> tuple[Line, ...]:
    return view_of(shown.table, shown.teller, _unsorted(shown.asked), "").lines


def _unsorted(asked: Asked) -> Asked:
    return Asked(asked.period, asked.which, asked.filters, asked.step)


def _warm(cell: Cell, calls: str, most: float) -> Heat:
    share = float(cell.value or 0) / most if most else 0.0
    return Heat(cell, 1 + round(8 * share), calls)


@router.get("/{name}/table.csv")
async def report_as_csv(
    request: Request, name: str, who: PageExporterDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Return the table that is shown as text."""
    shown = await _taken(request, name, who, session, clock, "csv")
    return _file(as_csv(shown.view, ","), "text/csv; charset=utf-8", shown, "csv")


@router.get("/{name}/table.xlsx")
async def report_as_xlsx(
    request: Request, name: str, who: PageExporterDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Return the table that is shown as a workbook."""
    shown = await _taken(request, name, who, session, clock, "xlsx")
    body = as_xlsx(shown.view, shown.table.question.columns(), shown.title)
    return _file(body, _XLSX, shown, "xlsx")


async def _taken(
    request: Request, name: str, who: Identity, session: AsyncSession, clock: Clock, kind: str
) -> Shown:
    shown = await show(request, session, who, name)
    await audit.record(
        session,
        client_id=who.client_id,
        user_id=who.user_id,
        at=clock.now(),
        action="report.downloaded",
        subject="client",
        subject_id=who.client_id,
        facts={"report": shown.report.key.value, "kind": kind, "rows": len(shown.view.lines)},
    )
    return shown


def _file(body: bytes, media: str, shown: Shown, kind: str) -> Response:
    name = f"{shown.report.key.value}-{shown.asked.period.first}-{shown.asked.period.last}"
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return Response(body, media_type=media, headers=headers)
