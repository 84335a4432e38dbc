"""A campaign's life: create, change, start, pause, resume, stop. Nothing here commits.

After the commit the caller sends ``CommandName.REFRESH``, and after ``start`` and ``resume`` also
enqueues ``JobName.ADOPT_CAMPAIGN``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import startable
from campaigns.changing import ASKED_ABOUT, change_ways, differences
from campaigns.configuration import (
    check_form,
    checked_settings,
    default_dispositions,
    find_caller_id,
    find_trunk,
)
from campaigns.errors import CampaignNotFound, NameTaken
from campaigns.law.second_person import require_for_campaign
from campaigns.leads.requeue import requeue_refused
from campaigns.models import Campaign
from campaigns.scripts.publishing import require_usable
from campaigns.selection import Selection
from campaigns.states import CampaignState
from campaigns.tenancy import audit
from compliance.facts import Law
from dialer.clock import Clock


@dataclass(frozen=True, slots=True)
class Changed:
    """A campaign after a change of its state, and what people should know about it."""

    campaign: Campaign
    notes: tuple[str, ...] = ()


async def find(
    session: AsyncSession, campaign_id: UUID, *, client_id: UUID, lock: bool = False
) -> Campaign:
    """Return a client's campaign; ``lock`` holds its row until the transaction ends.

    Raises:
        CampaignNotFound: no such campaign, or it is another client's.
    """
    statement = select(Campaign).where(
        col(Campaign.id) == campaign_id, col(Campaign.client_id) == client_id
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    campaign = (await session.exec(statement)).first()
    if campaign is None:
        raise CampaignNotFound(campaign_id=campaign_id)
    return campaign


async def create(
    session: AsyncSession,
    *,
    client_id: UUID,
    name: str,
    settings: Mapping[str, Any],
    clock: Clock,
    by: UUID | None,
    trunk: str | None = None,
    caller_id: str | None = None,
    agreed: bool = False,
) -> Campaign:
    """Make a draft with the default dispositions.

    ``trunk`` is a trunk's name, ``caller_id`` an E.164 number of the client's own; ``agreed``: a
    second person has approved what it loosens.

    Raises:
        NameTaken, BadSettings, FormNotFound, TrunkNotFound, CallerIdNotFound, ScriptNotFound: nothing
            was made.
        NeedsSecondPerson: a user alone may not loosen a setting of law; roll back.
    """
    taken = select(Campaign.id).where(
        col(Campaign.client_id) == client_id, col(Campaign.name) == name
    )
    if (await session.exec(taken)).first() is not None:
        raise NameTaken("A campaign of this name exists: choose another name.", name=name)
    checked = checked_settings(settings)
    await check_form(session, checked, client_id=client_id)
    await require_usable(session, checked["script"], client_id=client_id)
    campaign = Campaign(
        client_id=client_id,
        name=name,
        settings=checked,
        trunk_id=await find_trunk(session, trunk, client_id=client_id),
        caller_id_id=await find_caller_id(session, caller_id, client_id=client_id),
        created_at=clock.now(),
    )
    session.add(campaign)
    await session.flush()
    if by is not None and not agreed:
        await require_for_campaign(session, campaign, checked_settings({}), None, clock=clock)
    session.add_all(default_dispositions(campaign))
    await audit.trace(
        session, campaign, "campaign.created", {"name": name}, user_id=by, clock=clock
    )
    return campaign


async def update(
    session: AsyncSession,
    campaign_id: UUID,
    *,
    client_id: UUID,
    clock: Clock,
    by: UUID | None,
    settings: Mapping[str, Any] | None = None,
    trunk: str | None = None,
    caller_id: str | None = None,
    agreed: bool = False,
) -> Campaign:
    """Change single settings, the trunk or the caller ID, in any state; None leaves as it is.

    Leads that the gate refused are asked about again when something changed that it looks at.
    ``agreed``: a second person has approved what it loosens.

    Raises:
        CampaignNotFound, BadSettings, FormNotFound, TrunkNotFound, CallerIdNotFound, ScriptNotFound:
            nothing was changed.
        NotStartable: a campaign that runs or is paused would lose what it needs; roll back.
        NeedsSecondPerson: a user alone may not loosen a setting of law; roll back.
    """
    campaign = await find(session, campaign_id, client_id=client_id, lock=True)
    trunk_before = campaign.trunk_id
    before = {**checked_settings({}), **campaign.settings}  # what is not stored has its start value
    after = checked_settings({**before, **(settings or {})})
    facts = differences(before, after)
    if "script" in facts:
        await require_usable(session, after["script"], client_id=client_id)
    if {"form", "answer_quotas"} & facts.keys():
        await check_form(session, after, client_id=client_id)
    campaign.settings = after
    selections = [Selection.model_validate(s.get("selection") or {}) for s in (before, after)]
    if not selections[0].selects_alike(selections[1]):
        campaign.selection_due = True
        campaign.selection_version += 1
    facts |= await change_ways(session, campaign, trunk=trunk, caller_id=caller_id)
    if by is not None and not agreed:
        await require_for_campaign(session, campaign, before, trunk_before, clock=clock)
    await startable.check_change(session, campaign, now=clock.now())
    if ASKED_ABOUT & facts.keys():
        await requeue_refused(session, campaign.id, now=clock.now())
    await audit.trace(session, campaign, "campaign.changed", facts, user_id=by, clock=clock)
    return campaign


async def start(
    session: AsyncSession,
    campaign_id: UUID,
    *,
    client_id: UUID,
    clock: Clock,
    by: UUID | None,
    law: Law | None = None,
) -> Changed:
    """Start a draft, or start a stopped or finished campaign again.

    Raises:
        WrongState: it runs or is paused.
        NotStartable: the first thing it lacks, see ``startable.check``.
    """
    campaign = await find(session, campaign_id, client_id=client_id, lock=True)
    startable.require_state(
        campaign, CampaignState.DRAFT, CampaignState.STOPPED, CampaignState.FINISHED
    )
    await startable.check(session, campaign, now=clock.now(), law=law)
    campaign.started_at = campaign.started_at or clock.now()
    campaign.ended_at = None
    await requeue_refused(session, campaign.id, now=clock.now())
    await _move(session, campaign, CampaignState.RUNNING, "", clock, by)
    return Changed(campaign, await startable.notes(session, campaign))


async def pause(
    session: AsyncSession,
    campaign_id: UUID,
    *,
    client_id: UUID,
    clock: Clock,
    by: UUID | None,
    reason: str = "",
) -> Changed:
    """Place no new calls; agents stay signed in. Raises ``WrongState`` unless it runs."""
    campaign = await find(session, campaign_id, client_id=client_id, lock=True)
    startable.require_state(campaign, CampaignState.RUNNING)
    await _move(session, campaign, CampaignState.PAUSED, reason, clock, by)
    return Changed(campaign)


async def resume(
    session: AsyncSession,
    campaign_id: UUID,
    *,
    client_id: UUID,
    clock: Clock,
    by: UUID | None,
    law: Law | None = None,
) -> Changed:
    """Go on dialling after a pause.

    Raises:
        WrongState: it is not paused.
        NotStartable: something it needs was taken away meanwhile.
    """
    campaign = await find(session, campaign_id, client_id=client_id, lock=True)
    startable.require_state(campaign, CampaignState.PAUSED)
    await startable.check(session, campaign, now=clock.now(), law=law)
    await requeue_refused(session, campaign.id, now=clock.now())
    await _move(session, campaign, CampaignState.RUNNING, "", clock, by)
    return Changed(campaign, await startable.notes(session, campaign))


async def stop(
    session: AsyncSession,
    campaign_id: UUID,
    *,
    client_id: UUID,
    clock: Clock,
    by: UUID | None,
    reason: str = "",
) -> Changed:
    """End a running or paused campaign; it can be started again.

    Raises:
        WrongState: it neither runs nor is paused.
    """
    campaign = await find(session, campaign_id, client_id=client_id, lock=True)
    startable.require_state(campaign, CampaignState.RUNNING, CampaignState.PAUSED)
    campaign.ended_at = clock.now()
    await _move(session, campaign, CampaignState.STOPPED, reason, clock, by)
    return Changed(campaign)


async def _move(
    session: AsyncSession,
    campaign: Campaign,
    state: CampaignState,
    reason: str,
    clock: Clock,
    by: UUID | None,
) -> None:
    before, campaign.state, campaign.state_reason = campaign.state, state, reason
    facts = {"from": before.value, "to": state.value, "reason": reason}
    await audit.trace(session, campaign, f"campaign.{state.value}", facts, user_id=by, clock=clock)
