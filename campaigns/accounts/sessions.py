"""Sessions of browsers: rows, so that one that is ended is over at the next request. Nothing commits here."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts.models import SessionEnd, UserSession
from campaigns.tenancy.models import User
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock
from dialer.db import affected
from dialer.errors import NotFound

_PREFIX = "ods_"
_TOKEN_BYTES = 32

#: How long somebody may take from the password to the last step of signing in, seconds.
PENDING_LIVES_S = 900.0

#: ``seen_at`` is written at most this often, seconds.
SEEN_EVERY_S = 60.0

#: Ended sessions are kept this long for whoever asks who was in, days.
KEPT_DAYS = 90

_MOST_BROWSER_CHARACTERS = 200


class SessionNotFound(NotFound):
    """The person has no such session."""

    code = "session_not_found"
    message = "There is no such session, or it has ended."


class Due(StrEnum):
    """What is still asked of somebody who gave the right password; until then nothing else opens."""

    CODE = "code"  #: of the authenticator, or a recovery code
    PASSWORD = "password"  # noqa: S105 - a step: choose one of your own
    FACTOR = "factor"  #: set up the second factor that the role needs


@dataclass(frozen=True, slots=True)
class Visitor:
    """From where somebody comes."""

    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How long sessions last, seconds."""

    idle_s: float
    lives_s: float


@dataclass(frozen=True, slots=True)
class Found:
    """Who a session belongs to, and what is still due."""

    identity: Identity
    due: Due | None
    seen_at: datetime


async def open_session(
    session: AsyncSession, user: User, visitor: Visitor, clock: Clock
) -> tuple[UserSession, str]:
    """Begin a session and return it with its token, which only the browser keeps."""
    token = _new_token()
    now = clock.now()
    row = UserSession(
        client_id=user.client_id,
        user_id=user.id,
        digest=digest_of(token),
        created_at=now,
        seen_at=now,
        address=visitor.address,
        browser=visitor.browser[:_MOST_BROWSER_CHARACTERS],
    )
    session.add(row)
    old = now - timedelta(days=KEPT_DAYS)
    await session.execute(
        delete(UserSession).where(
            col(UserSession.user_id) == user.id,
            col(UserSession.client_id) == user.client_id,
            col(UserSession.created_at) < old,
        )
    )
    await session.flush()
    return row, token


async def rotate(session: AsyncSession, identity: Identity) -> str:
    """Give a session a new token and return it: who knew the old one is out.

    Raises:
        SessionNotFound: it has ended.
    """
    token = _new_token()
    done = await session.execute(
        update(UserSession)
        .where(
            col(UserSession.id) == identity.session_id,
            col(UserSession.client_id) == identity.own_client_id,
            col(UserSession.ended_at).is_(None),
        )
        .values(digest=digest_of(token))
    )
    if not affected(done):
        raise SessionNotFound
    return token


async def mark_factor(session: AsyncSession, identity: Identity, clock: Clock) -> None:
    """Keep that the second factor was shown since signing in."""
    await session.execute(
        update(UserSession)
        .where(
            col(UserSession.id) == identity.session_id,
            col(UserSession.client_id) == identity.own_client_id,
        )
        .values(factor_at=clock.now())
    )


async def touch(session: AsyncSession, identity: Identity, clock: Clock) -> None:
    """Keep that the person was there just now."""
    await session.execute(
        update(UserSession)
        .where(
            col(UserSession.id) == identity.session_id,
            col(UserSession.client_id) == identity.own_client_id,
            col(UserSession.ended_at).is_(None),
        )
        .values(seen_at=clock.now())
    )


async def living(
    session: AsyncSession, user: User, limits: Limits, clock: Clock
) -> Sequence[UserSession]:
    """Return a person's sessions that live, the latest seen first."""
    now = clock.now()
    statement = (
        select(UserSession)
        .where(
            col(UserSession.user_id) == user.id,
            col(UserSession.client_id) == user.client_id,
            col(UserSession.ended_at).is_(None),
            col(UserSession.created_at) > now - timedelta(seconds=limits.lives_s),
            col(UserSession.seen_at) > now - timedelta(seconds=limits.idle_s),
        )
        .order_by(col(UserSession.seen_at).desc(), col(UserSession.id).desc())
    )
    return (await session.exec(statement)).all()


async def end(
    session: AsyncSession,
    user: User,
    reason: SessionEnd,
    clock: Clock,
    *,
    only: UUID | None = None,
    but: Collection[UUID] = (),
) -> int:
    """End a person's sessions (``only`` one of them, or all ``but`` some); return how many lived."""
    statement = (
        update(UserSession)
        .where(
            col(UserSession.user_id) == user.id,
            col(UserSession.client_id) == user.client_id,
            col(UserSession.ended_at).is_(None),
            col(UserSession.id).not_in(but),
        )
        .values(ended_at=clock.now(), end_reason=reason)
    )
    if only is not None:
        statement = statement.where(col(UserSession.id) == only)
    return affected(await session.execute(statement))


def _new_token() -> str:
    return _PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)


def digest_of(token: str) -> str:
    """Return what the table keeps of a token."""
    return sha256(token.encode()).hexdigest()
