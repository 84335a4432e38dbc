"""Whether the do-not-call lists a campaign's calls need are there, and fresh enough to be believed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.law.dnc_lists import find_lists
from campaigns.leads.asking import ClientLaw, load_client_law
from campaigns.leads.models import Lane
from campaigns.leads.places import load_places, waiting_places
from campaigns.models import Campaign
from campaigns.settings import CampaignSettings
from compliance.binding import binding_rules
from compliance.consent import OWN_LIST
from compliance.dnc.freshness import age_days, is_fresh
from compliance.facts import Law
from compliance.models import DncList
from compliance.places.placement import Placement
from compliance.rulebook.rules import DncTerms, Rule
from compliance.rulebook.strictest import dnc_lists


@dataclass(frozen=True, slots=True)
class UnusableList:
    """A list that is demanded and cannot be used."""

    code: str
    age_days: float | None  #: None = it is not loaded
    max_age_days: int | None

    def __str__(self) -> str:
        """Return it for people: what it is and how old."""
        if self.age_days is None:
            return f"{self.code} is not loaded"
        if self.max_age_days is None:
            return f"{self.code} has a date in the future"
        return (
            f"{self.code} is {self.age_days:.0f} days old, at most {self.max_age_days} are allowed"
        )


async def unusable_lists(
    session: AsyncSession, campaign: Campaign, *, law: Law, now: datetime
) -> tuple[UnusableList, ...]:
    """Return the lists that calls to the campaign's waiting leads need and cannot use, by code."""
    settings = CampaignSettings.model_validate(campaign.settings)
    client = await load_client_law(session, campaign.client_id, law)
    places = await _places(session, campaign)
    rules = _binding(law, settings, client, places, now)
    demanded = {terms.list_code: terms for terms in dnc_lists(rules) if terms.list_code != OWN_LIST}
    # The client's own version of a list goes before everybody's.
    rows = {row.code: row for row in await find_lists(session, client_id=campaign.client_id)}
    codes = {*demanded, *(row.code for row in rows.values() if row.always_applies)}
    judged = (_judged(code, demanded.get(code), rows.get(code), now) for code in sorted(codes))
    return tuple(unusable for unusable in judged if unusable is not None)


async def _places(session: AsyncSession, campaign: Campaign) -> Iterable[Placement]:
    lanes = select(Lane.lane).where(col(Lane.campaign_id) == campaign.id)
    numbers = [n for lane in await session.exec(lanes) for n in (lane, lane + 1)]
    waiting = await waiting_places(session, campaign.id, numbers)
    return (await load_places(session, waiting)).values()


def _binding(
    law: Law,
    settings: CampaignSettings,
    client: ClientLaw,
    places: Iterable[Placement],
    now: datetime,
) -> list[Rule]:
    found = {
        rule.id: rule
        for placement in places
        for rule in binding_rules(
            law,
            placement,
            now,
            purpose=settings.purpose,
            channel=settings.channel(),
            party=settings.party,
            exempted=client.exempted,
        )
    }
    return list(found.values())


def _judged(
    code: str, terms: DncTerms | None, row: DncList | None, now: datetime
) -> UnusableList | None:
    limits = [terms.max_age_days if terms else None, row.max_age_days if row else None]
    most = min((limit for limit in limits if limit is not None), default=None)
    if row is None:
        return UnusableList(code, None, most)
    if is_fresh(row.obtained_at, most, now):
        return None
    return UnusableList(code, age_days(row.obtained_at, now), most)
