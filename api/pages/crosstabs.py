"""Cross-tables of a survey: asked for by an address, shown, downloaded, saved."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api import crosstab_words
from api.auth import PageResultSeerDep, PageResultTakerDep
from api.crosstab_asking import Fields, table_in
from api.crosstab_showing import made_now, table_problem
from api.crosstab_words import table_words
from api.deps import ClockDep, SessionDep
from api.languages import language_of
from api.report_words import PERIODS
from api.saved_report_forms import sent_pairs
from api.templating import render
from campaigns.crosstabs.definition import TableDefinition
from campaigns.crosstabs.making import Made
from campaigns.crosstabs.reading import sources_in
from campaigns.crosstabs.variables import Source
from campaigns.crosstabs.workbook import as_xlsx
from campaigns.forms.models import FormRow
from campaigns.forms.publishing import list_versions
from campaigns.reports.dimensions import Dimension
from campaigns.reports.naming import choices
from campaigns.reports.periods import Usual
from campaigns.saved_reports import keeping
from campaigns.saved_reports.posting import MEDIA
from campaigns.saved_reports.words import PrintFormat
from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity
from dialer.errors import NotFound, OutdialError

router = APIRouter(prefix="/crosstabs")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the page offers."""

    forms: list[tuple[str, list[int]]]  #: code, and the numbers of published versions
    sources: dict[str, Source]
    campaigns: list[tuple[str, str]]

    def versions(self, form: str) -> list[int]:
        """Return the numbers of a form's versions."""
        return dict(self.forms).get(form, [])


@router.get("")
async def crosstabs_page(request: Request, who: PageResultSeerDep, session: SessionDep) -> Response:
    """Show the choice of a table, and the table."""
    return await _page(request, who, session, request.query_params)


@router.post("")
async def save_crosstab(
    request: Request, who: PageResultSeerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Save a table as a report, or as a new version of one; what cannot be saved is said."""
    said = Fields(await sent_pairs(request))
    kept = _report_in(said)
    try:
        name, table = said.get("name", ""), table_in(said)
        if kept is None:
            row = await keeping.make(session, name, table, who, clock)
        else:
            row = await keeping.find_to_change(session, kept, who)
            await keeping.change(session, row, name, table, who, clock)
    except NotFound:
        raise
    except OutdialError as wrong:
        await session.rollback()
        return await _page(request, who, session, said, refused=wrong)
    return RedirectResponse(f"/saved-reports/{row.id}", HTTPStatus.SEE_OTHER)


def _report_in(said: Fields) -> UUID | None:
    """Return the report that is changed; None: a new one."""
    try:
        return UUID(said.get("report", ""))
    except ValueError:
        return None


async def _page(
    request: Request,
    who: Identity,
    session: AsyncSession,
    said: Fields,
    *,
    refused: OutdialError | None = None,
) -> Response:
    language = language_of(request)
    made: Made | None = None
    table = TableDefinition(form=said.get("form", "")[:64])
    try:
        table = table_in(said)
        if table.rows and table.form:
            made = await made_now(request, session, who.client_id, table)
    except NotFound:
        raise
    except OutdialError as wrong:
        refused = wrong
    return render(
        request,
        "crosstabs/page.html",
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        who=who,
        asked=table,
        made=made,
        problem=table_problem(language, refused) if refused else "",
        offered=await _choices(session, who, table.form, language),
        said=said,
        report=_report_in(said),
        usual=list(Usual),
        periods=PERIODS,
        words=crosstab_words,
        query=f"?{urlencode(said.multi_items())}",
        path="/crosstabs",
    )


@router.get("/table.xlsx")
async def crosstab_as_xlsx(
    request: Request, who: PageResultTakerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Return the table that is shown as a workbook."""
    made = await made_now(request, session, who.client_id, table_in(request.query_params))
    asked = made.asked
    await audit.record(
        session,
        client_id=who.client_id,
        user_id=who.user_id,
        at=clock.now(),
        action="crosstab.downloaded",
        subject="client",
        subject_id=who.client_id,
        facts={"form": asked.form, "rows": asked.rows, "columns": asked.columns},
    )
    body = await asyncio.to_thread(as_xlsx, made, table_words(language_of(request)))
    headers = {"Content-Disposition": f'attachment; filename="crosstab-{asked.form}.xlsx"'}
    return Response(body, media_type=MEDIA[PrintFormat.XLSX], headers=headers)


async def _choices(session: AsyncSession, who: Identity, form: str, language: str) -> Choices:
    forms: dict[str, list[int]] = {}
    for row, version in await list_versions(session, client_id=who.client_id):
        if version.published_at is not None:
            _listed(forms, row).append(version.number)
    sources: dict[str, Source] = {}
    if form:
        _, sources = await sources_in(session, form, client_id=who.client_id, language=language)
    campaigns = await choices(session, who.client_id, Dimension.CAMPAIGN)
    return Choices(list(forms.items()), sources, campaigns)


def _listed(forms: dict[str, list[int]], row: FormRow) -> list[int]:
    return forms.setdefault(row.code, [])
