"""What virtual agents write down: the form's answers, and when a call is promised."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms import in_calls
from campaigns.forms.answering.answers import Refused
from campaigns.forms.answering.engine import record
from campaigns.forms.talks import Entry, Talk
from campaigns.leads import dispositions
from campaigns.leads.callbacks import CallbackRequest
from campaigns.leads.dispositions import RecordedDisposition
from campaigns.leads.models import Attempt
from campaigns.models import Campaign, Disposition
from campaigns.setup.pretending import pretended
from campaigns.tenancy.models import Client
from dialer.clock import Clock
from dialer.errors import OutdialError

log = structlog.get_logger()

#: One in so many people does not answer to the end.
BREAKS_OFF_RATE = 0.12
#: How often another answer is tried where the question has a rule of its own.
TRIES = 8
#: One in so many conversations ends with a promise to call again later, and one in so many with a result.
LATER_RATE, SUCCESS_RATE = 0.08, 0.5
#: Half of those who want to be called later say when.
PROMISE_RATE = 0.5
#: What is written down with a promise.
NOTE = "Virtual agent: call again"
#: No form has more questions on its path; a form that turned in a circle would end here.
MOST_QUESTIONS = 500


@dataclass(frozen=True, slots=True)
class Filled:
    """How an interview of a virtual agent ended."""

    disposition: str = ""  #: the code the campaign names for the ending; empty: none
    broken_off: bool = False  #: questions are left


async def closing(
    session: AsyncSession,
    attempt_id: UUID,
    codes: Sequence[Disposition],
    campaign: Campaign,
    clock: Clock,
) -> RecordedDisposition | None:
    """Fill in the form of a call that has ended and close it; None: no code of the campaign will do."""
    rng = random.Random(str(attempt_id))
    if not _plain(codes):
        return None
    attempt = await in_calls.find_attempt(session, attempt_id, client_id=campaign.client_id)
    filled = await fill_in(session, attempt, rng, clock)
    code = chosen(codes, filled, rng)
    if code is None:
        return None
    row = next(one for one in codes if one.code == code)
    return await dispositions.record(
        session,
        attempt_id,
        code,
        client_id=campaign.client_id,
        clock=clock,
        callback=await _promise(session, row, campaign, rng, clock),
    )


async def _promise(
    session: AsyncSession, row: Disposition, campaign: Campaign, rng: random.Random, clock: Clock
) -> CallbackRequest | None:
    """Return when the person wants to be called; None: nobody said."""
    says_when = row.retry_after_s is not None and rng.random() < PROMISE_RATE
    if not (row.requires_callback or says_when):
        return None
    client = await session.get_one(Client, campaign.client_id)
    hour = clock.now().replace(minute=0, second=0, microsecond=0)
    at = hour + timedelta(hours=rng.randrange(2, 72))
    # The trunk is simulated: no hour is closed.
    return CallbackRequest(at, lambda _, wanted: wanted, client.zone or "UTC", note=NOTE)


async def fill_in(
    session: AsyncSession, attempt: Attempt, rng: random.Random, clock: Clock
) -> Filled | None:
    """Answer the form of a call that has ended; None: the campaign has none, or it cannot be opened."""
    try:
        talk = await in_calls.open_talk(session, attempt, clock=clock)
    except OutdialError as error:  # the form was taken back, the person erased
        log.info("virtual_agents.no_form", error=error.code)
        return None
    if talk is None:
        return None
    stops_after = rng.randrange(1, 4) if rng.random() < BREAKS_OFF_RATE else MOST_QUESTIONS
    asked = 0
    while talk.ending is None and talk.now.next is not None and asked < stops_after:
        entry = _answer(talk, attempt, asked, rng, clock)
        if entry is None:
            break
        talk = await in_calls.save(session, attempt, entry, user_id=None, clock=clock)
        asked += 1
    return Filled(talk.disposition, broken_off=talk.ending is None)


def _answer(
    talk: Talk, attempt: Attempt, asked: int, rng: random.Random, clock: Clock
) -> Entry | None:
    """Return an answer that is taken; None where none was found."""
    question, sitting = talk.now.next, talk.sitting
    if question is None:
        return None
    for _ in range(TRIES):
        given = pretended(
            question,
            rng,
            region=sitting.form.region,
            language=sitting.row.language,
            today=sitting.row.began_on,
        )
        taken = record(sitting.form, sitting.answers, question.code, given, sitting.person)
        if not isinstance(taken, Refused):
            age_s = _age_s(attempt, asked, len(sitting.form.by_code), clock)
            return Entry(sitting.row.id, question.code, given, talk.seen + 1, age_s)
    return None


def _age_s(attempt: Attempt, asked: int, questions: int, clock: Clock) -> float:
    """Return how long ago the answer was given: the talk is spread over the questions."""
    now = clock.now()
    began, ended = attempt.connected_at or now, attempt.ended_at or now
    share = min(1.0, (asked + 1) / (questions + 1))
    return max(0.0, (now - began - (ended - began) * share) / timedelta(seconds=1))


def _plain(codes: Sequence[Disposition]) -> list[Disposition]:
    """Return what a virtual agent may press.

    Refusals are left out: the contacts may be real ones, and nobody real has refused anything.
    """
    return [row for row in codes if not (row.requires_note or row.suppresses or row.refuses)]


def chosen(codes: Sequence[Disposition], filled: Filled | None, rng: random.Random) -> str | None:
    """Return what a virtual agent presses: what the campaign names for the form's ending, or a likely code.

    None: nothing fits. A talk that broke off is to be called again, a form that was filled in is a result.
    """
    plain = _plain(codes)
    if filled is not None and filled.disposition in {row.code for row in plain}:
        return filled.disposition
    later = [row.code for row in plain if row.retry_after_s is not None or row.requires_callback]
    results = [row.code for row in plain if row.success and row.code not in later]
    other = [row.code for row in plain if not row.success and row.code not in later]
    drawn = rng.random()
    broken_off = filled is not None and filled.broken_off
    if later and (broken_off or drawn < LATER_RATE):
        return rng.choice(later)
    is_result = not broken_off and (filled is not None or drawn < LATER_RATE + SUCCESS_RATE)
    for some in (results, other) if is_result else (other, results):
        if some:
            return rng.choice(some)
    return rng.choice(later) if later else None
