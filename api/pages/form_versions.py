"""Versions of a form: publish with the list of changes, what differs, files."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from api.builder import view, words
from api.builder.asked import Asked, AskedDep, words_language
from api.builder.differences import Difference, differences
from api.templating import render
from campaigns.forms import publishing
from campaigns.forms.editing.drafts import Draft, DraftChanged, publish
from campaigns.forms.editing.fingerprints import fingerprint
from campaigns.forms.editing.listing import VersionLine, list_versions
from campaigns.forms.files.faults import Fault
from campaigns.forms.files.xlsform_writing import NotExportable, write_xlsform
from campaigns.forms.files.yaml_writing import write_yaml
from campaigns.forms.form import Form
from campaigns.forms.publishing import NothingToPublish, NotPublishable
from campaigns.tenancy.models import User
from dialer.errors import Conflict

router = APIRouter(prefix="/forms")

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/{code}/publish")
async def publish_page(code: str, asked: AskedDep) -> Response:
    """Show what bars the draft, and what changed since the last published version."""
    return await _show_publish(asked, await asked.draft(code))


async def _show_publish(
    asked: Asked, draft: Draft, *, problem: str = "", http_code: HTTPStatus = HTTPStatus.OK
) -> Response:
    findings = await asyncio.to_thread(view.findings_of, draft.form)
    language = words_language(draft.form, asked.language)
    lines = await list_versions(asked.session, draft.row)
    last = next((one.row for one in lines if one.row.published_at is not None), None)
    return render(
        asked.request,
        "forms/publish.html",
        http_code=http_code,
        who=asked.who,
        path=f"/forms/{draft.row.code}/publish",
        draft=draft,
        title=draft.form.title.within(language) or draft.form.code,
        barring=[one for one in findings if one.bars],
        others=[one for one in findings if not one.bars],
        owner_of=view.owner_of,
        part_of=view.part_of,
        said=asked.said,
        words=words,
        last=last,
        differences=differences(publishing.form_in(last), draft.form, language) if last else [],
        questions=len(draft.form.by_code),
        seen=fingerprint(draft.form),
        problem=problem,
    )


@router.post("/{code}/publish")
async def publish_draft(code: str, asked: AskedDep) -> Response:
    """Publish the draft that was shown; say why it cannot be, or that it is another one by now."""
    fields = await asked.fields()
    try:
        version = await publish(asked.session, code, fields.get("seen", ""), asked.author)
    except NothingToPublish:
        return RedirectResponse(f"/forms/{code}/versions", HTTPStatus.SEE_OTHER)  # sent twice
    except (DraftChanged, NotPublishable) as refused:
        await asked.session.rollback()
        said = _CHANGED if isinstance(refused, DraftChanged) else Conflict(refused.message)
        return await _show_publish(
            asked,
            await asked.draft(code),
            problem=asked.words_of(said),
            http_code=HTTPStatus.CONFLICT,
        )
    return RedirectResponse(f"/forms/{code}/versions?new={version.number}", HTTPStatus.SEE_OTHER)


_CHANGED = Conflict(words.CHANGED_SINCE)


@dataclass(frozen=True, slots=True)
class Line:
    """A version in the list."""

    of: VersionLine
    by: str  #: who published it, or began it


@router.get("/{code}/versions")
async def versions_page(code: str, asked: AskedDep, old: int = 0, new: int = 0) -> Response:
    """Show a form's versions, and what differs between two of them."""
    draft = await asked.draft(code)
    lines = await list_versions(asked.session, draft.row)
    by_number = {one.row.number: one.row for one in lines}
    newer = by_number.get(new) or lines[0].row
    older = by_number.get(old) or by_number.get(newer.number - 1)
    language = words_language(draft.form, asked.language)
    found: Sequence[Difference] = []
    if older is not None and older.number != newer.number:
        found = differences(publishing.form_in(older), publishing.form_in(newer), language)
    return render(
        asked.request,
        "forms/versions.html",
        who=asked.who,
        path=f"/forms/{draft.row.code}/versions",
        draft=draft,
        title=draft.form.title.within(language) or draft.form.code,
        lines=[Line(one, await _login(asked, one)) for one in lines],
        newer=newer,
        older=older,
        differences=found,
        words=words,
    )


async def _login(asked: Asked, line: VersionLine) -> str:
    by = line.row.published_by or line.row.created_by
    user = await asked.session.get(User, by) if by else None
    return user.login if user and user.client_id == asked.who.client_id else ""


@router.get("/{code}/export")
async def export_page(code: str, asked: AskedDep, version: int | None = None) -> Response:
    """Show the files of a version, and what an XLSForm would not say."""
    draft = await asked.draft(code)
    found = await publishing.find_version(
        asked.session, code, version, client_id=asked.who.client_id
    )
    form = publishing.form_in(found)
    lost, barred = await asyncio.to_thread(_not_in_workbook, form)
    language = words_language(form, asked.language)
    return render(
        asked.request,
        "forms/export.html",
        who=asked.who,
        path=f"/forms/{draft.row.code}/export",
        draft=draft,
        version=found,
        title=form.title.within(language) or form.code,
        lost=[(asked.said(one.place), asked.said(one.sentence)) for one in lost],
        barred=[
            (place, asked.said(why)) for place, _, why in (one.partition(": ") for one in barred)
        ],
    )


def _not_in_workbook(form: Form) -> tuple[Sequence[Fault], Sequence[str]]:
    """Return what a workbook would not say, and what keeps it from being made at all."""
    try:
        return write_xlsform(form).lost, ()
    except NotExportable as refused:
        faults = refused.facts.get("faults")
        told = faults if isinstance(faults, list) else [refused.detail]
        return (), [str(one) for one in told]


@router.get("/{code}/form.yaml")
async def form_as_yaml(code: str, asked: AskedDep, version: int | None = None) -> Response:
    """Return a version as YAML."""
    found = await publishing.find_version(
        asked.session, code, version, client_id=asked.who.client_id
    )
    name = f'attachment; filename="{_name(code, found.number)}.yaml"'
    text = write_yaml(publishing.form_in(found))
    return Response(text, media_type="application/yaml", headers={"Content-Disposition": name})


@router.get("/{code}/form.xlsx")
async def form_as_xlsform(code: str, asked: AskedDep, version: int | None = None) -> Response:
    """Return a version as an XLSForm workbook."""
    found = await publishing.find_version(
        asked.session, code, version, client_id=asked.who.client_id
    )
    exported = await asyncio.to_thread(write_xlsform, publishing.form_in(found))
    name = f'attachment; filename="{_name(code, found.number)}.xlsx"'
    return Response(exported.content, media_type=_XLSX, headers={"Content-Disposition": name})


def _name(code: str, number: int) -> str:
    return f"{code}-{number}"
