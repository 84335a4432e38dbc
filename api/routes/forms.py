"""Forms: drafts as YAML or XLSForm, checks, publishing, files."""

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.auth import ManagerDep, ReaderDep
from api.deps import ClockDep, SessionDep
from api.errors import problems
from api.schemas.forms import ChangeOut, FindingOut, FormIn, FormVersionOut
from campaigns.forms import publishing
from campaigns.forms.files.faults import UnreadableForm
from campaigns.forms.files.xlsform_reading import read_xlsform
from campaigns.forms.files.xlsform_writing import NotExportable, write_xlsform
from campaigns.forms.files.yaml_reading import read_yaml
from campaigns.forms.files.yaml_writing import write_yaml
from campaigns.forms.publishing import FormNotFound, NothingToPublish, NotPublishable
from campaigns.forms.versions import changes
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(prefix="/forms", tags=["forms"], responses=problems(Unauthenticated, Forbidden))

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Number = Annotated[int | None, Query(ge=1, description="The version; the newest when left out.")]


@router.get("")
async def list_forms(who: ReaderDep, session: SessionDep) -> list[FormVersionOut]:
    """Return the client's forms with their versions, the newest first."""
    rows = await publishing.list_versions(session, client_id=who.client_id)
    return [FormVersionOut.of(form, version) for form, version in rows]


@router.post("", status_code=HTTPStatus.CREATED, responses=problems(UnreadableForm))
async def save_form(
    body: FormIn, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> FormVersionOut:
    """Save a YAML text as the draft of the form it names; the first one makes the form."""
    form = await asyncio.to_thread(read_yaml, body.yaml)
    draft = await publishing.save_draft(
        session, form, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return FormVersionOut.told(form.code, draft)


@router.post("/xlsform", status_code=HTTPStatus.CREATED, responses=problems(UnreadableForm))
async def save_xlsform(
    request: Request, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> FormVersionOut:
    """Save an XLSForm workbook, sent as the body, as a draft."""
    form = await asyncio.to_thread(read_xlsform, await request.body())
    draft = await publishing.save_draft(
        session, form, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return FormVersionOut.told(form.code, draft)


@router.get("/{code}/yaml", responses=problems(FormNotFound))
async def form_as_yaml(
    code: str, who: ReaderDep, session: SessionDep, version: Number = None
) -> Response:
    """Return a version as YAML."""
    found = await publishing.find_version(session, code, version, client_id=who.client_id)
    return Response(write_yaml(publishing.form_in(found)), media_type="application/yaml")


@router.get("/{code}/xlsform", responses=problems(FormNotFound, NotExportable))
async def form_as_xlsform(
    code: str, who: ReaderDep, session: SessionDep, version: Number = None
) -> Response:
    """Return a version as an XLSForm workbook; the header ``X-Lost`` counts what is not in it."""
    found = await publishing.find_version(session, code, version, client_id=who.client_id)
    exported = write_xlsform(publishing.form_in(found))
    headers = {
        "X-Lost": str(len(exported.lost)),
        "Content-Disposition": f'attachment; filename="{code}.xlsx"',
    }
    return Response(exported.content, media_type=_XLSX, headers=headers)


@router.get("/{code}/findings", responses=problems(FormNotFound))
async def check_form(
    code: str, who: ReaderDep, session: SessionDep, version: Number = None
) -> list[FindingOut]:
    """Return what is wrong with a version."""
    found = await publishing.find_version(session, code, version, client_id=who.client_id)
    findings = await publishing.findings_of(publishing.form_in(found))
    return [FindingOut(**publishing.said_of(finding)) for finding in findings]


@router.get("/{code}/changes", responses=problems(FormNotFound))
async def list_changes(
    code: str,
    who: ReaderDep,
    session: SessionDep,
    old: Annotated[int, Query(ge=1)],
    new: Annotated[int, Query(ge=1)],
) -> list[ChangeOut]:
    """Return what changed between two versions, by question."""
    before = await publishing.find_version(session, code, old, client_id=who.client_id)
    after = await publishing.find_version(session, code, new, client_id=who.client_id)
    found = changes(publishing.form_in(before), publishing.form_in(after))
    return [ChangeOut.model_validate(change) for change in found]


@router.post("/{code}/publish", responses=problems(FormNotFound, NothingToPublish, NotPublishable))
async def publish_form(
    code: str, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> FormVersionOut:
    """Publish the draft: it never changes again."""
    version = await publishing.publish(
        session, code, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return FormVersionOut.told(code, version)
