"""Dispositions: the codes with which a campaign's agents close calls."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from api.auth import ManagerDep
from api.deps import ClockDep, OutboxDep, SessionDep
from api.errors import problems
from api.schemas.campaigns import DispositionOut
from campaigns import codes
from campaigns.codes import DispositionTerms
from campaigns.commands import CommandName
from campaigns.errors import CampaignNotFound
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/campaigns/{campaign_id}/dispositions",
    tags=["campaigns"],
    responses=problems(Unauthenticated, Forbidden, CampaignNotFound),
)

_Code = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


@router.put("/{code}")
async def put_disposition(
    campaign_id: UUID,
    code: _Code,
    body: DispositionTerms,
    who: ManagerDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> DispositionOut:
    """Make a disposition, or change what it says and does; agents see it within seconds."""
    row = await codes.set_disposition(
        session, campaign_id, code, body, client_id=who.client_id, clock=clock, by=who.user_id
    )
    outbox.tell(campaign_id, CommandName.REFRESH)
    return DispositionOut.model_validate(row)
