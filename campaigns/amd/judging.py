"""Was the verdict right? Judgements of agents and reviewers, and the switch they may turn."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.amd.errors import (
    AlreadyJudged,
    NotDrawn,
    NothingToJudge,
    ReasonMissing,
    VerdictNotFound,
)
from campaigns.amd.estimates import Judged, is_too_often_wrong, of_people
from campaigns.amd.models import AmdSwitch, AmdVerdict, Judgement
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from campaigns.tenancy import audit
from dialer.call.verdicts import Treatment, Verdict
from dialer.clock import Clock

#: Why detection was switched off: more people are taken for machines than the campaign allows.
TOO_MANY_PEOPLE = "too_many_people_taken_for_machines"

#: A shorter reason says nothing, characters.
LEAST_REASON = 5
#: A longer one is a letter.
MOST_REASON = 500
#: Before anything: all verdicts count.
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
_COUNTED = (Treatment.ACTED, Treatment.AUDITED)

_KNOWN = text(
    """
    SELECT count(*) FILTER (WHERE treatment = 'acted') AS acted,
           count(*) FILTER (WHERE treatment = 'audited') AS audited,
           count(*) FILTER (WHERE judged IN ('person', 'machine')) AS judged,
           count(*) FILTER (WHERE judged = 'person') AS people,
           count(*) FILTER (WHERE judged = 'cannot_tell') AS cannot_tell
    FROM amd_verdict
    WHERE campaign_id = :campaign_id AND verdict = 'machine' AND found_at >= :since
      AND treatment IN ('acted', 'audited')
    """
)
#: Whoever answered and was a person, as far as anybody knows.
_MET = text(
    """
    SELECT count(*) FROM attempt a
    WHERE a.campaign_id = :campaign_id AND a.answered_at >= :since
      AND a.outcome IN ('connected', 'abandoned', 'hung_up_early', 'interrupted')
      AND NOT EXISTS (SELECT FROM amd_verdict v
                      WHERE v.attempt_id = a.id AND v.judged = 'machine')
    """
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a campaign's detection does: what is known since when, and whether it is off."""

    known: Judged
    since: datetime | None  #: None: since the first call
    off_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a judgement led to."""

    verdict: AmdVerdict
    switched_off: bool


async def standing_of(session: AsyncSession, campaign_id: UUID) -> Standing:
    """Return how a campaign's detection does; the caller may see the campaign."""
    switch = await session.get(AmdSwitch, campaign_id, populate_existing=True)
    since = switch.counts_since if switch else None
    facts = {"campaign_id": campaign_id, "since": since or _EVER}
    row = (await session.execute(_KNOWN, facts)).one()
    met = (await session.execute(_MET, facts)).scalar_one()
    known = Judged(row.acted, row.audited, row.judged, row.people, met, row.cannot_tell)
    off_at = switch.off_at if switch else None
    return Standing(known, since, off_at, switch.reason if switch and off_at else "")


async def judge(
    session: AsyncSession,
    attempt_id: UUID,
    was: Judgement,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
    instead_of: Judgement | None = None,
) -> Outcome:
    """Store what a call taken for a machine's was; detection that is too often wrong goes off.

    ``instead_of`` corrects: it is the judgement the person saw and found wrong. Without it only the
    first judgement counts, however many windows send one.

    Raises:
        VerdictNotFound: no such verdict, or another client's.
        NothingToJudge: nothing was done about it.
        NotDrawn: it was acted on, and is not in the sample.
        AlreadyJudged: somebody was first.
    """
    verdict = await _held(session, attempt_id, client_id)
    if verdict.judged is not instead_of:
        judged = verdict.judged.value if verdict.judged else None
        raise AlreadyJudged(attempt_id=str(attempt_id), judged=judged)
    if was is instead_of:
        return Outcome(verdict, switched_off=False)
    verdict.judged, verdict.judged_by, verdict.judged_at = was, user_id, clock.now()
    await session.flush()
    former = {"instead_of": instead_of.value} if instead_of else {}
    await audit.record(
        session,
        client_id=client_id,
        user_id=user_id,
        at=verdict.judged_at,
        action="amd_verdict.corrected" if instead_of else "amd_verdict.judged",
        subject="amd_verdict",
        subject_id=attempt_id,
        facts={"was": was.value, **former, "treatment": verdict.treatment.value},
    )
    off = await _switch_off_if_wrong(session, verdict.campaign_id, clock.now())
    return Outcome(verdict, off)


