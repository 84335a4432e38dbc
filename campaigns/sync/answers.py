"""Kept answers: a request that is sent again under the same key is answered as before, and done once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, update
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.sync.models import KeptAnswer
from dialer.clock import Clock
from dialer.db import SessionFactory, affected, transaction
from dialer.errors import Conflict

#: So long a repetition is known. Source: IETF draft-ietf-httpapi-idempotency-key-header, section 2.3.
KEEP = timedelta(days=1)
#: A request whose process was killed is taken for lost after this long; the next one does it again.
LOST_AFTER = timedelta(minutes=5)


class KeyUsedOtherwise(Conflict):
    """The key came with another request before."""

    code = "idempotency_key_used"
    message = (
        "This Idempotency-Key came with another request before: use a new key for each request."
    )


class StillAtIt(Conflict):
    """The first request with the key is not done yet."""

    code = "still_at_it"
    message = (
        "The first request with this Idempotency-Key is being done: send it again in a moment."
    )


async def begin(
    session: AsyncSession, client_id: UUID, key: str, digest: str, now: datetime
) -> dict[str, Any] | None:
    """Return the answer that was given under a key; None: the request is new, and is the caller's to do.

    The caller commits before it begins the work, so that another one with the key is told to wait.

    Raises:
        KeyUsedOtherwise: the key came with another request.
        StillAtIt: the request is being done by somebody else.
    """
    fresh = KeptAnswer(client_id=client_id, key=key, request_sha256=digest, made_at=now)
    values = fresh.model_dump(exclude={"answer"})
    made = await session.execute(insert(KeptAnswer).values(**values).on_conflict_do_nothing())
    if affected(made):
        return None
    row = await session.get(KeptAnswer, (client_id, key), with_for_update=True)
    if row is None:
        raise StillAtIt  # let go this moment
    if now - row.made_at > KEEP:
        row.request_sha256, row.answer, row.made_at = digest, None, now
        session.add(row)
        return None
    if row.request_sha256 != digest:
        raise KeyUsedOtherwise(key=key)
    if row.answer is None and now - row.made_at > LOST_AFTER:
        row.made_at = now
        session.add(row)
        return None
    if row.answer is None:
        raise StillAtIt(key=key)
    return row.answer


async def keep(session: AsyncSession, client_id: UUID, key: str, answer: dict[str, Any]) -> None:
    """Keep what a request was answered."""
    await session.execute(
        update(KeptAnswer)
        .where(col(KeptAnswer.client_id) == client_id, col(KeptAnswer.key) == key)
        .values(answer=answer)
    )


async def forget(session: AsyncSession, client_id: UUID, key: str) -> None:
    """Forget a key whose request was refused: mended, it may come again."""
    await session.execute(
        delete(KeptAnswer).where(
            col(KeptAnswer.client_id) == client_id,
            col(KeptAnswer.key) == key,
            col(KeptAnswer.answer).is_(None),
        )
    )


async def let_go(sessions: SessionFactory, clock: Clock) -> int:
    """Delete answers that nobody needs any more; return how many."""
    async with transaction(sessions) as session:
        old = delete(KeptAnswer).where(col(KeptAnswer.made_at) < clock.now() - KEEP)
        return affected(await session.execute(old))
