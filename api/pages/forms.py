"""Forms: what there is, a new one, one from a file."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from api.builder import words
from api.builder.asked import Asked, AskedDep, token_in
from api.builder.naming import code_for
from api.builder.reading import cleaned_fields
from api.builder.showing import LANGUAGES
from api.countries import countries, likely_country
from api.deps import OutboxDep
from api.languages import locale_of
from api.registers.desk import Asked as Listing
from api.registers.desk import WantedDep, listed
from api.registers.form_lines import paged, sorted_lines
from api.templating import render
from campaigns.forms.editing.drafts import Step, apply, create
from campaigns.forms.editing.listing import list_forms
from campaigns.forms.files.faults import Fault, UnreadableForm
from campaigns.forms.files.xlsform_reading import read_xlsform
from campaigns.forms.files.yaml_reading import read_yaml
from campaigns.forms.form import Form, Section
from campaigns.forms.publishing import FormNotFound, find_form
from campaigns.forms.texts import Text
from campaigns.registers.finding import Wanted
from dialer.errors import Conflict, Invalid

router = APIRouter(prefix="/forms")

#: A form's file. Source: ``campaigns.forms.files`` reads workbooks of 10 MB and YAML of 5.
FILE_BYTES = 10 * 2**20
_BESIDE_BYTES = 64 * 1024


class FileTooLong(Invalid):
    """A file of a form that is too large, or does not say how large it is."""

    code = "form_file_too_large"
    message = "A form's file may have 10 MB."


@router.get("")
async def forms_page(asked: AskedDep, wanted: WantedDep, outbox: OutboxDep) -> Response:
    """Show the client's forms."""
    about = Listing(asked.request, asked.who, asked.session, asked.services, outbox)
    return await _show(asked, wanted=wanted, flash=await about.flash())


async def _show(
    asked: Asked,
    *,
    wanted: Wanted | None = None,
    flash: Mapping[str, Any] | None = None,
    given: Mapping[str, str] | None = None,
    problem: str = "",
    faults: Sequence[Fault] = (),
    http_code: HTTPStatus = HTTPStatus.OK,
) -> Response:
    language, wanted = asked.language, wanted or Wanted()
    lines = await list_forms(asked.session, client_id=asked.who.client_id, wanted=wanted.q)
    found = paged(sorted_lines(lines, wanted, language), wanted)
    return render(
        asked.request,
        "forms/list.html",
        http_code=http_code,
        who=asked.who,
        path="/forms",
        lines=found.rows,
        given=given,
        faults=[(asked.said(one.place), asked.said(one.sentence)) for one in faults],
        language_codes=LANGUAGES,
        names=locale_of(language).languages,
        countries=countries(language),
        region=(given or {}).get("region", likely_country(language)),
        spoken=(given or {}).get("language", language),
        **{
            **listed("/forms", found, wanted),
            "flash": "",
            "undo": None,
            **(flash or {}),
            "problem": problem,
        },
    )


@router.post("")
async def new_form(asked: AskedDep) -> Response:
    """Make a form with one empty section, and open it in the builder."""
    given = await asked.fields()
    name, language = given.get("name", "").strip(), given.get("language", "")
    code = given.get("code", "").strip() or code_for(name)
    try:
        form = Form(
            code=code,
            title=Text.read({language: name} if name else ""),
            languages=(language,),
            region=given.get("region", ""),
            sections=(Section(code="s1"),),
        )
        draft = await create(asked.session, form, asked.author)
    except ValueError:  # pydantic's is one
        problem = asked.say(words.BAD_CODE)
        code_ = HTTPStatus.UNPROCESSABLE_ENTITY
        return await _show(asked, given=given, problem=problem, http_code=code_)
    except Conflict as refused:
        problem = asked.words_of(refused)
        return await _show(asked, given=given, problem=problem, http_code=HTTPStatus.CONFLICT)
    return RedirectResponse(f"/forms/{draft.form.code}?focus=palette", HTTPStatus.SEE_OTHER)


@router.post("/import")
async def import_form(asked: AskedDep) -> Response:
    """Save a file as the draft of the form it names; say what is wrong with it, line by line."""
    try:
        _require_length(asked)
        async with asked.request.form(max_files=1, max_fields=20) as sent:
            file = sent.get("file")
            fields = cleaned_fields(sent.multi_items())
            content, name = b"", ""
            if isinstance(file, UploadFile):
                content, name = await file.read(), file.filename or ""
        form = await asyncio.to_thread(_read, content, name)
    except UnreadableForm as unread:
        problem = asked.say(unread.message)
        code = HTTPStatus.UNPROCESSABLE_ENTITY
        return await _show(asked, problem=problem, faults=unread.faults, http_code=code)
    except Invalid as refused:
        problem = asked.words_of(refused)
        return await _show(asked, problem=problem, http_code=HTTPStatus.UNPROCESSABLE_ENTITY)
    await _keep(asked, form, fields)
    return RedirectResponse(f"/forms/{form.code}", HTTPStatus.SEE_OTHER)


def _require_length(asked: Asked) -> None:
    declared = asked.request.headers.get("content-length", "")
    if not declared.isdecimal() or int(declared) > FILE_BYTES + _BESIDE_BYTES:
        raise FileTooLong


def _read(content: bytes, name: str) -> Form:
    if not content:
        raise UnreadableForm([Fault("", "The file is empty.")])
    if re.search(r"\.xlsx?$", name, re.IGNORECASE):
        return read_xlsform(content, name)
    return read_yaml(content)


async def _keep(asked: Asked, form: Form, fields: Mapping[str, str]) -> None:
    """Save a form from a file: a new one, or a step of the one that is there, which can be undone."""
    try:
        await find_form(asked.session, form.code, client_id=asked.who.client_id)
    except FormNotFound:
        await create(asked.session, form, asked.author)
        return
    step = Step(lambda _: form, token_in(fields), "form.imported")
    await apply(asked.session, form.code, step, asked.author)
