"""What an agent does about a call: its result, a promised call, "do not call me again"."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import Response

from api import desk_words
from api.fragments import is_fragment
from api.pages.desk_asked import HOME, DeskAsked, DeskAskedDep
from api.pages.desk_callbacks import show_call
from api.pages.desk_view import Typed
from api.pages.desk_writing import Words
from api.templating import translate
from campaigns import lifecycle
from campaigns.commands import CommandName
from campaigns.desk.cards import load_card
from campaigns.law import suppressions
from campaigns.leads import dispositions
from campaigns.leads.callbacks import CallbackRequest
from campaigns.leads.dispositions import (
    AlreadyDisposed,
    CallbackRequired,
    NoteRequired,
    RecordedDisposition,
)
from campaigns.leads.keeping import keeper_for
from dialer.errors import Invalid, OutdialError

router = APIRouter(prefix=f"{HOME}/calls")


class ResultMissing(Invalid):
    """The form was sent without pressing a result."""

    code = "result_missing"
    message = "Choose a result."


class TimeMissing(Invalid):
    """No instant, or none that can be read."""

    code = "time_missing"
    message = "A time to call is missing, or cannot be read."


@router.post("/{attempt_id}/disposition")
async def dispose(
    asked: DeskAskedDep,
    attempt_id: UUID,
    code: Annotated[str, Form(max_length=100)] = "",
    note: Words = "",
    callback_at: Annotated[str, Form(max_length=40)] = "",
    callback_zone: Annotated[str, Form(max_length=64)] = "",
    callback_for: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Save the result of a call, once: repeated, from another tab or by a double click it stays as it was."""
    wish = _Wish(callback_at, callback_zone, callback_for)
    try:
        if not code:
            raise ResultMissing
        recorded = await _record(asked, attempt_id, code, note, wish)
    except AlreadyDisposed as known:
        return await _already(asked, attempt_id, code, known)
    except OutdialError as problem:
        opens = isinstance(problem, CallbackRequired | TimeMissing) or bool(callback_at)
        typed = Typed(note, callback_at, opens_callback=opens)
        return await _not_saved(asked, attempt_id, problem, typed)
    return await _saved(asked, recorded)


async def _not_saved(
    asked: DeskAsked, attempt_id: UUID, problem: OutdialError, typed: Typed
) -> Response:
    """Show the form again that the result was sent from: the desk's, or that of a call that is over."""
    moment = await asked.moment()
    if is_fragment(asked.request) or (moment is not None and moment.attempt_id == attempt_id):
        return await asked.refused(problem, typed, work=True)
    return await show_call(asked, attempt_id, said=asked.words_of(problem), typed=typed)


class _Wish:
    """The callback of the form; empty when none was chosen."""

    def __init__(self, at: str, zone: str, whose: str) -> None:
        self.at, self.zone, self.is_personal = at, zone, whose == "me"

    def instant(self) -> datetime:
        """Return the chosen instant.

        Raises:
            TimeMissing: it cannot be read, or says nothing of the clock it is on.
        """
        try:
            at = datetime.fromisoformat(self.at)
        except ValueError as error:
            raise TimeMissing from error
        if at.tzinfo is None:
            raise TimeMissing
        return at


async def _record(
    asked: DeskAsked, attempt_id: UUID, code: str, note: str, wish: _Wish
) -> RecordedDisposition:
    agent = await asked.agent() if wish.is_personal else None
    async with asked.stored() as session:
        attempt = await asked.call(session, attempt_id)
        promised = None
        if wish.at:
            services = asked.services
            campaign = await lifecycle.find(
                session, attempt.campaign_id, client_id=asked.who.client_id
            )
            keeper = await keeper_for(
                session, campaign, services.law, services.shelf, services.clock
            )
            promised = CallbackRequest(
                wish.instant(),
                keeper.next_opening,
                wish.zone or None,
                agent.name if agent is not None else None,
                note.strip(),
            )
        return await dispositions.record(
            session,
            attempt_id,
            code,
            client_id=asked.who.client_id,
            clock=asked.services.clock,
            user_id=asked.who.user_id,
            callback=promised,
            note=note,
        )


async def _saved(asked: DeskAsked, recorded: RecordedDisposition, said: str = "") -> Response:
    asked.outbox.tell(
        recorded.campaign_id,
        CommandName.DISPOSED,
        session_id=str(recorded.session_id or ""),
        call_id=str(recorded.attempt_id),
        code=recorded.code,
    )
    asked.outbox.cancel(recorded.ringing)
    if recorded.session_id is not None:
        asked.desks.disposed(recorded.session_id, recorded.attempt_id, recorded.code)
    return await _told(asked, said or desk_words.SAVED)


async def _already(
    asked: DeskAsked, attempt_id: UUID, code: str, known: AlreadyDisposed
) -> Response:
    """Answer a repeated save: the same result once more is no mistake, another one is told."""
    async with asked.stored() as session:
        attempt = await asked.call(session, attempt_id)
    if attempt.disposition == code:
        return await _told(asked, desk_words.SAVED)
    return await asked.refused(known, work=True)


@router.post("/{attempt_id}/do-not-call")
async def do_not_call(asked: DeskAskedDep, attempt_id: UUID, note: Words = "") -> Response:
    """Never call this person again: every number, in every campaign, from this moment on."""
    try:
        async with asked.stored() as session:
            attempt = await asked.call(session, attempt_id)
        campaign = await asked.desks.campaign(attempt.campaign_id, client_id=asked.who.client_id)
        code = campaign.opt_out.code if campaign.opt_out is not None else None
        if code is not None and attempt.disposition is None and attempt.connected_at is not None:
            with suppress(
                AlreadyDisposed
            ):  # from another tab, this moment: the wish counts all the same
                recorded = await _record(asked, attempt_id, code, note, _Wish("", "", ""))
                return await _saved(asked, recorded, desk_words.NEVER_AGAIN)
        await _suppress(asked, attempt_id)
    except (
        NoteRequired,
        CallbackRequired,
    ) as wanted:  # the wish does not wait for what the result wants
        await _suppress(asked, attempt_id)
        return await _told(asked, desk_words.NEVER_AGAIN, asked.words_of(wanted))
    except OutdialError as problem:
        return await asked.refused(problem, Typed(note), work=True)
    return await _told(asked, desk_words.NEVER_AGAIN)


async def _told(asked: DeskAsked, said: str, more: str = "") -> Response:
    words = f"{translate(asked.view.language, said)} {more}".rstrip()
    return await asked.done(await asked.moment(), words, work=True)


async def _suppress(asked: DeskAsked, attempt_id: UUID) -> None:
    """Suppress the person without a result: the campaign has no code for it, or the call has one."""
    async with asked.stored() as session:
        attempt = await asked.call(session, attempt_id)
        card = await load_card(session, attempt_id, client_id=asked.who.client_id)
        # The number that was called may not be the contact's any more; an erased one has none.
        numbers = {one for one in (attempt.e164, *card.secrets) if one.startswith("+")}
        done = await suppressions.suppress(
            session,
            client_id=asked.who.client_id,
            e164s=numbers,
            reason="do_not_call",
            source="agent",
            user_id=asked.who.user_id,
            clock=asked.services.clock,
        )
    asked.outbox.cancel(one for one in done.live_calls if one.attempt_id != attempt_id)
