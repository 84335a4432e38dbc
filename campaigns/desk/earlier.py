"""What the contact answered in earlier interviews, and the agent's own last calls."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms.form import Form
from campaigns.forms.models import FormVersion, Interview, InterviewAnswer
from campaigns.forms.publishing import form_in
from campaigns.forms.question_parts import Asking
from campaigns.forms.words import Ending
from campaigns.leads.models import Attempt
from dialer.call.states import CallOutcome

MOST_INTERVIEWS = 5
MOST_OWN_CALLS = 20


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """A question and what was answered."""

    question: str
    answer: str
    no_answer: str = ""  #: don't know, or refused


@dataclass(frozen=True, slots=True)
class EarlierInterview:
    """An interview of the contact."""

    title: str
    started_at: datetime
    ending: Ending | None  #: None: it is open
    answers: tuple[EarlierAnswer, ...]


async def earlier_interviews(
    session: AsyncSession, attempt: Attempt, language: str
) -> tuple[EarlierInterview, ...]:
    """Return the contact's interviews that were begun in other calls, the newest first."""
    statement = (
        select(Interview)
        .where(
            col(Interview.client_id) == attempt.client_id,
            col(Interview.contact_id) == attempt.contact_id,
            col(Interview.attempt_id).is_distinct_from(attempt.id),
        )
        .order_by(col(Interview.started_at).desc())
        .limit(MOST_INTERVIEWS)
    )
    return tuple([await _told(session, row, language) for row in await session.exec(statement)])


async def _told(session: AsyncSession, row: Interview, language: str) -> EarlierInterview:
    version = await session.get_one(FormVersion, row.form_version_id)
    form = form_in(version)
    stored = select(InterviewAnswer.code, InterviewAnswer.answer).where(
        col(InterviewAnswer.interview_id) == row.id,
        col(InterviewAnswer.client_id) == row.client_id,
    )
    answers = dict((await session.exec(stored)).all())
    asked = [
        _answer(form, code, dict(answers[code]), language)
        for code, question in form.by_code.items()
        if code in answers and isinstance(question, Asking)
    ]
    title = form.title.within(language) or form.code
    return EarlierInterview(title, row.started_at, row.ending, tuple(asked))


def _answer(form: Form, code: str, stored: dict[str, Any], language: str) -> EarlierAnswer:
    question: Any = form.by_code[code]
    asked = question.text.within(language) or code
    if stored.get("no_answer"):
        return EarlierAnswer(asked, "", str(stored["no_answer"]))
    options = {one.code: one.text.within(language) for one in getattr(question, "options", ())}
    told = _words(stored.get("value"), options)
    other = str(stored.get("other") or "")
    return EarlierAnswer(asked, f"{told}: {other}" if other else told)


def _words(value: Any, options: dict[str, str]) -> str:
    match value:
        case list():
            return ", ".join(_words(one, options) for one in value)
        case dict():
            return ", ".join(f"{key}: {_words(one, options)}" for key, one in value.items())
        case None:
            return ""
        case _:
            return options.get(str(value)) or str(value)


@dataclass(frozen=True, slots=True)
class OwnPromise:
    """A call that the agent promised to make."""

    promised_at: datetime
    zone: str  #: IANA, the contact's
    name: str
    e164: str
    campaign: str
    note: str


_OWN_PROMISES = text(
    """
    SELECT r.promised_at, r.zone, c.name, l.e164, k.name AS campaign, r.note
    FROM callback r
    JOIN lead l ON l.id = r.lead_id
    JOIN contact c ON c.id = l.contact_id
    JOIN campaign k ON k.id = r.campaign_id AND k.state IN ('running', 'paused')
    WHERE r.client_id = :client_id AND r.agent = :agent AND r.state = 'open'
    ORDER BY r.promised_at, r.id LIMIT :most
    """
)


async def own_promises(
    session: AsyncSession, agent: str, *, client_id: UUID
) -> tuple[OwnPromise, ...]:
    """Return the open callbacks that are personal to an agent, the soonest first."""
    facts = {"agent": agent, "client_id": client_id, "most": MOST_OWN_CALLS}
    rows: Any = await session.execute(_OWN_PROMISES, facts)
    return tuple(OwnPromise(**row) for row in rows.mappings())


@dataclass(frozen=True, slots=True)
class OwnCall:
    """One of the agent's own conversations."""

    attempt_id: UUID
    connected_at: datetime
    ended_at: datetime | None
    name: str
    e164: str
    campaign: str
    outcome: CallOutcome | None
    disposition: str | None
    label: str | None
    note: str | None


_OWN_CALLS = text(
    """
    SELECT DISTINCT ON (a.connected_at, a.id) a.id AS attempt_id, a.connected_at, a.ended_at, c.name,
           a.e164, k.name AS campaign, a.outcome, a.disposition, d.label, n.text AS note
    FROM agent_state_entry e
    JOIN agent_session s ON s.id = e.session_id
    JOIN attempt a ON a.id = e.call_id AND a.connected_at IS NOT NULL
    JOIN contact c ON c.id = a.contact_id
    JOIN campaign k ON k.id = a.campaign_id
    LEFT JOIN disposition d ON d.campaign_id = a.campaign_id AND d.code = a.disposition
    LEFT JOIN attempt_note n ON n.attempt_id = a.id
    WHERE e.session_id = :session_id AND s.client_id = :client_id AND e.state = 'on_call'
    ORDER BY a.connected_at DESC, a.id DESC LIMIT :most
    """
)


async def own_calls(
    session: AsyncSession, session_id: UUID, *, client_id: UUID
) -> tuple[OwnCall, ...]:
    """Return the last conversations of a shift, the newest first."""
    facts = {"session_id": session_id, "client_id": client_id, "most": MOST_OWN_CALLS}
    rows: Any = await session.execute(_OWN_CALLS, facts)
    return tuple(
        OwnCall(
            row.attempt_id,
            row.connected_at,
            row.ended_at,
            row.name,
            row.e164,
            row.campaign,
            CallOutcome(row.outcome) if row.outcome else None,
            row.disposition,
            row.label,
            row.note,
        )
        for row in rows
    )
