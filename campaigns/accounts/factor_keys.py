"""Keys of authenticators under the installation's key ring; those from before there was one are read, too."""

from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.accounts.models import SecondFactor
from dialer.sealing import KeyRing, ring_from

#: What is sealed begins so; base32, as keys were stored before, has no full stop and no small letters.
_SEALED = "s1."


def _context(user_id: UUID) -> str:
    return f"second_factor:{user_id}"


def seal(secret: str, user_id: UUID, keys: str | None) -> str:
    """Return an authenticator's key as it is stored.

    Raises:
        ConfigurationError: there are no keys.
    """
    return ring_from(keys).seal(secret, context=_context(user_id))


def open_key(stored: str, user_id: UUID, keys: str | None) -> str:
    """Return an authenticator's key in base32.

    Raises:
        ConfigurationError: there are no keys.
        Unsealable: its key is not on the ring any more, or the row was changed.
    """
    if not stored.startswith(_SEALED):
        return stored
    return ring_from(keys).open(stored, context=_context(user_id))


async def reseal_all(session: AsyncSession, ring: KeyRing) -> int:
    """Bring every client's authenticators under the current key, the unsealed too; return how many changed.

    Raises:
        Unsealable: one was sealed with a key that is not on the ring.
    """
    factors = await session.exec(
        select(SecondFactor).order_by(col(SecondFactor.user_id)).with_for_update()
    )
    changed = 0
    for factor in factors.all():
        context = _context(factor.user_id)
        if not factor.secret.startswith(_SEALED):
            fresh = ring.seal(factor.secret, context=context)
        else:
            fresh = ring.resealed(factor.secret, context=context)
        changed += fresh != factor.secret
        factor.secret = fresh
        session.add(factor)
    await session.flush()
    return changed
