"""What changed since the plan's delivery before: in SQL, so that a million results stay in the database."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.deliveries.models import Delivery
from campaigns.delivery.deliveries.words import Change

# A result is a lead that is done. Its digest covers what files tell of it: the contact's own fields, the last
# attempt, and every answer of its interviews.
_COMPARE = text(
    """
    WITH now_there AS (
        SELECT l.id AS lead_id, l.result,
               md5(concat_ws(E'\\x1f', l.result, l.attempts_made, l.last_outcome, c.fields, c.external_key,
                             a.facts, i.answers)) AS digest
        FROM lead l
        JOIN contact c ON c.id = l.contact_id
        LEFT JOIN LATERAL (
            SELECT concat_ws(E'\\x1f', t.id, t.e164, t.disposition, t.agent_session_id, t.answered_at,
                             t.connected_at, t.left_at, t.ended_at, t.recording) AS facts
            FROM attempt t WHERE t.lead_id = l.id ORDER BY t.started_at DESC, t.id DESC LIMIT 1
        ) a ON true
        LEFT JOIN LATERAL (
            SELECT md5(string_agg(concat_ws(E'\\x1f', v.id, v.ending, w.code, w.answer), E'\\x1e'
                                  ORDER BY v.id, w.code)) AS answers
            FROM interview v LEFT JOIN interview_answer w ON w.interview_id = v.id
            WHERE v.contact_id = l.contact_id
              AND v.id IN (SELECT k.interview_id FROM interview_call k JOIN attempt u ON u.id = k.attempt_id
                           WHERE u.lead_id = l.id)
        ) i ON true
        WHERE l.campaign_id = :campaign_id AND l.client_id = :client_id AND l.state = 'done'
    ), before AS (
        SELECT * FROM (
            SELECT DISTINCT ON (lead_id) lead_id, digest, result, change FROM delivered_result
            WHERE plan_id = :plan_id AND turn < :turn ORDER BY lead_id, turn DESC
        ) latest WHERE change <> 'removed'
    )
    INSERT INTO delivered_result
        (delivery_id, lead_id, client_id, plan_id, turn, change, digest, result, result_before)
    SELECT :delivery_id, coalesce(n.lead_id, b.lead_id), :client_id, :plan_id, :turn,
           CASE WHEN b.lead_id IS NULL THEN 'added' WHEN n.lead_id IS NULL THEN 'removed' ELSE 'changed' END,
           coalesce(n.digest, ''), n.result, b.result
    FROM now_there n FULL JOIN before b ON b.lead_id = n.lead_id
    WHERE n.digest IS DISTINCT FROM b.digest
    """
)

_COUNT = text(
    "SELECT change, count(*) AS n FROM delivered_result WHERE delivery_id = :delivery_id GROUP BY change"
)

_RESULTS = text(
    "SELECT count(*) FROM lead WHERE campaign_id = :campaign_id AND client_id = :client_id AND state = 'done'"
)

_LISTED = text(
    """
    SELECT d.change, t.name AS list, c.source_row AS row, c.external_key, d.result_before, d.result
    FROM delivered_result d
    LEFT JOIN lead l ON l.id = d.lead_id
    LEFT JOIN contact c ON c.id = l.contact_id
    LEFT JOIN contact_list t ON t.id = c.list_id
    WHERE d.delivery_id = :delivery_id AND d.client_id = :client_id
    ORDER BY t.name, c.list_id, c.source_row, d.lead_id
    """
)

HEADINGS = ("change", "list", "row", "external_key", "result_before", "result")


@dataclass(frozen=True, slots=True)
class Changes:
    """How many results are there, and how many are new, other or gone since the delivery before."""

    results: int
    added: int = 0
    changed: int = 0
    removed: int = 0


async def compare(session: AsyncSession, delivery: Delivery) -> Changes:
    """Store what of a delivery is new against the plan's deliveries before, and count it."""
    facts = {
        "campaign_id": delivery.campaign_id,
        "client_id": delivery.client_id,
        "plan_id": delivery.plan_id,
        "delivery_id": delivery.id,
        "turn": delivery.turn,
    }
    await session.execute(_COMPARE, facts)
    scope = {name: facts[name] for name in ("campaign_id", "client_id")}
    results = (await session.execute(_RESULTS, scope)).scalar_one()
    found = await session.execute(_COUNT, {"delivery_id": delivery.id})
    counts = {Change(row.change).value: row.n for row in found}
    return Changes(results, **counts)


async def listed(
    session: AsyncSession, delivery_id: UUID, client_id: UUID
) -> list[tuple[object, ...]]:
    """Return the rows of the file of changes, the headings first.

    They are as many as there were changes since the delivery before; the first delivery of a plan has
    no such file.
    """
    facts = {"delivery_id": delivery_id, "client_id": client_id}
    rows = (await session.execute(_LISTED, facts)).all()
    return [HEADINGS, *(tuple(row) for row in rows)]
