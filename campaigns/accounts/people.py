"""Users as an administrator handles them: made, disabled, given a password. Nothing here commits."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts import factors, passwords, sessions
from campaigns.accounts.models import SessionEnd
from campaigns.tenancy import audit
from campaigns.tenancy.models import Role, User
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock
from dialer.errors import Conflict, NotFound


class UserNotFound(NotFound):
    """The client has no such user."""

    code = "user_not_found"
    message = "There is no such user."


class OwnAccount(Conflict):
    """Nobody locks oneself out."""

    code = "own_account"
    message = "You cannot disable your own account: another administrator can."


async def list_users(session: AsyncSession, client_id: UUID) -> Sequence[User]:
    """Return a client's users by login."""
    statement = select(User).where(col(User.client_id) == client_id).order_by(col(User.login))
    return (await session.exec(statement)).all()


async def find(session: AsyncSession, user_id: UUID, *, client_id: UUID) -> User:
    """Return a user of the client.

    Raises:
        UserNotFound: there is none, or the user is another client's.
    """
    statement = (
        select(User)
        .where(col(User.id) == user_id, col(User.client_id) == client_id)
        .with_for_update(
            key_share=True
        )  # entries of the audit log that name the user need not wait
        .execution_options(populate_existing=True)
    )
    user = (await session.exec(statement)).first()
    if user is None:
        raise UserNotFound
    return user


async def give_password(session: AsyncSession, user: User, clock: Clock, *, by: UUID | None) -> str:
    """Return a made-up password, shown once; its owner must choose another at the first sign-in."""
    password = passwords.made_up()
    await set_password(session, user, password, clock, by=by, must_change=True)
    return password


async def set_password(
    session: AsyncSession,
    user: User,
    password: str,
    clock: Clock,
    *,
    by: UUID | None,
    must_change: bool = False,
    keep_session: UUID | None = None,
) -> None:
    """Keep a new password; every session but ``keep_session`` ends.

    Raises:
        WeakPassword: it is too short, too long, or guessed early.
    """
    passwords.check_strength(password, user.login)
    user.password_hash = await passwords.hashed(password)
    user.password_must_change = must_change
    but = () if keep_session is None else (keep_session,)
    ended = await sessions.end(session, user, SessionEnd.PASSWORD_CHANGED, clock, but=but)
    facts = {"must_change": must_change, "sessions_ended": ended}
    await audit.trace(session, user, "password.changed", facts, user_id=by, clock=clock)


async def choose_password(session: AsyncSession, who: Identity, password: str, clock: Clock) -> str:
    """Keep a password that a person chose; every other session of that person ends.

    Returns the new token of the session in which it was chosen.

    Raises:
        WeakPassword: it is too short, too long, or guessed early.
        SessionNotFound: the session has ended.
    """
    user = await find(session, who.user_id, client_id=who.own_client_id)
    await set_password(session, user, password, clock, by=who.user_id, keep_session=who.session_id)
    return await sessions.rotate(session, who)


async def disable(session: AsyncSession, user: User, clock: Clock, *, by: UUID | None) -> None:
    """Shut a user out: sessions end, tokens open nothing; all is kept.

    Raises:
        OwnAccount: the administrator's own.
    """
    if by == user.id:
        raise OwnAccount
    if user.disabled_at is not None:
        return
    user.disabled_at = clock.now()
    ended = await sessions.end(session, user, SessionEnd.USER_DISABLED, clock)
    facts = {"sessions_ended": ended}
    await audit.trace(session, user, "user.disabled", facts, user_id=by, clock=clock)


async def enable(session: AsyncSession, user: User, clock: Clock, *, by: UUID | None) -> None:
    """Let a user in again; sessions that ended stay ended."""
    if user.disabled_at is None:
        return
    user.disabled_at = None
    await audit.trace(session, user, "user.enabled", {}, user_id=by, clock=clock)


async def change_role(
    session: AsyncSession, user: User, role: Role, clock: Clock, *, by: UUID | None
) -> None:
    """Give a user another role, which counts from the next request."""
    before, user.role = user.role, role
    if before is not role:
        facts = {"role": {"from": before.value, "to": role.value}}
        await audit.trace(session, user, "user.role_changed", facts, user_id=by, clock=clock)


async def revoke_sessions(
    session: AsyncSession, user: User, clock: Clock, *, by: UUID | None, only: UUID | None = None
) -> int:
    """End a user's sessions, or one of them; return how many lived."""
    ended = await sessions.end(session, user, SessionEnd.REVOKED, clock, only=only)
    if ended:
        facts = {"sessions_ended": ended}
        await audit.trace(session, user, "session.revoked", facts, user_id=by, clock=clock)
    return ended


async def reset_factor(session: AsyncSession, user: User, clock: Clock, *, by: UUID | None) -> bool:
    """Take a lost second factor off; sessions end. Tell whether there was one."""
    had = await factors.drop(session, user)
    if had:
        ended = await sessions.end(session, user, SessionEnd.FACTOR_RESET, clock)
        facts = {"sessions_ended": ended}
        await audit.trace(session, user, "second_factor.reset", facts, user_id=by, clock=clock)
    return had
