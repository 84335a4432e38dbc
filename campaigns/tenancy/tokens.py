"""Bearer tokens: shown once, kept as a digest."""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.tenancy.models import ApiToken, Role, User
from dialer.clock import Clock
from dialer.errors import NotFound, Unauthenticated

#: Lets people and secret scanners recognise a token.
PREFIX = "odt_"

#: Bytes of randomness; so many need no slow hash, because nobody can guess them.
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking."""

    user_id: UUID
    client_id: UUID
    role: Role
    login: str
    session_id: UUID | None = None  #: of a browser; none = a token of the API


def _digest(plaintext: str) -> str:
    return sha256(plaintext.encode()).hexdigest()


async def issue(session: AsyncSession, user_id: UUID, clock: Clock) -> str:
    """Make a token for a user and return its text, which cannot be shown again.

    Raises:
        NotFound: there is no such user.
    """
    if await session.get(User, user_id) is None:
        raise NotFound("There is no such user.")
    plaintext = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    session.add(ApiToken(user_id=user_id, digest=_digest(plaintext), created_at=clock.now()))
    await session.flush()
    return plaintext


async def identify(session: AsyncSession, plaintext: str) -> Identity:
    """Return who holds the token.

    Raises:
        Unauthenticated: no such token, or it was revoked, or its user is disabled.
    """
    statement = (
        select(User)
        .join(ApiToken, col(ApiToken.user_id) == col(User.id))
        .where(
            col(ApiToken.digest) == _digest(plaintext),
            col(ApiToken.revoked_at).is_(None),
            col(User.disabled_at).is_(None),
        )
    )
    user = (await session.exec(statement)).first()
    if user is None:
        raise Unauthenticated
    return Identity(user.id, user.client_id, user.role, user.login)


async def revoke_all(session: AsyncSession, user_id: UUID, clock: Clock) -> int:
    """Make every token of a user useless from now on; return how many there were."""
    statement = select(ApiToken).where(
        col(ApiToken.user_id) == user_id, col(ApiToken.revoked_at).is_(None)
    )
    live = (await session.exec(statement)).all()
    for token in live:
        token.revoked_at = clock.now()
    await session.flush()
    return len(live)
