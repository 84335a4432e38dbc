"""How far each quota of a campaign is, and when it will be full at the pace of the last week."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.forms.seats import seats_taken
from campaigns.leads.quotas import quota_states
from campaigns.settings import CampaignSettings

_DAYS = 7


@dataclass(frozen=True, slots=True)
class QuotaDate:
    """One quota."""

    name: str
    target: int
    reached: int
    full_at: datetime | None  #: at the pace so far; None: full already, or no pace is known yet


_FIRST = text(
    """
    SELECT min(disposed_at) FROM attempt
    WHERE campaign_id = :campaign_id AND client_id = :client_id AND disposed_at >= :since
    """
)


async def quota_dates(
    session: AsyncSession,
    campaign_id: UUID,
    settings: CampaignSettings,
    *,
    client_id: UUID,
    now: datetime,
) -> list[QuotaDate]:
    """Return the campaign's quotas on contacts and on answers, in the order given."""
    since = now - timedelta(days=_DAYS)
    facts = {"campaign_id": campaign_id, "client_id": client_id, "since": since}
    first = (await session.execute(_FIRST, facts)).scalar_one()
    rows: list[tuple[str, int, int]] = []
    quotas = settings.selection.quotas
    for quota, state in zip(quotas, await quota_states(session, campaign_id, quotas), strict=True):
        rows.append((quota.words, state.target, state.reached))
    taken = await seats_taken(session, campaign_id) if settings.answer_quotas else {}
    for one in settings.answer_quotas:
        done, _ = taken.get(one.code, (0, 0))
        rows.append((one.code, one.target, done))
    return [QuotaDate(*row, full_at=_full_at(row[1], row[2], first, now)) for row in rows]


def _full_at(target: int, reached: int, first: datetime | None, now: datetime) -> datetime | None:
    if first is None or not 0 < reached < target or now <= first:
        return None
    return now + (now - first) * ((target - reached) / reached)
