"""Whose session it is: asked with every request and by every live page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts.models import SecondFactor, UserSession
from campaigns.accounts.sessions import PENDING_LIVES_S, Due, Found, Limits, digest_of
from campaigns.tenancy.looks import version_of
from campaigns.tenancy.models import Client, ClientAccess, ClientLook, Role, User
from campaigns.tenancy.tokens import Identity, Look
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
    works_for: UUID | None  #: another client, if the person may work for it
    other_role: Role | None
    other_factor_roles: Sequence[str] | None
    other_name: str | None
    other_zone: str | None
    own_name: str
    own_zone: str
    has_others: bool
    manages_clients: bool
    look_of: UUID | None
    look_name: str | None
    look_changed_at: datetime | None
    look_logo: str | None


#: Does the person work for other clients, too?
_Any = aliased(ClientAccess)
_HAS_OTHERS = exists().where(col(_Any.user_id) == col(User.id), col(_Any.ended_at).is_(None))


_Other = aliased(Client)
#: What is asked, in the order of ``_Row``; then whose it is.
_COLUMNS = (
    col(UserSession.id),
    col(UserSession.created_at),
    col(UserSession.seen_at),
    col(UserSession.factor_at),
    col(User.password_must_change),
    col(SecondFactor.user_id).is_not(None),
    col(Client.second_factor_roles),
    col(_Other.id),
    col(ClientAccess.role),
    col(_Other.second_factor_roles),
    *(col(_Other.name), col(_Other.zone), col(Client.name), col(Client.zone)),
    _HAS_OTHERS,
    col(User.manages_clients),
    *(col(ClientLook.client_id), col(ClientLook.name), col(ClientLook.changed_at)),
    col(ClientLook.logo_sha256),
    col(User.id),
    col(User.client_id),
    col(User.role),
    col(User.login),
)


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
        select(*_COLUMNS)
        .join(User, col(User.id) == col(UserSession.user_id))
        .join(Client, col(Client.id) == col(User.client_id))
        .outerjoin(
            SecondFactor,
            (col(SecondFactor.user_id) == col(User.id))
            & (col(SecondFactor.confirmed_at).is_not(None)),
        )
        .outerjoin(
            ClientAccess,
            (col(ClientAccess.user_id) == col(User.id))
            & (col(ClientAccess.client_id) == col(UserSession.works_for))
            & (col(ClientAccess.ended_at).is_(None)),
        )
        .outerjoin(
            _Other,
            (col(_Other.id) == col(ClientAccess.client_id)) & (col(_Other.archived_at).is_(None)),
        )
        .outerjoin(
            ClientLook, col(ClientLook.client_id) == func.coalesce(col(_Other.id), col(Client.id))
        )
        .where(
            which,
            col(UserSession.ended_at).is_(None),
            col(User.disabled_at).is_(None),
            col(UserSession.client_id) == col(User.client_id),
            col(Client.archived_at).is_(None),
        )
    )


def _living(found: Sequence[Any], *, limits: Limits, now: datetime) -> Found | None:
    row = _Row(*found[:20])
    user_id, client_id, role, login = found[20:]
    due = _due(row, role)
    lives_s = min(limits.lives_s, PENDING_LIVES_S) if due else limits.lives_s
    if now >= row.created_at + timedelta(seconds=lives_s):
        return None
    if now >= row.seen_at + timedelta(seconds=limits.idle_s):
        return None
    own = Identity(
        *(user_id, client_id, role, login, row.session_id),
        manages_clients=row.manages_clients,
        client_name=row.own_name,
        zone=row.own_zone,
        has_others=row.has_others,
    )
    return Found(_looking(_at_work(own, row), row), due, row.seen_at)


def _looking(who: Identity, row: _Row) -> Identity:
    if row.look_of != who.client_id or row.look_changed_at is None:
        return who
    version = version_of(who.client_id, row.look_changed_at)
    return replace(who, look=Look(row.look_name or "", version, row.look_logo is not None))


def _at_work(own: Identity, row: _Row) -> Identity:
    """Return who it is at the client the session works for; who may not any more is at the own one."""
    if row.works_for is None or row.other_role is None:
        return own
    if not row.has_factor and row.other_role.value in (row.other_factor_roles or ()):
        return own
    return replace(
        own,
        client_id=row.works_for,
        role=row.other_role,
        home_id=own.client_id,
        client_name=row.other_name or "",
        zone=row.other_zone or "",
    )


def _due(row: _Row, role: Role) -> Due | None:
    if row.has_factor and row.factor_at is None:
        return Due.CODE
    if row.password_must_change:
        return Due.PASSWORD
    if not row.has_factor and role.value in row.factor_roles:
        return Due.FACTOR
    return None
