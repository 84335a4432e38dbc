"""The telephone in a supervisor's browser: who has it. Nothing here commits.

As agents' telephones (``campaigns/agents/phones.py``): the endpoint exists in Asterisk only while a page
has it, and each page that takes it gets a fresh password.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts.sessions import Limits
from campaigns.agents.phones import UNUSED_S, Credentials, PhoneTaken
from campaigns.supervising.models import SupervisorPhone
from campaigns.supervising.monitoring import USER_PREFIX, sip_user
from dialer.clock import Clock

_PASSWORD_BYTES = 24
_BATCH = 100


def fresh_credentials(user_id: UUID) -> Credentials:
    """Make a password nobody can guess."""
    return Credentials(sip_user(user_id), secrets.token_urlsafe(_PASSWORD_BYTES))


async def find(session: AsyncSession, user_id: UUID, *, client_id: UUID) -> SupervisorPhone | None:
    """Return who has a supervisor's telephone."""
    statement = select(SupervisorPhone).where(
        col(SupervisorPhone.user_id) == user_id, col(SupervisorPhone.client_id) == client_id
    )
    return (await session.exec(statement.execution_options(populate_existing=True))).first()


_TAKE = text(
    """
    INSERT INTO supervisor_phone (user_id, client_id, epoch, browser_id, taken_at)
    VALUES (:user_id, :client_id, 1, :browser_id, :now)
    ON CONFLICT (user_id) DO UPDATE
    SET epoch = supervisor_phone.epoch + 1, browser_id = :browser_id, taken_at = :now,
        removed_at = NULL
    RETURNING epoch
    """
)


async def take(
    session: AsyncSession, user_id: UUID, browser_id: UUID, *, client_id: UUID, clock: Clock
) -> int:
    """Give a page the telephone and return its epoch; other pages wait until the transaction ends."""
    facts = {"user_id": user_id, "client_id": client_id, "browser_id": browser_id}
    taken = await session.execute(_TAKE, {**facts, "now": clock.now()})
    epoch: int = taken.scalar_one()
    return epoch


async def require_epoch(
    session: AsyncSession, user_id: UUID, epoch: int, *, client_id: UUID
) -> None:
    """Refuse a page whose telephone a later one has.

    Raises:
        PhoneTaken: it has, or the telephone was removed.
    """
    phone = await find(session, user_id, client_id=client_id)
    if phone is None or phone.epoch != epoch or phone.removed_at is not None:
        raise PhoneTaken


@dataclass(frozen=True, slots=True)
class IdleSupervisor:
    """A supervisor's telephone that nobody may need any more."""

    user_id: UUID
    user: str
    signed_out: bool  #: its browser's session is over: it goes, whoever uses it


_IDLE = text(
    """
    SELECT p.user_id,
           coalesce(u.ended_at IS NOT NULL OR u.created_at < :born OR u.seen_at < :seen, true)
               AS signed_out
    FROM supervisor_phone p LEFT JOIN user_session u ON u.id = p.browser_id
    WHERE p.removed_at IS NULL
      AND (u.id IS NULL OR u.ended_at IS NOT NULL OR u.created_at < :born OR u.seen_at < :seen
           OR (p.taken_at < :unused
               AND NOT EXISTS (SELECT FROM monitoring m
                               WHERE m.user_id = p.user_id AND m.ended_at IS NULL)))
    ORDER BY p.user_id LIMIT :batch FOR UPDATE OF p SKIP LOCKED
    """
)


async def idle(session: AsyncSession, limits: Limits, now: datetime) -> list[IdleSupervisor]:
    """Return the telephones, of all clients, that may be removed; holds their rows."""
    facts = {
        "born": now - timedelta(seconds=limits.lives_s),
        "seen": now - timedelta(seconds=limits.idle_s),
        "unused": now - timedelta(seconds=UNUSED_S),
        "batch": _BATCH,
    }
    return [
        IdleSupervisor(row.user_id, f"{USER_PREFIX}{row.user_id.hex}", row.signed_out)
        for row in await session.execute(_IDLE, facts)
    ]


async def mark_removed(session: AsyncSession, user_id: UUID, now: datetime) -> None:
    """Keep that Asterisk does not know a telephone any more."""
    await session.execute(
        text("UPDATE supervisor_phone SET removed_at = :now WHERE user_id = :user_id"),
        {"user_id": user_id, "now": now},
    )
