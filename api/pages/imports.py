"""One import: preview, mapping, check, commit, undo. Its buttons are in ``import_actions``."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api import importing, list_labels, rule_labels
from api.auth import Permission, may
from api.countries import countries
from api.downloading import refused_download
from api.fragments import is_fragment
from api.import_forms import CHOICES, ImportForm, choice_value, column_names
from api.languages import language_of
from api.pages.asked import Asked, AskedDep, AskedToChangeDep, AskedToExportDep
from api.pages.lists import campaigns_of
from api.templating import render, translate
from api.uploading import folder_of
from campaigns.law.kinds import consent_kinds
from campaigns.lists.models import ContactList, ListImport
from campaigns.lists.staged import committing, staging
from campaigns.lists.staged.plan import SameBy, Scope, Then
from campaigns.lists.staged.previewing import preview
from campaigns.lists.staged.progress import progress_of
from campaigns.lists.staged.staging import ImportNotFound
from campaigns.lists.undo.undoable import why_not_undoable
from campaigns.states import ImportState
from campaigns.tenancy.models import User
from dialer.errors import OutdialError

router = APIRouter(prefix="/imports")


@router.get("/{import_id}")
async def import_page(import_id: UUID, asked: AskedDep) -> Response:
    """Show one import as far as it is."""
    return await show_import(asked, await asked.find(import_id))


@router.get("/{import_id}/check")
async def check(import_id: UUID, asked: AskedToChangeDep) -> Response:
    """Tell what the import would do: a part of the page for htmx, else the page with it."""
    row = await asked.find(import_id)
    facts = await told_of(asked, row)
    if is_fragment(asked.request):
        context = {"row": row, **words_of(asked.request), **facts}
        return render(asked.request, "imports/_check.html", **context)
    return await show_import(asked, row, **facts)


async def told_of(asked: Asked, row: ListImport) -> dict[str, Any]:
    """Return what an import would do, or why nobody can tell."""
    try:
        told = await importing.told(asked.session, asked.services, row)
    except OutdialError as problem:
        return {"told": None, "check_problem": asked.words_of(problem)}
    return {"told": told, "check_problem": ""}


@router.get("/{import_id}/progress")
async def progress(import_id: UUID, asked: AskedDep) -> Response:
    """Tell how far a commit is; once it is over, have htmx load the page anew."""
    row = await asked.find(import_id)
    written = await progress_of(asked.services.redis, row.id)
    answer = render(asked.request, "imports/_progress.html", row=row, written=written)
    if row.state is not ImportState.COMMITTING:
        answer.headers["HX-Refresh"] = "true"
    return answer


@router.get("/{import_id}/refused.csv")
async def download_refused(import_id: UUID, asked: AskedToExportDep) -> Response:
    """Return the rows this import could not use, as a file to mend and send again."""
    row = await asked.find(import_id)
    if row.list_id is None:
        raise ImportNotFound
    who, clock = asked.who, asked.services.clock
    return await refused_download(asked.session, who, clock, row.list_id, import_id=row.id)


async def show_import(
    asked: Asked,
    row: ListImport,
    *,
    problem: str = "",
    form: ImportForm | None = None,
    http_code: HTTPStatus = HTTPStatus.OK,
    **facts: Any,
) -> Response:
    """Return the page of an import, with ``problem`` above it if something could not be done."""
    changes = may(asked.who, Permission.CHANGE)
    context = await import_context(asked, row, form, changes=changes)
    context |= {"path": f"/imports/{row.id}", "base": "/imports", "problem": problem} | facts
    return render(asked.request, "imports/page.html", http_code=http_code, **context)


async def import_context(
    asked: Asked, row: ListImport, form: ImportForm | None = None, *, changes: bool
) -> dict[str, Any]:
    """Return what the page of an import needs, the centre's and the client's own."""
    session = asked.session
    uploader = await session.get(User, row.uploaded_by) if row.uploaded_by else None
    return {
        "told": None,
        "check_problem": "",
        "row": row,
        "who": asked.who,
        "manages": changes,
        "uploader": uploader.login if uploader else "",
        "contact_list": await session.get(ContactList, row.list_id) if row.list_id else None,
        "same": await staging.same_files(session, row),
        **words_of(asked.request),
        **await _of_state(asked, row, form, changes=changes),
    }


async def _of_state(
    asked: Asked, row: ListImport, form: ImportForm | None, *, changes: bool
) -> dict[str, Any]:
    """Return what the page needs beside the import itself, by the import's state."""
    if row.state is ImportState.COMMITTING:
        return {"written": await progress_of(asked.services.redis, row.id)}
    if row.state is ImportState.COMMITTED:
        return {"why_not": await why_not_undoable(asked.session, row)}
    if row.state is ImportState.STAGED and changes:
        return await _staged(asked, row, form)
    return {}


async def _staged(asked: Asked, row: ListImport, form: ImportForm | None) -> dict[str, Any]:
    session, services = asked.session, asked.services
    try:
        shown, gone = await preview(folder_of(services), row), ""
    except OutdialError as problem:
        shown, gone = None, asked.words_of(problem)
    onto = row.options.get("list_id")
    return {
        "preview": shown,
        "gone": gone,
        "form": form or ImportForm.of(row),
        "onto": await session.get(ContactList, UUID(onto)) if onto else None,
        "column_names": column_names(row.shape["columns"]),
        "choices": [(choice_value(*one), *one) for one in CHOICES],
        "countries": countries(language_of(asked.request)),
        "campaigns": await campaigns_of(session, row.client_id),
        "consent_kinds": sorted(consent_kinds(services.law.book)),
        "same_by": tuple(SameBy),
        "scopes": tuple(Scope),
        "thens": tuple(Then),
        "is_small": committing.is_small(row),
        "too_large": importing.TooLargeToCheck.message,
    }


def words_of(request: Request) -> dict[str, Any]:
    """Return the words of an import, and what says the composed ones in the reader's language."""
    language = language_of(request)

    def detail(text: str) -> str:
        return list_labels.detail_words(lambda message: translate(language, message), text)

    def warning(code: str) -> str:
        return list_labels.warning_words(lambda message: translate(language, message), code)

    return {"words": list_labels, "rules": rule_labels, "detail": detail, "warning": warning}
