"""What is left to do of a campaign, in one look: a runner asks each second."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.leads.hopper import HAS_OPEN


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a campaign's leads."""

    has_open: bool  #: some that is drawn is not done yet
    has_promises: bool  #: some person was promised a call, whatever the lead is like


async def whats_left(session: AsyncSession, campaign_id: UUID, closed: Iterable[int] = ()) -> Left:
    """Tell whether leads and promises are open, as ``has_open_leads`` does, in one look."""
    promises = "EXISTS (SELECT FROM callback WHERE campaign_id = :campaign_id AND state = 'open')"
    facts = {"campaign_id": campaign_id, "closed": sorted(closed)}
    row = (await session.execute(text(f"SELECT {HAS_OPEN}, {promises}"), facts)).one()
    return Left(*row)
