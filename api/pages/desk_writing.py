"""What an agent reads and writes beside a result: notes, corrected fields, earlier answers, own calls."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from api import desk_words
from api.desk_fields import FieldView
from api.fragments import is_fragment
from api.pages.desk_asked import HOME, DeskAskedDep
from api.templating import render, render_text, translate
from campaigns.desk import earlier
from campaigns.desk.cards import load_card
from campaigns.desk.editing import LONGEST_NOTE, save_fields, save_note
from campaigns.desk.strangers import trace_stranger
from dialer.errors import OutdialError

router = APIRouter(prefix=f"{HOME}/calls")

#: Twice as much as is kept: too long a note is refused in words, not by a page of errors.
Words = Annotated[str, Form(max_length=2 * LONGEST_NOTE)]


@router.get("")
async def own_calls(asked: DeskAskedDep) -> Response:
    """Show the agent's own last calls of this shift, and the calls the agent has promised."""
    moment = await asked.shift()
    async with asked.stored() as session:
        calls = await earlier.own_calls(session, moment.session_id, client_id=moment.client_id)
        promises = await earlier.own_promises(
            session, moment.agent_name, client_id=moment.client_id
        )
    template = "desk/_calls.html" if is_fragment(asked.request) else "desk/calls.html"
    context = asked.view.list_context()
    return render(asked.request, template, who=asked.who, calls=calls, promises=promises, **context)


@router.post("/{attempt_id}/note")
async def keep_note(asked: DeskAskedDep, attempt_id: UUID, note: Words = "") -> Response:
    """Keep the note while it is written: a page that is lost loses no word."""
    async with asked.stored() as session:
        attempt = await asked.call(session, attempt_id)
        who, clock = asked.who.user_id, asked.services.clock
        await save_note(session, attempt, note, user_id=who, clock=clock, draft=True)
    return Response(status_code=204)


@router.post("/{attempt_id}/fields")
async def correct_fields(asked: DeskAskedDep, attempt_id: UUID) -> Response:
    """Correct the contact's fields that the campaign lets agents correct."""
    form = await asked.request.form(max_files=0, max_fields=1000)
    values, seen = _named(form, "field:"), _named(form, "was:")
    try:
        async with asked.stored() as session:
            attempt = await asked.call(session, attempt_id)
            campaign = await asked.desks.campaign(
                attempt.campaign_id, client_id=asked.who.client_id
            )
            changed = await save_fields(
                session,
                attempt,
                values,
                campaign.settings.desk,
                user_id=asked.who.user_id,
                clock=asked.services.clock,
                seen=seen,
            )
    except OutdialError as problem:
        return await asked.refused(problem)
    words = desk_words.CORRECTED if changed else desk_words.NOTHING_NEW
    said = await asked.done(await asked.moment(), translate(asked.view.language, words))
    if not isinstance(said, HTMLResponse):
        return said
    shown = [FieldView(name, value, is_editable=True) for name, value in values.items()]
    now = render_text(asked.view.language, "desk/_seen.html", seen=shown, is_piece=True)
    return HTMLResponse(bytes(said.body).decode() + now)


def _named(form: FormData, prefix: str) -> dict[str, str]:
    """Return the fields whose names begin so, by what follows."""
    return {
        name.removeprefix(prefix): str(value)
        for name, value in form.items()
        if name.startswith(prefix)
    }


@router.get("/{attempt_id}/answers")
async def earlier_answers(asked: DeskAskedDep, attempt_id: UUID) -> Response:
    """Show what the contact answered in earlier interviews."""
    language = asked.view.language
    async with asked.stored() as session:
        attempt = await asked.call(session, attempt_id)
        who, clock = asked.who.user_id, asked.services.clock
        await trace_stranger(session, attempt, "answers.looked_at", user_id=who, clock=clock)
        found = await earlier.earlier_interviews(session, attempt, language)
        card = await load_card(session, attempt_id, client_id=asked.who.client_id)
    context = asked.view.list_context()
    return render(
        asked.request, "desk/_answers.html", interviews=found, secrets=card.secrets, **context
    )
