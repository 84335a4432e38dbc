"""Screens that cannot sign in: each opens by a secret, which is shown once, and closes when it is revoked."""

import secrets
from hashlib import sha256
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.tenancy import audit
from campaigns.wall.models import WallScreen
from dialer.clock import Clock
from dialer.errors import Invalid, NotFound

#: Bytes of randomness of a secret; so many need no slow hash, because nobody can guess them.
SECRET_BYTES = 32
MOST_SCREENS = 50


class ScreenNotFound(NotFound):
    """The client has no such screen."""

    code = "screen_not_found"
    message = "There is no such screen."


async def screens_of(session: AsyncSession, client_id: UUID) -> list[WallScreen]:
    """Return a client's screens that may show figures."""
    rows = await session.exec(
        select(WallScreen)
        .where(col(WallScreen.client_id) == client_id, col(WallScreen.revoked_at).is_(None))
        .order_by(col(WallScreen.name), col(WallScreen.id))
    )
    return list(rows)


async def admit(
    session: AsyncSession, client_id: UUID, name: str, *, user_id: UUID, clock: Clock
) -> str:
    """Make a screen and return its secret, which cannot be shown again.

    Raises:
        Invalid: no name, or the client has too many screens.
    """
    if not name.strip():
        raise Invalid("Give the screen a name, such as where it hangs.")
    if len(await screens_of(session, client_id)) >= MOST_SCREENS:
        raise Invalid("There are too many screens: revoke one that is not used.")
    secret = secrets.token_urlsafe(SECRET_BYTES)
    screen = WallScreen(
        client_id=client_id,
        name=name.strip()[:100],
        digest=_digest(secret),
        created_at=clock.now(),
        created_by=user_id,
    )
    session.add(screen)
    await session.flush()
    facts = {"name": screen.name}
    await audit.trace(session, screen, "wall_screen.admitted", facts, user_id=user_id, clock=clock)
    return secret


async def revoke(
    session: AsyncSession, screen_id: UUID, *, client_id: UUID, user_id: UUID, clock: Clock
) -> None:
    """Take a screen's figures away.

    Raises:
        ScreenNotFound: no such screen, or it is another client's.
    """
    screen = await session.get(WallScreen, screen_id, with_for_update=True)
    if screen is None or screen.client_id != client_id:
        raise ScreenNotFound(screen_id=str(screen_id))
    if screen.revoked_at is None:
        screen.revoked_at = clock.now()
        await session.flush()
        facts = {"name": screen.name}
        await audit.trace(
            session, screen, "wall_screen.revoked", facts, user_id=user_id, clock=clock
        )


async def find_screen(session: AsyncSession, secret: str) -> WallScreen | None:
    """Return the screen a secret opens; None: none, or it was revoked."""
    rows = await session.exec(
        select(WallScreen).where(
            col(WallScreen.digest) == _digest(secret), col(WallScreen.revoked_at).is_(None)
        )
    )
    return rows.first()


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
