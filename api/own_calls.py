"""Whose call is it: agents close, steer and end their own calls only."""

from uuid import UUID

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import own_agent_ids
from campaigns.agents.models import AgentSession
from campaigns.errors import AttemptNotFound
from campaigns.forms.interviews import InterviewNotFound
from campaigns.forms.models import Interview, InterviewCall
from campaigns.leads.models import Attempt
from campaigns.leads.preview_view import dialled_by
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.errors import Forbidden

_NOT_OWN = "Agents close and end their own calls only."


async def require_own_call(session: AsyncSession, attempt_id: UUID, who: Identity) -> Attempt:
    """Return the client's attempt; an agent may touch only calls he or she has.

    Raises:
        AttemptNotFound: no such attempt, or it is another client's.
        Forbidden: an agent asked for somebody else's.
    """
    attempt = await _find(session, attempt_id, who)
    if who.role is Role.AGENT and not await _is_own(session, attempt, who):
        raise Forbidden(_NOT_OWN)
    return attempt


async def require_coming_call(session: AsyncSession, attempt_id: UUID, who: Identity) -> Attempt:
    """Return the client's attempt, to agents also one that is stored as nobody's talk yet.

    A page may hear of a talk before it is stored: until then it gets nothing of the call but its id.

    Raises:
        AttemptNotFound: no such attempt, or it is another client's.
        Forbidden: an agent asked for somebody else's.
    """
    attempt = await _find(session, attempt_id, who)
    if is_coming(attempt) or who.role is not Role.AGENT or await _is_own(session, attempt, who):
        return attempt
    raise Forbidden(_NOT_OWN)


def is_coming(attempt: Attempt) -> bool:
    """Tell whether it is not stored yet who talks."""
    return attempt.agent_session_id is None and attempt.ended_at is None


async def _find(session: AsyncSession, attempt_id: UUID, who: Identity) -> Attempt:
    statement = select(Attempt).where(
        col(Attempt.id) == attempt_id, col(Attempt.client_id) == who.client_id
    )
    attempt = (await session.exec(statement)).first()
    if attempt is None:
        raise AttemptNotFound(attempt_id=attempt_id)
    return attempt


async def require_own_interview(session: AsyncSession, interview_id: UUID, who: Identity) -> None:
    """Refuse an agent the interview of somebody else's call; one with nobody (a trial) is anybody's.

    Raises:
        InterviewNotFound: no such interview, or it is another client's.
        Forbidden: an agent asked for somebody else's.
    """
    row = await session.get(Interview, interview_id)
    if row is None or row.client_id != who.client_id:
        raise InterviewNotFound(interview_id=str(interview_id))
    is_trial = row.contact_id is None and row.attempt_id is None
    if who.role is not Role.AGENT or is_trial:
        return
    held = select(InterviewCall.attempt_id).where(
        col(InterviewCall.interview_id) == row.id, col(InterviewCall.client_id) == who.client_id
    )
    calls = select(Attempt).where(
        col(Attempt.client_id) == who.client_id,
        or_(col(Attempt.id).in_(held), col(Attempt.id) == row.attempt_id),
    )
    for attempt in await session.exec(calls):
        if await _is_own(session, attempt, who):
            return
    raise Forbidden("Agents hold the interviews of their own calls only.")


async def _is_own(session: AsyncSession, attempt: Attempt, who: Identity) -> bool:
    session_id = attempt.agent_session_id or await dialled_by(session, attempt.id)
    if session_id is None:
        return False
    shift = await session.get_one(AgentSession, session_id)
    return shift.agent_id in await own_agent_ids(session, who)
