"""What a supervisor makes of an agent's shift, and more time for an agent's wrap-up. Nothing here commits.

After the commit the caller sends ``CommandName.AGENTS_CHANGED``: the runner reads the rows, so nothing is
lost with a message.
"""

from datetime import timedelta
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents import sessions
from campaigns.agents.models import AgentSession, AgentStateEntry
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from campaigns.tenancy import audit
from dialer.agent.states import AgentState
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid

#: Letters of a supervisor's reason.
LEAST_REASON, MOST_REASON = 3, 200
#: The pause code of an agent whom a supervisor paused.
FORCED = "supervisor"


class ReasonMissing(Invalid):
    """An agent is owed the reason."""

    code = "reason_missing"
    message = "Give the reason, in 3 to 200 letters: the agent reads it."


class NoMoreTime(Conflict):
    """The wrap-up was extended as often as the campaign allows."""

    code = "no_more_time"
    message = "The wrap-up cannot be extended any more."


class NotWrappingUp(Conflict):
    """There is no wrap-up to extend."""

    code = "not_wrapping_up"
    message = "There is no wrap-up to extend."


async def force(
    session: AsyncSession,
    shift: AgentSession,
    wants: AgentState,
    reason: str,
    *,
    user_id: UUID | None,
    clock: Clock,
    hold: bool = True,
    minutes: float | None = None,
) -> AgentSession:
    """Make an agent ready, pause or sign out an agent; it follows when the agent is free.

    The agent reads the reason until the agent's own next wish. A pause that holds is ended by a supervisor
    only, or by the agent after ``minutes``.

    Raises:
        ReasonMissing: there is no reason, or too long a one.
        Invalid: ``wants`` is no state that can be wished.
        NotSignedIn: the shift has ended, or is being ended.
    """
    reason = " ".join(reason.split())
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        raise ReasonMissing
    client_id = shift.client_id
    if wants is AgentState.OFFLINE:
        shift = await sessions.sign_out(session, shift.id, client_id=client_id, clock=clock)
    else:
        shift = await sessions.set_wants(
            session, shift.id, wants, client_id=client_id, pause_code=FORCED
        )
    if wants is AgentState.PAUSED and (hold or minutes is not None):
        shift.held = True
        shift.held_until = clock.now() + timedelta(minutes=minutes) if minutes else None
    shift.forced_by, shift.forced_reason, shift.forced_at = user_id, reason, clock.now()
    await session.flush()
    until = shift.held_until.isoformat() if shift.held_until else None
    facts = {"wants": wants.value, "reason": reason, "held": shift.held, "held_until": until}
    await audit.trace(session, shift, "agent.forced", facts, user_id=user_id, clock=clock)
    return shift


async def extend_wrap_up(
    session: AsyncSession, shift: AgentSession, *, user_id: UUID | None, clock: Clock
) -> AgentSession:
    """Give an agent more time for the wrap-up that is on, as the campaign allows.

    Raises:
        NotWrappingUp, NoMoreTime: there is none to extend, or it was extended often enough.
        NotSignedIn: the shift has ended.
    """
    shift = await sessions.lock(session, shift.id, client_id=shift.client_id)
    call_id = await wrapped_up(session, shift)
    campaign = await session.get_one(Campaign, shift.campaign_id)
    settings = CampaignSettings.model_validate(campaign.settings)
    times = shift.extensions if shift.extended_call == call_id else 0
    if times >= settings.wrap_up_extensions:
        raise NoMoreTime(allowed=settings.wrap_up_extensions)
    shift.extended_call, shift.extensions = call_id, times + 1
    await session.flush()
    facts = {"call_id": str(call_id), "times": times + 1}
    action = "agent.wrap_up_extended"
    await audit.trace(session, shift, action, facts, user_id=user_id, clock=clock)
    return shift


async def wrapped_up(session: AsyncSession, shift: AgentSession) -> UUID:
    """Return the call whose wrap-up is on.

    Raises:
        NotWrappingUp: there is none.
    """
    statement = select(AgentStateEntry).where(
        col(AgentStateEntry.session_id) == shift.id, col(AgentStateEntry.ended_at).is_(None)
    )
    entry = (await session.exec(statement)).first()
    if entry is None or entry.state is not AgentState.WRAP_UP or entry.call_id is None:
        raise NotWrappingUp
    return entry.call_id
