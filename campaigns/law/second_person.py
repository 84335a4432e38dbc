"""The guard: a person alone does not loosen settings of law where the client wants two."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.configuration import checked_settings
from campaigns.law.campaign_rules import campaign_rules
from campaigns.law.loosening import loosened
from campaigns.models import Campaign, Trunk
from campaigns.startable import shipped_law
from campaigns.tenancy.limits import NeedsSecondPerson
from campaigns.tenancy.models import Client
from compliance.rulebook.rules import WindowTerms
from dialer.clock import Clock


async def loosened_by(
    session: AsyncSession,
    campaign: Campaign,
    before: Mapping[str, Any],
    *,
    trunk_before: UUID | None,
    clock: Clock,
) -> tuple[str, ...]:
    """Return what a campaign, as it is now in the session, has looser than ``before``.

    On a simulated trunk nobody real is called, so nothing counts; when a real one takes its place
    everything that is looser than a new campaign's start values does.
    """
    trunk = await session.get(Trunk, campaign.trunk_id) if campaign.trunk_id else None
    if trunk is None or trunk.simulated:
        return ()
    if campaign.trunk_id != trunk_before:
        was = await session.get(Trunk, trunk_before) if trunk_before else None
        if was is None or was.simulated:
            before = checked_settings({})
    rules = await campaign_rules(session, campaign, law=shipped_law(), now=clock.now())
    windows = [rule.terms for rule in rules if isinstance(rule.terms, WindowTerms)]
    return loosened(before, campaign.settings, windows=windows)


async def wants_two(session: AsyncSession, client_id: UUID) -> bool:
    """Tell whether the client wants two persons for what loosens."""
    return (await session.get_one(Client, client_id)).two_person_law


async def require_for_campaign(
    session: AsyncSession,
    campaign: Campaign,
    before: Mapping[str, Any],
    trunk_before: UUID | None,
    *,
    clock: Clock,
) -> None:
    """Refuse what one person may not loosen alone, compared with ``before`` (complete settings).

    Raises:
        NeedsSecondPerson: nothing was stored yet; roll back.
    """
    if not await wants_two(session, campaign.client_id):
        return
    found = await loosened_by(session, campaign, before, trunk_before=trunk_before, clock=clock)
    if found:
        raise NeedsSecondPerson(
            f"{NeedsSecondPerson.message} ({', '.join(found)})", settings=list(found)
        )
