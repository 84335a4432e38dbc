"""What the law's caps and consents need to know of a person: earlier calls and the ledger."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.amd.models import Judgement
from campaigns.law.kinds import OPERATOR_CONTRACT
from campaigns.leads.hopper import Candidate
from campaigns.leads.models import SHORT_CALL
from compliance.consent import Consent
from compliance.counting.frequency import PastAttempt
from compliance.rulebook.rules import Counted, PastEvent
from dialer.call.states import CallOutcome
from dialer.call.verdicts import Treatment
from dialer.rows import over_all_clients


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Earlier calls to a person and number, and the consents on record."""

    history: tuple[PastAttempt, ...]
    consents: tuple[Consent, ...]
    suppressed: bool


# Attempts to the number or the person by any client of the legal entity. A simulated trunk reaches
# nobody, so its attempts protect nobody.
_HISTORY = text(
    """
    WITH wanted AS (
        SELECT * FROM unnest(CAST(:leads AS uuid[]), CAST(:contacts AS uuid[]),
                             CAST(:numbers AS text[]), CAST(:persons AS text[]))
               AS w(lead_id, contact_id, e164, person)
    ), persons AS (
        SELECT w.lead_id, w.contact_id FROM wanted w
        UNION
        SELECT w.lead_id, c.id FROM wanted w JOIN contact c
               ON c.client_id = ANY(CAST(:clients AS uuid[])) AND c.external_key = w.person
    ), found AS (
        SELECT w.lead_id, a.id FROM wanted w JOIN attempt a ON a.e164 = w.e164
        UNION
        SELECT p.lead_id, a.id FROM persons p JOIN attempt a ON a.contact_id = p.contact_id
    )
    SELECT f.lead_id, a.started_at, a.rang_at, a.answered_at, a.connected_at, a.ended_at,
           a.outcome, a.subject, a.reserved_agent, a.e164 = w.e164 AS same_number,
           EXISTS (SELECT FROM persons p WHERE p.lead_id = f.lead_id
                   AND p.contact_id = a.contact_id) AS same_person,
           coalesce(d.refuses, false) AS refused, a.disposed_at,
           v.treatment AS taken_for_machine, v.judged
    FROM found f JOIN attempt a ON a.id = f.id JOIN wanted w ON w.lead_id = f.lead_id
    JOIN trunk t ON t.id = a.trunk_id AND NOT t.simulated
    LEFT JOIN disposition d ON d.campaign_id = a.campaign_id AND d.code = a.disposition
    LEFT JOIN amd_verdict v ON v.attempt_id = a.id AND v.verdict = 'machine'
                               AND v.treatment IN ('acted', 'audited')
    WHERE a.client_id = ANY(CAST(:clients AS uuid[]))
    """
)

# Without a number stand only facts of the client itself: nobody consents for everybody. There is a row
# without a consent, too: the suppressed numbers come with each.
_LEDGERS = text(
    """
    SELECT s.suppressed, c.e164, c.kind, c.scope, c.granted_at, c.withdrawn_at, c.expires_at, c.proof
    FROM (SELECT ARRAY(
              SELECT e164 FROM suppression
              WHERE client_id = ANY(CAST(:clients AS uuid[]))
                AND e164 = ANY(CAST(:numbers AS text[]))
                AND (campaign_id IS NULL OR campaign_id = :campaign_id)) AS suppressed) s
    LEFT JOIN consent_record c
        ON c.client_id = :client_id
       AND (c.e164 = ANY(CAST(:numbers AS text[])) OR (c.e164 IS NULL AND c.kind = :of_client))
    """
)

_OTHERS = text(
    """
    SELECT w.lead_id, array_agg(p.position ORDER BY p.position) AS others
    FROM unnest(CAST(:leads AS uuid[]), CAST(:contacts AS uuid[]), CAST(:positions AS int[]))
         AS w(lead_id, contact_id, position)
    JOIN phone p ON p.contact_id = w.contact_id AND p.position <> w.position
    WHERE p.invalid_at IS NULL GROUP BY w.lead_id
    """
)


