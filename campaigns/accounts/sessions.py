"""Sessions of browsers: rows, so that one that is ended is over at the next request. Nothing commits here."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ColumnElement, delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import Select

from campaigns.accounts.models import SecondFactor, SessionEnd, UserSession
from campaigns.tenancy.models import Client, User
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
        digest=_digest(token),
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
            col(UserSession.client_id) == identity.client_id,
            col(UserSession.ended_at).is_(None),
        )
        .values(digest=_digest(token))
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
            col(UserSession.client_id) == identity.client_id,
        )
        .values(factor_at=clock.now())
    )


async def find_by_token(
    session: AsyncSession, token: str, limits: Limits, clock: Clock
) -> Found | None:
    """Return whose session it is, if it lives."""
    return await _find(session, col(UserSession.digest) == _digest(token), limits, clock)


async def find_by_id(
    session: AsyncSession, identity: Identity, limits: Limits, clock: Clock
) -> Found | None:
    """Return a session again, if it still lives: what a live page asks every few seconds."""
    which = col(UserSession.id) == identity.session_id
    return await _find(session, which, limits, clock)


async def find_all_by_id(
    session: AsyncSession, identities: Collection[Identity], limits: Limits, clock: Clock
) -> dict[UUID, Found]:
    """Return those of the sessions that still live, by id: one question for many live pages."""
    which = col(UserSession.id).in_({one.session_id for one in identities})
    rows = await session.exec(_sessions(which))
    found = [_living(*row, limits=limits, now=clock.now()) for row in rows]
    return {one.identity.session_id: one for one in found if one and one.identity.session_id}


async def _find(
    session: AsyncSession, which: ColumnElement[bool], limits: Limits, clock: Clock
) -> Found | None:
    found = (await session.exec(_sessions(which))).first()
    return None if found is None else _living(*found, limits=limits, now=clock.now())


def _sessions(
    which: ColumnElement[bool],
) -> Select[UserSession, User, Client, SecondFactor]:
    return (
        select(UserSession, User, Client, SecondFactor)
        .join(User, col(User.id) == col(UserSession.user_id))
        .join(Client, col(Client.id) == col(User.client_id))
        .outerjoin(
            SecondFactor,
            (col(SecondFactor.user_id) == col(User.id))
            & (col(SecondFactor.confirmed_at).is_not(None)),
        )
        .where(
            which,
            col(UserSession.ended_at).is_(None),
            col(User.disabled_at).is_(None),
            col(UserSession.client_id) == col(User.client_id),
        )
        .execution_options(populate_existing=True)
    )


def _living(
    row: UserSession,
    user: User,
    client: Client,
    factor: SecondFactor | None,
    *,
    limits: Limits,
    now: datetime,
) -> Found | None:
    due = _due(row, user, client, factor)
    lives_s = min(limits.lives_s, PENDING_LIVES_S) if due else limits.lives_s
    if now >= row.created_at + timedelta(seconds=lives_s):
        return None
    if now >= row.seen_at + timedelta(seconds=limits.idle_s):
        return None
    identity = Identity(user.id, user.client_id, user.role, user.login, row.id)
    return Found(identity, due, row.seen_at)


def _due(row: UserSession, user: User, client: Client, factor: SecondFactor | None) -> Due | None:
    if factor is not None and row.factor_at is None:
        return Due.CODE
    if user.password_must_change:
        return Due.PASSWORD
    if factor is None and user.role.value in client.second_factor_roles:
        return Due.FACTOR
    return None


async def touch(session: AsyncSession, identity: Identity, clock: Clock) -> None:
    """Keep that the person was there just now."""
    await session.execute(
        update(UserSession)
        .where(
            col(UserSession.id) == identity.session_id,
            col(UserSession.client_id) == identity.client_id,
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


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
