"""A saved report as it is shown and printed: its table with links to the calls, and its files."""

from dataclasses import dataclass, replace
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import Permission, may
from api.charts.picture import NARROW, WIDE
from api.deps import services_of
from api.languages import language_of
from api.report_asking import Asked
from api.report_view import Teller, View, view_of
from api.saved_report_words import wording_of
from campaigns.reports.periods import day_of
from campaigns.reports.settings import terms_of
from campaigns.saved_reports.answering import Answered, answer
from campaigns.saved_reports.definition import Definition, require_for_client
from campaigns.saved_reports.definitions import AnyDefinition
from campaigns.saved_reports.finishing import finish
from campaigns.saved_reports.models import SavedReport
from campaigns.saved_reports.picture import Chart, chart_of
from campaigns.saved_reports.posting import MEDIA
from campaigns.saved_reports.printing import printed
from campaigns.saved_reports.words import PrintFormat
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity


@dataclass(frozen=True, slots=True)
class ShownReport:
    """A report's figures, ready for a page."""

    answered: Answered
    asked: Asked
    view: View
    teller: Teller
    charts: tuple[Chart, ...] = ()  #: at a desk, on a telephone; none: nothing to compare


async def answered_for(
    request: Request, session: AsyncSession, who: Identity, definition: Definition
) -> Answered:
    """Count a report for a person.

    Raises:
        ShowsInternal: a client's person asks for what is internal.
        NothingChosen, MeasureUnknown, PeriodWrong, TooManyRows: it cannot be counted so.
    """
    if who.role is Role.CLIENT:
        require_for_client(definition)
    now = services_of(request).clock.now()
    zone = (await terms_of(session, who.client_id)).zone
    return await answer(session, who.client_id, definition, today=day_of(now, zone), now=now)


async def show_report(
    request: Request, session: AsyncSession, who: Identity, definition: Definition, path: str
) -> ShownReport:
    """Count a report and put it in words; headings sort it by links to ``path``.

    Raises:
        As ``answered_for``.
    """
    said = request.query_params
    if said.get("sort") in definition.measures:
        rising = said.get("rising") == "1"
        definition = definition.model_copy(update={"sort": said["sort"], "rising": rising})
    found = await answered_for(request, session, who, definition)
    question = found.question
    asked = Asked(
        question.period,
        definition.period,
        question.filters,
        sort=definition.sort,
        rising=definition.rising,
    )
    teller = Teller(language_of(request), found.terms, found.names)
    view = view_of(found.table, teller, asked, path)
    if not question.dimensions:
        view = replace(view, lines=())  # the total is the only row there is
    if not may(who, Permission.SEE_WORK):
        view = view.closed()
    return ShownReport(found, asked, view, teller, _charts(found, teller.language))


def _charts(found: Answered, language: str) -> tuple[Chart, ...]:
    sheet = printed(found, "", wording_of(language))
    drawn = (chart_of(sheet, width=width) for width in (WIDE, NARROW))
    return tuple(one for one in drawn if one is not None)


async def report_file(
    request: Request,
    session: AsyncSession,
    who: Identity,
    row: SavedReport,
    definition: AnyDefinition,
    kind: PrintFormat,
) -> Response:
    """Return a report as it is now as a file, in the language of the request.

    Raises:
        As ``answered_for``, or as ``make_table``.
    """
    if who.role is Role.CLIENT and isinstance(definition, Definition):
        require_for_client(definition)
    now = services_of(request).clock.now()
    finished = await finish(
        session,
        who.client_id,
        definition,
        title=row.name,
        words=wording_of(language_of(request)),
        today=day_of(now, (await terms_of(session, who.client_id)).zone),
        now=now,
    )
    body = await finished.printed(kind)
    days = f"{finished.first or ''} {finished.last}".strip()
    return attachment(body, f"{row.name} {days}.{kind.value}".replace("/", "_"), kind)


def attachment(body: bytes, name: str, kind: PrintFormat, sha256: str = "") -> Response:
    """Return a file as a download."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "no-store",
        **({"X-Content-SHA256": sha256} if sha256 else {}),
    }
    return Response(body, media_type=MEDIA[kind], headers=headers)
