"""A person's sealed recordings, in whatever storage they lie: their keys go with the erasure itself."""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.erasure.subject import Subject
from dialer.db import affected

_GONE = """
    UPDATE recording SET state = 'deleting', reason = 'erased', sealed_key = NULL, peaks = NULL,
           claimed_until = NULL, next_try_at = NULL
    WHERE client_id = :client_id AND held_at IS NULL AND {states} AND attempt_id IN
        (SELECT id FROM attempt WHERE {whose})
"""
_LATER = """
    UPDATE recording SET erase_asked_at = :now
    WHERE client_id = :client_id AND held_at IS NOT NULL AND attempt_id IN
        (SELECT id FROM attempt WHERE {whose})
"""


async def destroy_keys(session: AsyncSession, subject: Subject, whose: str) -> int:
    """Destroy the keys of a person's recordings, and return how many there were.

    From the commit on nobody can hear them, even when the storage is away or a backup has the files; the
    files go with the next sweep. What is held because of a dispute goes when it is let go; ``whose``
    finds the person's attempts. Source: GDPR art. 17(3)(e), for what legal claims need.
    """
    facts = subject.facts(whose + ":client_id")
    await session.execute(text(_LATER.format(whose=whose)), {**facts, "now": subject.now})
    # What is not kept yet has no key: its files are deleted by name.
    unkept = _GONE.format(whose=whose, states="state IN ('raw', 'waiting', 'failed')")
    await session.execute(text(unkept), facts)
    kept = _GONE.format(whose=whose, states="state = 'kept'")
    return affected(await session.execute(text(kept), facts))
