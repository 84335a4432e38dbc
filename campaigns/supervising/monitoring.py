"""Listening to an agent: begin, change whom to speak to, take over, leave. Nothing here commits.

After the commit the caller sends ``CommandName.AGENTS_CHANGED`` to the runner of the campaign the agent works
for, which follows the rows (``workers/dialing/monitors.py``). Every wish is in the audit log.
"""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents import sessions, steering
from campaigns.agents.models import Agent, AgentSession
from campaigns.leads import call_parts
from campaigns.supervising.errors import (
    ListensToSelf,
    NoTalkToTake,
    NotMonitoring,
    TalkHasThirdParty,
)
from campaigns.supervising.models import Monitoring
from campaigns.tenancy import audit
from campaigns.tenancy.models import Client
from dialer.agent.states import AgentState
from dialer.call.monitor_events import Mode
from dialer.call.monitors import LEFT, MonitorState
from dialer.call.talks import PartKind
from dialer.clock import Clock

#: Telephones in supervisors' browsers.
USER_PREFIX = "sup-"
#: What an agent is told whose customer a supervisor took.
TAKEN_OVER_REASON = "taken over"

_THIRD_PARTY = frozenset(
    {PartKind.CALLING, PartKind.TRANSFERRING, PartKind.CONSULTING, PartKind.THREE_WAY}
)


def sip_user(user_id: UUID) -> str:
    """Return the SIP user of a supervisor's browser."""
    return f"{USER_PREFIX}{user_id.hex}"


async def open_of(
    session: AsyncSession, user_id: UUID, *, client_id: UUID, lock: bool = False
) -> Monitoring | None:
    """Return whom a supervisor listens to now; ``lock`` holds the row until the transaction ends."""
    statement = (
        select(Monitoring)
        .where(
            col(Monitoring.user_id) == user_id,
            col(Monitoring.client_id) == client_id,
            col(Monitoring.ended_at).is_(None),
        )
        .execution_options(populate_existing=True)
    )
    return (await session.exec(statement.with_for_update() if lock else statement)).first()


async def _own(session: AsyncSession, user_id: UUID, *, client_id: UUID) -> Monitoring:
    found = await open_of(session, user_id, client_id=client_id, lock=True)
    if found is None:
        raise NotMonitoring
    return found


async def start(
    session: AsyncSession,
    agent_id: UUID,
    *,
    user_id: UUID,
    client_id: UUID,
    clock: Clock,
    mode: Mode = Mode.LISTEN,
    follow: bool = True,
    endpoint: str | None = None,
) -> Monitoring:
    """Begin to listen to an agent who is on shift; listening to another one ends.

    ``endpoint``: the supervisor's telephone; None: the one in the browser.

    Raises:
        AgentNotFound: no such agent, or another client's.
        NotSignedIn: the agent has no shift.
        ListensToSelf: the agent is this user.
    """
    shift = await sessions.find_open(session, agent_id, client_id=client_id)
    agent = await session.get_one(Agent, agent_id)
    if agent.user_id == user_id:
        raise ListensToSelf
    now = await open_of(session, user_id, client_id=client_id, lock=True)
    if now is not None:
        await _end(session, now, LEFT, user_id=user_id, clock=clock)
    begun = Monitoring(
        client_id=client_id,
        user_id=user_id,
        session_id=shift.id,
        endpoint=endpoint or f"PJSIP/{sip_user(user_id)}",
        mode=mode,
        follow=follow,
        started_at=clock.now(),
    )
    session.add(begun)
    await session.flush()
    facts = {"agent_id": str(agent_id), "mode": mode.value, "follow": follow}
    await audit.trace(session, begun, "monitoring.started", facts, user_id=user_id, clock=clock)
    return begun


async def set_mode(
    session: AsyncSession, mode: Mode, *, user_id: UUID, client_id: UUID, clock: Clock
) -> Monitoring:
    """Speak to somebody else, or to nobody, from now on.

    Raises:
        NotMonitoring: the supervisor listens to nobody.
    """
    row = await _own(session, user_id, client_id=client_id)
    if row.mode is mode:
        return row
    facts = {"from": row.mode.value, "to": mode.value, "call_id": _told(row.call_id)}
    row.mode = mode
    await session.flush()
    await audit.trace(session, row, "monitoring.mode_changed", facts, user_id=user_id, clock=clock)
    return row


