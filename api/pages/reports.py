"""Reports: tables with the period before beside it, their files, and the calls behind a figure."""

from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api import report_words
from api.auth import PageExporterDep, PageIdentityDep
from api.charts.heat import heat_picture
from api.charts.picture import Picture, Sayer
from api.charts.words import CHARTS
from api.deps import ClockDep, SessionDep
from api.languages import language_of
from api.report_calls import show_calls
from api.report_files import as_csv, as_xlsx
from api.report_showing import STEPS, Shown, asked_of, by_kind_of_hours, show, staff_of
from api.report_view import Teller, view_of
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
        f"{translate(teller.language, report_words.DIMENSIONS[one])}:"
        f" {', '.join(teller.name(one, value) for value in values)}"
        for one, values in asked.filters.items()
    ]
    column = teller.column(measure, asked, "")
    days = f"{asked.period.first} – {asked.period.last}"
    return await show_calls(
        request,
        session,
        who,
        found,
        title=column.name,
        about=(f"{column.name}: {column.formula}. {column.unit}", " · ".join((days, *chosen))),
        back=asked.address("/reports/overview", page=0),
        at_page=lambda number: asked.address("/reports/calls", measure=measure.key, page=number),
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
        staff=await staff_of(request, session, who, shown),
        charts=CHARTS,
        reports=REPORTS,
        words=report_words,
        usual=list(Usual),
        steps=STEPS if Dimension.DAY in shown.report.dimensions else (),
        choices=lists,
        chosen={one: set(shown.asked.filters.get(one, ())) for one in _FILTERS},
        query=shown.asked.address(""),
        path="/reports",
    )


def _heat(shown: Shown) -> Picture | None:
    """Return the map of answers above the report of the best time."""
    if shown.report.key is not ReportKey.BEST_TIME or not shown.table.rows:
        return None
    return heat_picture(shown.table, Sayer(shown.teller, shown.asked))


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