async def _held(session: AsyncSession, attempt_id: UUID, client_id: UUID) -> AmdVerdict:
    """Return a verdict that may be judged; until the commit nobody else changes it."""
    verdict = await session.get(
        AmdVerdict, attempt_id, with_for_update=True, populate_existing=True
    )
    if verdict is None or verdict.client_id != client_id:
        raise VerdictNotFound(attempt_id=str(attempt_id))
    if verdict.verdict is not Verdict.MACHINE or verdict.treatment not in _COUNTED:
        raise NothingToJudge(attempt_id=str(attempt_id), treatment=verdict.treatment.value)
    if verdict.treatment is Treatment.ACTED and not verdict.for_review:
        raise NotDrawn(attempt_id=str(attempt_id))
    return verdict


async def _count_in_turn(session: AsyncSession, campaign_id: UUID) -> None:
    """Wait for whoever judges this campaign's verdicts now: together they may reach the limit."""
    key = func.hashtextextended(f"amd {campaign_id}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))


async def _switch_off_if_wrong(session: AsyncSession, campaign_id: UUID, now: datetime) -> bool:
    await _count_in_turn(session, campaign_id)
    campaign = await session.get_one(Campaign, campaign_id)
    amd = CampaignSettings.model_validate(campaign.settings).amd
    standing = await standing_of(session, campaign_id)
    if amd is None or standing.off_at is not None:
        return False
    if not is_too_often_wrong(standing.known, amd.max_false_positive_rate):
        return False
    figures = _figures(standing.known, amd.max_false_positive_rate)
    changes = {"off_at": now, "reason": TOO_MANY_PEOPLE, "figures": figures}
    row = insert(AmdSwitch).values(
        campaign_id=campaign_id, client_id=campaign.client_id, counts_since=None, **changes
    )
    await session.exec(row.on_conflict_do_update(index_elements=["campaign_id"], set_=changes))
    await audit.record(
        session,
        client_id=campaign.client_id,
        user_id=None,
        at=now,
        action="amd.switched_off",
        subject="campaign",
        subject_id=campaign_id,
        facts={"by": "system", "reason": TOO_MANY_PEOPLE, **figures},
    )
    return True


def _figures(known: Judged, limit: float) -> dict[str, Any]:
    found = of_people(known)
    shares = {name: round(value, 5) for name, value in asdict(found).items()} if found else {}
    return asdict(known) | {"of_people": shares, "limit": limit}


async def switch_on(
    session: AsyncSession, campaign: Campaign, *, reason: str, user_id: UUID | None, clock: Clock
) -> Standing:
    """Let detection work again; what was judged before does not count any more.

    Raises:
        ReasonMissing: nobody could tell afterwards why.
    """
    if len(reason.strip()) < LEAST_REASON:
        raise ReasonMissing(least_characters=LEAST_REASON)
    await _count_in_turn(session, campaign.id)
    switch = await session.get(AmdSwitch, campaign.id, with_for_update=True)
    if switch is not None and switch.off_at is not None:
        now = clock.now()
        switch.off_at, switch.reason, switch.counts_since = None, "", now
        await session.flush()
        await audit.record(
            session,
            client_id=campaign.client_id,
            user_id=user_id,
            at=now,
            action="amd.switched_on",
            subject="campaign",
            subject_id=campaign.id,
            facts={"reason": reason.strip()},
        )
    return await standing_of(session, campaign.id)


async def off_reason(session: AsyncSession, campaign_id: UUID) -> str:
    """Return why a campaign's detection is off; "" when it is not."""
    switch = await session.get(AmdSwitch, campaign_id, populate_existing=True)
    return switch.reason if switch is not None and switch.off_at is not None else ""
