"""Contact lists: what there is, and the upload of another file."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import list_labels
from api.auth import PageExporterDep, PageManagerDep, Permission, may
from api.countries import countries, likely_country
from api.deps import ClockDep, ServicesDep, SessionDep
from api.downloading import refused_download
from api.languages import language_of
from api.list_uploads import staged_upload
from api.registers.desk import AskedDep, WantedDep, listed
from api.templating import problem_words, render
from campaigns.errors import ListNotFound
from campaigns.lists.models import ContactList, ListImport
from campaigns.lists.reading.limits import USUAL_LIMITS, in_words
from campaigns.models import Campaign
from campaigns.registers.finding import find_rows
from campaigns.registers.registers import LISTS
from campaigns.states import ImportState
from campaigns.tenancy.tokens import Identity
from dialer.errors import OutdialError

#: Imports that are over and brought nothing are shown no longer than the newest of these.
_MOST_IMPORTS = 20
_UNDER_WAY = (ImportState.STAGED, ImportState.COMMITTING, ImportState.FAILED)

router = APIRouter(prefix="/lists")


@dataclass(frozen=True, slots=True)
class ListLine:
    """One contact list with the imports that made it, the newest first."""

    row: ContactList
    imports: Sequence[ListImport]


@router.get("")
async def lists_page(asked: AskedDep, wanted: WantedDep) -> Response:
    """Show the client's lists, and the imports that are not over."""
    who = asked.who
    imports = await _imports(asked.session, who.client_id)
    by_list: Mapping[UUID | None, list[ListImport]] = defaultdict(list)
    for one in imports:
        by_list[one.list_id].append(one)
    found = await find_rows(asked.session, LISTS, wanted, client_id=who.client_id)
    under_way = [one for one in imports if one.state in _UNDER_WAY]
    return render(
        asked.request,
        "lists/page.html",
        path="/lists",
        who=who,
        words=list_labels,
        manages=may(who, Permission.CHANGE),
        lines=[ListLine(row, by_list[row.id]) for row in found.rows],
        under_way=under_way[:_MOST_IMPORTS],
        **listed("/lists", found, wanted),
        **await asked.flash(),
    )


async def _imports(session: AsyncSession, client_id: UUID) -> Sequence[ListImport]:
    statement = select(ListImport).where(col(ListImport.client_id) == client_id)
    return (await session.exec(statement.order_by(col(ListImport.id).desc()))).all()


@router.get("/upload")
async def upload_page(
    request: Request, who: PageManagerDep, session: SessionDep, list_id: UUID | None = None
) -> Response:
    """Show the form for a file or pasted rows."""
    given = {"list_id": str(list_id)} if list_id else {}
    return await _show_form(request, who, session, given)


@router.post("/upload")
async def upload(
    request: Request, who: PageManagerDep, session: SessionDep, services: ServicesDep
) -> Response:
    """Stage what was sent and lead to its preview; show the form again if it is no table.

    The form is read by hand: who sends it and how long it is must be known before.
    """
    await session.rollback()  # no transaction stays open and idle while a large file comes in
    given: dict[str, Any] = {}
    try:
        row = await staged_upload(request, who, services, given)
    except OutdialError as problem:
        said = problem_words(language_of(request), problem)
        code = HTTPStatus.UNPROCESSABLE_ENTITY
        return await _show_form(request, who, session, given, problem=said, http_code=code)
    return RedirectResponse(f"/imports/{row.id}", HTTPStatus.SEE_OTHER)


@router.get("/{list_id}/refused.csv")
async def download_refused(
    list_id: UUID, who: PageExporterDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Return the list's refused rows as a file that can be mended and sent again."""
    return await refused_download(session, who, clock, list_id)


async def _show_form(
    request: Request,
    who: Identity,
    session: AsyncSession,
    given: Mapping[str, Any],
    *,
    problem: str = "",
    http_code: HTTPStatus = HTTPStatus.OK,
) -> Response:
    context = await form_context(request, who, session, given)
    return render(request, "lists/upload.html", http_code=http_code, problem=problem, **context)


async def form_context(
    request: Request, who: Identity, session: AsyncSession, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what the form for a file needs, the centre's and the client's own."""
    language = language_of(request)
    onto = await _own_list(session, given.get("list_id"), who.client_id)
    latest = select(ContactList.region).where(col(ContactList.client_id) == who.client_id)
    usual = (await session.exec(latest.order_by(col(ContactList.id).desc()).limit(1))).first()
    region = onto.region if onto else usual or likely_country(language)
    return {
        "who": who,
        "given": given,
        "onto": onto,
        "region": given.get("region") or region,
        "countries": countries(language),
        "campaigns": await campaigns_of(session, who.client_id),
        "limit": in_words(USUAL_LIMITS.file_bytes),
    }


async def campaigns_of(session: AsyncSession, client_id: UUID) -> Sequence[Campaign]:
    """Return the campaigns a list may be for, the newest first."""
    statement = select(Campaign).where(col(Campaign.client_id) == client_id)
    return (await session.exec(statement.order_by(col(Campaign.id).desc()))).all()


async def _own_list(
    session: AsyncSession, list_id: str | None, client_id: UUID
) -> ContactList | None:
    if not list_id:
        return None
    try:
        found = await session.get(ContactList, UUID(list_id))
    except ValueError:
        found = None
    if found is None or found.client_id != client_id:
        raise ListNotFound(list_id=list_id)
    return found
