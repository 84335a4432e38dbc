"""Preview on the desk: the contact is read, then called or skipped."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import Response

from api.pages.desk_asked import HOME, DeskAskedDep
from campaigns import lifecycle
from campaigns.agents.sessions import find_open
from campaigns.commands import CommandName
from campaigns.leads import deciding
from campaigns.leads.keeping import keeper_for
from campaigns.states import SkipReason
from dialer.errors import OutdialError

router = APIRouter(prefix=f"{HOME}/previews")


@router.post("/{preview_id}/dial")
async def dial(
    asked: DeskAskedDep,
    preview_id: UUID,
    position: Annotated[int | None, Form(ge=0, le=1000)] = None,
) -> Response:
    """Call the contact that is shown; the gate is asked once more when the call is placed."""
    services = asked.services
    try:
        moment = await asked.shift()
        async with asked.stored() as session:
            shift = await find_open(session, moment.agent_id, client_id=moment.client_id)
            campaign = await lifecycle.find(session, shift.campaign_id, client_id=shift.client_id)
            keeper = await keeper_for(
                session, campaign, services.law, services.shelf, services.clock
            )
            await deciding.dial(
                session,
                shift,
                preview_id,
                keeper=keeper,
                clock=services.clock,
                user_id=asked.who.user_id,
                phone_position=position,
            )
    except deciding.AlreadyDecided:  # a double click
        return await asked.done(await asked.moment(), work=True)
    except OutdialError as problem:
        return await asked.refused(problem, work=True)
    asked.outbox.tell(shift.campaign_id, CommandName.PREVIEW_DECIDED)
    return await asked.done(moment, work=True)


@router.post("/{preview_id}/skip")
async def skip(
    asked: DeskAskedDep,
    preview_id: UUID,
    reason: Annotated[SkipReason, Form()] = SkipReason.NOT_NOW,
) -> Response:
    """Skip the contact that is shown: it waits for an hour, and the next one is shown."""
    try:
        moment = await asked.shift()
        async with asked.stored() as session:
            shift = await find_open(session, moment.agent_id, client_id=moment.client_id)
            await deciding.skip(
                session,
                shift,
                preview_id,
                reason,
                clock=asked.services.clock,
                user_id=asked.who.user_id,
            )
    except deciding.AlreadyDecided:
        return await asked.done(await asked.moment(), work=True)
    except OutdialError as problem:
        return await asked.refused(problem, work=True)
    asked.outbox.tell(shift.campaign_id, CommandName.PREVIEW_DECIDED)
    return await asked.done(moment, work=True)
