"""Keys of single recordings under the installation's key ring: wrapped, opened, wrapped anew."""

import base64
from uuid import UUID

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.recordings.models import Recording, RecordingState
from dialer.sealing import KeyRing


def _context(attempt_id: UUID) -> str:
    return f"recording:{attempt_id}"


def seal_key(ring: KeyRing, key: bytes, attempt_id: UUID) -> str:
    """Return a file's key as it is stored: it opens on its own row only."""
    return ring.seal(base64.b64encode(key).decode(), context=_context(attempt_id))


def open_key(ring: KeyRing, sealed: str, attempt_id: UUID) -> bytes:
    """Return a file's key.

    Raises:
        Unsealable: its key is not on the ring any more, or the row was changed.
    """
    return base64.b64decode(ring.open(sealed, context=_context(attempt_id)))


async def reseal_page(
    session: AsyncSession, ring: KeyRing, *, after: UUID | None, most: int
) -> tuple[int, UUID | None]:
    """Bring a page of recordings' keys under the current one; files are not touched.

    Returns how many were changed, and where to go on (None: this was the last page).

    Raises:
        Unsealable: a key was sealed with one that is not on the ring.
    """
    statement = (
        select(Recording.attempt_id, Recording.sealed_key)
        .where(col(Recording.state) == RecordingState.KEPT)
        .order_by(col(Recording.attempt_id))
        .limit(most)
        .with_for_update()
    )
    if after is not None:
        statement = statement.where(col(Recording.attempt_id) > after)
    rows = (await session.exec(statement)).all()
    changed = 0
    for attempt_id, sealed in rows:
        if sealed is None or ring.is_current(sealed):
            continue
        fresh = ring.resealed(sealed, context=_context(attempt_id))
        await session.execute(
            update(Recording)
            .where(col(Recording.attempt_id) == attempt_id)
            .values(sealed_key=fresh)
        )
        changed += 1
    return changed, rows[-1][0] if len(rows) == most else None
