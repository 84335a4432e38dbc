"""The builder of a form: its page, and what its editor saves at each change."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from api.builder import words
from api.builder.asked import Asked, AskedDep, currency_of, words_language
from api.builder.listed import Fields, items_of, pressed
from api.builder.reading import Read, question_in, section_in, settings_in
from api.builder.showing import Clash, Showing, show
from api.builder.view import Chosen, chosen_in
from api.fragments import is_fragment
from campaigns.forms.editing.drafts import Draft, DraftChanged, Step
from campaigns.forms.editing.edits import (
    QuestionGone,
    SectionGone,
    added,
    replaced,
    section_of,
)
from campaigns.forms.editing.fingerprints import (
    fingerprint,
    print_of_section,
    print_of_settings,
)
from campaigns.forms.editing.kinds import KINDS, fresh
from campaigns.forms.editing.section_edits import section_replaced
from campaigns.forms.form import Form
from dialer.errors import Conflict
from dialer.ids import new_id

router = APIRouter(prefix="/forms")


@router.get("/{code}")
async def builder_page(
    code: str, asked: AskedDep, question: str = "", section: str = "", focus: str = ""
) -> Response:
    """Show a form and the piece of it that is being edited."""
    draft = await asked.draft(code)
    chosen = chosen_in(draft.form, question, section)
    return await show(asked, draft, Showing(chosen, focus=focus))


@router.post("/{code}/questions/{question}")
async def save_question(code: str, question: str, asked: AskedDep) -> Response:
    """Save a question's form, after the button in it that was pressed."""
    sent = await asked.fields()
    button = sent.get("do", "")
    fields = pressed(sent, button)
    draft = await asked.draft(code)
    old = draft.form.by_code.get(question)
    if old is None and "restore" not in sent:
        return await _clash(asked, draft, Chosen("question", question), fields)
    base = old or _stand_in(draft.form, question, fields)
    read = question_in(fields, base, draft.form, currency=currency_of(draft.form))
    if read.value is None:
        return await _wrong(asked, draft, Chosen("question", question), fields, read)
    made = read.value
    # A save that comes twice says the same twice: it needs no token of the page's.
    change = _saving(question, made, fields)
    step = Step(change, str(new_id()), "form.question_changed", made.code)
    try:
        draft = await asked.do(code, step)
    except Conflict as refused:
        return await _refused(asked, code, Chosen("question", question), fields, refused)
    chosen = Chosen("question", made.code)
    is_redrawn = bool(button) or made.code != question or "clash" in sent
    keeps = fields if button and made.type == fields.get("kind", made.type) else None
    if keeps is not None and made.type != base.type:
        keeps = None  # fields of the new kind come from the question
    how = Showing(chosen, keeps, focus=_focus(button, fields), redraws=is_redrawn)
    return await _saved(asked, draft, how)


def _stand_in(form: Form, code: str, fields: Fields) -> Any:
    """Return an empty question for one that somebody deleted while this person wrote."""
    kind = fields.get("kind", "text")
    return fresh(kind if kind in KINDS else "text", code, currency=currency_of(form))


def _saving(code: str, made: Any, fields: Fields) -> Callable[[Form], Form]:
    def change(form: Form) -> Form:
        now = form.by_code.get(code)
        if now is None and "restore" in fields:
            return added(form, made, section=fields.get("home", ""))
        if now is None:
            raise QuestionGone(question=code)
        if now != made and fingerprint(now) != fields.get("seen"):
            raise DraftChanged(question=code)
        return replaced(form, code, made)

    return change


def _focus(button: str, fields: Fields) -> str:
    """Return the field that a button leads to: the words of the option that it added."""
    action, _, name = button.partition(":")
    if action != "add":
        return ""
    last = len(items_of(fields, name)) - 1
    field = {"options": "text", "rows": "text", "parts": "text", "skips": "to"}.get(name, "left")
    return f"{name}.{last}.{field}"


