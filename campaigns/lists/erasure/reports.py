"""Kept files of cross-tables: their rows may be any column of a list, so the person may stand in them."""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.erasure.subject import Subject
from campaigns.saved_reports.holding import hold_tables_back
from dialer.db import affected

# Which of them show the person nothing tells; whoever is in none of the interviews is in no table.
_TABLES = """
    UPDATE report_run_file f SET content = NULL
    FROM report_run r JOIN saved_report s ON s.id = r.report_id
    WHERE r.id = f.run_id AND s.kind = 'crosstab' AND f.client_id = :client_id AND f.content IS NOT NULL
      AND EXISTS (SELECT FROM interview WHERE contact_id = ANY(:ids))
"""


async def tables(session: AsyncSession, subject: Subject) -> int:
    """Empty the files of the client's cross-tables; what was not sent yet is made anew without the person."""
    await hold_tables_back(session, subject.client_id)
    return affected(await session.execute(text(_TABLES), subject.facts(_TABLES)))
