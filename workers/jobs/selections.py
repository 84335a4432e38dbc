"""Selections that changed are applied to their campaigns' leads; until then nothing is drawn."""

from typing import Any

import structlog
from sqlmodel import col, select, update

from campaigns.leads.selection import apply_in_steps
from campaigns.models import Campaign
from dialer.db import transaction
from dialer.errors import OutdialError
from workers.deps import BackgroundDeps

log = structlog.get_logger()


async def apply_selections(ctx: dict[str, Any]) -> None:
    """Apply every selection that is due; one that was changed meanwhile stays due."""
    deps: BackgroundDeps = ctx["deps"]
    async with deps.sessions() as session:
        due = (await session.exec(select(Campaign).where(col(Campaign.selection_due)))).all()
    for campaign in due:
        try:
            report = None
            async for report in apply_in_steps(deps.sessions, campaign):  # noqa: B007 - the last one
                pass
        except OutdialError as error:
            log.warning("selection.not_applied", campaign_id=str(campaign.id), error=error.code)
            continue
        async with transaction(deps.sessions) as session:
            await session.exec(
                update(Campaign)
                .where(col(Campaign.id) == campaign.id)
                .where(col(Campaign.settings) == campaign.settings)
                .values(selection_due=False)
            )
        if report is not None:
            log.info(
                "selection.applied",
                campaign_id=str(campaign.id),
                selected=report.selected,
                left_out=report.left_out,
            )
