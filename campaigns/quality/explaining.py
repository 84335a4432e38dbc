"""Why a call was drawn, or not, by each plan: told from what the draw had before it."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.corrections import corrections_of, result_at
from campaigns.quality.calls import TakenCall, find_taken
from campaigns.quality.drawing import Share, Why, group_of, ticket
from campaigns.quality.models import SampledCall, SampledWeek, SamplingPlan
from campaigns.quality.plans import plans_of
from campaigns.quality.sampling import share_of
from campaigns.quality.weeks import week_of
from campaigns.recordings.models import Recording
from campaigns.reports.settings import terms_of


@dataclass(frozen=True, slots=True)
class Explained:
    """What one plan made of a call."""

    plan: SamplingPlan
    why: Why
    ticket: float
    group: str  #: the result whose calls were compared; "": all together
    share: Share | None  #: of the operator's calls
    reviewer_id: UUID | None = None  #: who scores it


async def explain(session: AsyncSession, attempt_id: UUID, *, client_id: UUID) -> list[Explained]:
    """Return what each plan made of a call; plans that had ended before its week are left out.

    Raises:
        CallNotFound: there is none, or it is another client's.
        NobodyTalked: no operator took it, so no plan draws it.
    """
    call = await find_taken(session, attempt_id, client_id=client_id)
    week = week_of(call.talked_at, (await terms_of(session, client_id)).zone)
    recording = await session.get(Recording, attempt_id)
    drawn = await session.exec(select(SampledCall).where(col(SampledCall.attempt_id) == attempt_id))
    by_plan = {one.plan_id: one for one in drawn}
    corrections = await corrections_of(session, attempt_id, client_id=client_id)
    found = []
    for plan in await plans_of(session, client_id):
        row = await session.get(SampledWeek, (plan.id, week))
        if plan.ended_at is not None and row is None:
            continue
        mine = by_plan.get(plan.id)
        why = Why.DRAWN if mine else _why_not(plan, row, call, recording, week < plan.first_week)
        result = call.attempt.disposition
        if row is not None:  # the draw saw the result as it was then
            result = result_at(corrections, result, row.drawn_at)
        group = group_of(result or "", plan.mix)
        found.append(
            Explained(
                plan,
                why,
                ticket(plan.seed, week, attempt_id),
                group,
                share_of(row, call.agent.id, group) if row is not None else None,
                mine.reviewer_id if mine else None,
            )
        )
    return found


def _why_not(
    plan: SamplingPlan,
    row: SampledWeek | None,
    call: TakenCall,
    recording: Recording | None,
    before: bool,
) -> Why:
    if plan.campaign_id not in (None, call.attempt.campaign_id):
        return Why.OTHER_CAMPAIGN
    if before:
        return Why.BEFORE_PLAN
    if recording is not None and (recording.duration_s or plan.least_s) < plan.least_s:
        return Why.TOO_SHORT
    if row is None:
        return Why.NOT_YET
    if not _was_kept(recording, row):
        return Why.NOT_KEPT
    if set(plan.reviewers) == {call.agent.user_id}:
        return Why.NO_REVIEWER
    return Why.HIGHER_TICKET


def _was_kept(recording: Recording | None, row: SampledWeek) -> bool:
    """Tell whether there was a recording when the sample was drawn."""
    if recording is None or recording.kept_at is None or recording.kept_at > row.drawn_at:
        return False
    return recording.deleted_at is None or recording.deleted_at > row.drawn_at
