"""A client's users as its administrators see them: searched, sorted, disabled and enabled together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts import people
from campaigns.accounts.models import SecondFactor, UserSession
from campaigns.tenancy import audit, bootstrap
from campaigns.tenancy.models import Role, User
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid
from dialer.rows import over_all_clients

_MOST_LOGIN_CHARACTERS = 200


class UserSort(StrEnum):
    """What the list is sorted by."""

    LOGIN = "login"
    ROLE = "role"
    SEEN = "seen"  #: the latest first
    MADE = "made"  #: the newest first


class LastAdministrator(Conflict):
    """Somebody must be left who manages the client's people."""

    code = "last_administrator"
    message = "Nobody would be left who manages users here: keep one administrator."


@dataclass(frozen=True, slots=True)
class UserLine:
    """One line of the list."""

    user: User
    has_factor: bool
    seen_at: datetime | None


async def list_lines(
    session: AsyncSession,
    client_id: UUID,
    *,
    search: str = "",
    role: Role | None = None,
    sort: UserSort = UserSort.LOGIN,
) -> Sequence[UserLine]:
    """Return a client's users; ``search`` is a part of the login."""
    seen = (
        select(UserSession.user_id, func.max(col(UserSession.seen_at)).label("at"))
        .where(col(UserSession.client_id) == client_id)
        .group_by(col(UserSession.user_id))
        .subquery()
    )
    orders: dict[UserSort, tuple[Any, ...]] = {
        UserSort.LOGIN: (col(User.login),),
        UserSort.ROLE: (col(User.role), col(User.login)),
        UserSort.SEEN: (seen.c.at.desc().nulls_last(), col(User.login)),
        UserSort.MADE: (col(User.id).desc(),),
    }
    statement = (
        select(User, col(SecondFactor.user_id).is_not(None), seen.c.at)
        .outerjoin(
            SecondFactor,
            (col(SecondFactor.user_id) == col(User.id))
            & (col(SecondFactor.client_id) == client_id)
            & (col(SecondFactor.confirmed_at).is_not(None)),
        )
        .outerjoin(seen, seen.c.user_id == col(User.id))
        .where(
            col(User.client_id) == client_id,
            func.lower(col(User.login)).contains(search.strip().lower(), autoescape=True),
        )
        .order_by(*orders[sort])
    )
    if role is not None:
        statement = statement.where(col(User.role) == role)
    return [UserLine(*row) for row in (await session.exec(statement)).all()]


async def create(
    session: AsyncSession, login: str, role: Role, *, client_id: UUID, by: UUID, clock: Clock
) -> tuple[User, str]:
    """Make a user, and return the password for the first sign-in, which is shown once.

    Raises:
        Invalid: the login is empty, too long, or has a space in it.
        NameTaken: another user of the installation has it.
    """
    login = login.strip()
    if not 0 < len(login) <= _MOST_LOGIN_CHARACTERS or any(one.isspace() for one in login):
        raise Invalid("A login has 1 to 200 characters, none of them a space.")
    async with over_all_clients(session):  # logins are unique over the whole installation
        user = await bootstrap.create_user(
            session, client_id=client_id, login=login, role=role, clock=clock
        )
    facts = {"login": login, "role": role.value}
    await audit.trace(session, user, "user.created", facts, user_id=by, clock=clock)
    return user, await people.give_password(session, user, clock, by=by)


async def disable_all(
    session: AsyncSession, user_ids: Collection[UUID], *, client_id: UUID, by: UUID, clock: Clock
) -> list[UUID]:
    """Shut several users out, all or none; return those who were not shut out before.

    Raises:
        UserNotFound: one is another client's.
        OwnAccount: the administrator's own is among them.
        LastAdministrator: no administrator of the client's own would be left.
    """
    done = []
    for user_id in sorted(set(user_ids)):
        user = await people.find(session, user_id, client_id=client_id)
        if user.disabled_at is None:
            await people.disable(session, user, clock, by=by)
            done.append(user.id)
    left = select(func.count()).where(
        col(User.client_id) == client_id,
        col(User.role) == Role.ADMIN,
        col(User.disabled_at).is_(None),
    )
    if done and not (await session.exec(left)).one():
        raise LastAdministrator
    return done


async def enable_all(
    session: AsyncSession, user_ids: Collection[UUID], *, client_id: UUID, by: UUID, clock: Clock
) -> None:
    """Let several users in again.

    Raises:
        UserNotFound: one is another client's.
    """
    for user_id in sorted(set(user_ids)):
        user = await people.find(session, user_id, client_id=client_id)
        await people.enable(session, user, clock, by=by)
