"""The telephone in an agent's browser: who has it, and with what it registers. Nothing here commits.

An agent without a telephone of his or her own has the endpoint ``PJSIP/web-<agent's id>``. It exists in
Asterisk only while a page has it: each page that takes it gets a fresh password, which makes the former
page's worthless (``campaigns.agents.phone_orders`` carries the wish to a worker, ``workers.dialing.phones``
does it).
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import md5
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts.sessions import Limits
from campaigns.agents.models import Agent, AgentSession
from campaigns.agents.phone_models import AgentPhone
from campaigns.tenancy import audit
from dialer.clock import Clock
from dialer.errors import Conflict, NotFound

#: What Asterisk and the page mix into the password's digest.
REALM = "outdial"
#: Endpoints of pages: no telephone of a configuration file begins so.
USER_PREFIX = "web-"
#: A telephone without a shift whose page is gone stays this long: pages are loaded anew.
UNUSED_S = 60.0

_PASSWORD_BYTES = 24
#: The sweep looks at this many at a time.
_BATCH = 100


class NotAnAgent(NotFound):
    """The person takes no calls."""

    code = "not_an_agent"
    message = "You are not an operator: nobody is connected to you."


class PhoneElsewhere(NotFound):
    """The agent has a telephone outside of the browser."""

    code = "phone_elsewhere"
    message = "Your calls come to a telephone of your own, not to the browser."


class PhoneInUse(Conflict):
    """Another browser has the telephone, and is there."""

    code = "phone_in_use"
    message = "Your telephone is in use in another browser."


class PhoneTaken(Conflict):
    """A later page took the telephone."""

    code = "phone_taken"
    message = "Another page has taken the telephone."


@dataclass(frozen=True, slots=True)
class Credentials:
    """With what a page registers; the password never appears in a log or a traceback."""

    user: str
    password: str = field(repr=False)

    @property
    def digest(self) -> str:
        """Return what Asterisk needs to check the password, 32 hexadecimal digits.

        Source: RFC 2617, section 3.2.2.2 (A1); browsers' SIP libraries know no other algorithm.
        """
        text = f"{self.user}:{REALM}:{self.password}"
        return md5(text.encode(), usedforsecurity=False).hexdigest()


def browser_endpoint(agent_id: UUID) -> str:
    """Return what is dialled to reach an agent's browser."""
    return f"PJSIP/{USER_PREFIX}{agent_id.hex}"


def is_in_a_browser(endpoint: str) -> bool:
    """Tell whether an endpoint is the telephone in somebody's browser; Asterisk reads names in any case."""
    return endpoint.lower().startswith(f"pjsip/{USER_PREFIX}")


def user_of(agent: Agent) -> str | None:
    """Return the SIP user of an agent's browser; None for who has another telephone."""
    mine = browser_endpoint(agent.id)
    return mine.removeprefix("PJSIP/") if agent.endpoint == mine else None


def fresh_credentials(agent: Agent) -> Credentials:
    """Make a password nobody can guess.

    Raises:
        PhoneElsewhere: the agent's telephone is not in the browser.
    """
    user = user_of(agent)
    if user is None:
        raise PhoneElsewhere(endpoint=agent.endpoint)
    return Credentials(user, secrets.token_urlsafe(_PASSWORD_BYTES))


async def own_agent(session: AsyncSession, user_id: UUID, *, client_id: UUID) -> Agent:
    """Return the agent that a user is: the one with a shift, if there are several.

    Raises:
        NotAnAgent: the user is none.
    """
    is_open = (col(AgentSession.agent_id) == Agent.id) & col(AgentSession.ended_at).is_(None)
    statement = (
        select(Agent)
        .outerjoin(AgentSession, is_open)
        .where(col(Agent.user_id) == user_id, col(Agent.client_id) == client_id)
        .order_by(col(AgentSession.id).is_(None), col(Agent.id))
        .limit(1)
    )
    agent = (await session.exec(statement)).first()
    if agent is None:
        raise NotAnAgent
    return agent


async def open_shift(session: AsyncSession, agent: Agent) -> AgentSession | None:
    """Return the agent's open session."""
    statement = select(AgentSession).where(
        col(AgentSession.agent_id) == agent.id,
        col(AgentSession.client_id) == agent.client_id,
        col(AgentSession.ended_at).is_(None),
    )
    return (await session.exec(statement)).first()


