"""What a forecast and a replay read of a campaign: its history, its leads, its law, its trunk."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.asking import Gatekeeper
from campaigns.leads.places import load_places
from campaigns.leads.why import ReasonCount, explain_campaign
from campaigns.models import Campaign, Trunk
from campaigns.pacing import memory
from campaigns.pacing.history import History, LeadsToCome, load_history, load_leads
from campaigns.pacing.law import WINDOW_S, pacing_policy
from campaigns.pacing.virtual import PastMinute
from campaigns.settings import CampaignSettings
from compliance.places.placement import Placement
from compliance.rulebook.rules import Rule
from dialer.pacing.policy import PredictivePolicy

_PLACES_ASKED = 5  #: the places of most leads, whose windows are looked at


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a forecast is computed from."""

    settings: CampaignSettings
    policy: PredictivePolicy
    history: History
    leads: LeadsToCome
    waiting: tuple[ReasonCount, ...]
    learned: Mapping[str, Any] | None  #: by the campaign's pacing
    past: tuple[PastMinute, ...]  #: answers that the abandonment budget counts
    open_hours: float  #: of an average day, 0..24
    lines: int | None  #: of the trunk
    calls_per_s: float | None


async def gather(
    session: AsyncSession, campaign: Campaign, keeper: Gatekeeper, *, now: datetime
) -> Inputs:
    """Read what a forecast needs of a campaign that the caller has been allowed to see."""
    settings, ids = keeper.settings, {"client_id": campaign.client_id}
    leads = await load_leads(session, campaign.id, **ids)
    places = await load_places(session, leads.by_place)
    trunk = await session.get(Trunk, campaign.trunk_id) if campaign.trunk_id else None
    policy = pacing_policy(settings, rules_of(keeper, places, now))
    retried = frozenset(settings.retry_dispositions)
    return Inputs(
        settings=settings,
        policy=policy,
        history=await load_history(session, campaign.id, retried=retried, now=now, **ids),
        leads=leads,
        waiting=tuple(await explain_campaign(session, keeper, campaign.id, now=now)),
        learned=await memory.learned_of(session, campaign.id),
        past=await answers_before(session, campaign.id, now),
        open_hours=_open_hours(keeper, places, leads.by_place, now),
        lines=trunk.max_channels if trunk else None,
        calls_per_s=trunk.calls_per_s if trunk else None,
    )


def rules_of(keeper: Gatekeeper, places: Mapping[int, Placement], at: datetime) -> tuple[Rule, ...]:
    """Return the pack rows that bind calls to any of the places."""
    found = {rule.id: rule for one in places.values() for rule in keeper.binding_rules(one, at)}
    return tuple(found.values())


async def answers_before(
    session: AsyncSession, campaign_id: UUID, at: datetime
) -> tuple[PastMinute, ...]:
    """Return the answers of the last 24 hours before ``at``, as the abandonment budget counts them."""
    minutes = await memory.answered_since(session, campaign_id, at - timedelta(seconds=WINDOW_S))
    return tuple(
        PastMinute((one.at - at).total_seconds(), one.answered, one.abandoned)
        for one in minutes
        if one.at < at
    )


def _open_hours(
    keeper: Gatekeeper,
    places: Mapping[int, Placement],
    leads: Mapping[int, int],
    now: datetime,
) -> float:
    """Return the hours of an average day of the coming week in which leads may be called."""
    asked = sorted(leads, key=lambda place: -leads[place])[:_PLACES_ASKED]
    hours = [now + timedelta(hours=hour) for hour in range(24 * 7)]
    weights = sum(leads[place] for place in asked if place in places)
    opened = sum(
        leads[place] * sum(keeper.opening(places[place], hour).is_open for hour in hours)
        for place in asked
        if place in places
    )
    return opened / weights / 7 if weights else 24.0
