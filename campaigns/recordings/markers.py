"""What happened when in a talk: answers, corrected fields, holds, gaps, third parties, the result."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.desk.models import ContactEdit
from campaigns.forms.models import FormVersion, Interview, InterviewAnswer
from campaigns.leads.models import Attempt
from campaigns.leads.part_models import CallPart

#: What a question fills in from the contact or an earlier answer: a marker tells of the question alone.
_GAP = re.compile(r"\{\{.*?\}\}", re.DOTALL)


class MarkerKind(StrEnum):
    """What a place in a recording stands for; parts of a talk have their own kinds' names."""

    CONNECTED = "connected"
    ANSWER = "answer"
    FIELD = "field"
    HELD = "held"
    CALLING = "calling"
    TRANSFERRING = "transferring"
    CONSULTING = "consulting"
    THREE_WAY = "three_way"
    AWAY = "away"
    UNRECORDED = "unrecorded"
    ANNOUNCED = "announced"
    DISPOSITION = "disposition"


@dataclass(frozen=True, slots=True)
class Marker:
    """One place, or stretch, of a recording."""

    kind: MarkerKind
    at_s: float  #: from the recording's beginning
    until_s: float | None = None
    name: str = ""  #: a question's code, a field, a third party, a disposition
    detail: str = ""  #: the question's words
    personal: bool = False  #: what was said there is the person's own data


@dataclass(frozen=True, slots=True)
class Told:
    """A question as far as a marker tells of it."""

    words: str
    refreshes: bool  #: it asks whether a field of the person's record is right


async def markers_of(
    session: AsyncSession, attempt: Attempt, *, language: str, personal: Sequence[str] = ()
) -> list[Marker]:
    """Return the markers of a call's recording, in the order of their time.

    ``personal`` are the codes of questions whose answers are personal data.
    """
    if attempt.answered_at is None:
        return []
    began_at = attempt.answered_at
    found = [
        *await _answers(session, attempt, language, frozenset(personal)),
        *await _fields(session, attempt, began_at),
        *await _parts(session, attempt, began_at),
    ]
    if attempt.connected_at is not None:
        found.append(Marker(MarkerKind.CONNECTED, _after(began_at, attempt.connected_at)))
    if attempt.disposition is not None:
        at = attempt.disposed_at or attempt.ended_at or began_at
        found.append(Marker(MarkerKind.DISPOSITION, _after(began_at, at), name=attempt.disposition))
    return sorted(found, key=lambda one: (one.at_s, one.kind.value, one.name))


def within(markers: Sequence[Marker], duration_s: float) -> list[Marker]:
    """Return the markers with places that the recording has: what came after it stands at its end."""
    last = round(duration_s, 1)
    return [
        Marker(
            one.kind,
            min(one.at_s, last),
            None if one.until_s is None else min(one.until_s, last),
            one.name,
            one.detail,
            one.personal,
        )
        for one in markers
    ]


def _after(began_at: datetime, at: datetime) -> float:
    return max(0.0, round((at - began_at).total_seconds(), 1))


async def _answers(
    session: AsyncSession, attempt: Attempt, language: str, personal: frozenset[str]
) -> list[Marker]:
    statement = (
        select(InterviewAnswer.code, InterviewAnswer.place_s, FormVersion.content)
        .join(Interview, col(Interview.id) == col(InterviewAnswer.interview_id))
        .join(FormVersion, col(FormVersion.id) == col(Interview.form_version_id))
        .where(
            col(InterviewAnswer.attempt_id) == attempt.id,
            col(InterviewAnswer.client_id) == attempt.client_id,
            col(InterviewAnswer.place_s).is_not(None),
        )
    )
    rows = (await session.exec(statement)).all()
    told = told_questions(rows[0][2], language) if rows else {}
    return [
        Marker(
            MarkerKind.ANSWER,
            place_s,
            name=code,
            detail=told[code].words if code in told else "",
            personal=code in personal or (code in told and told[code].refreshes),
        )
        for code, place_s, _ in rows
        if place_s is not None
    ]


def told_questions(content: Mapping[str, Any], language: str) -> dict[str, Told]:
    """Return the questions of a form's stored version by code."""
    found: dict[str, Told] = {}
    waiting: list[Any] = [content]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            code = node.get("code")
            if isinstance(code, str) and "type" in node:
                found[code] = Told(_words(node.get("text"), language), bool(node.get("refreshes")))
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return found


def _words(text: Any, language: str) -> str:
    if isinstance(text, Mapping):
        text = text.get(language) or next((one for one in text.values() if one), "")
    return _GAP.sub("…", text) if isinstance(text, str) else ""


async def _fields(session: AsyncSession, attempt: Attempt, began_at: datetime) -> list[Marker]:
    statement = select(ContactEdit).where(
        col(ContactEdit.attempt_id) == attempt.id, col(ContactEdit.client_id) == attempt.client_id
    )
    return [
        Marker(MarkerKind.FIELD, _after(began_at, one.edited_at), name=one.field, personal=True)
        for one in await session.exec(statement)
    ]


async def _parts(session: AsyncSession, attempt: Attempt, began_at: datetime) -> list[Marker]:
    statement = select(CallPart).where(
        col(CallPart.attempt_id) == attempt.id, col(CallPart.client_id) == attempt.client_id
    )
    return [
        Marker(
            MarkerKind(part.kind.value),
            _after(began_at, part.began_at),
            _after(began_at, part.ended_at) if part.ended_at is not None else None,
            part.target,
        )
        for part in await session.exec(statement)
    ]
