"""Calls as quality sees them: whose they are, when they were, and who may score them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts.permissions import TABLE, Permission
from campaigns.agents.models import Agent, AgentSession
from campaigns.leads.models import Attempt
from campaigns.tenancy.models import ClientAccess, User
from dialer.errors import Conflict, NotFound


class CallNotFound(NotFound):
    """The client has no such call."""

    code = "quality_call_not_found"
    message = "There is no such call."


class NobodyTalked(Conflict):
    """No operator took the call."""

    code = "nobody_talked"
    message = "No operator took this call: there is nobody to score."


@dataclass(frozen=True, slots=True)
class TakenCall:
    """A call and the operator who took it."""

    attempt: Attempt
    agent: Agent

    @property
    def talked_at(self) -> datetime:
        """Return when they talked: it says to which week the call belongs."""
        return self.attempt.connected_at or self.attempt.started_at


async def find_taken(session: AsyncSession, attempt_id: UUID, *, client_id: UUID) -> TakenCall:
    """Return a client's call with its operator.

    Raises:
        CallNotFound: there is none, or it is another client's.
        NobodyTalked: no operator took it.
    """
    statement = (
        select(Attempt, Agent)
        .outerjoin(AgentSession, col(AgentSession.id) == col(Attempt.agent_session_id))
        .outerjoin(Agent, col(Agent.id) == col(AgentSession.agent_id))
        .where(col(Attempt.id) == attempt_id, col(Attempt.client_id) == client_id)
    )
    row = (await session.exec(statement)).one_or_none()
    if row is None:
        raise CallNotFound(attempt_id=str(attempt_id))
    attempt, agent = row
    if agent is None:
        raise NobodyTalked(attempt_id=str(attempt_id))
    return TakenCall(attempt, agent)


async def reviewers_of(session: AsyncSession, client_id: UUID) -> dict[UUID, str]:
    """Return those who may score a client's calls: user id -> login, also people of other clients."""
    roles = TABLE[Permission.REVIEW]
    statement = (
        select(User.id, User.login)
        .outerjoin(
            ClientAccess,
            (col(ClientAccess.user_id) == col(User.id))
            & (col(ClientAccess.client_id) == client_id)
            & col(ClientAccess.ended_at).is_(None),
        )
        .where(
            col(User.disabled_at).is_(None),
            or_(
                (col(User.client_id) == client_id) & col(User.role).in_(roles),
                col(ClientAccess.role).in_(roles),
            ),
        )
        .order_by(col(User.login))
    )
    return dict((await session.exec(statement)).all())


async def logins_of(session: AsyncSession, user_ids: set[UUID]) -> dict[UUID, str]:
    """Return the logins of users, also of those who are shut out by now."""
    statement = select(User.id, User.login).where(col(User.id).in_(user_ids))
    return dict((await session.exec(statement)).all())
