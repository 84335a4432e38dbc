"""Cross-tables of a survey: asked for by an address, shown, downloaded."""

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api import crosstab_words
from api.auth import PageResultSeerDep, PageResultTakerDep
from api.crosstab_asking import read_table_asked
from api.crosstab_files import as_xlsx
from api.deps import ClockDep, SessionDep
from api.languages import language_of
from api.templating import problem_words, render, translate
from campaigns.crosstabs.asking import TableAsked
from campaigns.crosstabs.making import Made, make_table
from campaigns.crosstabs.reading import sources_in
from campaigns.crosstabs.variables import Source
from campaigns.crosstabs.weighting import CannotWeight
from campaigns.forms.models import FormRow
from campaigns.forms.publishing import list_versions
from campaigns.reports.dimensions import Dimension
from campaigns.reports.naming import choices
from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity
from dialer.errors import NotFound, OutdialError

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

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
    language = language_of(request)
    made: Made | None = None
    problem = ""
    asked = TableAsked(request.query_params.get("form", ""), "")
    try:
        asked = read_table_asked(request)
        offered = await _choices(session, who, asked.form, language)
        if asked.rows and asked.form:
            made = await make_table(session, asked, client_id=who.client_id, language=language)
    except NotFound:
        raise
    except OutdialError as wrong:
        problem = _problem(language, wrong)
        offered = await _choices(session, who, asked.form, language)
    return render(
        request,
        "crosstabs/page.html",
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
        who=who,
        asked=asked,
        made=made,
        problem=problem,
        offered=offered,
        said=request.query_params,
        words=crosstab_words,
        query=f"?{request.url.query}",
        path="/crosstabs",
    )


@router.get("/table.xlsx")
async def crosstab_as_xlsx(
    request: Request, who: PageResultTakerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Return the table that is shown as a workbook."""
    language = language_of(request)
    asked = read_table_asked(request)
    made = await make_table(session, asked, client_id=who.client_id, language=language)
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
    body = as_xlsx(made, lambda one: translate(language, one))
    headers = {"Content-Disposition": f'attachment; filename="crosstab-{asked.form}.xlsx"'}
    return Response(body, media_type=_XLSX, headers=headers)


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


def _problem(language: str, wrong: OutdialError) -> str:
    """Return what is wrong, with the cell or the line at which it is."""
    if isinstance(wrong, CannotWeight):
        said = translate(language, crosstab_words.REASONS[wrong.reason])
        return f"{wrong.cell}: {said}" if wrong.cell else said
    place = wrong.facts.get("line") or wrong.facts.get("variable") or ""
    said = problem_words(language, wrong)
    return f"{place} – {said}" if place else said
