"""Agents and their shifts: make, sign in, ready, pause, sign out. Nothing here commits.

After the commit the caller sends ``CommandName.AGENTS_CHANGED`` to the campaign's runner, which
brings the agent's leg up or takes it down; ``agent_session.wants`` is what it follows.
"""

import re
from datetime import datetime
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.agents.models import Agent, AgentSession, AgentStateEntry
from campaigns.agents.phones import browser_endpoint, is_in_a_browser
from campaigns.errors import (
    AgentNotFound,
    AlreadySignedIn,
    CampaignEnded,
    NameTaken,
    NotSignedIn,
)
from campaigns.states import CampaignState
from campaigns.supervising.errors import PauseHolds
from dialer.agent.states import AgentState
from dialer.clock import Clock
from dialer.errors import Invalid
from dialer.ids import new_id

_OVER = frozenset({CampaignState.STOPPED, CampaignState.FINISHED})
#: What is dialled to reach an agent: a telephone's own endpoint. An ``@`` would lead to a trunk.
ENDPOINT_PATTERN = r"^PJSIP/[A-Za-z0-9_-]{1,64}$"
_HAS_RUNNER = frozenset({CampaignState.RUNNING, CampaignState.PAUSED})


async def create_agent(
    session: AsyncSession,
    *,
    client_id: UUID,
    name: str,
    endpoint: str | None,
    user_id: UUID | None = None,
) -> Agent:
    """Make an agent; ``endpoint`` is what is dialled to reach the agent, e.g. ``PJSIP/agent-1``.

    Without one the agent's telephone is in the browser.

    Raises:
        Invalid: the endpoint is not a telephone's, or it is the one in somebody's browser.
        NameTaken: the client has an agent of this name.
    """
    if endpoint is not None and re.fullmatch(ENDPOINT_PATTERN, endpoint) is None:
        raise Invalid(
            "An agent's endpoint is PJSIP/ and the name of a telephone, such as PJSIP/agent-1:"
            " letters, digits, _ and -, at most 64."
        )
    if endpoint is not None and is_in_a_browser(endpoint):
        raise Invalid("A telephone in a browser is its own agent's: leave the endpoint out.")
    taken = select(Agent.id).where(col(Agent.client_id) == client_id, col(Agent.name) == name)
    if (await session.exec(taken)).first() is not None:
        raise NameTaken("An agent of this name exists: choose another name.", name=name)
    agent_id = new_id()
    reached_at = endpoint or browser_endpoint(agent_id)
    agent = Agent(id=agent_id, client_id=client_id, name=name, endpoint=reached_at, user_id=user_id)
    session.add(agent)
    await session.flush()
    return agent


async def find_agent(
    session: AsyncSession, agent_id: UUID, *, client_id: UUID, lock: bool = False
) -> Agent:
    """Return a client's agent; ``lock`` holds the row until the transaction ends.

    Raises:
        AgentNotFound: no such agent, or it is another client's.
    """
    statement = select(Agent).where(col(Agent.id) == agent_id, col(Agent.client_id) == client_id)
    if lock:
        statement = statement.with_for_update()
    agent = (await session.exec(statement)).first()
    if agent is None:
        raise AgentNotFound(agent_id=agent_id)
    return agent


async def find_open(session: AsyncSession, agent_id: UUID, *, client_id: UUID) -> AgentSession:
    """Return the agent's open session.

    Raises:
        AgentNotFound: no such agent, or it is another client's.
        NotSignedIn: the agent has no open session.
    """
    await find_agent(session, agent_id, client_id=client_id)
    found = await _open_session(session, agent_id)
    if found is None:
        raise NotSignedIn(agent_id=agent_id)
    return found


async def _open_session(session: AsyncSession, agent_id: UUID) -> AgentSession | None:
    statement = select(AgentSession).where(
        col(AgentSession.agent_id) == agent_id, col(AgentSession.ended_at).is_(None)
    )
    return (await session.exec(statement)).first()