async def load_facts(
    session: AsyncSession,
    candidates: Sequence[Candidate],
    *,
    campaign_id: UUID,
    client_id: UUID,
    clients: Sequence[UUID],
    subject: str,
) -> dict[UUID, PersonFacts]:
    """Return what is known about each candidate's person, by lead.

    ``clients`` are all clients of the legal entity, whose calls count together and who all keep to
    what a person told one of them; consents are the client's own.
    """
    if not candidates:
        return {}
    numbers = [candidate.e164 for candidate in candidates]
    consents: defaultdict[str | None, list[Consent]] = defaultdict(list)
    ledger = {
        "client_id": client_id,
        "clients": sorted({client_id, *clients}),
        "campaign_id": campaign_id,
        "numbers": numbers,
        "of_client": OPERATOR_CONTRACT,
    }
    async with over_all_clients(session, needed=len(clients) > 1):
        calls = await _history(session, candidates, numbers, clients, subject)
        rows = (await session.execute(_LEDGERS, ledger)).all()
    suppressed = set(rows[0].suppressed)
    for row in rows:
        if row.kind is None:
            continue
        consents[row.e164].append(
            Consent(
                row.kind, row.scope, row.granted_at, row.withdrawn_at, row.proof, row.expires_at
            )
        )
    return {
        cand.lead_id: PersonFacts(
            tuple(calls[cand.lead_id]),
            (*consents[cand.e164], *consents[None]),
            cand.e164 in suppressed,
        )
        for cand in candidates
    }


async def _history(
    session: AsyncSession,
    candidates: Sequence[Candidate],
    numbers: Sequence[str],
    clients: Sequence[UUID],
    subject: str,
) -> defaultdict[UUID, list[PastAttempt]]:
    found = await session.execute(
        _HISTORY,
        {
            "leads": [candidate.lead_id for candidate in candidates],
            "contacts": [candidate.contact_id for candidate in candidates],
            "numbers": numbers,
            "persons": [candidate.person_key for candidate in candidates],
            "clients": list(clients),
        },
    )
    calls: defaultdict[UUID, list[PastAttempt]] = defaultdict(list)
    for row in found:
        # A subject nobody named may be the same one: what is not known counts.
        same_subject = not subject or not row.subject or row.subject == subject
        calls[row.lead_id].append(_past(row, same_subject=same_subject))
    return calls


def _past(row: Row[Any], *, same_subject: bool) -> PastAttempt:
    events = set()
    if row.connected_at is not None:
        events.add(PastEvent.CONVERSATION)
    was_person = row.judged == Judgement.PERSON.value
    mistaken = was_person and row.taken_for_machine == Treatment.ACTED.value
    if mistaken or row.outcome == CallOutcome.ABANDONED.value:
        events.add(PastEvent.ABANDONED)
    machine = row.taken_for_machine is not None or row.outcome == CallOutcome.MACHINE.value
    if machine and not was_person:
        events.add(PastEvent.AMD_MACHINE)
    if row.refused:
        events.add(PastEvent.REFUSAL)
    return PastAttempt(
        started_at=row.started_at,
        same_number=row.same_number,
        same_person=row.same_person,
        same_subject=same_subject,
        reserved_agent=row.reserved_agent,
        was_answered=row.answered_at is not None,
        had_conversation=row.connected_at is not None,
        events=frozenset(events),
        event_at=row.ended_at,
        talk_s=_seconds(row.answered_at, row.ended_at),
        ring_s=_seconds(row.rang_at or row.started_at, row.answered_at or row.ended_at),
    )


def _seconds(since: datetime | None, until: datetime | None) -> float:
    if since is None or until is None:
        return 0.0
    return max(0.0, (until - since).total_seconds())


async def other_numbers(
    session: AsyncSession, candidates: Sequence[Candidate]
) -> dict[UUID, tuple[int, ...]]:
    """Return by lead the positions of its contact's other numbers that are not known as dead."""
    rows = await session.execute(
        _OTHERS,
        {
            "leads": [candidate.lead_id for candidate in candidates],
            "contacts": [candidate.contact_id for candidate in candidates],
            "positions": [candidate.phone_position for candidate in candidates],
        },
    )
    return {row.lead_id: tuple(row.others) for row in rows}


async def company_counts(
    session: AsyncSession, clients: Sequence[UUID], *, now: datetime
) -> Mapping[Counted, int]:
    """Return what the legal entity did in the last 24 hours, which no calendar day exceeds."""
    statement = text(
        f"""
        SELECT count(*) FROM attempt a JOIN trunk t ON t.id = a.trunk_id AND NOT t.simulated
        WHERE a.client_id = ANY(CAST(:clients AS uuid[])) AND a.started_at > :since
          AND {SHORT_CALL}
        """  # noqa: S608 - our constant, as the index has it
    )
    facts = {"clients": list(clients), "since": now - timedelta(hours=24)}
    async with over_all_clients(session, needed=len(clients) > 1):
        return {Counted.SHORT_CALLS: (await session.execute(statement, facts)).scalar_one()}
