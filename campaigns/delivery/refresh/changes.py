"""What became of the fields of a campaign's contacts: said in interviews, corrected by agents, found dead."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.delivery.operators import WHO_TALKED
from campaigns.forms.answering.answers import Answer
from campaigns.forms.answering.refreshing import refreshed, refreshing
from campaigns.forms.models import FormVersion
from campaigns.forms.publishing import form_in
from campaigns.forms.questions import Single
from campaigns.forms.refresh_form import field_name
from campaigns.forms.words import NoAnswer, RefreshState
from campaigns.lists.columns.cells import find_phones

_FETCH_ROWS = 500


class Verdict(StrEnum):
    """What is known of a field now."""

    CONFIRMED = "confirmed"  #: it is right as it stands
    CORRECTED = "corrected"  #: it has another value
    REFUTED = "refuted"  #: it is wrong, and nobody knows what is right: a dead number
    REFUSED = "refused"  #: the person does not want to say
    NOT_ASKED = "not_asked"  #: the talk did not come to it


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What became of one field, or that it stayed."""

    heading: str
    verdict: Verdict
    old: str
    new: str = ""
    at: datetime | None = None
    agent: str = ""  #: name or code
    recording: str = ""  #: file name
    place_s: float | None = None  #: seconds from its beginning


@dataclass(frozen=True, slots=True)
class ContactChanges:
    """What became of the fields of one contact."""

    list_id: UUID
    list: str
    row: int  #: of the list
    external_key: str
    fields: tuple[FieldChange, ...]

    def corrected(self) -> dict[str, str]:
        """Return the new values by heading; the latest word counts."""
        found = [one for one in self.fields if one.verdict is Verdict.CORRECTED]
        found.sort(key=lambda one: one.at.timestamp() if one.at else 0.0)
        return {one.heading: one.new for one in found}


_SPOT = f"""
    jsonb_build_object('at', {{at}}, 'recording', a.recording, 'agent', {WHO_TALKED}{{more}})
"""
_WHO = """
    LEFT JOIN attempt a ON a.id = {of}.attempt_id
    LEFT JOIN agent_session s ON s.id = a.agent_session_id
    LEFT JOIN agent g ON g.id = s.agent_id
"""
_CHANGES = text(
    f"""
    SELECT c.list_id, cl.name AS list, cl.region, c.source_row AS row, c.external_key, c.fields,
           i.form_version_id, i.fields AS record, r.answers, w.spots, e.edits, d.dead
    FROM lead l
    JOIN contact c ON c.id = l.contact_id
    JOIN contact_list cl ON cl.id = c.list_id
    LEFT JOIN LATERAL (
        SELECT y.id, y.form_version_id, y.fields FROM attempt x
        JOIN interview_call k ON k.attempt_id = x.id JOIN interview y ON y.id = k.interview_id
        WHERE x.lead_id = l.id ORDER BY y.started_at DESC, y.id DESC LIMIT 1
    ) i ON true
    LEFT JOIN interview_result r ON r.interview_id = i.id
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(q.code, {_SPOT.format(at="q.saved_at", more=", 'place_s', q.place_s")})
               AS spots
        FROM interview_answer q {_WHO.format(of="q")} WHERE q.interview_id = i.id
    ) w ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_agg({_SPOT.format(at="h.edited_at", more="")} || jsonb_build_object(
               'field', h.field, 'before', h.before, 'after', h.after) ORDER BY h.edited_at) AS edits
        FROM contact_edit h {_WHO.format(of="h")}
        WHERE h.contact_id = c.id AND a.campaign_id = l.campaign_id
    ) e ON true
    LEFT JOIN LATERAL (
        SELECT jsonb_object_agg(p.e164, p.invalid_at) AS dead FROM phone p
        WHERE p.contact_id = c.id AND p.invalid_at IS NOT NULL
    ) d ON true
    WHERE l.campaign_id = :campaign_id AND l.client_id = :client_id AND c.erased_at IS NULL
      AND (i.id IS NOT NULL OR e.edits IS NOT NULL OR d.dead IS NOT NULL)
    ORDER BY c.list_id, c.source_row
    """  # noqa: S608 - put together from constants only
)
_VERSIONS = text(
    """
    SELECT DISTINCT i.form_version_id FROM interview_call k
    JOIN attempt a ON a.id = k.attempt_id JOIN interview i ON i.id = k.interview_id
    WHERE a.campaign_id = :campaign_id AND a.client_id = :client_id
    """
)
_VERDICTS = {
    RefreshState.CONFIRMED: Verdict.CONFIRMED,
    RefreshState.CORRECTED: Verdict.CORRECTED,
    RefreshState.REFUSED: Verdict.REFUSED,
    RefreshState.NOT_ASKED: Verdict.NOT_ASKED,
}


