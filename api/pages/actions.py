"""The buttons of a campaign's page. Each is a form of our own page; scripts are not needed."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from api.auth import PageSteererDep
from api.deps import ClockDep, LawDep, OutboxDep, SessionDep
from api.pages.campaigns import show_campaign
from campaigns import lifecycle
from campaigns.commands import CommandName
from dialer.errors import Conflict

router = APIRouter(prefix="/campaigns")


class Action(StrEnum):
    """What a button does."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


_DOES: dict[Action, Callable[..., Awaitable[Any]]] = {
    Action.START: lifecycle.start,
    Action.PAUSE: lifecycle.pause,
    Action.RESUME: lifecycle.resume,
    Action.STOP: lifecycle.stop,
}
_DIALS = frozenset({Action.START, Action.RESUME})


@router.post("/{campaign_id}/{action}")
async def act(
    request: Request,
    campaign_id: UUID,
    action: Action,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
    law: LawDep,
) -> Response:
    """Do what the button says and lead back to the page; say there why it could not be done."""
    asked = {"law": law} if action in _DIALS else {}
    try:
        await _DOES[action](
            session, campaign_id, client_id=who.client_id, clock=clock, by=who.user_id, **asked
        )
    except Conflict as refused:
        await session.rollback()  # lets go of the campaign's row before the page reads it
        return await show_campaign(
            request, campaign_id, who, problem=refused.detail, http_code=HTTPStatus.CONFLICT
        )
    if action in _DIALS:
        outbox.adopt(campaign_id)
    outbox.tell(campaign_id, CommandName.REFRESH)
    return RedirectResponse(f"/campaigns/{campaign_id}", HTTPStatus.SEE_OTHER)
