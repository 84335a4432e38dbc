"""Whose session it is: asked with every request and by every live page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts.models import SecondFactor, UserSession
from campaigns.accounts.sessions import PENDING_LIVES_S, Due, Found, Limits, digest_of
from campaigns.tenancy.models import Client, Role, User
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock


@dataclass(frozen=True, slots=True)
class _Row:
    """What is asked of a session with every request: columns, since whole rows take several times as long."""

    session_id: UUID
    created_at: datetime
    seen_at: datetime
    factor_at: datetime | None
    password_must_change: bool
    has_factor: bool
    factor_roles: Sequence[str]


async def find_by_token(
    session: AsyncSession, token: str, limits: Limits, clock: Clock
) -> Found | None:
    """Return whose session it is, if it lives."""
    return await _find(session, col(UserSession.digest) == digest_of(token), limits, clock)


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
    rows = await session.execute(_sessions(which))
    found = [_living(row, limits=limits, now=clock.now()) for row in rows]
    return {one.identity.session_id: one for one in found if one and one.identity.session_id}


async def _find(
    session: AsyncSession, which: ColumnElement[bool], limits: Limits, clock: Clock
) -> Found | None:
    found = (await session.execute(_sessions(which))).first()
    return None if found is None else _living(found, limits=limits, now=clock.now())


def _sessions(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            col(UserSession.id),
            col(UserSession.created_at),
            col(UserSession.seen_at),
            col(UserSession.factor_at),
            col(User.password_must_change),
            col(SecondFactor.user_id).is_not(None),
            col(Client.second_factor_roles),
            col(User.id),
            col(User.client_id),
            col(User.role),
            col(User.login),
        )
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
    )


def _living(found: Sequence[Any], *, limits: Limits, now: datetime) -> Found | None:
    row = _Row(*found[:7])
    user_id, client_id, role, login = found[7:]
    due = _due(row, role)
    lives_s = min(limits.lives_s, PENDING_LIVES_S) if due else limits.lives_s
    if now >= row.created_at + timedelta(seconds=lives_s):
        return None
    if now >= row.seen_at + timedelta(seconds=limits.idle_s):
        return None
    return Found(Identity(user_id, client_id, role, login, row.session_id), due, row.seen_at)


def _due(row: _Row, role: Role) -> Due | None:
    if row.has_factor and row.factor_at is None:
        return Due.CODE
    if row.password_must_change:
        return Due.PASSWORD
    if not row.has_factor and role.value in row.factor_roles:
        return Due.FACTOR
    return None
