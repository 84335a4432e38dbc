"""A campaign as its agents' desks need it: settings, colour, dispositions with their keys."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.desk.hot_keys import hot_keys
from campaigns.models import Disposition
from campaigns.settings import CampaignSettings
from campaigns.states import CampaignState


@dataclass(frozen=True, slots=True)
class DeskCode:
    """A disposition on the desk."""

    code: str
    label: str
    key: str  #: "" when there is none
    requires_note: bool
    requires_callback: bool
    suppresses: bool
    success: bool


@dataclass(frozen=True, slots=True)
class DeskCampaign:
    """One campaign on the desk."""

    id: UUID
    client_id: UUID
    name: str
    state: CampaignState
    settings: CampaignSettings
    codes: tuple[DeskCode, ...]

    def code(self, code: str | None) -> DeskCode | None:
        """Return one of its dispositions."""
        return next((one for one in self.codes if one.code == code), None)

    @property
    def opt_out(self) -> DeskCode | None:
        """Return the disposition that "do not call me again" saves."""
        return next((one for one in self.codes if one.suppresses), None)


async def load_campaign(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID
) -> DeskCampaign:
    """Return a client's campaign.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id)
    rows = await session.exec(
        select(Disposition)
        .where(col(Disposition.campaign_id) == campaign_id, col(Disposition.client_id) == client_id)
        .order_by(col(Disposition.position), col(Disposition.code))
    )
    found = list(rows)
    keys = hot_keys([row.hot_key for row in found])
    codes = tuple(
        DeskCode(
            row.code,
            row.label,
            key,
            row.requires_note,
            row.requires_callback,
            row.suppresses,
            row.success,
        )
        for row, key in zip(found, keys, strict=True)
    )
    settings = CampaignSettings.model_validate(campaign.settings)
    return DeskCampaign(campaign.id, client_id, campaign.name, campaign.state, settings, codes)
