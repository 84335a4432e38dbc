"""Interviews: begun on a published version, saved answer by answer, resumed at the next call, ended once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms.answering.answers import Answer, Answers, Given, Person, Refused, given_from
from campaigns.forms.answering.engine import Walk, walk
from campaigns.forms.answering.settling import settle
from campaigns.forms.form import Form
from campaigns.forms.models import FormVersion, Interview, InterviewAnswer
from campaigns.forms.publishing import FormNotFound, find_published, form_in
from campaigns.forms.questions import Calculated
from campaigns.forms.results import keep_result
from campaigns.forms.saving import keep_answer
from campaigns.lists.models import Contact
from dialer.clock import Clock
from dialer.errors import Conflict, Invalid, NotFound

#: Sequence numbers are milliseconds or a count; both fit.
MOST_SEQUENCE = 2**62


class InterviewNotFound(NotFound):
    """The client has no such interview."""

    code = "interview_not_found"
    message = "There is no such interview."


class InterviewOver(Conflict):
    """The interview has ended; its answers stand."""

    code = "interview_over"
    message = "The interview has ended: its answers do not change any more."


class InterviewNotOver(Conflict):
    """There is still a question to be asked."""

    code = "interview_not_over"
    message = "There are questions left to ask."


class AnswerNotTaken(Invalid):
    """The answer does not fit its question; ``facts["reason"]`` says why."""

    code = "answer_not_taken"
    message = "This answer cannot be taken."


@dataclass(frozen=True, slots=True)
class Sitting:
    """An interview with everything the engine needs."""

    row: Interview
    form: Form
    answers: Answers
    person: Person

    def walk(self) -> Walk:
        """Return where the interview is."""
        return walk(self.form, self.answers, self.person)


def fields_of(contact: Contact, wanted: tuple[str, ...]) -> dict[str, str]:
    """Return the contact's fields that a form uses, by the names it uses.

    A heading of the client's is a field in lower case, with ``_`` for what is no letter or digit.
    """
    known = {re.sub(r"\W+", "_", name.lower()).strip("_"): v for name, v in contact.fields.items()}
    own = {"name": contact.name, "language": contact.language, "region": contact.region}
    known = {**own, "external_key": contact.external_key, **known}
    return {name: str(known[name]) for name in wanted if known.get(name) not in (None, "")}


async def begin(
    session: AsyncSession,
    code: str,
    *,
    client_id: UUID,
    clock: Clock,
    contact_id: UUID | None = None,
    attempt_id: UUID | None = None,
    language: str = "",
) -> Sitting:
    """Return the contact's interview that is still open, or begin one on the newest version.

    Raises:
        FormNotFound: the form has no published version.
        NotFound: the client has no such contact.
    """
    version = await find_published(session, code, client_id=client_id)
    form = form_in(version)
    contact = await _contact(session, contact_id, client_id) if contact_id else None
    row = Interview(
        client_id=client_id,
        form_id=version.form_id,
        form_version_id=version.id,
        contact_id=contact_id,
        attempt_id=attempt_id,
        language=language if language in form.languages else form.languages[0],
        fields=fields_of(contact, form.contact_fields) if contact else {},
        began_on=clock.now().date(),
        started_at=clock.now(),
    )
    # Two windows that begin at once get the same interview.
    made = insert(Interview).values(**row.model_dump()).on_conflict_do_nothing()
    await session.execute(made)
    if contact_id is not None:
        open_ = select(Interview.id).where(
            col(Interview.client_id) == client_id,
            col(Interview.contact_id) == contact_id,
            col(Interview.form_id) == version.form_id,
            col(Interview.ended_at).is_(None),
        )
        return await load(session, (await session.exec(open_)).one(), client_id=client_id)
    return await load(session, row.id, client_id=client_id)


async def _contact(session: AsyncSession, contact_id: UUID, client_id: UUID) -> Contact:
    contact = await session.get(Contact, contact_id)
    if contact is None or contact.client_id != client_id or contact.erased_at is not None:
        raise NotFound("There is no such contact.", contact_id=str(contact_id))
    return contact


async def load(
    session: AsyncSession, interview_id: UUID, *, client_id: UUID, for_update: bool = False
) -> Sitting:
    """Return an interview as it stands.

    Raises:
        InterviewNotFound: the client has no such interview.
    """
    row = await session.get(
        Interview, interview_id, with_for_update=for_update or None, populate_existing=True
    )
    if row is None or row.client_id != client_id:
        raise InterviewNotFound(interview_id=str(interview_id))
    version = await session.get(FormVersion, row.form_version_id)
    if version is None or version.client_id != client_id:
        raise FormNotFound
    form = form_in(version)
    stored = select(InterviewAnswer.code, InterviewAnswer.answer).where(
        col(InterviewAnswer.interview_id) == row.id, col(InterviewAnswer.client_id) == client_id
    )
    pairs = (await session.exec(stored)).all()
    person = Person(row.fields, seed=str(row.contact_id or row.id), today=row.began_on)
    return Sitting(row, form, _answers(form, dict(pairs)), person)


def _answers(form: Form, stored: Mapping[str, Mapping[str, Any]]) -> Answers:
    found: dict[str, Answer] = {}
    for code, raw in stored.items():
        question = form.by_code.get(code)
        answer = settle(form, question, given_from(raw)) if question else None
        if isinstance(answer, Answer):
            found[code] = answer
    return Answers(found)


async def save_answer(
    session: AsyncSession,
    interview_id: UUID,
    code: str,
    given: Given,
    *,
    sequence: int,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
) -> bool:
    """Save one answer; return whether it is the newest. A late or doubled one changes nothing.

    The window counts ``sequence`` up with each save. Whether the question is on the path is decided when the
    interview is walked, not here: saves may come in any order.

    Raises:
        InterviewNotFound: the client has no such interview.
        InterviewOver: it has ended.
        AnswerNotTaken: the answer does not fit the question.
    """
    sitting = await load(session, interview_id, client_id=client_id, for_update=True)
    if sitting.row.ended_at is not None:
        raise InterviewOver(interview_id=str(interview_id))
    answer = answer_to(sitting, code, given, sequence=sequence)
    return await keep_answer(
        session, sitting.row, code, answer, sequence=sequence, user_id=user_id, clock=clock
    )


def answer_to(sitting: Sitting, code: str, given: Given, *, sequence: int) -> Answer:
    """Return the answer that was meant.

    Raises:
        AnswerNotTaken: there is no such question, the answer does not fit it, or its number is no number.
    """
    if not 0 <= sequence <= MOST_SEQUENCE:
        raise AnswerNotTaken("The sequence number is out of range.", reason="wrong_shape")
    question = sitting.form.by_code.get(code)
    if question is None or isinstance(question, Calculated):
        raise AnswerNotTaken("There is no such question to be asked.", reason="no_such_question")
    answer = settle(sitting.form, question, given)
    if isinstance(answer, Refused):
        raise AnswerNotTaken(answer.sentence, reason=answer.reason.value, **answer.facts)
    return answer


async def finish(
    session: AsyncSession, interview_id: UUID, *, client_id: UUID, clock: Clock
) -> Sitting:
    """End an interview in which nothing is left to ask; ending it again changes nothing.

    Raises:
        InterviewNotFound: the client has no such interview.
        InterviewNotOver: a question is left.
    """
    sitting = await load(session, interview_id, client_id=client_id, for_update=True)
    if sitting.row.ended_at is not None:
        return sitting
    now = sitting.walk()
    if now.ending is None:
        raise InterviewNotOver(next=now.next.code if now.next else "")
    sitting.row.ended_at, sitting.row.ending = clock.now(), now.ending
    session.add(sitting.row)
    await session.flush()
    await keep_result(session, sitting.row, now.counted)
    return sitting
