"""What a campaign must be and have, for what is asked of it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cache

from sqlalchemy import literal_column, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import AgentSession, AgentSessionCampaign
from campaigns.errors import (
    DncNotFresh,
    EndPassed,
    NoAbandonMessage,
    NoContacts,
    NoHours,
    NoMachineMessage,
    NoOptOutKey,
    NoPurpose,
    NoTrunk,
    NotStartable,
    WrongState,
)
from campaigns.law.campaign_rules import campaign_rules
from campaigns.law.freshness import unusable_lists
from campaigns.leads.models import Lane, Lead
from campaigns.lists.models import Contact
from campaigns.models import Campaign, Trunk
from campaigns.settings import CampaignSettings
from campaigns.states import CampaignState, LeadState
from compliance.facts import Law
from compliance.hours.windows import is_empty
from compliance.law import load_law
from compliance.rulebook import strictest

#: What a start without agents reports; the campaign runs and waits for them.
NO_AGENTS = "No agents are signed in: nothing will be dialled until one is."

_UNDER_WAY = frozenset({CampaignState.RUNNING, CampaignState.PAUSED})


@cache
def shipped_law() -> Law:
    """Return the packs that come with the program, read once."""
    return load_law()


async def check(
    session: AsyncSession, campaign: Campaign, *, now: datetime, law: Law | None = None
) -> None:
    """Refuse a campaign that could not dial anybody.

    Without ``law`` the packs that come with the program are asked.

    Raises:
        NoTrunk, NoHours, NoPurpose, EndPassed, NoContacts, NoAbandonMessage, NoOptOutKey, NoMachineMessage,
            DncNotFresh: the first thing it lacks; the message names the remedy.
    """
    for lack in await lacks(session, campaign, now=now, law=law, only_first=True):
        raise lack


async def lacks(
    session: AsyncSession,
    campaign: Campaign,
    *,
    now: datetime,
    law: Law | None = None,
    only_first: bool = False,
) -> list[NotStartable]:
    """Return everything without which the campaign could not dial anybody; empty: it may start."""
    trunk = await session.get(Trunk, campaign.trunk_id) if campaign.trunk_id else None
    settings, book, is_real = (
        _settings(campaign),
        law or shipped_law(),
        trunk and not trunk.simulated,
    )
    found: list[NotStartable] = [NoTrunk()] if trunk is None else []
    if trunk is not None and _lacks_hours(campaign, trunk):
        found.append(NoHours())
    if is_real and settings.purpose is None:
        found.append(NoPurpose())
    if settings.ends_at is not None and settings.ends_at <= now:
        found.append(EndPassed())
    looks: list[Callable[[], Awaitable[None]]] = [
        lambda: _require_open_leads(session, campaign),
        lambda: _require_machine_message(session, campaign),
    ]
    if is_real:
        looks.append(lambda: _require_message(session, campaign, book, now))
        looks.append(lambda: _require_fresh_lists(session, campaign, book, now))
    for look in looks:
        if found and only_first:
            break
        try:
            await look()
        except NotStartable as lack:
            found.append(lack)
    return found


async def _require_message(
    session: AsyncSession, campaign: Campaign, law: Law, now: datetime
) -> None:
    settings = _settings(campaign)
    if settings.abandon_message and settings.opt_out_key:
        return
    duties = strictest.message(await campaign_rules(session, campaign, law=law, now=now))
    if duties is None:
        return
    if not settings.abandon_message:
        raise NoAbandonMessage(must_state=list(duties.must_state))
    if duties.interactive_opt_out:
        raise NoOptOutKey


async def _require_machine_message(session: AsyncSession, campaign: Campaign) -> None:
    amd = _settings(campaign).amd
    if amd is None or not amd.messages or "" in amd.messages:
        return
    understood = (
        select(Lead.id)
        .join(Contact, col(Contact.id) == col(Lead.contact_id))
        .where(col(Lead.campaign_id) == campaign.id, col(Contact.language).in_(amd.messages))
        .limit(1)
    )
    if (await session.exec(understood)).first() is None:
        raise NoMachineMessage(languages=sorted(amd.messages))


async def _require_fresh_lists(
    session: AsyncSession, campaign: Campaign, law: Law, now: datetime
) -> None:
    unusable = await unusable_lists(session, campaign, law=law, now=now)
    if unusable:
        raise DncNotFresh(
            f"{'; '.join(map(str, unusable))}. Load a fresh copy: `outdial dnc load`.",
            lists=list(dict.fromkeys(row.code for row in unusable)),
        )


async def check_change(
    session: AsyncSession, campaign: Campaign, *, now: datetime, law: Law | None = None
) -> None:
    """Refuse a change that takes something it needs from a campaign that is under way.

    Raises:
        NoHours, NoPurpose: its trunk reaches people, and nobody says any more when they may be
            called, or why.
        NoAbandonMessage, NoOptOutKey: the law asks for them.
    """
    if campaign.state not in _UNDER_WAY or campaign.trunk_id is None:
        return
    trunk = await session.get_one(Trunk, campaign.trunk_id)
    if not trunk.simulated and _settings(campaign).purpose is None:
        raise NoPurpose
    if _lacks_hours(campaign, trunk):
        raise NoHours(
            "A campaign that is under way needs its calling hours: give other hours, or stop it first."
        )
    if not trunk.simulated:
        await _require_message(session, campaign, law or shipped_law(), now)


def _lacks_hours(campaign: Campaign, trunk: Trunk) -> bool:
    hours = _settings(campaign).calling_hours()
    return not trunk.simulated and (hours is None or is_empty(hours))


def _settings(campaign: Campaign) -> CampaignSettings:
    return CampaignSettings.model_validate(campaign.settings)


async def _require_open_leads(session: AsyncSession, campaign: Campaign) -> None:
    # Probes, not counts: the campaign's row is locked, and there may be millions of leads.
    mine = select(Lead.id).where(col(Lead.campaign_id) == campaign.id).limit(1)
    for state in (LeadState.WAITING, LeadState.DIALING):
        if (
            await session.exec(mine.where(col(Lead.state) == literal_column(f"'{state.value}'")))
        ).first():
            return
    lanes = select(Lane.lane).where(col(Lane.campaign_id) == campaign.id).limit(1)
    if (await session.exec(lanes)).first() is None or (await session.exec(mine)).first() is None:
        raise NoContacts
    raise NoContacts("Every contact has its result: add another contact list to the campaign.")


async def notes(session: AsyncSession, campaign: Campaign) -> tuple[str, ...]:
    """Return what does not forbid a start but keeps the campaign from dialling."""
    shared = select(AgentSessionCampaign.session_id).where(
        col(AgentSessionCampaign.campaign_id) == campaign.id
    )
    statement = select(AgentSession.id).where(
        or_(col(AgentSession.campaign_id) == campaign.id, col(AgentSession.id).in_(shared)),
        col(AgentSession.ended_at).is_(None),
    )
    signed_in = (await session.exec(statement)).first() is not None
    return () if signed_in else (NO_AGENTS,)


#: What can be done in a state, as the sentence that refuses something else tells it.
_REMEDY = {
    CampaignState.DRAFT: "it has not been started: start it",
    CampaignState.RUNNING: "it is running: pause or stop it",
    CampaignState.PAUSED: "it is paused: resume or stop it",
    CampaignState.STOPPED: "it was stopped: start it again",
    CampaignState.FINISHED: "it is finished: add contacts and start it again",
}


def require_state(campaign: Campaign, *allowed: CampaignState) -> None:
    """Refuse what the campaign's state does not allow.

    Raises:
        WrongState: the message names the remedy.
    """
    if campaign.state not in allowed:
        raise WrongState(
            f"This cannot be done with the campaign now: {_REMEDY[campaign.state]}.",
            state=campaign.state.value,
            allowed=[state.value for state in allowed],
        )
