"""Traces: what an import keeps of the things it changes, besides the contacts, so that it can be undone.

They lie in ``contact_change``: refused rows that were mended under the key ``refused``, and the campaign
in which a known person was enrolled under ``enrolled_in``.
"""

from datetime import datetime

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.models import ListImport
from campaigns.lists.staged.options import ImportOptions
from campaigns.lists.staged.plan import ImportReport
from dialer.db import affected

# What a mended file takes the place of is kept, so that it can be put back.
_KEEP_REFUSED = text(
    """
    INSERT INTO contact_change (import_id, contact_id, source_row, before)
    SELECT :import_id, r.id, r.source_row, jsonb_build_object('refused', to_jsonb(r))
    FROM refused_row r WHERE r.list_id = :list_id
    """
)
_FORGET_UNMENDED = text(
    """
    DELETE FROM contact_change x USING refused_row r
    WHERE x.import_id = :import_id AND x.before ? 'refused' AND r.id = x.contact_id
    """
)
# In the writing transaction nobody else has touched them: these leads are the import's own.
_MARK_ENROLLED = text(
    """
    UPDATE contact_change x
    SET before = x.before || jsonb_build_object('enrolled_in', CAST(:campaign_id AS text))
    FROM lead l
    WHERE x.import_id = :import_id AND l.contact_id = x.contact_id
      AND l.campaign_id = CAST(:campaign_id AS uuid) AND l.waiting_reason = 'new'
      AND l.attempts_made = 0 AND l.next_attempt_at = :now
    """
)


async def keep_refused(session: AsyncSession, row: ListImport) -> None:
    """Keep the list's refused rows before a mended file takes their places."""
    facts = {"import_id": row.id, "list_id": row.list_id}
    await session.execute(_KEEP_REFUSED, facts)


async def forget_unmended(session: AsyncSession, row: ListImport) -> None:
    """Forget those that the file did not mend."""
    await session.execute(_FORGET_UNMENDED, {"import_id": row.id})


async def mark_enrolled(
    session: AsyncSession,
    row: ListImport,
    options: ImportOptions,
    report: ImportReport,
    now: datetime,
) -> int:
    """Return how many leads the import made, and mark those of persons who were known."""
    if options.campaign_id is None:
        return 0
    facts = {"import_id": row.id, "campaign_id": str(options.campaign_id), "now": now}
    known = await session.execute(_MARK_ENROLLED, facts)
    return report.rows_accepted - report.merged + affected(known)
