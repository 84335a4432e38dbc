"""The buttons of the builder's outline: add, move, copy, delete, undo."""

from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from api.builder.asked import Asked, AskedDep, currency_of, token_in
from api.builder.listed import Fields
from api.builder.showing import Showing, show
from api.builder.view import Chosen, chosen_in
from api.pages.form_builder import address_of
from campaigns.forms.editing import edits, section_edits
from campaigns.forms.editing.drafts import Draft, DraftChanged, Step, undo
from campaigns.forms.editing.fingerprints import fingerprint
from campaigns.forms.editing.kinds import KINDS, fresh
from campaigns.forms.editing.listing import codes_ever
from campaigns.forms.form import Form
from dialer.errors import Conflict, Invalid

router = APIRouter(prefix="/forms")

_WAYS = {"up": -1, "down": 1}


class NoSuchKind(Invalid):
    """The palette has no such kind of question."""

    code = "no_such_kind"
    message = "There is no such kind of question."


@router.post("/{code}/questions")
async def add_question(code: str, asked: AskedDep) -> Response:
    """Add a question behind the chosen one, and open it."""
    fields = await asked.fields()
    kind = fields.get("kind", "")
    if kind not in KINDS:
        raise NoSuchKind
    codes = [""]
    taken = await codes_ever(asked.session, code, client_id=asked.who.client_id)

    def change(form: Form) -> Form:
        codes[0] = edits.free_code(form, "q", taken)
        question = fresh(kind, codes[0], currency=currency_of(form))
        after, section = fields.get("after", ""), fields.get("section", "")
        return edits.added(form, question, after=after, section=section)

    refused, draft = await do_step(asked, code, change, fields, "form.question_added")
    if refused is not None:
        return refused
    made = codes[0] or _place_of_last(draft)
    return leads_to(draft, Chosen("question", made), focus="text")


def _place_of_last(draft: Draft) -> str:
    """Return the question that the same press added before."""
    return list(draft.form.by_code)[-1] if draft.form.by_code else ""


@router.post("/{code}/questions/{question}/move")
async def move_question(code: str, question: str, asked: AskedDep) -> Response:
    """Move a question: one place (``by``), before another one, or to the end of a section."""
    fields = await asked.fields()

    def change(form: Form) -> Form:
        if fields.get("by") in _WAYS:
            return edits.shifted(form, question, _WAYS[fields["by"]])
        before, section = fields.get("before", ""), fields.get("section", "")
        return edits.moved(form, question, before=before, section=section)

    refused, draft = await do_step(asked, code, change, fields, "form.question_moved", question)
    return refused or leads_to(draft, Chosen("question", question))


@router.post("/{code}/questions/{question}/copy")
async def copy_question(code: str, question: str, asked: AskedDep) -> Response:
    """Put a copy behind a question, and open it."""
    fields = await asked.fields()
    copies = [question]
    taken = await codes_ever(asked.session, code, client_id=asked.who.client_id)

    def change(form: Form) -> Form:
        made, copies[0] = edits.copied(form, question, taken)
        return made

    refused, draft = await do_step(asked, code, change, fields, "form.question_copied", question)
    return refused or leads_to(draft, Chosen("question", copies[0]), focus="text")


@router.post("/{code}/questions/{question}/delete")
async def delete_question(code: str, question: str, asked: AskedDep) -> Response:
    """Delete a question as it was seen, and open its neighbour; it can be undone."""
    fields = await asked.fields()
    neighbours = [""]

    def change(form: Form) -> Form:
        now = form.by_code.get(question)
        if now is None:
            raise edits.QuestionGone(question=question)
        if fields.get("seen") not in (None, fingerprint(now)):
            raise DraftChanged(question=question)
        codes = list(form.by_code)
        at = codes.index(question)
        neighbours[0] = codes[at - 1] if at else "".join(codes[1:2])
        return edits.removed(form, question)

    refused, draft = await do_step(asked, code, change, fields, "form.question_deleted", question)
    return refused or leads_to(draft, Chosen("question", neighbours[0]), focus="undo")


@router.post("/{code}/sections")
async def add_section(code: str, asked: AskedDep) -> Response:
    """Add a section at the end, and open it."""
    fields = await asked.fields()
    made = [""]

    def change(form: Form) -> Form:
        changed, made[0] = section_edits.section_added(form)
        return changed

    refused, draft = await do_step(asked, code, change, fields, "form.section_added")
    opened = made[0] or draft.form.sections[-1].code
    return refused or leads_to(draft, Chosen("section", opened), focus="title")


@router.post("/{code}/sections/{section}/move")
async def move_section(code: str, section: str, asked: AskedDep) -> Response:
    """Move a section one place."""
    fields = await asked.fields()

    def change(form: Form) -> Form:
        return section_edits.section_shifted(form, section, _WAYS.get(fields.get("by", ""), 0))

    refused, draft = await do_step(asked, code, change, fields, "form.section_moved", section)
    return refused or leads_to(draft, Chosen("section", section))


@router.post("/{code}/sections/{section}/delete")
async def delete_section(code: str, section: str, asked: AskedDep) -> Response:
    """Delete a section; its questions go to its neighbour."""
    fields = await asked.fields()

    def change(form: Form) -> Form:
        return section_edits.section_removed(form, section)

    refused, draft = await do_step(asked, code, change, fields, "form.section_deleted", section)
    return refused or leads_to(draft, Chosen("section", draft.form.sections[0].code), focus="undo")


@router.post("/{code}/undo")
async def undo_step(code: str, asked: AskedDep) -> Response:
    """Take the latest step back, and open what it was about."""
    fields = await asked.fields()
    before = await asked.draft(code)
    place = before.last.place if before.last else ""
    try:
        draft = await undo(asked.session, code, _edit_id(fields), asked.author)
    except Conflict as refused:
        return await _say(asked, code, fields, refused)
    chosen = chosen_in(draft.form, place, place)
    return leads_to(draft, chosen)


def _edit_id(fields: Fields) -> UUID:
    try:
        return UUID(fields.get("edit", ""))
    except ValueError as error:
        raise Invalid from error


async def do_step(
    asked: Asked,
    code: str,
    change: Callable[[Form], Form],
    fields: Fields,
    action: str,
    place: str = "",
) -> tuple[Response | None, Draft]:
    """Do a step; where it is refused, return the page that says why."""
    try:
        return None, await asked.do(code, Step(change, token_in(fields), action, place))
    except Conflict as refused:
        answer = await _say(asked, code, fields, refused)
        return answer, await asked.draft(code)


async def _say(asked: Asked, code: str, fields: Fields, refused: Conflict) -> Response:
    await asked.session.rollback()  # lets go of the form's row before the page reads it
    draft = await asked.draft(code)
    chosen = chosen_in(draft.form, fields.get("after", ""), fields.get("section", ""))
    problem = asked.words_of(refused)
    return await show(asked, draft, Showing(chosen, problem=problem, http_code=HTTPStatus.CONFLICT))


def leads_to(draft: Draft, chosen: Chosen, *, focus: str = "") -> Response:
    """Lead to a piece of the form."""
    return RedirectResponse(address_of(draft.form.code, chosen, focus=focus), HTTPStatus.SEE_OTHER)