async def find(session: AsyncSession, agent: Agent, *, lock: bool = False) -> AgentPhone | None:
    """Return who has the agent's telephone; ``lock`` holds the row until the transaction ends."""
    statement = (
        select(AgentPhone)
        .where(col(AgentPhone.agent_id) == agent.id, col(AgentPhone.client_id) == agent.client_id)
        .execution_options(populate_existing=True)
    )
    if lock:
        statement = statement.with_for_update()
    return (await session.exec(statement)).first()


def held_elsewhere(phone: AgentPhone | None, browser_id: UUID) -> bool:
    """Tell whether another browser took the telephone last."""
    return phone is not None and phone.removed_at is None and phone.browser_id != browser_id


_TAKE = text(
    """
    INSERT INTO agent_phone (agent_id, client_id, epoch, browser_id, taken_at)
    VALUES (:agent_id, :client_id, 1, :browser_id, :now)
    ON CONFLICT (agent_id) DO UPDATE
    SET epoch = agent_phone.epoch + 1, browser_id = :browser_id, taken_at = :now, removed_at = NULL
    RETURNING epoch
    """
)


async def take(
    session: AsyncSession, agent: Agent, browser_id: UUID, *, by: UUID, clock: Clock
) -> int:
    """Give a page the telephone and return its epoch; other pages wait until the transaction ends.

    Taking it from another browser is in the audit log.
    """
    before = await find(session, agent, lock=True)
    facts = {"agent_id": agent.id, "client_id": agent.client_id, "browser_id": browser_id}
    taken = await session.execute(_TAKE, {**facts, "now": clock.now()})
    epoch: int = taken.scalar_one()
    if held_elsewhere(before, browser_id):
        await audit.record(
            session,
            client_id=agent.client_id,
            user_id=by,
            at=clock.now(),
            action="agent_phone.taken_over",
            subject=str(AgentPhone.__tablename__),
            subject_id=agent.id,
            facts={"epoch": epoch},
        )
    return epoch


async def require_epoch(session: AsyncSession, agent: Agent, epoch: int) -> None:
    """Refuse a page whose telephone a later one has.

    Raises:
        PhoneTaken: it has, or the telephone was removed.
    """
    phone = await find(session, agent)
    if phone is None or phone.epoch != epoch or phone.removed_at is not None:
        raise PhoneTaken


@dataclass(frozen=True, slots=True)
class Idle:
    """A telephone that nobody may need any more."""

    agent_id: UUID
    user: str
    signed_out: bool  #: its browser's session is over: it goes, whoever uses it


_IDLE = text(
    """
    SELECT p.agent_id,
           coalesce(u.ended_at IS NOT NULL OR u.created_at < :born OR u.seen_at < :seen, true)
               AS signed_out
    FROM agent_phone p LEFT JOIN user_session u ON u.id = p.browser_id
    WHERE p.removed_at IS NULL
      AND (u.id IS NULL OR u.ended_at IS NOT NULL OR u.created_at < :born OR u.seen_at < :seen
           OR (p.taken_at < :unused
               AND NOT EXISTS (SELECT FROM agent_session s
                               WHERE s.agent_id = p.agent_id AND s.ended_at IS NULL)))
    ORDER BY p.agent_id LIMIT :batch FOR UPDATE OF p SKIP LOCKED
    """
)


async def idle(session: AsyncSession, limits: Limits, now: datetime) -> list[Idle]:
    """Return the telephones, of all clients, that may be removed; holds their rows."""
    facts = {
        "born": now - timedelta(seconds=limits.lives_s),
        "seen": now - timedelta(seconds=limits.idle_s),
        "unused": now - timedelta(seconds=UNUSED_S),
        "batch": _BATCH,
    }
    return [
        Idle(row.agent_id, f"{USER_PREFIX}{row.agent_id.hex}", row.signed_out)
        for row in await session.execute(_IDLE, facts)
    ]


async def mark_removed(session: AsyncSession, agent_id: UUID, now: datetime) -> None:
    """Keep that Asterisk does not know a telephone any more."""
    await session.execute(
        text("UPDATE agent_phone SET removed_at = :now WHERE agent_id = :agent_id"),
        {"agent_id": agent_id, "now": now},
    )
