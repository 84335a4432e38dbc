"""The client's reports: the standard ones without what is the call centre's own."""

from dataclasses import replace
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api import report_words
from api.auth import PagePortalDep
from api.deps import ClockDep, SessionDep
from api.report_files import as_xlsx
from api.report_showing import STEPS, Shown, answer, asked_of
from api.templating import render
from campaigns.portal.reports import CLIENT_REPORTS, FILTERS, client_report
from campaigns.reports.dimensions import Dimension
from campaigns.reports.naming import choices
from campaigns.reports.periods import Usual
from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

router = APIRouter(prefix="/portal/reports")


@router.get("", name="portal_reports")
async def portal_reports(who: PagePortalDep) -> Response:
    """Lead to the first report."""
    del who
    return RedirectResponse("/portal/reports/overview", HTTPStatus.SEE_OTHER)


@router.get("/{name}", name="portal_report")
async def portal_report(
    request: Request, name: str, who: PagePortalDep, session: SessionDep
) -> Response:
    """Show a report."""
    shown = await _shown(request, name, who, session)
    return render(
        request,
        "portal/report.html",
        who=who,
        shown=shown,
        reports=CLIENT_REPORTS,
        words=report_words,
        usual=list(Usual),
        steps=STEPS if Dimension.DAY in shown.report.dimensions else (),
        choices={one: await choices(session, who.client_id, one) for one in FILTERS},
        chosen={one: set(shown.asked.filters.get(one, ())) for one in FILTERS},
        query=shown.asked.address(""),
        path=f"/portal/reports/{shown.report.key.value}",
    )


@router.get("/{name}/table.xlsx", name="portal_report_as_xlsx")
async def portal_report_as_xlsx(
    request: Request, name: str, who: PagePortalDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Return the table that is shown as a workbook."""
    shown = await _shown(request, name, who, session)
    key = shown.report.key.value
    await audit.record(
        session,
        client_id=who.client_id,
        user_id=who.user_id,
        at=clock.now(),
        action="report.downloaded",
        subject="client",
        subject_id=who.client_id,
        facts={"report": key, "kind": "xlsx", "rows": len(shown.view.lines)},
    )
    period = shown.asked.period
    headers = {
        "Content-Disposition": f'attachment; filename="{key}-{period.first}-{period.last}.xlsx"'
    }
    body = as_xlsx(shown.view, shown.table.question.columns(), shown.title)
    return Response(body, media_type=_XLSX, headers=headers)


async def _shown(request: Request, name: str, who: Identity, session: SessionDep) -> Shown:
    """Answer a report; filters by the call centre's people and lines are not obeyed."""
    report = client_report(name)
    asked, terms = await asked_of(request, session, who)
    filters = {one: values for one, values in asked.filters.items() if one in FILTERS}
    path = f"/portal/reports/{report.key.value}"
    return await answer(request, session, who, report, replace(asked, filters=filters), terms, path)
