"""A campaign's set-up for programs: presets, checks, history, undo, copy, its file, virtual agents."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse

from api.auth import ManagerDep, ReaderDep
from api.deps import ClockDep, LawDep, OutboxDep, SessionDep
from api.errors import problems
from api.schemas.campaign_setup import (
    AppliedOut,
    ChangeOut,
    CopyIn,
    EntryOut,
    FileIn,
    LightOut,
    PresetOut,
    VirtualIn,
)
from api.schemas.campaigns import CampaignOut
from campaigns import lifecycle
from campaigns.commands import CommandName
from campaigns.errors import CampaignNotFound, NameTaken, NotStartable
from campaigns.setup.applying import apply, plan
from campaigns.setup.copying import copy_campaign
from campaigns.setup.file_reading import BadCampaignFile, read_campaign
from campaigns.setup.file_state import export_yaml
from campaigns.setup.history import NothingToUndo, history, undo
from campaigns.setup.lights import lights
from campaigns.setup.presets import PRESETS
from campaigns.setup.virtual import NotSimulated, call_in, send_home
from campaigns.tenancy.limits import NeedsSecondPerson
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/campaign-setup", tags=["campaigns"], responses=problems(Unauthenticated, Forbidden)
)


@router.get("/presets")
async def list_presets(who: ManagerDep) -> list[PresetOut]:
    """Return the usual kinds of campaigns."""
    del who
    return [
        PresetOut(
            code=one.code.value,
            settings=dict(one.settings),
            dispositions=[asdict(row) for row in one.dispositions],
        )
        for one in PRESETS.values()
    ]


@router.post("/diff", responses=problems(BadCampaignFile))
async def diff_campaign_file(body: FileIn, who: ManagerDep, session: SessionDep) -> list[ChangeOut]:
    """Return what applying a campaign's file would change; empty: nothing."""
    planned = await plan(session, read_campaign(body.yaml), client_id=who.client_id)
    return [ChangeOut.model_validate(one) for one in planned.changes]


@router.post("/apply", responses=problems(BadCampaignFile, NotStartable))
async def apply_campaign_file(
    body: FileIn, who: ManagerDep, session: SessionDep, clock: ClockDep, outbox: OutboxDep
) -> AppliedOut:
    """Make the campaign what its file says; applied twice it is as applied once."""
    campaign, planned, saved = await apply(
        session,
        read_campaign(body.yaml),
        client_id=who.client_id,
        clock=clock,
        by=who.user_id,
    )
    outbox.tell(campaign.id, CommandName.REFRESH)
    return AppliedOut(
        campaign_id=campaign.id,
        changes=[ChangeOut.model_validate(one) for one in planned.changes],
        asked=saved.asked.id if saved.asked else None,
    )


@router.get(
    "/{campaign_id}/file",
    response_class=PlainTextResponse,
    responses=problems(CampaignNotFound),
)
async def export_campaign_file(
    campaign_id: UUID,
    who: ManagerDep,
    session: SessionDep,
    everything: Annotated[bool, Query(description="Settings with their start value too.")] = False,
) -> PlainTextResponse:
    """Return a campaign as YAML."""
    text = await export_yaml(session, campaign_id, client_id=who.client_id, everything=everything)
    return PlainTextResponse(text, media_type="application/yaml")


@router.get("/{campaign_id}/checks", responses=problems(CampaignNotFound))
async def check_campaign(
    campaign_id: UUID, who: ReaderDep, session: SessionDep, clock: ClockDep, law: LawDep
) -> list[LightOut]:
    """Return everything that stands in the way of a start, the red lights first."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    found = await lights(session, campaign, now=clock.now(), law=law)
    return [LightOut.model_validate(one) for one in found]


@router.get("/{campaign_id}/history", responses=problems(CampaignNotFound))
async def list_changes(
    campaign_id: UUID,
    who: ReaderDep,
    session: SessionDep,
    most: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[EntryOut]:
    """Return who changed what and when, the newest first."""
    found = await history(session, campaign_id, client_id=who.client_id, most=most)
    return [EntryOut.model_validate(one) for one in found]


@router.post(
    "/{campaign_id}/undo",
    responses=problems(CampaignNotFound, NothingToUndo, NeedsSecondPerson, NotStartable),
)
async def undo_campaign_change(
    campaign_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep, outbox: OutboxDep
) -> CampaignOut:
    """Take the last change of settings back."""
    campaign = await undo(
        session, campaign_id, client_id=who.client_id, clock=clock, by=who.user_id
    )
    outbox.tell(campaign_id, CommandName.REFRESH)
    return CampaignOut.model_validate(campaign)


@router.post(
    "/{campaign_id}/copy",
    status_code=HTTPStatus.CREATED,
    responses=problems(CampaignNotFound, NameTaken),
)
async def copy_one_campaign(
    campaign_id: UUID, body: CopyIn, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> CampaignOut:
    """Make a draft like a campaign."""
    made = await copy_campaign(
        session,
        campaign_id,
        body.name,
        client_id=who.client_id,
        clock=clock,
        by=who.user_id,
    )
    return CampaignOut.model_validate(made)


@router.put(
    "/{campaign_id}/virtual-agents",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(CampaignNotFound, NotSimulated),
)
async def put_virtual_agents(
    campaign_id: UUID, body: VirtualIn, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> None:
    """Have so many virtual agents work on a campaign whose trunk is simulated."""
    whose: dict[str, Any] = {"client_id": who.client_id, "by": who.user_id, "clock": clock}
    if body.agents:
        await call_in(session, campaign_id, body.agents, **whose)
    else:
        await send_home(session, campaign_id, **whose)
