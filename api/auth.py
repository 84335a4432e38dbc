"""Who is asking, and what they may do."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import SessionDep
from campaigns.agents.models import Agent
from campaigns.agents.sessions import find_agent
from campaigns.tenancy import tokens
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.errors import Forbidden, Unauthenticated

#: The cookie of a browser's session; ``/api`` never reads it, so no other site can use it there.
COOKIE = "outdial_session"

MANAGERS = frozenset({Role.ADMIN, Role.MANAGER})  #: lists, campaigns, settings, agents
STEERERS = MANAGERS | {Role.SUPERVISOR}  #: start, pause, resume, stop, hang up
READERS = STEERERS | {Role.CLIENT}  #: figures, attempts, results
CALL_TAKERS = STEERERS | {Role.AGENT}  #: shifts and dispositions; an agent only his or her own

_bearer = HTTPBearer(auto_error=False, description="A token from `outdial user`.")


async def _identity(
    session: SessionDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Identity:
    if credentials is None:
        raise Unauthenticated
    return await tokens.identify(session, credentials.credentials)


IdentityDep = Annotated[Identity, Depends(_identity)]


def _only(roles: frozenset[Role]) -> Callable[[Identity], Awaitable[Identity]]:
    async def check(identity: IdentityDep) -> Identity:
        return require_role(identity, roles)

    return check


AdminDep = Annotated[Identity, Depends(_only(frozenset({Role.ADMIN})))]
ManagerDep = Annotated[Identity, Depends(_only(MANAGERS))]
SteererDep = Annotated[Identity, Depends(_only(STEERERS))]
ReaderDep = Annotated[Identity, Depends(_only(READERS))]
CallTakerDep = Annotated[Identity, Depends(_only(CALL_TAKERS))]


def require_role(identity: Identity, roles: frozenset[Role]) -> Identity:
    """Return ``identity`` if its role is one of ``roles``.

    Raises:
        Forbidden: ``facts`` name the roles that may.
    """
    if identity.role not in roles:
        allowed = sorted(role.value for role in roles)
        raise Forbidden(f"Only these roles may do this: {', '.join(allowed)}.", roles=allowed)
    return identity


async def require_own_agent(session: AsyncSession, identity: Identity, agent_id: UUID) -> Agent:
    """Return the agent if ``identity`` may act for it: agents act for themselves only.

    Raises:
        AgentNotFound: no such agent, or it is another client's.
        Forbidden: an agent asked for somebody else.
    """
    agent = await find_agent(session, agent_id, client_id=identity.client_id)
    if identity.role is Role.AGENT and agent.user_id != identity.user_id:
        raise Forbidden("Agents act for themselves only.")
    return agent


async def own_agent_ids(session: AsyncSession, identity: Identity) -> frozenset[UUID]:
    """Return the agents that are this user."""
    statement = select(Agent.id).where(
        col(Agent.user_id) == identity.user_id, col(Agent.client_id) == identity.client_id
    )
    return frozenset((await session.exec(statement)).all())


async def page_identity(request: Request, session: SessionDep) -> Identity:
    """Return who a browser's cookie belongs to.

    Raises:
        Unauthenticated: no cookie, or its token is not valid any more.
        Forbidden: agents have no use of the pages.
    """
    token = request.cookies.get(COOKIE)
    if token is None:
        raise Unauthenticated
    return require_role(await tokens.identify(session, token), READERS)


PageIdentityDep = Annotated[Identity, Depends(page_identity)]
