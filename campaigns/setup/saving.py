"""Settings saved by one person: what tightens at once, what loosens settings of law as a request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import lifecycle
from campaigns.changing import differences
from campaigns.configuration import checked_settings
from campaigns.law import law_changes
from campaigns.law.models import LawChange, LawSubject
from campaigns.models import Campaign
from campaigns.tenancy.limits import NeedsSecondPerson
from dialer.clock import Clock


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a wish."""

    campaign: Campaign
    changed: Mapping[str, Any] | None = None  #: name -> from, to; at once
    asked: LawChange | None = None  #: what waits for a second person


async def save(
    session: AsyncSession,
    campaign_id: UUID,
    *,
    settings: Mapping[str, Any],
    trunk: str | None = None,
    caller_id: str | None = None,
    reason: str,
    client_id: UUID,
    clock: Clock,
    by: UUID | None,
) -> Saved:
    """Change what one person may; ask a second one, for ``reason``, about what loosens.

    Raises:
        CampaignNotFound, BadSettings, FormNotFound, TrunkNotFound, CallerIdNotFound, ScriptNotFound:
            nothing was changed.
        NotStartable: a campaign that is under way would lose what it needs; roll back.
        ReasonTooShort: a second person is to be asked, and the reason says too little; roll back.
    """
    campaign = await lifecycle.find(session, campaign_id, client_id=client_id, lock=True)
    before = {**checked_settings({}), **campaign.settings}
    after = checked_settings({**before, **settings})
    whose: dict[str, Any] = {"client_id": client_id, "clock": clock, "by": by}
    wanted, way = dict(after), trunk
    held: dict[str, Any] = {}
    while True:
        try:
            async with session.begin_nested():
                campaign = await lifecycle.update(
                    session, campaign_id, settings=wanted, trunk=way, caller_id=caller_id, **whose
                )
            break
        except NeedsSecondPerson as refused:
            more = _held(refused, before, after, held, trunk)
            if not more:
                raise
            held |= more
            wanted |= {name: before[name] for name in more if name in before}
            way = None if "trunk" in held else trunk
    changed = differences(before, campaign.settings)
    if not held or by is None:
        return Saved(campaign, changed)
    asked = await _ask(session, campaign, held, reason, by, clock)
    return Saved(campaign, changed, asked)


async def _ask(
    session: AsyncSession,
    campaign: Campaign,
    held: Mapping[str, Any],
    reason: str,
    by: UUID,
    clock: Clock,
) -> LawChange:
    return await law_changes.request(
        session,
        LawSubject.CAMPAIGN,
        campaign.id,
        held,
        reason=reason,
        client_id=campaign.client_id,
        user_id=by,
        clock=clock,
    )


def _held(
    refused: NeedsSecondPerson,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    held: Mapping[str, Any],
    trunk: str | None,
) -> dict[str, Any]:
    """Return what has to wait, besides what waits already.

    Where the old value of a setting is what loosens, it is the trunk that makes it count.
    """
    named = refused.facts.get("settings")
    names = [str(name) for name in named] if isinstance(named, list) else []
    more = {name: after[name] for name in names if name not in held and before[name] != after[name]}
    if not more and trunk is not None and "trunk" not in held:
        return {"trunk": trunk}
    return more
