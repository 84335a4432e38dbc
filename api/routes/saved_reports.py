"""Saved reports for programs: made, changed, shared, counted now."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import ManagerDep, ResultSeerDep
from api.crosstab_showing import made_now
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.languages import language_of
from api.report_asking import Asked
from api.report_view import Teller
from api.routes.reports import figures_out
from api.saved_report_showing import answered_for
from api.schemas.crosstabs import CrosstabOut
from api.schemas.saved_reports import (
    SavedFiguresOut,
    SavedReportIn,
    SavedReportOut,
    SavedTableOut,
    SharingIn,
)
from campaigns.crosstabs.asking import LimitsWrong, TargetsUnreadable
from campaigns.crosstabs.definition import TableDefinition
from campaigns.crosstabs.variables import TooManyCategories, VariableUnknown
from campaigns.crosstabs.weighting import CannotWeight
from campaigns.forms.publishing import FormNotFound
from campaigns.reports.asking import MeasureUnknown, TooManyRows
from campaigns.reports.periods import PeriodWrong
from campaigns.saved_reports import keeping, removing
from campaigns.saved_reports.errors import (
    KindDiffers,
    NameMissing,
    NameTaken,
    NoRowsChosen,
    NothingChosen,
    NotYourReport,
    SavedReportNotFound,
    ShowsInternal,
)
from campaigns.saved_reports.models import SavedReport
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/saved-reports",
    tags=["reports"],
    responses=problems(Unauthenticated, Forbidden, SavedReportNotFound),
)
_SAVING = problems(
    NameMissing,
    NameTaken,
    NothingChosen,
    MeasureUnknown,
    PeriodWrong,
    ShowsInternal,
    NoRowsChosen,
    FormNotFound,
    VariableUnknown,
    TargetsUnreadable,
    LimitsWrong,
)


@router.get("")
async def list_saved_reports(who: ResultSeerDep, session: SessionDep) -> list[SavedReportOut]:
    """Return the reports that the user sees: the own ones and the shared ones."""
    return [await _out(session, row) for row in await keeping.reports_of(session, who)]


@router.post("", status_code=HTTPStatus.CREATED, responses=_SAVING)
async def create_saved_report(
    body: SavedReportIn, who: ResultSeerDep, session: SessionDep, clock: ClockDep
) -> SavedReportOut:
    """Save a report of the user's own."""
    row = await keeping.make(session, body.name, body.asks, who, clock)
    return await _out(session, row)


@router.get("/{report_id}")
async def read_saved_report(
    report_id: UUID, who: ResultSeerDep, session: SessionDep
) -> SavedReportOut:
    """Return a report."""
    return await _out(session, await keeping.find(session, report_id, who))


@router.put("/{report_id}", responses=_SAVING | problems(NotYourReport, KindDiffers))
async def change_saved_report(
    report_id: UUID, body: SavedReportIn, who: ResultSeerDep, session: SessionDep, clock: ClockDep
) -> SavedReportOut:
    """Rename a report, or give it a new version."""
    row = await keeping.find_to_change(session, report_id, who)
    await keeping.change(session, row, body.name, body.asks, who, clock)
    return await _out(session, row)


@router.delete("/{report_id}", status_code=HTTPStatus.NO_CONTENT, responses=problems(NotYourReport))
async def delete_saved_report(
    report_id: UUID, who: ResultSeerDep, session: SessionDep, clock: ClockDep
) -> None:
    """Remove a report; its schedule rests."""
    row = await keeping.find_to_change(session, report_id, who)
    await removing.remove(session, row, who, clock)


@router.post("/{report_id}/return", responses=problems(NameTaken))
async def bring_saved_report_back(
    report_id: UUID, who: ResultSeerDep, session: SessionDep, clock: ClockDep
) -> SavedReportOut:
    """Undo a removal; the schedule rests until it is resumed."""
    return await _out(session, await removing.bring_back(session, report_id, who, clock))


@router.put("/{report_id}/sharing", responses=problems(NotYourReport, ShowsInternal))
async def share_saved_report(
    report_id: UUID, body: SharingIn, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> SavedReportOut:
    """Say who sees a report."""
    row = await keeping.find_to_change(session, report_id, who)
    await keeping.share(session, row, body.sharing, who, clock)
    return await _out(session, row)


@router.get("/{report_id}/figures", responses=problems(ShowsInternal, TooManyRows, KindDiffers))
async def count_saved_report(
    request: Request, report_id: UUID, who: ResultSeerDep, session: SessionDep
) -> SavedFiguresOut:
    """Return a report's figures now."""
    row = await keeping.find(session, report_id, who)
    definition = await keeping.definition_of(session, row)
    if isinstance(definition, TableDefinition):
        raise KindDiffers
    found = await answered_for(request, session, who, definition)
    teller = Teller(language_of(request), found.terms, found.names)
    asked = Asked(found.question.period, definition.period, found.question.filters)
    said = figures_out(found.table, teller, asked)
    return SavedFiguresOut(name=row.name, number=row.number, **said.model_dump())


@router.get(
    "/{report_id}/table",
    responses=problems(KindDiffers, FormNotFound, VariableUnknown, TooManyCategories, CannotWeight),
)
async def count_saved_table(
    request: Request, report_id: UUID, who: ResultSeerDep, session: SessionDep
) -> SavedTableOut:
    """Return a saved cross-table as it is now."""
    row = await keeping.find(session, report_id, who)
    table = await keeping.definition_of(session, row)
    if not isinstance(table, TableDefinition):
        raise KindDiffers
    said = CrosstabOut.of(await made_now(request, session, who.client_id, table))
    return SavedTableOut(name=row.name, number=row.number, **said.model_dump())


async def _out(session: AsyncSession, row: SavedReport) -> SavedReportOut:
    definition = await keeping.definition_of(session, row)
    plain = row.model_dump(exclude={"client_id", "removed_at"})
    if isinstance(definition, TableDefinition):
        return SavedReportOut(table=definition, **plain)
    return SavedReportOut(definition=definition, **plain)