@router.post("/{code}/sections/{section}")
async def save_section(code: str, section: str, asked: AskedDep) -> Response:
    """Save a section's form."""
    sent = await asked.fields()
    button = sent.get("do", "")
    fields = pressed(sent, button)
    draft = await asked.draft(code)
    chosen = Chosen("section", section)
    try:
        read = section_in(fields, section_of(draft.form, section), draft.form)
        if read.value is None:
            return await _wrong(asked, draft, chosen, fields, read)
        made = read.value

        def change(form: Form) -> Form:
            now = section_of(form, section)
            alone = now.model_copy(update={"questions": made.questions})
            if alone != made and print_of_section(now) != fields.get("seen"):
                raise DraftChanged(section=section)
            return section_replaced(form, section, made)

        step = Step(change, str(new_id()), "form.section_changed", made.code)
        draft = await asked.do(code, step)
    except Conflict as refused:
        return await _refused(asked, code, chosen, fields, refused)
    keeps = fields if button else None
    is_redrawn = bool(button) or made.code != section or "clash" in sent
    how = Showing(
        Chosen("section", made.code), keeps, focus=_focus(button, fields), redraws=is_redrawn
    )
    return await _saved(asked, draft, how)


@router.post("/{code}/settings")
async def save_settings(code: str, asked: AskedDep) -> Response:
    """Save the settings of a form: its name, languages, country, the contact's fields."""
    fields = await asked.fields()
    draft = await asked.draft(code)
    read = settings_in(fields, draft.form)
    if read.value is None:
        return await _wrong(asked, draft, Chosen(), fields, read)
    made = read.value

    def change(form: Form) -> Form:
        if print_of_settings(form) not in (fields.get("seen"), print_of_settings(made)):
            raise DraftChanged
        return made.model_copy(update={"sections": form.sections})

    try:
        draft = await asked.do(code, Step(change, str(new_id()), "form.settings_changed"))
    except Conflict as refused:
        return await _refused(asked, code, Chosen(), fields, refused)
    return await _saved(asked, draft, Showing(Chosen(), redraws=True))


async def _saved(asked: Asked, draft: Draft, how: Showing) -> Response:
    if is_fragment(asked.request):
        answer = await show(asked, draft, how, whole=False)
        answer.headers["HX-Replace-Url"] = address_of(draft.form.code, how.chosen)
        return answer
    if how.fields is not None:
        return await show(asked, draft, how)
    return RedirectResponse(address_of(draft.form.code, how.chosen), HTTPStatus.SEE_OTHER)


def address_of(code: str, chosen: Chosen, *, focus: str = "") -> str:
    """Return the address of a piece of a form in the builder."""
    asked = {chosen.sort: chosen.code} if chosen.code else {}
    asked |= {"focus": focus} if focus else {}
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    return f"/forms/{code}?{query}" if query else f"/forms/{code}"


async def _wrong(
    asked: Asked, draft: Draft, chosen: Chosen, fields: Fields, read: Read[Any]
) -> Response:
    how = Showing(
        chosen,
        fields,
        read.problems,
        asked.say(words.NOT_SAVED),
        focus=next(iter(read.problems)),
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY,
    )
    return await show(asked, draft, how, whole=not is_fragment(asked.request))


async def _refused(
    asked: Asked, code: str, chosen: Chosen, fields: Fields, refused: Conflict
) -> Response:
    """Show the piece with what was sent, and why it is not saved."""
    await asked.session.rollback()  # lets go of the form's row before the page reads it
    draft = await asked.draft(code)
    if isinstance(refused, DraftChanged | QuestionGone):
        return await _clash(asked, draft, chosen, fields)
    is_gone = isinstance(refused, SectionGone)
    how = Showing(
        Chosen() if is_gone else chosen,
        None if is_gone else fields,
        problem=asked.words_of(refused),
        http_code=HTTPStatus.CONFLICT,
    )
    return await show(asked, draft, how, whole=not is_fragment(asked.request))


async def _clash(asked: Asked, draft: Draft, chosen: Chosen, fields: Fields) -> Response:
    how = Showing(
        chosen,
        fields,
        clash=_clash_of(draft.form, chosen, fields, asked.language),
        http_code=HTTPStatus.CONFLICT,
    )
    return await show(asked, draft, how, whole=not is_fragment(asked.request))


def _clash_of(form: Form, chosen: Chosen, fields: Fields, language: str) -> Clash:
    if chosen.sort != "question":
        return Clash()
    question = form.by_code.get(chosen.code)
    if question is None:
        return Clash(is_gone=True)
    mine = question_in(fields, question, form).value or question
    parts = [
        name for name in words.PARTS if getattr(mine, name, None) != getattr(question, name, None)
    ]
    text = question.text.within(words_language(form, language))
    return Clash(tuple(parts), text)