async def changes_of(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID, names: bool
) -> AsyncIterator[ContactChanges]:
    """Yield what became of each contact of whom anything is known, in the order of lists and rows.

    Erased persons are not among them. With ``names`` operators are named, else each has a code.
    """
    facts = {"campaign_id": campaign_id, "client_id": client_id}
    questions = await _questions(session, facts, client_id)
    found = await session.stream(
        _CHANGES, {**facts, "names": names}, execution_options={"yield_per": _FETCH_ROWS}
    )
    async for row in found:
        fields = (
            *_said(row, questions.get(row.form_version_id, ())),
            *map(_edited, row.edits or ()),
            *_dead(row),
        )
        if fields:
            yield ContactChanges(row.list_id, row.list, row.row, row.external_key or "", fields)


async def _questions(
    session: AsyncSession, facts: Mapping[str, Any], client_id: UUID
) -> dict[UUID, tuple[Single, ...]]:
    ids = list((await session.execute(_VERSIONS, facts)).scalars())
    versions = await session.exec(
        select(FormVersion).where(
            col(FormVersion.id).in_(ids), col(FormVersion.client_id) == client_id
        )
    )
    return {version.id: tuple(refreshing(form_in(version))) for version in versions}


def _said(row: Any, questions: Sequence[Single]) -> list[FieldChange]:
    """Return what the interview says of each field that it refreshes."""
    answers, spots, record = row.answers or {}, row.spots or {}, row.record or {}
    headings = {field_name(heading): heading for heading in reversed(list(row.fields))}
    found = []
    for question in questions:
        code = question.code
        counted: dict[str, Answer] = {}
        if f"{code}?" in answers:
            counted[code] = Answer(no_answer=NoAnswer(answers[f"{code}?"]))
        elif code in answers:
            counted[code] = Answer(answers[code], other=answers.get(f"{code}+", ""))
        state, old, new = refreshed(question, counted, record)
        verdict = _VERDICTS[state]
        spot = spots.get(code) if verdict is not Verdict.NOT_ASKED else None
        heading = headings.get(question.refreshes, question.refreshes)
        found.append(FieldChange(heading, verdict, old, new, *_spot(spot or {})))
    return found


def _edited(edit: Mapping[str, Any]) -> FieldChange:
    return FieldChange(
        edit["field"], Verdict.CORRECTED, edit["before"], edit["after"], *_spot(edit)
    )


def _dead(row: Any) -> list[FieldChange]:
    """Return the cells that hold a number which nobody has any more."""
    dead: Mapping[str, str] = row.dead or {}
    found = []
    for heading, cell in row.fields.items() if dead else ():
        numbers = {one.e164 for one in find_phones([str(cell)], row.region).numbers}
        when = [dead[one] for one in numbers & set(dead)]
        if when:
            at = datetime.fromisoformat(max(when))
            found.append(FieldChange(heading, Verdict.REFUTED, str(cell), at=at))
    return found


def _spot(spot: Mapping[str, Any]) -> tuple[datetime | None, str, str, float | None]:
    at = datetime.fromisoformat(spot["at"]) if spot.get("at") else None
    place_s = spot.get("place_s")
    said = None if place_s is None else float(place_s)
    return at, spot.get("agent") or "", spot.get("recording") or "", said
