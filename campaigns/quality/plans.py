"""Sampling plans: how many calls of each operator are scored a week, which, and by whom."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.quality.calls import reviewers_of
from campaigns.quality.drawing import Mix
from campaigns.quality.models import SamplingPlan
from campaigns.quality.scorecards import find_scorecard
from campaigns.quality.weeks import last_drawable
from campaigns.reports.settings import terms_of
from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock
from dialer.errors import Invalid, NotFound

MOST_NAME = 100
MOST_PER_AGENT = 50
MOST_LEAST_S = 7_200


class PlanNotFound(NotFound):
    """The client has no such plan."""

    code = "sampling_plan_not_found"
    message = "There is no such sampling plan."


@dataclass(frozen=True, slots=True)
class PlanIn:
    """What a person wants of a plan."""

    name: str
    scorecard_id: UUID
    per_agent: int
    least_s: int
    mix: Mix
    reviewers: tuple[UUID, ...]
    campaign_id: UUID | None = None
    seed: str = ""  #: "": made up

    def require_right(self, known: Sequence[UUID]) -> None:
        """Refuse what no plan can be.

        Raises:
            Invalid: the name, a number, or who reviews is missing.
        """
        if not self.name.strip():
            raise Invalid("Give the plan a name.")
        if not 1 <= self.per_agent <= MOST_PER_AGENT:
            raise Invalid("Draw 1 to 50 calls of each operator a week.")
        if not 0 <= self.least_s <= MOST_LEAST_S:
            raise Invalid("The shortest call that is drawn lasts 0 to 7200 seconds.")
        if not self.reviewers or not set(self.reviewers) <= set(known):
            raise Invalid("Choose who scores the calls.")


async def make_plan(
    session: AsyncSession, wish: PlanIn, *, who: Identity, clock: Clock
) -> SamplingPlan:
    """Make a plan; its first week is the last one that is over.

    Raises:
        Invalid: something is missing.
        ScorecardNotFound, CampaignNotFound: a scorecard or campaign that is not the client's.
    """
    wish.require_right(list(await reviewers_of(session, who.client_id)))
    shown = await find_scorecard(session, wish.scorecard_id, client_id=who.client_id)
    if shown.published is None:
        raise Invalid("Publish the scorecard first: calls are scored by a published version.")
    if wish.campaign_id is not None:
        await lifecycle.find(session, wish.campaign_id, client_id=who.client_id)
    zone = (await terms_of(session, who.client_id)).zone
    plan = SamplingPlan(
        client_id=who.client_id,
        name=wish.name.strip()[:MOST_NAME],
        scorecard_id=wish.scorecard_id,
        campaign_id=wish.campaign_id,
        per_agent=wish.per_agent,
        least_s=wish.least_s,
        mix=wish.mix,
        reviewers=list(dict.fromkeys(wish.reviewers)),
        seed=wish.seed.strip()[:MOST_NAME] or secrets.token_hex(8),
        first_week=last_drawable(clock.now(), zone),
        created_at=clock.now(),
        created_by=who.user_id,
    )
    session.add(plan)
    await session.flush()
    facts = {"name": plan.name, "per_agent": plan.per_agent, "least_s": plan.least_s}
    facts |= {"mix": plan.mix.value, "reviewers": [str(one) for one in plan.reviewers]}
    await audit.trace(session, plan, "sampling_plan.made", facts, user_id=who.user_id, clock=clock)
    return plan


async def end_plan(session: AsyncSession, plan_id: UUID, *, who: Identity, clock: Clock) -> None:
    """Draw no more by a plan; what was drawn stays.

    Raises:
        PlanNotFound: there is none, or it is another client's.
    """
    plan = await find_plan(session, plan_id, client_id=who.client_id)
    if plan.ended_at is None:
        plan.ended_at = clock.now()
        await session.flush()
        await audit.trace(
            session, plan, "sampling_plan.ended", {}, user_id=who.user_id, clock=clock
        )


async def find_plan(session: AsyncSession, plan_id: UUID, *, client_id: UUID) -> SamplingPlan:
    """Return a client's plan.

    Raises:
        PlanNotFound: there is none, or it is another client's.
    """
    plan = await session.get(SamplingPlan, plan_id)
    if plan is None or plan.client_id != client_id:
        raise PlanNotFound(plan_id=str(plan_id))
    return plan


async def plans_of(session: AsyncSession, client_id: UUID) -> Sequence[SamplingPlan]:
    """Return a client's plans: those that draw first."""
    statement = select(SamplingPlan).where(col(SamplingPlan.client_id) == client_id)
    order = (col(SamplingPlan.ended_at).is_not(None), col(SamplingPlan.name))
    return (await session.exec(statement.order_by(*order))).all()
