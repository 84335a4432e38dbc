"""What the portal keeps of an erased person: requests forget whom they named, samples what was said."""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.erasure.subject import Subject
from dialer.db import affected

# Another request to erase the same person is done with this one.
_REQUESTS = """
    UPDATE client_request SET e164 = '', external_key = NULL, note = '',
           state = CASE WHEN state = 'open' THEN 'done' ELSE state END,
           closed_at = coalesce(closed_at, :now)
    WHERE client_id = :client_id
      AND (e164 = ANY(CAST(:numbers AS text[])) OR external_key = ANY(CAST(:keys AS text[])))
"""
_WORDS = """
    UPDATE sampled_result SET comment = '', answer = '' WHERE comment || answer <> ''
      AND client_id = :client_id AND lead_id IN (SELECT id FROM lead WHERE contact_id = ANY(:ids))
"""


async def requests(session: AsyncSession, subject: Subject) -> int:
    """Forget whom requests were about; that there was one, and its receipt, stays."""
    facts = subject.facts(_REQUESTS) | {"now": subject.now}
    return affected(await session.execute(text(_REQUESTS), facts))


async def words(session: AsyncSession, subject: Subject) -> int:
    """Forget what client and call centre wrote about the person's results in samples."""
    return affected(await session.execute(text(_WORDS), subject.facts(_WORDS)))
