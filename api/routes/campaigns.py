"""Campaigns: make, look at, change, start, pause, resume, stop."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, TypedDict
from uuid import UUID

from fastapi import APIRouter, Body, Depends
from sqlmodel import col, select

from api.auth import ManagerDep, ReaderDep, SteererDep
from api.deps import ClockDep, LawDep, OutboxDep, SessionDep
from api.errors import problems
from api.schemas.campaigns import (
    CampaignIn,
    CampaignOut,
    CampaignPatch,
    ChangedOut,
    DispositionOut,
    EnrolledOut,
    ReasonIn,
)
from api.schemas.figures import FiguresOut, figures_out
from campaigns import lifecycle
from campaigns.commands import CommandName
from campaigns.errors import (
    BadSettings,
    CallerIdNotFound,
    CampaignNotFound,
    DncNotFresh,
    EndPassed,
    ListNotFound,
    NameTaken,
    NoContacts,
    NoHours,
    NoPurpose,
    NoTrunk,
    TrunkNotFound,
    WrongState,
)
from campaigns.forms.publishing import FormNotFound
from campaigns.leads.enrol import enrol
from campaigns.lifecycle import Changed
from campaigns.models import Campaign, Disposition
from campaigns.reports.figures import campaign_figures
from campaigns.tenancy import audit
from campaigns.tenancy.limits import NeedsSecondPerson
from dialer.clock import Clock
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/campaigns",
    tags=["campaigns"],
    responses=problems(Unauthenticated, Forbidden, CampaignNotFound),
)

_NOT_STARTABLE = (NoContacts, NoHours, NoPurpose, NoTrunk, DncNotFresh, EndPassed)
_ReasonBody = Annotated[ReasonIn, Body(default_factory=ReasonIn)]


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problems(NameTaken, BadSettings, FormNotFound, TrunkNotFound, CallerIdNotFound),
)
async def create_campaign(
    body: CampaignIn, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> CampaignOut:
    """Make a draft with the usual dispositions."""
    campaign = await lifecycle.create(
        session, client_id=who.client_id, clock=clock, by=who.user_id, **body.model_dump()
    )
    return CampaignOut.model_validate(campaign)


@router.get("")
async def list_campaigns(who: ReaderDep, session: SessionDep) -> list[CampaignOut]:
    """Return the client's campaigns, the newest first."""
    statement = (
        select(Campaign)
        .where(col(Campaign.client_id) == who.client_id)
        .order_by(col(Campaign.id).desc())
    )
    return [CampaignOut.model_validate(row) for row in (await session.exec(statement)).all()]


