"""The pace of a campaign, changed while it runs, within what its settings and the law allow."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.models import Campaign
from dialer.clock import Clock
from dialer.errors import Invalid
from dialer.pacing.policy import PacingMode


class NothingToChange(Invalid):
    """A change of pace names what to change."""

    code = "nothing_to_change"
    message = "Say what to change: the dial mode, the dial ratio or the abandoned target."


async def change(
    session: AsyncSession,
    campaign_id: UUID,
    *,
    client_id: UUID,
    user_id: UUID | None,
    clock: Clock,
    mode: PacingMode | None = None,
    dial_ratio: float | None = None,
    abandon_target: float | None = None,
) -> Campaign:
    """Change dial mode, dial ratio (calls per ready agent) or abandoned target (a share, 0 to 0.05).

    The caller sends ``CommandName.REFRESH`` after the commit. The change is in the audit log.

    Raises:
        CampaignNotFound: no such campaign, or another client's.
        NothingToChange: nothing was named.
        BadSettings: the settings or the law do not allow it.
    """
    wished: dict[str, Any] = {
        "mode": mode.value if mode is not None else None,
        "dial_ratio": dial_ratio,
        "abandon_target": abandon_target,
    }
    changes = {name: value for name, value in wished.items() if value is not None}
    if not changes:
        raise NothingToChange
    return await lifecycle.update(
        session, campaign_id, client_id=client_id, clock=clock, by=user_id, settings=changes
    )
