"""Quotas of a client's campaigns: how full each is, when it will be, and the calls that fill it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.leads.quotas import calls_of_quota
from campaigns.reports.drill import CallPage, page_of
from campaigns.reports.settings import terms_of
from campaigns.settings import CampaignSettings
from campaigns.setup.quota_dates import quota_dates
from dialer.errors import NotFound

#: So many campaigns are shown at once, those that began last first.
MOST_CAMPAIGNS = 20


class QuotaNotFound(NotFound):
    """The campaign has no such quota."""

    code = "quota_not_found"
    message = "The campaign has no such quota."


@dataclass(frozen=True, slots=True)
class QuotaProgress:
    """One quota of a campaign."""

    campaign_id: UUID
    campaign: str
    number: int  #: in the campaign, from 0: quotas on contacts first, then those on answers
    name: str
    target: int
    reached: int
    full_on: (
        date | None
    )  #: at the pace so far, in the client's zone; None: full, or no pace is known


_CAMPAIGNS = text(
    """
    SELECT id, name, settings FROM campaign
    WHERE client_id = :client_id
      AND (CAST(:chosen AS uuid[]) IS NULL OR id = ANY(CAST(:chosen AS uuid[])))
      AND (jsonb_array_length(coalesce(settings -> 'answer_quotas', '[]')) > 0
           OR jsonb_array_length(coalesce(settings -> 'selection' -> 'quotas', '[]')) > 0)
    ORDER BY created_at DESC, id LIMIT :most
    """
)
_OF_ANSWERS = text(
    """
    SELECT i.attempt_id AS id FROM quota_seat s JOIN interview i ON i.id = s.interview_id
    WHERE s.campaign_id = :campaign_id AND s.quota = :code AND i.ending = 'complete'
    """
)


async def quota_progress(
    session: AsyncSession, client_id: UUID, chosen: Sequence[str] | None, *, now: datetime
) -> tuple[QuotaProgress, ...]:
    """Return the quotas of campaigns; ``chosen``: only of these."""
    ids = None if chosen is None else [UUID(one) for one in chosen]
    known = {"client_id": client_id, "chosen": ids, "most": MOST_CAMPAIGNS}
    zone = ZoneInfo((await terms_of(session, client_id)).zone)
    found: list[QuotaProgress] = []
    for row in (await session.execute(_CAMPAIGNS, known)).all():
        settings = CampaignSettings.model_validate(row.settings)
        dates = await quota_dates(session, row.id, settings, client_id=client_id, now=now)
        for number, one in enumerate(dates):
            full_on = one.full_at.astimezone(zone).date() if one.full_at else None
            fill = (number, one.name, one.target, one.reached, full_on)
            found.append(QuotaProgress(row.id, row.name, *fill))
    return tuple(found)


async def quota_calls(
    session: AsyncSession, campaign_id: UUID, number: int, *, client_id: UUID, page: int
) -> tuple[str, CallPage]:
    """Return a quota's name, and a page of the calls that fill it: one for each that it counts.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
        QuotaNotFound: it has no quota of this number.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    settings = CampaignSettings.model_validate(campaign.settings)
    quotas, on_answers = settings.selection.quotas, settings.answer_quotas
    if number < len(quotas):
        name = quotas[number].words
        rows = (await session.execute(calls_of_quota(campaign_id, quotas, number))).all()
    elif number < len(quotas) + len(on_answers):
        name = on_answers[number - len(quotas)].code
        known = {"campaign_id": campaign_id, "code": name}
        rows = list((await session.execute(_OF_ANSWERS, known)).all())
    else:
        raise QuotaNotFound(number=number)
    ids = [row.id for row in rows if row.id is not None]
    return name, await page_of(session, client_id, ids, page=page)
