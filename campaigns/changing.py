"""Parts of a campaign's change: what differs, its ways out, and what has to be asked anew."""

from collections.abc import Mapping
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.configuration import find_caller_id, find_trunk
from campaigns.models import Campaign, Trunk

#: What the gate or the choice of a caller ID looks at: a change of it may lift a refusal.
ASKED_ABOUT = frozenset(
    {
        "purpose",
        "party",
        "subject",
        "mode",
        "preview_skips",
        "hours",
        "ring_timeout_s",
        "max_attempts",
        "max_attempts_per_day",
        "max_attempts_per_person_per_day",
        "max_attempts_per_person_per_week",
        "max_conversations_per_person_per_month",
        "quiet_hours_after_conversation",
        "quiet_hours_after_refusal",
        "trunk",
        "caller_id",
    }
)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``after`` has otherwise: name -> {"from", "to"}."""
    return {
        key: {"from": before.get(key), "to": value}
        for key, value in after.items()
        if before.get(key) != value
    }


async def change_ways(
    session: AsyncSession, campaign: Campaign, *, trunk: str | None, caller_id: str | None
) -> dict[str, Any]:
    """Give a campaign another trunk or caller ID; None leaves as it is. Return what changed.

    A caller ID is told by its id: the audit log holds no numbers.

    Raises:
        TrunkNotFound, CallerIdNotFound: nothing was changed.
    """
    facts: dict[str, Any] = {}
    trunk_id = await find_trunk(session, trunk, client_id=campaign.client_id)
    caller = await find_caller_id(session, caller_id, client_id=campaign.client_id)
    if trunk_id is not None and trunk_id != campaign.trunk_id:
        was = await session.get(Trunk, campaign.trunk_id) if campaign.trunk_id else None
        facts["trunk"] = {"from": was.name if was else None, "to": trunk}
        campaign.trunk_id = trunk_id
    if caller is not None and caller != campaign.caller_id_id:
        shown = str(campaign.caller_id_id) if campaign.caller_id_id else None
        facts["caller_id"] = {"from": shown, "to": str(caller)}
        campaign.caller_id_id = caller
    return facts
