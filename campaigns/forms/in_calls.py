"""Interviews in calls: which one belongs to a call, where in the recording an answer is, how it ends."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.errors import AttemptNotFound
from campaigns.forms import interviews, seats
from campaigns.forms.answering.answers import Answer, Refused
from campaigns.forms.answering.engine import record
from campaigns.forms.interviews import (
    AnswerNotTaken,
    InterviewNotFound,
    InterviewOver,
    Sitting,
)
from campaigns.forms.models import Interview, InterviewAnswer, InterviewCall
from campaigns.forms.saving import Spot, keep_answer, spot_at
from campaigns.forms.talks import AnsweredElsewhere, Entry, Talk
from campaigns.forms.words import AnswerRefusal, Ending
from campaigns.leads.models import Attempt
from campaigns.lists.models import Contact
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from dialer.clock import Clock
from dialer.db import affected
from dialer.errors import Invalid


async def speak(session: AsyncSession, attempt: Attempt, language: str) -> None:
    """Go on with the call's interview in another of its form's languages.

    Raises:
        InterviewNotFound: no interview was held in this call.
        InterviewOver: it has ended, and the call has its result.
        Invalid: the form does not speak the language.
    """
    interview_id = await _interview_of(session, attempt)
    if interview_id is None:
        raise InterviewNotFound(attempt_id=str(attempt.id))
    sitting = await interviews.load(
        session, interview_id, client_id=attempt.client_id, for_update=True
    )
    if sitting.row.ended_at is not None and attempt.disposition is not None:
        raise InterviewOver(interview_id=str(interview_id))
    if language not in sitting.form.languages:
        raise Invalid("The form does not speak this language.", language=language)
    sitting.row.language = language
    session.add(sitting.row)
    await session.flush()


async def find_attempt(session: AsyncSession, attempt_id: UUID, *, client_id: UUID) -> Attempt:
    """Return a client's attempt.

    Raises:
        AttemptNotFound: no such attempt, or it is another client's.
    """
    attempt = await session.get(Attempt, attempt_id)
    if attempt is None or attempt.client_id != client_id:
        raise AttemptNotFound(attempt_id=str(attempt_id))
    return attempt


async def open_talk(session: AsyncSession, attempt: Attempt, *, clock: Clock) -> Talk | None:
    """Return the call's interview: that of an earlier look, the person's open one, or a new one.

    None: the campaign has no form, nobody has talked, or the call has its result and had no interview.

    Raises:
        FormNotFound: the campaign's form has no published version any more.
        NotFound: the contact was erased.
    """
    settings = await _settings(session, attempt)
    interview_id = await _interview_of(session, attempt)
    if interview_id is None:
        talked = attempt.agent_session_id is not None
        if not settings.form or not talked or attempt.disposition is not None:
            return None
        interview_id = await _begin(session, attempt, settings.form, clock=clock)
    sitting = await interviews.load(
        session, interview_id, client_id=attempt.client_id, for_update=True
    )
    if attempt.disposition is not None:  # whoever looks at it afterwards changes nothing
        return await _talk(session, attempt, settings, sitting)
    return await _settled(session, attempt, settings, sitting, clock=clock)


async def _begin(session: AsyncSession, attempt: Attempt, form: str, *, clock: Clock) -> UUID:
    contact = await session.get(Contact, attempt.contact_id)
    sitting = await interviews.begin(
        session,
        form,
        client_id=attempt.client_id,
        clock=clock,
        contact_id=attempt.contact_id,
        attempt_id=attempt.id,
        language=(contact.language if contact else None) or "",
    )
    link = insert(InterviewCall).values(
        attempt_id=attempt.id,
        interview_id=sitting.row.id,
        client_id=attempt.client_id,
        began_at=clock.now(),
    )
    if affected(await session.execute(link.on_conflict_do_nothing())):
        # The places of an earlier call may be somebody else's by now.
        await seats.leave_seats(session, sitting.row.id)
    return sitting.row.id


async def save(
    session: AsyncSession, attempt: Attempt, entry: Entry, *, user_id: UUID | None, clock: Clock
) -> Talk:
    """Save one answer and return where the interview is then. The same one twice is saved once.

    An interview that has ended goes on when an answer changes before the call has its result.

    Raises:
        InterviewNotFound: no such interview was held in this call.
        InterviewOver: it has ended, and the call has its result.
        AnswerNotTaken: the answer does not fit the question.
        AnsweredElsewhere: another window has given another answer since.
    """
    if await _interview_of(session, attempt) != entry.interview_id:
        raise InterviewNotFound(interview_id=str(entry.interview_id))
    settings = await _settings(session, attempt)
    sitting = await interviews.load(
        session, entry.interview_id, client_id=attempt.client_id, for_update=True
    )
    answer = interviews.answer_to(sitting, entry.code, entry.given, sequence=entry.sequence)
    if await _is_double(session, sitting, entry, answer):
        return await _settled(session, attempt, settings, sitting, clock=clock)
    if sitting.row.ended_at is not None and attempt.disposition is not None:
        raise InterviewOver(interview_id=str(entry.interview_id))
    _require_rule(sitting, entry)
    kept = await keep_answer(
        session,
        sitting.row,
        entry.code,
        answer,
        sequence=entry.sequence,
        user_id=user_id,
        clock=clock,
        spot=_spot(attempt, settings, clock.now() - timedelta(seconds=entry.age_s)),
    )
    if not kept:
        raise AnsweredElsewhere(question=entry.code)
    sitting = replace(sitting, answers=sitting.answers.having(entry.code, answer))
    return await _settled(session, attempt, settings, sitting, clock=clock)


def _require_rule(sitting: Sitting, entry: Entry) -> None:
    """Refuse what breaks the question's rule; an answer off the path is kept all the same."""
    after = record(sitting.form, sitting.answers, entry.code, entry.given, sitting.person)
    if isinstance(after, Refused) and after.reason is not AnswerRefusal.NOT_ASKED:
        raise AnswerNotTaken(after.sentence, reason=after.reason.value, **after.facts)


