"""Can an import still be undone? Asked for people before they try; the undo itself asks again."""

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.lists.models import ListImport
from campaigns.lists.undo import statements as undo_sql
from campaigns.lists.undo.undoing import AlreadyDialled, StoodUpon
from dialer.errors import Conflict

_DIALLED = text(
    """
    SELECT EXISTS (
        SELECT FROM contact c JOIN attempt a ON a.contact_id = c.id
        WHERE c.list_id = :list_id AND c.import_id = :import_id
    ) OR EXISTS (
        SELECT FROM contact_change x JOIN attempt a ON a.contact_id = x.contact_id
        WHERE x.import_id = :import_id AND NOT x.before ? 'refused'
          AND a.started_at >= :committed_at
    )
    """
)


async def why_not_undoable(session: AsyncSession, row: ListImport) -> Conflict | None:
    """Return why a committed import cannot be undone any more, or None.

    That a campaign holds some of its leads at this moment passes, and is not looked at.
    """
    facts = {
        "client_id": row.client_id,
        "import_id": row.id,
        "list_id": row.list_id,
        "committed_at": row.committed_at,
    }
    if (await session.execute(_DIALLED, facts)).scalar_one():
        return AlreadyDialled()
    later = (await session.execute(text(undo_sql.LATER), facts)).one_or_none()
    return StoodUpon(import_id=str(later.id)) if later is not None else None
