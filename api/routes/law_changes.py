"""Changes of settings of law by two persons, for programs."""

from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter

from api.auth import ManagerDep
from api.deps import ClockDep, OutboxDep, SessionDep
from api.errors import problems
from api.schemas.campaign_setup import LawChangeIn, LawChangeOut, LawRefusalIn
from campaigns.commands import CommandName
from campaigns.errors import BadSettings, CampaignNotFound
from campaigns.law import law_changes
from campaigns.law.exemptions import ReasonTooShort, SecondPersonNeeded
from campaigns.law.law_changes import LawChangeNotFound, LawChangeOver, NothingToAsk
from campaigns.law.law_effects import LawChangeStale
from campaigns.law.models import LawChange
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/compliance/changes",
    tags=["compliance"],
    responses=problems(Unauthenticated, Forbidden),
)


@router.get("")
async def list_law_changes(
    who: ManagerDep, session: SessionDep, clock: ClockDep
) -> list[LawChangeOut]:
    """Return the client's requests, decided ones too, the newest first."""
    rows = await law_changes.find(session, client_id=who.client_id)
    return [_shown(row, clock.now()) for row in rows]


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problems(ReasonTooShort, NothingToAsk, CampaignNotFound, BadSettings),
)
async def request_law_change(
    body: LawChangeIn, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> LawChangeOut:
    """Ask that settings of law be loosened; another person approves."""
    row = await law_changes.request(
        session,
        body.subject,
        body.campaign_id,
        body.changes,
        reason=body.reason,
        client_id=who.client_id,
        user_id=who.user_id,
        clock=clock,
    )
    return _shown(row, clock.now())


@router.post(
    "/{change_id}/approve",
    responses=problems(LawChangeNotFound, LawChangeOver, SecondPersonNeeded, LawChangeStale),
)
async def approve_one_law_change(
    change_id: UUID, who: ManagerDep, session: SessionDep, clock: ClockDep, outbox: OutboxDep
) -> LawChangeOut:
    """Approve and apply what somebody else asked for."""
    row = await law_changes.approve(
        session, change_id, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    if row.subject_id is not None:
        outbox.tell(row.subject_id, CommandName.REFRESH)
    return _shown(row, clock.now())


@router.post(
    "/{change_id}/refuse", responses=problems(LawChangeNotFound, LawChangeOver, ReasonTooShort)
)
async def refuse_one_law_change(
    change_id: UUID, body: LawRefusalIn, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> LawChangeOut:
    """Refuse a request with a reason, or withdraw the own one."""
    row = await law_changes.refuse(
        session,
        change_id,
        reason=body.reason,
        client_id=who.client_id,
        user_id=who.user_id,
        clock=clock,
    )
    return _shown(row, clock.now())


def _shown(row: LawChange, now: datetime) -> LawChangeOut:
    facts = row.model_dump(exclude={"client_id", "subject_id", "decision"})
    return LawChangeOut(**facts, campaign_id=row.subject_id, state=law_changes.state_of(row, now))
