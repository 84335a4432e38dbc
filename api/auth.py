"""Who is asking, and what they may do: every page and every route names its permission here.

Programs show a token of the API in a header, browsers a session's token in a cookie; neither opens the
other's door. ``tests/integration/test_permissions.py`` walks all routes and finds the one that names none.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.browsers import COOKIE, find_session, session_token, touched
from api.deps import ServicesDep, SessionDep
from api.sign_in_steps import refusal_of
from campaigns.accounts import permissions
from campaigns.accounts.permissions import Permission, may
from campaigns.accounts.sessions import Found
from campaigns.agents.models import Agent
from campaigns.agents.sessions import find_agent
from campaigns.tenancy import tokens
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.errors import Forbidden, Unauthenticated
from dialer.rows import see_only

__all__ = ["COOKIE", "Permission", "may"]

_bearer = HTTPBearer(auto_error=False, description="A token from `outdial user token`.")


async def _identity(
    session: SessionDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    outdial_client: Annotated[
        str | None,
        Header(description="Id or name of the client to work for; none: the user's own."),
    ] = None,
) -> Identity:
    if credentials is None:
        raise Unauthenticated
    identity = await tokens.identify(session, credentials.credentials, outdial_client)
    await see_only(session, identity.whose)
    return identity


IdentityDep = Annotated[Identity, Depends(_identity)]


async def browser_session(request: Request, session: SessionDep) -> Found:
    """Return the session of a browser's cookie, whatever is still due.

    Raises:
        Unauthenticated: no cookie, or its session has ended.
    """
    token = session_token(request)
    found = await find_session(request, session, token) if token else None
    if found is None:
        raise Unauthenticated
    return found


BrowserSessionDep = Annotated[Found, Depends(browser_session)]


async def _page_identity(
    request: Request, services: ServicesDep, session: SessionDep, found: BrowserSessionDep
) -> Identity:
    if found.due is not None:
        raise refusal_of(found.due)
    await touched(request, services, found)
    await see_only(session, found.identity.whose)
    return found.identity


class Needs:
    """A dependency that lets those through whose role has a permission; what routes declare."""

    def __init__(self, permission: Permission) -> None:
        """Ask for ``permission``."""
        self.permission = permission


class ApiNeeds(Needs):
    """The same for programs, who show a token."""

    async def __call__(self, identity: IdentityDep) -> Identity:
        """Return who asks.

        Raises:
            Forbidden: the role may not.
        """
        permissions.require(identity, self.permission)
        return identity


class PageNeeds(Needs):
    """The same for browsers, who show a cookie."""

    async def __call__(self, identity: Annotated[Identity, Depends(_page_identity)]) -> Identity:
        """Return who asks.

        Raises:
            Forbidden: the role may not.
        """
        permissions.require(identity, self.permission)
        return identity


AdminDep = Annotated[Identity, Depends(ApiNeeds(Permission.ADMINISTER))]
ManagerDep = Annotated[Identity, Depends(ApiNeeds(Permission.CHANGE))]
SteererDep = Annotated[Identity, Depends(ApiNeeds(Permission.STEER))]
ReaderDep = Annotated[Identity, Depends(ApiNeeds(Permission.SEE_WORK))]
ResultSeerDep = Annotated[Identity, Depends(ApiNeeds(Permission.SEE))]
ResultTakerDep = Annotated[Identity, Depends(ApiNeeds(Permission.TAKE_RESULTS))]
PortalDep = Annotated[Identity, Depends(ApiNeeds(Permission.PORTAL))]
ExporterDep = Annotated[Identity, Depends(ApiNeeds(Permission.EXPORT))]
AskerDep = Annotated[Identity, Depends(ApiNeeds(Permission.ASK_LAW))]
CallSeerDep = Annotated[Identity, Depends(ApiNeeds(Permission.SEE_CALLS))]
CallTakerDep = Annotated[Identity, Depends(ApiNeeds(Permission.TAKE_CALLS))]
AccepterDep = Annotated[Identity, Depends(ApiNeeds(Permission.ACCEPT))]
ReviewerDep = Annotated[Identity, Depends(ApiNeeds(Permission.REVIEW))]
OwnScoresDep = Annotated[Identity, Depends(ApiNeeds(Permission.OWN_SCORES))]

PageIdentityDep = Annotated[Identity, Depends(PageNeeds(Permission.SEE_WORK))]
PagePortalDep = Annotated[Identity, Depends(PageNeeds(Permission.PORTAL))]
PageResultSeerDep = Annotated[Identity, Depends(PageNeeds(Permission.SEE))]
PageResultTakerDep = Annotated[Identity, Depends(PageNeeds(Permission.TAKE_RESULTS))]
PageExporterDep = Annotated[Identity, Depends(PageNeeds(Permission.EXPORT))]
PageSteererDep = Annotated[Identity, Depends(PageNeeds(Permission.STEER))]
PageReviewerDep = Annotated[Identity, Depends(PageNeeds(Permission.REVIEW))]
PageScoredDep = Annotated[Identity, Depends(PageNeeds(Permission.OWN_SCORES))]
PageManagerDep = Annotated[Identity, Depends(PageNeeds(Permission.CHANGE))]
PageCallTakerDep = Annotated[Identity, Depends(PageNeeds(Permission.TAKE_CALLS))]
PageOwnerDep = Annotated[Identity, Depends(PageNeeds(Permission.OWN_ACCOUNT))]
PagePeopleDep = Annotated[Identity, Depends(PageNeeds(Permission.MANAGE_PEOPLE))]
PageClientsDep = Annotated[Identity, Depends(PageNeeds(Permission.MANAGE_CLIENTS))]
PageAuditDep = Annotated[Identity, Depends(PageNeeds(Permission.READ_AUDIT))]


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
