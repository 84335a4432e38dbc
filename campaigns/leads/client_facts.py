"""What one client may do as its rows say, besides its lists: in one statement."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from dialer.rows import over_all_clients

# Every runner reads it every other second: so in one statement. Kinds of consent count that lift some
# window and occur in the client's ledger.
_CLIENT = text(
    """
    SELECT c.allowed_countries, c.allowed_number_types,
           ARRAY(SELECT k.id FROM client k WHERE k.id = c.id
                 OR (c.legal_entity <> '' AND k.legal_entity = c.legal_entity) ORDER BY k.id) AS kin,
           ARRAY(SELECT x.rule_id FROM rule_exemption x WHERE x.client_id = c.id
                 AND x.approved_at IS NOT NULL AND x.ended_at IS NULL) AS exempted,
           ARRAY(SELECT ROW(d.on_date, d.every_year, d.region) FROM day_off d
                 WHERE d.client_id = c.id AND d.archived_at IS NULL
                 ORDER BY d.on_date, d.region) AS days_off,
           ARRAY(SELECT e.switch FROM emergency_switch e WHERE e.is_on) AS emergencies,
           ARRAY(SELECT n.kind FROM unnest(CAST(:kinds AS text[])) AS n(kind)
                 WHERE EXISTS (SELECT FROM consent_record r
                               WHERE r.client_id = c.id AND r.kind = n.kind)) AS lifting_consents
    FROM client c WHERE c.id = :client_id
    """
)


async def load_client_facts(
    session: AsyncSession, client_id: UUID, kinds: Iterable[str]
) -> Row[Any]:
    """Return a client's row of facts; of ``kinds`` of consent those that its ledger has."""
    facts = {"client_id": client_id, "kinds": sorted(kinds)}
    async with over_all_clients(session):  # the legal entity's other clients
        return (await session.execute(_CLIENT, facts)).one()
