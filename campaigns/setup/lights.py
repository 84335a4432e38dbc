"""Checks before a start: everything that stands in the way, and what is odd, each with its remedy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns import startable
from campaigns.agents.models import AgentSession, AgentSessionCampaign
from campaigns.leads.models import Lane
from campaigns.lists.models import ContactList
from campaigns.models import Campaign, CampaignCallerId, Trunk
from campaigns.settings import CampaignSettings
from campaigns.setup.models import VirtualCrew
from campaigns.states import CampaignState
from compliance.facts import Law
from compliance.rulebook.rules import Purpose

#: Hours that the fix for missing ones sets, local to the contact: inside every pack's weekday.
USUAL_HOURS = {
    **{day: [["09:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holiday": [],
}


class Colour(StrEnum):
    """How much a light matters."""

    RED = "red"  #: the campaign cannot start
    AMBER = "amber"  #: it starts, but something will not happen


class LightCode(StrEnum):
    """What stands in the way besides what ``campaigns.startable`` refuses."""

    NO_AGENTS = "no_agents"
    NO_CALLER_ID = "no_caller_id"
    NO_FORM = "no_form"
    SELECTION_DUE = "selection_due"


@dataclass(frozen=True, slots=True)
class Light:
    """One thing in the way."""

    code: str
    colour: Colour
    sentence: str  #: for people: what is wrong and what to do
    facts: Mapping[str, Any] = field(default_factory=dict)
    fix: Mapping[str, Any] | None = None  #: settings that mend it at once; None: a person decides


async def lights(
    session: AsyncSession, campaign: Campaign, *, now: datetime, law: Law
) -> list[Light]:
    """Return what stands in a campaign's way, the red ones first."""
    found = [
        Light(
            one.code,
            Colour.RED,
            one.detail,
            dict(one.facts),
            await _fix(session, campaign, one.code),
        )
        for one in await startable.lacks(session, campaign, now=now, law=law)
    ]
    return [*found, *await _amber(session, campaign)]


async def _fix(session: AsyncSession, campaign: Campaign, code: str) -> Mapping[str, Any] | None:
    """Return the settings that mend a red light without a decision that only a person can take."""
    match code:
        case "no_hours":
            return {"hours": USUAL_HOURS}
        case "no_abandon_message":
            return {"abandon_message": True, "opt_out_key": "9"}
        case "no_opt_out_key":
            return {"opt_out_key": "9"}
        case "no_machine_message":
            amd = dict(campaign.settings.get("amd") or {})
            return {"amd": {**amd, "on_machine": "hang_up", "messages": {}}}
        case "end_passed":
            return {"ends_at": None}
        case "no_trunk":
            names = await usable_trunks(session, campaign)
            return {"trunk": names[0].name} if len(names) == 1 else None
        case "no_contacts":
            ids = await free_lists(session, campaign)
            return {"list": str(ids[0].id), "name": ids[0].name} if len(ids) == 1 else None
        case _:
            return None


async def usable_trunks(session: AsyncSession, campaign: Campaign) -> list[Trunk]:
    """Return the trunks the campaign's client may use, by name."""
    mine = or_(col(Trunk.client_id).is_(None), col(Trunk.client_id) == campaign.client_id)
    usable = select(Trunk).where(mine, col(Trunk.archived_at).is_(None))
    return list((await session.exec(usable.order_by(col(Trunk.name)))).all())


async def free_lists(session: AsyncSession, campaign: Campaign) -> list[ContactList]:
    """Return the client's lists that the campaign does not dial yet, the newest first."""
    taken = select(Lane.list_id).where(col(Lane.campaign_id) == campaign.id)
    statement = select(ContactList).where(
        col(ContactList.client_id) == campaign.client_id,
        col(ContactList.id).not_in(taken),
        col(ContactList.rows_accepted) > 0,
    )
    return list((await session.exec(statement.order_by(col(ContactList.id).desc()))).all())


async def _amber(session: AsyncSession, campaign: Campaign) -> list[Light]:
    found: list[tuple[LightCode, str]] = []
    settings = CampaignSettings.model_validate(campaign.settings)
    trunk = await session.get(Trunk, campaign.trunk_id) if campaign.trunk_id else None
    if not await _has_agents(session, campaign):
        found.append((LightCode.NO_AGENTS, startable.NO_AGENTS))
    if trunk is not None and not trunk.simulated and campaign.caller_id_id is None:
        pool = select(CampaignCallerId.caller_id_id).where(
            col(CampaignCallerId.campaign_id) == campaign.id
        )
        if (await session.exec(pool.limit(1))).first() is None:
            found.append((LightCode.NO_CALLER_ID, NO_CALLER_ID))
    if settings.purpose is Purpose.SURVEY and not settings.form:
        found.append((LightCode.NO_FORM, NO_FORM))
    if campaign.selection_due and campaign.state is not CampaignState.DRAFT:
        found.append((LightCode.SELECTION_DUE, SELECTION_DUE))
    return [Light(code, Colour.AMBER, sentence) for code, sentence in found]


#: The sentences of the amber lights.
NO_CALLER_ID = (
    "No caller ID is chosen: where the law wants a number to be shown, contacts are refused."
)
NO_FORM = "A survey without a form: agents have no questions to ask. Choose one."
SELECTION_DUE = "The selection is being applied to the contacts: dialling goes on in a moment."


async def _has_agents(session: AsyncSession, campaign: Campaign) -> bool:
    shared = select(AgentSessionCampaign.session_id).where(
        col(AgentSessionCampaign.campaign_id) == campaign.id
    )
    here = or_(col(AgentSession.campaign_id) == campaign.id, col(AgentSession.id).in_(shared))
    signed_in = select(AgentSession.id).where(here, col(AgentSession.ended_at).is_(None)).limit(1)
    crew = select(VirtualCrew.id).where(
        col(VirtualCrew.campaign_id) == campaign.id, col(VirtualCrew.ended_at).is_(None)
    )
    return any([(await session.exec(one)).first() is not None for one in (signed_in, crew)])
