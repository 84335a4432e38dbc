"""The report builder: measures, dimensions, filters and a period, tried out before they are saved."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api import report_words, saved_report_words
from api.auth import PageResultSeerDep
from api.crosstab_asking import address_of
from api.deps import ClockDep, SessionDep
from api.labels import OUTCOMES
from api.languages import language_of
from api.measure_words import FORMULAS, NAMES
from api.saved_report_forms import Pairs, definition_in, first_of, sent_pairs
from api.saved_report_showing import ShownReport, show_report
from api.templating import problem_words, render, translate
from campaigns.crosstabs.definition import TableDefinition
from campaigns.reports.asking import MOST_DIMENSIONS
from campaigns.reports.dimensions import Dimension
from campaigns.reports.measure import Group
from campaigns.reports.measures import MEASURES
from campaigns.reports.naming import choices
from campaigns.reports.periods import Usual
from campaigns.saved_reports import keeping
from campaigns.saved_reports.definition import INTERNAL_DIMENSIONS, Definition, is_internal
from campaigns.saved_reports.models import SavedReport
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.errors import OutdialError

router = APIRouter(prefix="/saved-reports")

_NAMED = (
    *(Dimension.CAMPAIGN, Dimension.LIST, Dimension.AGENT, Dimension.FORM),
    *(Dimension.SCRIPT, Dimension.TRUNK),
)


@router.get("/new")
async def new_report_page(
    request: Request, who: PageResultSeerDep, session: SessionDep
) -> Response:
    """Show the builder, and what the address asks for."""
    return await _builder(request, session, who, request.query_params.multi_items())


@router.post("/new")
async def save_new_report(
    request: Request, who: PageResultSeerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Save a new report; what cannot be saved is said, and nothing is kept."""
    pairs = await sent_pairs(request)
    try:
        name = first_of(pairs, "name")
        row = await keeping.make(session, name, definition_in(pairs), who, clock)
    except OutdialError as wrong:
        return await _builder(request, session, who, pairs, wrong=wrong)
    return RedirectResponse(f"/saved-reports/{row.id}", HTTPStatus.SEE_OTHER)


@router.get("/{report_id}/edit")
async def edit_report_page(
    request: Request, report_id: UUID, who: PageResultSeerDep, session: SessionDep
) -> Response:
    """Show the builder with a report, or with what the address asks for instead."""
    row = await keeping.find(session, report_id, who)
    definition = await keeping.definition_of(session, row)
    if isinstance(definition, TableDefinition):
        address = address_of(definition, report=str(row.id), name=row.name)
        return RedirectResponse(f"/crosstabs?{address}", HTTPStatus.SEE_OTHER)
    return await _builder(request, session, who, request.query_params.multi_items(), row=row)


@router.post("/{report_id}/edit")
async def save_report(
    request: Request, report_id: UUID, who: PageResultSeerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Save a report's new version."""
    pairs = await sent_pairs(request)
    row = await keeping.find_to_change(session, report_id, who)
    try:
        await keeping.change(
            session, row, first_of(pairs, "name"), definition_in(pairs), who, clock
        )
    except OutdialError as wrong:
        await session.rollback()
        row = await keeping.find(session, report_id, who)
        return await _builder(request, session, who, pairs, row=row, wrong=wrong)
    return RedirectResponse(f"/saved-reports/{row.id}", HTTPStatus.SEE_OTHER)


async def _builder(
    request: Request,
    session: AsyncSession,
    who: Identity,
    pairs: Pairs,
    *,
    row: SavedReport | None = None,
    wrong: OutdialError | None = None,
) -> Response:
    path = f"/saved-reports/{row.id}/edit" if row else "/saved-reports/new"
    is_asked = any(name == "measures" for name, _ in pairs)
    definition = definition_in(pairs)
    if row is not None and not is_asked:
        kept = await keeping.definition_of(session, row)
        definition = kept if isinstance(kept, Definition) else definition
    language = language_of(request)
    shown: ShownReport | None = None
    if definition.measures and wrong is None:
        try:
            shown = await show_report(request, session, who, definition, path)
        except OutdialError as refused:
            wrong = refused
    return render(
        request,
        "saved_reports/edit.html",
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        who=who,
        row=row,
        name=first_of(pairs, "name") or (row.name if row else ""),
        definition=definition,
        shown=shown,
        problem=problem_words(language, wrong) if wrong else "",
        groups=_groups(language, who),
        dimensions=_dimensions(who),
        most_dimensions=MOST_DIMENSIONS,
        filters=await _filters(session, who, language),
        usual=list(Usual),
        words=saved_report_words,
        terms=report_words,
        names=NAMES,
        action=path,
        path="/saved-reports",
    )


def _groups(language: str, who: Identity) -> list[tuple[Group, list[tuple[str, str, str]]]]:
    """Return key, name and formula of the measures a person may ask for, by what they tell of."""
    found = []
    for group in Group:
        measures = [
            (
                one.key,
                translate(language, NAMES[one.key]),
                translate(language, FORMULAS.get(one.key, one.formula)),
            )
            for one in MEASURES.values()
            if one.group is group and not (who.role is Role.CLIENT and is_internal(one))
        ]
        found.append((group, measures))
    return found


def _dimensions(who: Identity) -> list[Dimension]:
    hidden = INTERNAL_DIMENSIONS if who.role is Role.CLIENT else frozenset()
    return [one for one in Dimension if one not in hidden]


async def _filters(
    session: AsyncSession, who: Identity, language: str
) -> list[tuple[Dimension, list[tuple[str, str]]]]:
    """Return the values that can be filtered by, by dimension."""
    shown = _dimensions(who)
    found = [(one, await choices(session, who.client_id, one)) for one in _NAMED if one in shown]
    weekdays = [
        (number, translate(language, name)) for number, name in report_words.WEEKDAYS.items()
    ]
    hours = [(str(hour), f"{hour:02}:00") for hour in range(24)]
    outcomes = [(one.value, translate(language, name)) for one, name in OUTCOMES.items()]
    return [
        *((one, values) for one, values in found if values),
        (Dimension.WEEKDAY, weekdays),
        (Dimension.HOUR, hours),
        (Dimension.OUTCOME, outcomes),
    ]
