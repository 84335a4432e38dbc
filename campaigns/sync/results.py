"""Results by a cursor: whose result changed since, as it stands now, with key and answers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.preparing import prepare_interview
from campaigns.events.kinds import RESULT_KINDS
from campaigns.events.reading import read_after

_RESULTS = text(
    """
    SELECT l.id AS lead_id, l.campaign_id, l.contact_id, c.external_key AS external_id, c.list_id,
           c.source_row AS row, l.state, l.result, l.attempts_made AS attempts, l.last_outcome,
           a.id AS attempt_id, a.started_at AS called_at, a.e164 AS phone, a.disposition,
           EXTRACT(EPOCH FROM a.ended_at - a.connected_at) AS talk_s, g.name AS agent
    FROM lead l
    JOIN contact c ON c.id = l.contact_id
    LEFT JOIN LATERAL (
        SELECT * FROM attempt WHERE lead_id = l.id AND client_id = :client_id
        ORDER BY started_at DESC, id DESC LIMIT 1) AS a ON true
    LEFT JOIN agent_session s ON s.id = a.agent_session_id
    LEFT JOIN agent g ON g.id = s.agent_id
    WHERE l.client_id = :client_id AND l.id = ANY(CAST(:ids AS uuid[]))
      AND (l.state = 'done' OR a.disposition IS NOT NULL)
    """
)
_INTERVIEWS = text(
    """
    SELECT DISTINCT ON (i.id) a.lead_id, i.id, f.code AS form, i.ending, i.ended_at, r.version, r.answers,
           r.interview_id IS NULL OR r.stale AS is_due
    FROM attempt a
    JOIN interview_call k ON k.attempt_id = a.id
    JOIN interview i ON i.id = k.interview_id
    JOIN form f ON f.id = i.form_id
    LEFT JOIN interview_result r ON r.interview_id = i.id
    WHERE a.client_id = :client_id AND i.client_id = :client_id AND a.lead_id = ANY(CAST(:ids AS uuid[]))
      AND i.ending IS NOT NULL
    ORDER BY i.id
    """
)


@dataclass(slots=True)
class Interviewed:
    """What a person answered; keys are questions' codes, see ``campaigns.forms.results``."""

    interview_id: UUID
    form: str
    version: int
    ending: str
    ended_at: datetime
    answers: dict[str, Any]


@dataclass(slots=True)
class Result:
    """What is known of a contact in a campaign now."""

    lead_id: UUID
    campaign_id: UUID
    contact_id: UUID
    external_id: str | None
    list_id: UUID
    row: int
    state: str
    result: str | None
    attempts: int
    last_outcome: str | None
    attempt_id: UUID | None
    called_at: datetime | None
    phone: str | None
    disposition: str | None
    talk_s: float | None
    agent: str | None
    interviews: list[Interviewed] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """Some results, and where to go on."""

    results: list[Result]
    next_after: int
    has_more: bool


async def results_after(
    session: AsyncSession,
    client_id: UUID,
    after: int,
    *,
    campaign_id: UUID | None = None,
    limit: int = 100,
) -> ResultsPage:
    """Return the results that changed after a cursor, each once and as it stands now.

    The cursor is that of events; a page looks at ``limit`` events and may bring fewer results, or none.

    Raises:
        EventsGone, CursorAhead: see ``campaigns.events.reading``.
    """
    page = await read_after(
        session, client_id, after, campaign_id=campaign_id, kinds=RESULT_KINDS, limit=limit
    )
    leads = dict.fromkeys(event.lead_id for event in page.events if event.lead_id is not None)
    found = await _results(session, client_id, leads) if leads else []
    return ResultsPage(found, page.next_after, page.has_more)


async def _results(session: AsyncSession, client_id: UUID, leads: Iterable[UUID]) -> list[Result]:
    ids = list(leads)
    facts: dict[str, Any] = {"client_id": client_id, "ids": ids}
    rows = (await session.execute(_RESULTS, facts)).mappings()
    found = {row["lead_id"]: _result(dict(row)) for row in rows}
    await _prepare(session, client_id, facts)
    for row in (await session.execute(_INTERVIEWS, facts)).mappings():
        if row["lead_id"] in found and not row["is_due"]:
            found[row["lead_id"]].interviews.append(
                Interviewed(
                    row["id"],
                    row["form"],
                    row["version"],
                    row["ending"],
                    row["ended_at"],
                    row["answers"],
                )
            )
    return [found[lead_id] for lead_id in ids if lead_id in found]


def _result(row: dict[str, Any]) -> Result:
    talk_s, number = row.pop("talk_s"), row.pop("phone")
    is_known = number is not None and number.startswith("+")  # an erased number left a mark
    return Result(
        **row,
        talk_s=round(float(talk_s), 3) if talk_s is not None else None,
        phone=number if is_known else None,
    )


async def _prepare(session: AsyncSession, client_id: UUID, facts: dict[str, Any]) -> None:
    """Work out what counts of interviews where that is not done, as before an export."""
    rows = (await session.execute(_INTERVIEWS, facts)).mappings().all()
    for interview_id in sorted(row["id"] for row in rows if row["is_due"]):
        await prepare_interview(session, interview_id, client_id)