@router.get("/{campaign_id}")
async def get_campaign(campaign_id: UUID, who: ReaderDep, session: SessionDep) -> CampaignOut:
    """Return one campaign."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    return CampaignOut.model_validate(campaign)


@router.patch(
    "/{campaign_id}",
    responses=problems(
        BadSettings,
        FormNotFound,
        NoHours,
        NoPurpose,
        TrunkNotFound,
        CallerIdNotFound,
        NeedsSecondPerson,
    ),
)
async def change_campaign(
    campaign_id: UUID,
    body: CampaignPatch,
    who: ManagerDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> CampaignOut:
    """Change single settings, the trunk or the caller ID; a running campaign follows at once."""
    campaign = await lifecycle.update(
        session,
        campaign_id,
        client_id=who.client_id,
        clock=clock,
        by=who.user_id,
        **body.model_dump(),
    )
    outbox.tell(campaign_id, CommandName.REFRESH)
    return CampaignOut.model_validate(campaign)


@router.get("/{campaign_id}/dispositions")
async def list_dispositions(
    campaign_id: UUID, who: ReaderDep, session: SessionDep
) -> list[DispositionOut]:
    """Return the codes with which agents close calls, in their order."""
    await lifecycle.find(session, campaign_id, client_id=who.client_id)
    statement = (
        select(Disposition)
        .where(col(Disposition.campaign_id) == campaign_id)
        .order_by(col(Disposition.position))
    )
    rows: Sequence[Disposition] = (await session.exec(statement)).all()
    return [DispositionOut.model_validate(row) for row in rows]


@router.post("/{campaign_id}/lists/{list_id}", responses=problems(ListNotFound))
async def enrol_list(
    campaign_id: UUID,
    list_id: UUID,
    who: ManagerDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> EnrolledOut:
    """Make every contact of a list a lead of the campaign; safe to repeat."""
    added = await enrol(session, campaign_id, list_id, client_id=who.client_id, clock=clock)
    await audit.record(
        session,
        client_id=who.client_id,
        user_id=who.user_id,
        at=clock.now(),
        action="campaign.list_enrolled",
        subject="campaign",
        subject_id=campaign_id,
        facts={"list_id": str(list_id), "leads_added": added},
    )
    outbox.tell(campaign_id, CommandName.REFRESH)
    return EnrolledOut(campaign_id=campaign_id, list_id=list_id, leads_added=added)


@dataclass(frozen=True, slots=True)
class Steering:
    """A campaign whose state somebody changes."""

    campaign_id: UUID
    who: SteererDep
    session: SessionDep
    clock: ClockDep
    law: LawDep
    outbox: OutboxDep

    def whose(self) -> "_Whose":
        """Return who changes it, as every change is told."""
        return {"client_id": self.who.client_id, "clock": self.clock, "by": self.who.user_id}

    def told(self, changed: Changed, *, adopt: bool = False) -> ChangedOut:
        """Return the answer, and tell the runner; ``adopt``: have a worker take the campaign."""
        if adopt:
            self.outbox.adopt(self.campaign_id)
        self.outbox.tell(self.campaign_id, CommandName.REFRESH)
        campaign = CampaignOut.model_validate(changed.campaign)
        return ChangedOut(campaign=campaign, notes=list(changed.notes))


class _Whose(TypedDict):
    client_id: UUID
    clock: Clock
    by: UUID


SteeringDep = Annotated[Steering, Depends()]


@router.post("/{campaign_id}/start", responses=problems(WrongState, *_NOT_STARTABLE))
async def start_campaign(steering: SteeringDep) -> ChangedOut:
    """Start a draft, or start a stopped or finished campaign again."""
    changed = await lifecycle.start(
        steering.session, steering.campaign_id, law=steering.law, **steering.whose()
    )
    return steering.told(changed, adopt=True)


@router.post("/{campaign_id}/pause", responses=problems(WrongState))
async def pause_campaign(steering: SteeringDep, body: _ReasonBody) -> ChangedOut:
    """Place no new calls; live ones end by themselves."""
    changed = await lifecycle.pause(
        steering.session, steering.campaign_id, reason=body.reason, **steering.whose()
    )
    return steering.told(changed)


@router.post("/{campaign_id}/resume", responses=problems(WrongState, *_NOT_STARTABLE))
async def resume_campaign(steering: SteeringDep) -> ChangedOut:
    """Go on dialling after a pause."""
    changed = await lifecycle.resume(
        steering.session, steering.campaign_id, law=steering.law, **steering.whose()
    )
    return steering.told(changed, adopt=True)


@router.post("/{campaign_id}/stop", responses=problems(WrongState))
async def stop_campaign(steering: SteeringDep, body: _ReasonBody) -> ChangedOut:
    """End a campaign; it can be started again."""
    changed = await lifecycle.stop(
        steering.session, steering.campaign_id, reason=body.reason, **steering.whose()
    )
    return steering.told(changed)


@router.get("/{campaign_id}/figures")
async def get_figures(
    campaign_id: UUID, who: ReaderDep, session: SessionDep, clock: ClockDep
) -> FiguresOut:
    """Return everything about the campaign as of now."""
    figures = await campaign_figures(session, campaign_id, client_id=who.client_id, now=clock.now())
    return figures_out(figures)