async def sign_in(
    session: AsyncSession, agent_id: UUID, campaign_id: UUID, *, client_id: UUID, clock: Clock
) -> AgentSession:
    """Begin a shift in one campaign; the agent wants to be ready as soon as the leg is up.

    Raises:
        AgentNotFound, CampaignNotFound: not there, or another client's.
        AlreadySignedIn: the agent has an open session.
        CampaignEnded: the campaign was stopped or is finished.
    """
    await find_agent(session, agent_id, client_id=client_id, lock=True)
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    if campaign.state in _OVER:
        raise CampaignEnded(state=campaign.state.value)
    known = await _open_session(session, agent_id)
    if known is not None:
        raise AlreadySignedIn(session_id=known.id, campaign_id=known.campaign_id)
    shift = AgentSession(
        client_id=client_id, agent_id=agent_id, campaign_id=campaign_id, started_at=clock.now()
    )
    session.add(shift)
    await session.flush()
    return shift


async def set_wants(
    session: AsyncSession,
    session_id: UUID,
    wants: AgentState,
    *,
    client_id: UUID,
    pause_code: str | None = None,
    own_at: datetime | None = None,
) -> AgentSession:
    """Say what follows when the agent is free: ready for the next call, or paused.

    ``own_at``: the agent wishes it, at this instant; None: somebody who may end a forced pause.

    Raises:
        Invalid: neither ``READY`` nor ``PAUSED``.
        NotSignedIn: no open session of this client has the id, or it is being signed out.
        PauseHolds: a supervisor paused the agent, and that holds on.
    """
    if wants not in (AgentState.READY, AgentState.PAUSED):
        raise Invalid("An agent can be made ready or paused.", wants=wants.value)
    shift = await lock(session, session_id, client_id=client_id)
    if shift.wants is AgentState.OFFLINE:
        raise NotSignedIn("The agent is signing out: sign in again when it is done.")
    if own_at is not None and holds(shift, own_at):
        if wants is AgentState.READY:
            raise PauseHolds
        return shift
    shift.held, shift.held_until = False, None
    shift.wants = wants
    shift.pause_code = pause_code if wants is AgentState.PAUSED else None
    shift.forced_by = shift.forced_reason = shift.forced_at = None
    await session.flush()
    return shift


def holds(shift: AgentSession, now: datetime) -> bool:
    """Tell whether only a supervisor can end the pause that is on."""
    paused = shift.held and shift.wants is AgentState.PAUSED
    return paused and (shift.held_until is None or shift.held_until > now)


async def sign_out(
    session: AsyncSession, session_id: UUID, *, client_id: UUID, clock: Clock
) -> AgentSession:
    """Ask for the end of a shift; a call that is on is finished first.

    The campaign's runner ends the session. A shift that no runner has taken up ends at once.

    Raises:
        NotSignedIn: no open session of this client has the id.
    """
    shift = await lock(session, session_id, client_id=client_id)
    shift.wants, shift.pause_code = AgentState.OFFLINE, None
    campaign = await lifecycle.find(session, shift.campaign_id, client_id=client_id)
    if campaign.state not in _HAS_RUNNER and not await _is_held(session, session_id):
        shift.ended_at = clock.now()
    await session.flush()
    return shift


async def lock(session: AsyncSession, session_id: UUID, *, client_id: UUID) -> AgentSession:
    """Return an open session as it is now, and hold its row until the transaction ends.

    Raises:
        NotSignedIn: no open session of this client has the id.
    """
    statement = (
        select(AgentSession)
        .where(
            col(AgentSession.id) == session_id,
            col(AgentSession.client_id) == client_id,
            col(AgentSession.ended_at).is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)  # its owner may just have handed it over
    )
    shift = (await session.exec(statement)).first()
    if shift is None:
        raise NotSignedIn(session_id=session_id)
    return shift


async def _is_held(session: AsyncSession, session_id: UUID) -> bool:
    """Tell whether a runner logs this shift's states: only it may end them."""
    statement = select(AgentStateEntry.id).where(
        col(AgentStateEntry.session_id) == session_id, col(AgentStateEntry.ended_at).is_(None)
    )
    return (await session.exec(statement)).first() is not None
