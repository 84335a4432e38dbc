"""Consents that came with a file: one entry of the ledger for each number it brought."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law.waking import wake_numbers
from campaigns.lists.models import ListImport
from campaigns.lists.staged.options import ConsentBasis
from dialer.db import affected

#: Rows of the list taken by one statement: seconds at most, however large the file was.
STEP_ROWS = 50_000
#: Numbers whose waiting leads one statement looks for.
_WAKE_NUMBERS = 5_000

_GRANT = """
    INSERT INTO consent_record (id, client_id, e164, kind, scope, granted_at, expires_at, proof,
                                import_id, recorded_by, recorded_at)
    SELECT uuidv7(), :client_id, n.e164, :kind, :scope, :granted_at, CAST(:expires_at AS timestamptz),
           :proof, :import_id, CAST(:user_id AS uuid), :now
    FROM ({numbers}) n
    RETURNING e164
"""
_OF_NEW = """
    SELECT DISTINCT p.e164 FROM contact c JOIN phone p ON p.contact_id = c.id
    WHERE c.list_id = :list_id AND c.import_id = :import_id
      AND c.source_row BETWEEN :first AND :last
"""
# Of a person who was known, the file surely named the numbers it added, and nobody knows which of
# the others it repeated: those get no consent that might not have been given.
_OF_KNOWN = """
    SELECT DISTINCT p.e164 FROM contact_change x JOIN phone p ON p.contact_id = x.contact_id
    WHERE x.import_id = :import_id AND NOT EXISTS (
        SELECT FROM jsonb_array_elements(x.before -> 'phones') b WHERE b ->> 'e164' = p.e164)
"""
_SPAN = text(
    """
    SELECT min(source_row), max(source_row) FROM (
        SELECT source_row FROM contact WHERE list_id = :list_id AND import_id = :import_id
        UNION ALL
        SELECT source_row FROM contact_change WHERE import_id = :import_id
    ) n
    """
)
_NUMBERS = text(
    """
    SELECT DISTINCT p.e164 FROM contact c JOIN phone p ON p.contact_id = c.id
    WHERE c.list_id = :list_id AND c.import_id = :import_id
      AND c.source_row BETWEEN :first AND :last
    UNION
    SELECT DISTINCT p.e164 FROM contact_change x JOIN phone p ON p.contact_id = x.contact_id
    WHERE x.import_id = :import_id AND x.source_row BETWEEN :first AND :last
    """
)
# With the numbers given, no plan is slow, even while the tables have no statistics.
_WITHDRAW = text(
    """
    UPDATE consent_record SET withdrawn_at = :now
    WHERE client_id = :client_id AND e164 = ANY(:numbers) AND import_id = :import_id
      AND withdrawn_at IS NULL
    """
)


async def record_consents(
    session: AsyncSession, row: ListImport, basis: ConsentBasis, *, now: datetime
) -> int:
    """Enter the basis for every number that the import brought, in the caller's transaction.

    Leads of the client that waited for a consent of these numbers are asked about again.

    Returns:
        How many entries.
    """
    facts = {
        "client_id": row.client_id,
        "import_id": row.id,
        "kind": basis.kind,
        "scope": basis.scope,
        "proof": basis.proof,
        "granted_at": basis.granted_at or row.uploaded_at,
        "expires_at": basis.expires_at,
        "user_id": row.committed_by,
        "now": now,
    }
    entered = await _grant(session, _OF_KNOWN, facts)
    for first, last in await spans(session, row.id, row.list_id):
        span = {**facts, "list_id": row.list_id, "first": first, "last": last}
        entered += await _grant(session, _OF_NEW, span)
    return entered


async def _grant(session: AsyncSession, numbers: str, facts: dict[str, Any]) -> int:
    rows = await session.execute(text(_GRANT.format(numbers=numbers)), facts)
    granted = list(rows.scalars())
    for start in range(0, len(granted), _WAKE_NUMBERS):
        part = granted[start : start + _WAKE_NUMBERS]
        await wake_numbers(session, facts["client_id"], part, now=facts["now"])
    return len(granted)


async def withdraw_consents(
    session: AsyncSession, row: ListImport, first: int, last: int, *, now: datetime
) -> int:
    """End the consents that came with rows ``first`` to ``last`` of an import that is undone."""
    span = {"import_id": row.id, "list_id": row.list_id, "first": first, "last": last}
    numbers = list((await session.execute(_NUMBERS, span)).scalars())
    facts = {"client_id": row.client_id, "import_id": row.id, "numbers": numbers, "now": now}
    done = await session.execute(_WITHDRAW, facts)
    return affected(done)


async def spans(
    session: AsyncSession, import_id: UUID, list_id: UUID | None
) -> list[tuple[int, int]]:
    """Return ranges of rows, both ends included, that hold everything the import made or changed."""
    found = (await session.execute(_SPAN, {"list_id": list_id, "import_id": import_id})).one()
    first, last = found
    if first is None:
        return []
    return [
        (start, min(start + STEP_ROWS - 1, last)) for start in range(first, last + 1, STEP_ROWS)
    ]
