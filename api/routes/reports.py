"""Reports: definitions, figures by anything, standard reports, the calls behind a figure, settings."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from api.auth import ManagerDep, ReaderDep
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.languages import language_of
from api.measure_words import FORMULAS, NAMES
from api.report_asking import Asked
from api.report_showing import asked_of, show, teller_of
from api.report_view import Teller
from api.schemas.reports import (
    FigureRowOut,
    FiguresOut,
    MeasureOut,
    RateIn,
    ReportCallOut,
    ReportCallsOut,
)
from api.templating import translate
from campaigns.errors import CampaignNotFound
from campaigns.reports.asking import MeasureUnknown, Question, Row, Table, TooManyRows
from campaigns.reports.dimensions import Dimension
from campaigns.reports.drill import calls_behind
from campaigns.reports.measures import MEASURES
from campaigns.reports.periods import PeriodWrong
from campaigns.reports.query import figures
from campaigns.reports.settings import SettingsChange, change_terms, set_rate, terms_of
from campaigns.reports.standard import ReportNotFound
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/reports", tags=["reports"], responses=problems(Unauthenticated, Forbidden, PeriodWrong)
)


@router.get("/measures")
async def list_measures(request: Request, who: ReaderDep, session: SessionDep) -> list[MeasureOut]:
    """Return every measure with its definition, in the language of ``Accept-Language``."""
    terms = await terms_of(session, who.client_id)
    language = language_of(request)
    return [
        MeasureOut(
            key=one.key,
            name=translate(language, NAMES[one.key]),
            formula=translate(language, FORMULAS.get(one.key, one.formula)),
            unit=one.unit,
            source=one.source,
            group=one.group,
            better=one.better,
            target_peak=terms.target(one).peak,
            target_quiet=terms.target(one).quiet,
        )
        for one in MEASURES.values()
    ]


@router.get("/figures", responses=problems(MeasureUnknown, TooManyRows))
async def count_figures(
    request: Request,
    who: ReaderDep,
    session: SessionDep,
    clock: ClockDep,
    measures: Annotated[list[str], Query(min_length=1, max_length=len(MEASURES))],
    by: Annotated[list[Dimension] | None, Query(max_length=4)] = None,
    with_before: bool = False,
) -> FiguresOut:
    """Count measures by dimensions; any dimension's name is a filter, too, and may be given often.

    The period is ``period`` (``today``, ``last_month``...) or ``first`` and ``last``, days of the client's
    zone. A filter's value ``-`` stands for an empty one.
    """
    asked, terms = await asked_of(request, session, who)
    question = Question(
        tuple(dict.fromkeys(measures)), asked.period, tuple(by or ()), asked.filters
    )
    now = clock.now()
    table = await figures(session, who.client_id, question, now=now, with_before=with_before)
    return figures_out(table, await teller_of(request, session, who, terms, table), asked)


@router.get("/calls", responses=problems(MeasureUnknown))
async def list_report_calls(
    request: Request, who: ReaderDep, session: SessionDep, clock: ClockDep, measure: str
) -> ReportCallsOut:
    """Return a page (``page``, from 0) of the calls that a figure counts; filters as for figures."""
    found = MEASURES.get(measure)
    if found is None:
        raise MeasureUnknown(measures=[measure])
    asked, _ = await asked_of(request, session, who)
    page = await calls_behind(
        session, who.client_id, found, asked.period, asked.filters, page=asked.page, now=clock.now()
    )
    items = [ReportCallOut.model_validate(call) for call in page.calls]
    return ReportCallsOut(total=page.total, page=page.page, pages=page.pages, items=items)


@router.get("/settings")
async def read_report_settings(who: ReaderDep, session: SessionDep) -> SettingsChange:
    """Return how the client's reports are counted and judged."""
    terms = await terms_of(session, who.client_id)
    return SettingsChange.model_validate(
        {
            "zone": terms.own_zone,
            "currency": terms.currency,
            "hour_rate": terms.hour_rate,
            "minute_tariff": terms.minute_tariff,
            "service_level_s": terms.service_level_s,
            "peak_hours": sorted(terms.peak_hours),
            "targets": {
                key: {"peak": one.peak, "quiet": one.quiet} for key, one in terms.targets.items()
            },
            "csat_question": terms.csat_question,
            "csat_from": terms.csat_from,
        }
    )


@router.put("/settings")
async def write_report_settings(
    body: SettingsChange, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> SettingsChange:
    """Set how the client's reports are counted and judged."""
    await change_terms(session, who.client_id, body, user_id=who.user_id, clock=clock)
    return await read_report_settings(who, session)


@router.put(
    "/rates/{campaign_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(CampaignNotFound),
)
async def write_report_rate(
    campaign_id: UUID, body: RateIn, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> None:
    """Set what a campaign's hours and minutes cost."""
    await set_rate(
        session,
        campaign_id,
        body.hour_rate,
        body.minute_tariff,
        client_id=who.client_id,
        user_id=who.user_id,
        clock=clock,
    )


@router.get("/{name}", responses=problems(ReportNotFound, TooManyRows))
async def read_report(
    request: Request, name: str, who: ReaderDep, session: SessionDep
) -> FiguresOut:
    """Return a standard report; period and filters as for figures, ``step`` for rows of weeks or months."""
    shown = await show(request, session, who, name)
    return figures_out(shown.table, shown.teller, shown.asked)


def figures_out(table: Table, teller: Teller, asked: Asked) -> FiguresOut:
    """Return a table as the API says it."""
    question = table.question
    return FiguresOut(
        first=asked.period.first,
        last=asked.period.last,
        zone=teller.terms.zone,
        measures=list(question.measures),
        dimensions=list(question.dimensions),
        rows=[_row(table, row, teller) for row in table.rows],
        total=_row(table, table.total, teller),
    )


def _row(table: Table, row: Row, teller: Teller) -> FigureRowOut:
    columns = table.question.columns()
    key = dict(zip(table.question.dimensions, row.key, strict=False))
    before = {one.key: table.value(row, one, before=True) for one in columns}
    return FigureRowOut(
        key=key,
        names={one: teller.name(one, value) for one, value in key.items()},
        figures={one.key: table.value(row, one) for one in columns},
        before=before if row.before is not None else None,
    )
