"""Supervisors' messages on the operator's desk: those to be acknowledged, and the earlier ones."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import PageCallTakerDep, own_agent_ids
from api.deps import ClockDep, SessionDep
from api.templating import render
from campaigns.supervising import messages
from campaigns.tenancy.tokens import Identity

router = APIRouter(prefix="/desk/messages")


async def _shown(request: Request, session: AsyncSession, who: Identity) -> HTMLResponse:
    agents = sorted(await own_agent_ids(session, who))
    rows = await messages.of_agents(session, agents, client_id=who.client_id)
    unread = [row for row in rows if row.read_at is None]
    earlier = [row for row in rows if row.read_at is not None]
    return render(request, "desk/_messages.html", unread=unread, earlier=earlier)


@router.get("")
async def desk_messages(
    request: Request, who: PageCallTakerDep, session: SessionDep
) -> HTMLResponse:
    """Return the messages of supervisors."""
    return await _shown(request, session, who)


@router.post("/{message_id}/read")
async def read_message(
    request: Request, message_id: UUID, who: PageCallTakerDep, session: SessionDep, clock: ClockDep
) -> HTMLResponse:
    """Keep that the operator has read a message.

    Raises:
        MessageNotFound: it is none of the operator's.
    """
    agents = sorted(await own_agent_ids(session, who))
    await messages.mark_read(
        session, message_id, agents, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return await _shown(request, session, who)
