"""Orders of a supervisor who listens, for pages and the API alike."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Outbox
from campaigns.commands import CommandName
from campaigns.supervising import monitoring
from campaigns.supervising.models import Monitoring
from campaigns.tenancy.tokens import Identity
from dialer.call.monitor_events import Mode
from dialer.clock import Clock


def by(who: Identity, clock: Clock) -> dict[str, Any]:
    """Return who does something now, as the functions of ``campaigns.supervising`` take it."""
    return {"client_id": who.client_id, "user_id": who.user_id, "clock": clock}


class Order(StrEnum):
    """What a supervisor does while listening."""

    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    TAKE_OVER = "take-over"
    FOLLOW = "follow"
    STAY = "stay"
    LEAVE = "leave"


async def begin(
    session: AsyncSession,
    outbox: Outbox,
    who: Identity,
    agent_id: UUID,
    clock: Clock,
    *,
    mode: Mode = Mode.LISTEN,
    follow: bool = True,
) -> Monitoring:
    """Listen to an agent; then the runners are told."""
    before = await monitoring.open_of(session, who.user_id, client_id=who.client_id)
    if before is not None:
        campaign_id = await monitoring.campaign_of(session, before)
        outbox.tell(campaign_id, CommandName.AGENTS_CHANGED)
    row = await monitoring.start(
        session,
        agent_id,
        user_id=who.user_id,
        client_id=who.client_id,
        clock=clock,
        mode=mode,
        follow=follow,
    )
    outbox.tell(await monitoring.campaign_of(session, row), CommandName.AGENTS_CHANGED)
    return row


async def obey(
    session: AsyncSession,
    outbox: Outbox,
    who: Identity,
    order: Order,
    clock: Clock,
    *,
    pause: bool = False,
) -> Monitoring:
    """Do one order; ``pause``: after a take-over the agent is paused."""
    user_id, client_id = who.user_id, who.client_id
    match order:
        case Order.LISTEN | Order.WHISPER | Order.BARGE:
            row = await monitoring.set_mode(
                session, Mode(order.value), user_id=user_id, client_id=client_id, clock=clock
            )
        case Order.TAKE_OVER:
            row = await monitoring.take_over(
                session, user_id=user_id, client_id=client_id, clock=clock, pause=pause
            )
        case Order.FOLLOW | Order.STAY:
            row = await monitoring.set_follow(
                session,
                follow=order is Order.FOLLOW,
                user_id=user_id,
                client_id=client_id,
                clock=clock,
            )
        case Order.LEAVE:
            row = await monitoring.leave(session, user_id=user_id, client_id=client_id, clock=clock)
    outbox.tell(await monitoring.campaign_of(session, row), CommandName.AGENTS_CHANGED)
    return row
