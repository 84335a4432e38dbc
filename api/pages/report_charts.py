"""Charts of the reports: heat map, funnel, pace, operators' day, quotas; and the calls that fill a quota."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from babel.dates import format_date
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api import report_words
from api.auth import PageIdentityDep
from api.charts.funnel import TITLE as FUNNEL_TITLE
from api.charts.funnel import funnel_picture
from api.charts.heat import ASKED as HEAT_ASKED
from api.charts.heat import BY as HEAT_BY
from api.charts.heat import heat_picture
from api.charts.pace import pace_picture
from api.charts.picture import Picture, Sayer, nothing
from api.charts.quotas import quota_picture
from api.charts.timeline import timeline_picture
from api.charts.words import CHARTS, ChartKey
from api.deps import ClockDep, SessionDep
from api.labels import mark
from api.languages import language_of, locale_of
from api.report_asking import Asked
from api.report_calls import show_calls
from api.report_showing import asked_of
from api.report_view import Teller
from api.templating import render, translate
from campaigns.reports.asking import Question
from campaigns.reports.dimensions import Dimension
from campaigns.reports.funnel import TooManyCalls, funnel
from campaigns.reports.naming import choices
from campaigns.reports.pace import pace
from campaigns.reports.periods import Period, Usual
from campaigns.reports.query import figures
from campaigns.reports.quota_progress import quota_calls, quota_progress
from campaigns.reports.settings import ReportTerms
from campaigns.reports.shifts import Shifts, shifts
from campaigns.reports.standard import REPORTS, ReportNotFound
from campaigns.tenancy.tokens import Identity

router = APIRouter(prefix="/reports")

_BY = Dimension
#: By what each chart can be narrowed down.
_OFFERED: Mapping[ChartKey, tuple[Dimension, ...]] = {
    ChartKey.HEAT: (_BY.CAMPAIGN, _BY.LIST, _BY.AGENT),
    ChartKey.FUNNEL: (_BY.CAMPAIGN, _BY.LIST),
    ChartKey.PACE: (_BY.CAMPAIGN, _BY.LIST),
    ChartKey.TIMELINE: (_BY.CAMPAIGN, _BY.AGENT),
    ChartKey.QUOTAS: (_BY.CAMPAIGN,),
}
_QUOTA = mark("Quota “%(name)s”")


@dataclass(frozen=True, slots=True)
class _Chart:
    """A chart, and of the operators' day whose page it is."""

    picture: Picture
    asked: Asked
    shifts: Shifts | None = None


@router.get("/charts")
async def charts_page(who: PageIdentityDep) -> Response:
    """Lead to the first chart."""
    del who
    return RedirectResponse(f"/reports/charts/{ChartKey.HEAT.value}", HTTPStatus.SEE_OTHER)


