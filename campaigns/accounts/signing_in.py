"""Signing in: password, second factor, own password; each step counted, throttled and audited.

The password is compared between two transactions: no connection waits for the hash.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts import factors, finding, passwords, sessions
from campaigns.accounts.factors import WrongCode
from campaigns.accounts.models import SessionEnd
from campaigns.accounts.people import find
from campaigns.accounts.sessions import Limits, Visitor
from campaigns.accounts.throttle import Throttle, code_bucket, own_bucket
from campaigns.tenancy import audit, bootstrap
from campaigns.tenancy.models import Client, User
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction
from dialer.errors import Unauthenticated

log = structlog.get_logger()

#: No login is longer; a longer one is not looked up.
MOST_LOGIN_CHARACTERS = 200


class WrongPassword(Unauthenticated):
    """Login and password do not belong together; nobody is told which of them is wrong."""

    code = "wrong_password"
    message = "The login or the password is not right."


@dataclass(frozen=True, slots=True)
class Doors:
    """What signing in works on."""

    sessions: SessionFactory
    throttle: Throttle
    clock: Clock
    limits: Limits
    keys: str | None = None  #: what seals authenticators' keys


async def sign_in(
    doors: Doors, login: str, password: str, visitor: Visitor, *, device: str, before: str | None
) -> str:
    """Open a session for who knows the password and return its token; other steps may still be due.

    Args:
        doors: The services.
        login: As typed.
        password: As typed.
        visitor: Address and browser.
        device: The browser's own secret, by which it is known the next time.
        before: The token this browser had so far: that session ends.

    Raises:
        TooManyTries: wait first.
        WrongPassword: no such login, another password, or the user is disabled.
    """
    login = login.strip()[:MOST_LOGIN_CHARACTERS]
    buckets = await doors.throttle.buckets_of(login, visitor.address, device)
    await doors.throttle.take(buckets)
    async with transaction(doors.sessions) as session:
        user = await bootstrap.find_user(session, login)
        shut = user is not None and await _is_shut_out(session, user)
    checked = await passwords.check(user.password_hash if user else None, password)
    if user is None or shut or not checked.fits:
        await _refuse(doors, user, visitor, fits=checked.fits)
        raise WrongPassword
    await doors.throttle.give_back(buckets)
    async with transaction(doors.sessions) as session:
        token = await _open(session, doors, user, visitor, before, checked.renewed)
    await doors.throttle.remember(login, device)
    return token


async def _is_shut_out(session: AsyncSession, user: User) -> bool:
    client = await session.get_one(Client, user.client_id)
    return user.disabled_at is not None or client.archived_at is not None


async def _open(
    session: AsyncSession,
    doors: Doors,
    user: User,
    visitor: Visitor,
    before: str | None,
    renewed: str | None,
) -> str:
    fresh = await find(session, user.id, client_id=user.client_id)
    if fresh.disabled_at is not None or fresh.password_hash != user.password_hash:
        raise WrongPassword  # changed while the old one was compared
    if renewed is not None:
        fresh.password_hash = renewed
    if before is not None:
        await _replace(session, doors, before)
    row, token = await sessions.open_session(session, fresh, visitor, doors.clock)
    facts = {"address": visitor.address, "session": str(row.id)}
    await note(session, fresh, "sign_in.password_accepted", facts, doors.clock)
    return token


async def _replace(session: AsyncSession, doors: Doors, token: str) -> None:
    found = await finding.find_by_token(session, token, doors.limits, doors.clock)
    if found is not None:
        who = found.identity
        owner = await find(session, who.user_id, client_id=who.own_client_id)
        why = SessionEnd.SIGNED_IN_AGAIN
        await sessions.end(session, owner, why, doors.clock, only=who.session_id)


async def _refuse(doors: Doors, user: User | None, visitor: Visitor, *, fits: bool) -> None:
    if user is None:
        # What was typed may be a password: it is kept nowhere.
        log.info("sign_in.unknown_login", address=visitor.address)
        return
    reason = "user_disabled" if fits else "wrong_password"
    facts = {"address": visitor.address, "reason": reason}
    async with transaction(doors.sessions) as session:
        await note(session, user, "sign_in.refused", facts, doors.clock)


async def show_code(doors: Doors, who: Identity, code: str, visitor: Visitor) -> str:
    """Take the second factor in a session that waits for it, and return the session's new token.

    Raises:
        TooManyTries: wait first.
        WrongCode: it is wrong, or was used.
    """
    buckets = [code_bucket(who.user_id)]
    await doors.throttle.take(buckets)
    try:
        async with transaction(doors.sessions) as session:
            user = await find(session, who.user_id, client_id=who.own_client_id)
            kind = await factors.show(session, user, code, doors.clock, doors.keys)
            await sessions.mark_factor(session, who, doors.clock)
            token = await sessions.rotate(session, who)
            facts = {"address": visitor.address, "kind": kind.value}
            await note(session, user, "second_factor.accepted", facts, doors.clock)
    except WrongCode:
        async with transaction(doors.sessions) as session:
            user = await find(session, who.user_id, client_id=who.own_client_id)
            facts = {"address": visitor.address, "reason": "wrong_code"}
            await note(session, user, "second_factor.refused", facts, doors.clock)
        raise
    await doors.throttle.give_back(buckets)
    return token


async def prove(doors: Doors, who: Identity, password: str) -> None:
    """Have a person who is signed in show the password again, before something that locks others out.

    Raises:
        TooManyTries: wait first.
        WrongPassword: it is another one.
    """
    buckets = [own_bucket(who.user_id)]
    await doors.throttle.take(buckets)
    async with transaction(doors.sessions) as session:
        user = await find(session, who.user_id, client_id=who.own_client_id)
    checked = await passwords.check(user.password_hash, password)
    if not checked.fits:
        async with transaction(doors.sessions) as session:
            await note(session, user, "password.refused", {}, doors.clock)
        raise WrongPassword("The present password is not right.")
    await doors.throttle.give_back(buckets)


async def note(
    session: AsyncSession, user: User, action: str, facts: Mapping[str, object], clock: Clock
) -> None:
    """Write what was done in a person's name into the audit log."""
    await audit.trace(session, user, action, facts, user_id=user.id, clock=clock)