async def set_follow(
    session: AsyncSession, *, follow: bool, user_id: UUID, client_id: UUID, clock: Clock
) -> Monitoring:
    """Hear the agent's next talks, too, or this one only.

    Raises:
        NotMonitoring: the supervisor listens to nobody.
    """
    row = await _own(session, user_id, client_id=client_id)
    if row.follow is not follow:
        row.follow = follow
        await session.flush()
        action = "monitoring.follow_changed"
        facts = {"follow": follow}
        await audit.trace(session, row, action, facts, user_id=user_id, clock=clock)
    return row


async def take_over(
    session: AsyncSession, *, user_id: UUID, client_id: UUID, clock: Clock, pause: bool = False
) -> Monitoring:
    """Wish for the customer of the talk that is on; the agent has the wrap-up, then perhaps a pause.

    Raises:
        NotMonitoring: the supervisor listens to nobody.
        NoTalkToTake: the agent has no talk, or the supervisor's telephone is not there yet.
        TalkHasThirdParty: the agent has called somebody.
    """
    row = await _own(session, user_id, client_id=client_id)
    if row.call_id is None or row.state is not MonitorState.HEARING:
        raise NoTalkToTake
    parts = await call_parts.parts_of(session, row.call_id, client_id=client_id)
    if any(part.ended_at is None and part.kind in _THIRD_PARTY for part in parts):
        raise TalkHasThirdParty
    row.take_call_id = row.call_id
    await session.flush()
    facts = {"call_id": str(row.call_id), "pause": pause}
    action = "monitoring.take_over_wished"
    await audit.trace(session, row, action, facts, user_id=user_id, clock=clock)
    if pause:
        shift = await session.get_one(AgentSession, row.session_id)
        await steering.force(
            session, shift, AgentState.PAUSED, TAKEN_OVER_REASON, user_id=user_id, clock=clock
        )
    return row


async def leave(
    session: AsyncSession, *, user_id: UUID, client_id: UUID, clock: Clock
) -> Monitoring:
    """Listen no more; a call that was taken over ends with it.

    Raises:
        NotMonitoring: the supervisor listens to nobody.
    """
    row = await _own(session, user_id, client_id=client_id)
    await _end(session, row, LEFT, user_id=user_id, clock=clock)
    return row


async def _end(
    session: AsyncSession, row: Monitoring, reason: str, *, user_id: UUID, clock: Clock
) -> None:
    row.ended_at, row.end_reason = clock.now(), reason
    await session.flush()
    facts = {"reason": reason, "call_id": _told(row.call_id), "mode": row.mode.value}
    await audit.trace(session, row, "monitoring.ended", facts, user_id=user_id, clock=clock)


async def set_notice(
    session: AsyncSession, *, told: bool, user_id: UUID | None, client_id: UUID, clock: Clock
) -> None:
    """Have a client's desks tell operators that a supervisor listens, or not; it is in the audit log."""
    client = await session.get_one(Client, client_id, with_for_update=True)
    before, client.monitoring_notice = client.monitoring_notice, told
    await session.flush()
    await audit.record(
        session,
        client_id=client_id,
        user_id=user_id,
        at=clock.now(),
        action="client.monitoring_notice_changed",
        subject="client",
        subject_id=client_id,
        facts={"from": before, "to": told},
    )


async def campaign_of(session: AsyncSession, row: Monitoring) -> UUID:
    """Return the campaign whose runner follows a monitoring."""
    return (await session.get_one(AgentSession, row.session_id)).campaign_id


async def listened_to(session: AsyncSession, session_id: UUID, *, client_id: UUID) -> bool:
    """Tell whether somebody hears, or is about to hear, the talks of a shift."""
    statement = select(Monitoring.id).where(
        col(Monitoring.session_id) == session_id,
        col(Monitoring.client_id) == client_id,
        col(Monitoring.ended_at).is_(None),
    )
    return (await session.exec(statement.limit(1))).first() is not None


def _told(value: UUID | None) -> str | None:
    return str(value) if value is not None else None