@router.get("/charts/{chart}")
async def chart_page(
    request: Request, chart: str, who: PageIdentityDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Show a chart."""
    if chart not in set(ChartKey):
        raise ReportNotFound(name=chart)
    key = ChartKey(chart)
    asked, terms = await asked_of(request, session, who)
    kept = {one: values for one, values in asked.filters.items() if one in _OFFERED[key]}
    asked = replace(asked, filters=kept, step=_BY.DAY, sort="", rising=False)
    shown = await _draw(request, session, who, key, asked, terms, clock.now())
    offered = _OFFERED[key]
    return render(
        request,
        "reports/chart.html",
        who=who,
        shown=shown.picture,
        which=key.value,
        asked=asked,
        reports=REPORTS,
        charts=CHARTS,
        words=report_words,
        usual=list(Usual),
        steps=(),
        choices={one: await choices(session, who.client_id, one) for one in offered},
        chosen={one: set(asked.filters.get(one, ())) for one in offered},
        offered=[one.value for one in offered],
        has_period=key is not ChartKey.QUOTAS,
        path="/reports",
        **_turning(request, key, shown),
    )


async def _draw(
    request: Request,
    session: AsyncSession,
    who: Identity,
    key: ChartKey,
    asked: Asked,
    terms: ReportTerms,
    now: datetime,
) -> _Chart:
    teller = Teller(language_of(request), terms, {})
    sayer, client_id = Sayer(teller, asked), who.client_id
    match key:
        case ChartKey.HEAT:
            question = Question(HEAT_ASKED, asked.period, HEAT_BY, asked.filters)
            return _Chart(
                heat_picture(await figures(session, client_id, question, now=now), sayer), asked
            )
        case ChartKey.FUNNEL:
            return _Chart(await _funnel(session, client_id, asked, sayer, now), asked)
        case ChartKey.PACE:
            found = await pace(session, client_id, asked.period, asked.filters, now=now)
            return _Chart(pace_picture(found, sayer), asked)
        case ChartKey.QUOTAS:
            chosen = asked.filters.get(_BY.CAMPAIGN)
            quotas = await quota_progress(session, client_id, chosen, now=now)
            return _Chart(quota_picture(quotas, sayer), asked)
        case ChartKey.TIMELINE:
            return await _timeline(session, client_id, asked, teller, now)


async def _funnel(
    session: AsyncSession, client_id: UUID, asked: Asked, sayer: Sayer, now: datetime
) -> Picture:
    try:
        steps = await funnel(session, client_id, asked.period, asked.filters, now=now)
    except TooManyCalls as error:
        return nothing(sayer(FUNNEL_TITLE), sayer(error.message))
    return funnel_picture(steps, sayer)


async def _timeline(
    session: AsyncSession, client_id: UUID, asked: Asked, teller: Teller, now: datetime
) -> _Chart:
    """Draw the last day of the period: a day is as much as can be seen at once."""
    day = Period(asked.period.last, asked.period.last)
    asked = replace(asked, period=day, which=None)
    found = await shifts(session, client_id, day.last, asked.filters, page=asked.page, now=now)
    question = Question(("connected",), day, (_BY.AGENT, _BY.HOUR), asked.filters)
    calls = await figures(session, client_id, question, now=now)
    return _Chart(timeline_picture(found, calls, Sayer(teller, asked)), asked, found)


def _turning(request: Request, key: ChartKey, shown: _Chart) -> dict[str, Any]:
    """Return the ways to the days before and after, and to the next operators."""
    found = shown.shifts
    if found is None:
        return {"day": None, "earlier": "", "later": "", "pages": []}
    path, day, language = (
        f"/reports/charts/{key.value}",
        shown.asked.period.last,
        language_of(request),
    )
    beside = {}
    for name, days in (("earlier", -1), ("later", 1)):
        other = day + timedelta(days=days)
        beside[name] = replace(shown.asked, period=Period(other, other)).address(path)
    ways = ((mark("Operators before"), found.page - 1), (mark("Operators after"), found.page + 1))
    pages = [
        (translate(language, name), shown.asked.address(path, page=number))
        for name, number in ways
        if 0 <= number < found.pages
    ]
    said = format_date(day, "full", locale=locale_of(language))
    return {"day": said, **beside, "pages": pages}


@router.get("/quota-calls")
async def quota_calls_page(
    request: Request,
    who: PageIdentityDep,
    session: SessionDep,
    campaign_id: UUID,
    number: Annotated[int, Query(ge=0, le=10_000)],
    page: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Show the calls that fill a quota."""
    name, found = await quota_calls(
        session, campaign_id, number, client_id=who.client_id, page=page
    )
    address = f"/reports/quota-calls?campaign_id={campaign_id}&number={number}"
    return await show_calls(
        request,
        session,
        who,
        found,
        title=translate(language_of(request), _QUOTA) % {"name": name},
        about=(),
        back=f"/reports/charts/quotas?campaign={campaign_id}",
        at_page=lambda place: f"{address}&page={place}",
    )
