"""The buttons of a script's page. Each is a form of our own page; only the preview needs JavaScript."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import PageManagerDep, PageSteererDep
from api.deps import ClockDep, OutboxDep, SessionDep
from api.languages import language_of
from api.pages.scripts import preview_context, show_script
from api.templating import problem_words, render
from campaigns import lifecycle
from campaigns.commands import CommandName
from campaigns.models import Campaign
from campaigns.scripts import drafts, publishing, shelves
from campaigns.scripts.editing import BadEdit, with_action, with_languages, with_words
from campaigns.scripts.publishing import script_channel, script_in
from campaigns.scripts.script import Script
from campaigns.tenancy.tokens import Identity
from dialer.errors import Conflict

router = APIRouter(prefix="/scripts")

#: A script has at most some thousands of fields, of short texts.
_MOST_FIELDS = 5_000


async def _sent(request: Request) -> Mapping[str, Any]:
    form = await request.form(max_files=0, max_fields=_MOST_FIELDS)
    single = {name: value for name, value in form.items() if isinstance(value, str)}
    chosen = [str(value) for value in form.getlist("languages")]
    campaigns = [str(value) for value in form.getlist("campaigns")]
    return {**single, "languages": chosen, "campaigns": campaigns}


SentDep = Annotated[Mapping[str, Any], Depends(_sent)]


def _revision(sent: Mapping[str, Any]) -> int:
    text = str(sent.get("revision", ""))
    if not text.isdecimal():
        raise BadEdit("The form does not say what it changes.")
    return int(text)


def _to(code: str, language: str = "", place: str = "") -> Response:
    query = f"?{urlencode({'language': language})}" if language else ""
    anchor = f"#edit-{place}" if place else ""
    return RedirectResponse(f"/scripts/{code}{query}{anchor}", HTTPStatus.SEE_OTHER)


async def _edited(
    session: AsyncSession, code: str, who: Identity, sent: Mapping[str, Any]
) -> tuple[Script, str]:
    """Return the script with what was typed, and the language it was typed in."""
    current = script_in(await drafts.editable(session, code, client_id=who.client_id))
    language = str(sent.get("language", ""))
    if language not in current.languages:
        language = current.languages[0]
    return with_words(current, language, sent), language


@router.post("/{code}/draft")
async def save_draft(
    request: Request,
    code: str,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    sent: SentDep,
) -> Response:
    """Keep what was typed, and do what the pressed button says: add, move, remove."""
    typed, language = await _edited(session, code, who, sent)
    action = str(sent.get("action", ""))
    standing = await shelves.newest_published(session, code, client_id=who.client_id)
    taken = script_in(standing).by_code if standing else ()
    try:
        changed = with_action(typed, action, taken=taken)
        await drafts.save_draft(
            session, code, changed, revision=_revision(sent), who=who, clock=clock
        )
    except (Conflict, BadEdit) as problem:
        # Nothing that was typed is lost: it stands in the editor, unsaved.
        said = problem_words(language_of(request), problem)
        return await show_script(
            request, code, who, session, clock, language=language, unsaved=typed, problem=said
        )
    return _to(code, language, _place(changed, typed, action))


def _place(changed: Script, typed: Script, action: str) -> str:
    """Return the step at which the page goes on."""
    added = [step.code for step in changed.steps if step.code not in typed.by_code]
    if added:
        return added[0]
    code = action.partition(":")[2].partition(".")[0]
    return code if code in changed.by_code else ""


@router.post("/{code}/preview")
async def preview(
    request: Request, code: str, who: PageSteererDep, session: SessionDep, sent: SentDep
) -> Response:
    """Show what was typed as operators would see it; nothing is kept."""
    typed, language = await _edited(session, code, who, sent)
    at = str(sent.get("at", ""))
    context = await preview_context(session, typed, language, client_id=who.client_id, at=at)
    return render(request, "scripts/_preview.html", **context)


@router.post("/{code}/publish")
async def publish(
    request: Request,
    code: str,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
    sent: SentDep,
) -> Response:
    """Keep what was typed and publish it: every operator reads it, those who are talking too."""
    typed, language = await _edited(session, code, who, sent)
    try:
        draft = await drafts.save_draft(
            session, code, typed, revision=_revision(sent), who=who, clock=clock
        )
        await publishing.publish(session, code, revision=draft.revision, who=who, clock=clock)
    except (Conflict, BadEdit) as problem:
        said = problem_words(language_of(request), problem)
        return await show_script(
            request, code, who, session, clock, language=language, unsaved=typed, problem=said
        )
    outbox.announce(script_channel(who.client_id))
    return _to(code, language)


@router.post("/{code}/undo")
async def undo(
    code: str, who: PageSteererDep, session: SessionDep, clock: ClockDep, sent: SentDep
) -> Response:
    """Take the last change back."""
    await drafts.undo(session, code, who=who, clock=clock)
    return _to(code, str(sent.get("language", "")))


@router.post("/{code}/discard")
async def discard(code: str, who: PageSteererDep, session: SessionDep, clock: ClockDep) -> Response:
    """Throw the draft away."""
    await drafts.discard(session, code, who=who, clock=clock)
    return _to(code)


@router.post("/{code}/languages")
async def set_languages(
    request: Request,
    code: str,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    sent: SentDep,
) -> Response:
    """Say in which languages the script is; the words of one that goes are kept."""
    current = script_in(await drafts.editable(session, code, client_id=who.client_id))
    wanted = tuple(sent["languages"])
    usual = tuple(one for one in current.languages if one in wanted)
    order = (*usual, *(one for one in wanted if one not in usual))
    try:
        changed = with_languages(current, order)
        await drafts.save_draft(
            session, code, changed, revision=_revision(sent), who=who, clock=clock
        )
    except (Conflict, BadEdit) as problem:
        said = problem_words(language_of(request), problem)
        return await show_script(request, code, who, session, clock, problem=said)
    added = next((one for one in order if one not in current.languages), "")
    return _to(code, added)


@router.post("/{code}/versions/{number}/publish")
async def publish_again(
    code: str,
    number: int,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> Response:
    """Go back: publish what an earlier version says as a new one."""
    await publishing.publish_again(session, code, number, who=who, clock=clock)
    outbox.announce(script_channel(who.client_id))
    return _to(code)


@router.post("/{code}/campaigns")
async def set_campaigns(
    code: str,
    who: PageManagerDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
    sent: SentDep,
) -> Response:
    """Say which campaigns use the script; operators who are talking see it at once."""
    await shelves.find_row(session, code, client_id=who.client_id)
    mine = select(Campaign).where(col(Campaign.client_id) == who.client_id)
    for campaign in (await session.exec(mine)).all():
        uses, shall = campaign.settings.get("script") == code, str(campaign.id) in sent["campaigns"]
        if uses != shall:
            await lifecycle.update(
                session,
                campaign.id,
                client_id=who.client_id,
                clock=clock,
                by=who.user_id,
                settings={"script": code if shall else None},
            )
            outbox.tell(campaign.id, CommandName.REFRESH)
    outbox.announce(script_channel(who.client_id))
    return _to(code)