def _spot(attempt: Attempt, settings: CampaignSettings, given_at: datetime) -> Spot:
    began_at = attempt.answered_at if settings.record else None
    return spot_at(attempt.id, given_at, began_at=began_at, ended_at=attempt.ended_at)


async def _is_double(session: AsyncSession, sitting: Sitting, entry: Entry, answer: Answer) -> bool:
    """Tell whether this very answer was saved before: its confirmation was lost on the way."""
    stored = await session.get(
        InterviewAnswer, (sitting.row.id, entry.code), populate_existing=True
    )
    if stored is None or stored.client_id != sitting.row.client_id:
        return False
    return stored.sequence == entry.sequence and stored.answer == answer.as_json()


async def _settled(
    session: AsyncSession,
    attempt: Attempt,
    settings: CampaignSettings,
    sitting: Sitting,
    *,
    clock: Clock,
) -> Talk:
    """Return the interview with its places in quotas, ended if there is nothing left to ask."""
    now, row = sitting.walk(), sitting.row
    quotas = () if now.ending is Ending.SCREENED_OUT else settings.answer_quotas
    full = await seats.take_seats(session, row, attempt.campaign_id, quotas, now, clock=clock)
    ending = Ending.QUOTA_FULL if full else now.ending
    if ending != row.ending:
        row.ending, row.ended_at = ending, clock.now() if ending else None
        session.add(row)
        await session.flush()
    return await _talk(session, attempt, settings, sitting, full)


async def _talk(
    session: AsyncSession,
    attempt: Attempt,
    settings: CampaignSettings,
    sitting: Sitting,
    full: tuple[str, ...] = (),
) -> Talk:
    row = sitting.row
    newest = select(func.max(InterviewAnswer.sequence)).where(
        col(InterviewAnswer.interview_id) == row.id,
        col(InterviewAnswer.client_id) == row.client_id,
    )
    seen = (await session.exec(newest)).one() or 0
    return Talk(attempt, settings, sitting, sitting.walk(), seen, full)


async def language_of(session: AsyncSession, attempt: Attempt) -> str:
    """Return the language in which the call's interview is held; empty: there is none."""
    interview_id = await _interview_of(session, attempt)
    row = await session.get(Interview, interview_id) if interview_id else None
    return row.language if row and row.client_id == attempt.client_id else ""


async def _settings(session: AsyncSession, attempt: Attempt) -> CampaignSettings:
    campaign = await session.get_one(Campaign, attempt.campaign_id)
    return CampaignSettings.model_validate(campaign.settings)


async def _interview_of(session: AsyncSession, attempt: Attempt) -> UUID | None:
    mine = select(InterviewCall.interview_id).where(
        col(InterviewCall.attempt_id) == attempt.id,
        col(InterviewCall.client_id) == attempt.client_id,
    )
    return (await session.exec(mine)).first()
