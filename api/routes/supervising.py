"""Supervising by API: listen, send a message, move an agent, change pace, let a list rest."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.auth import ManagerDep, SteererDep
from api.deps import ClockDep, OutboxDep, SessionDep
from api.errors import problems
from api.listening import Order, begin, by, obey
from campaigns.agents.steering import ReasonMissing
from campaigns.commands import CommandName
from campaigns.errors import AgentNotFound, CampaignEnded, CampaignNotFound, NotSignedIn
from campaigns.supervising import errors as refusals
from campaigns.supervising import list_pauses, messages, monitoring, moving, pace
from dialer.call.monitor_events import Mode
from dialer.call.monitors import MonitorState
from dialer.errors import Forbidden, Unauthenticated
from dialer.pacing.policy import PacingMode

router = APIRouter(tags=["supervising"], responses=problems(Unauthenticated, Forbidden))


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ListenIn(_In):
    """Whom to listen to."""

    agent_id: UUID
    mode: Mode = Mode.LISTEN
    follow: Annotated[bool, Field(description="The agent's next talks, too.")] = True


class ListeningOut(BaseModel):
    """A supervisor's listening."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    mode: Mode
    follow: bool
    state: MonitorState
    call_id: UUID | None
    started_at: datetime
    ended_at: datetime | None


class NoticeIn(_In):
    """Whether operators are told that somebody listens."""

    told: bool


class OrderIn(_In):
    """What a supervisor does while listening."""

    order: Order
    pause: Annotated[bool, Field(description="After a take-over the agent is paused.")] = False


class MessageIn(_In):
    """A message for the desk."""

    text: Annotated[str, Field(max_length=2000)]


class MessagesOut(BaseModel):
    """To how many a message went."""

    sent: int


class MoveIn(_In):
    """Where to."""

    campaign_id: UUID


class MovedOut(BaseModel):
    """The shift, which moves when the agent is free."""

    session_id: UUID


class PaceIn(_In):
    """What to change; what is left out stays."""

    mode: PacingMode | None = None
    dial_ratio: Annotated[float | None, Field(ge=1, le=5)] = None
    abandon_target: Annotated[float | None, Field(ge=0, le=0.05)] = None


class PaceOut(BaseModel):
    """The pace from now on."""

    mode: PacingMode
    dial_ratio: float
    abandon_target: float


class ListPauseIn(_In):
    """Why a list rests."""

    reason: Annotated[str, Field(max_length=1000)]


class ListPauseOut(BaseModel):
    """Whether a list rests, and why."""

    paused: bool
    reason: str | None = None


@router.post("/listening", responses=problems(AgentNotFound, NotSignedIn, refusals.ListensToSelf))
async def listen(
    body: ListenIn, who: SteererDep, session: SessionDep, clock: ClockDep, outbox: OutboxDep
) -> ListeningOut:
    """Listen to an agent with the telephone in the browser; listening to another one ends."""
    row = await begin(
        session, outbox, who, body.agent_id, clock, mode=body.mode, follow=body.follow
    )
    return ListeningOut.model_validate(row)


@router.post(
    "/listening/order",
    responses=problems(
        refusals.NotMonitoring, refusals.NoTalkToTake, refusals.TalkHasThirdParty, ReasonMissing
    ),
)
async def order_monitoring(
    body: OrderIn, who: SteererDep, session: SessionDep, clock: ClockDep, outbox: OutboxDep
) -> ListeningOut:
    """Whisper, barge, take over, leave."""
    row = await obey(session, outbox, who, body.order, clock, pause=body.pause)
    return ListeningOut.model_validate(row)


@router.put("/listening/notice")
async def set_monitoring_notice(
    body: NoticeIn, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> NoticeIn:
    """Say whether operators' desks tell that a supervisor listens."""
    await monitoring.set_notice(session, told=body.told, **by(who, clock))
    return body


@router.post("/agents/{agent_id}/messages", responses=problems(AgentNotFound, refusals.BadMessage))
async def send_message(
    agent_id: UUID, body: MessageIn, who: SteererDep, session: SessionDep, clock: ClockDep
) -> MessagesOut:
    """Send a message to an agent's desk."""
    rows = await messages.send_to_agent(
        session, agent_id, body.text, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return MessagesOut(sent=len(rows))


@router.post(
    "/campaigns/{campaign_id}/messages",
    responses=problems(CampaignNotFound, refusals.BadMessage, refusals.NobodyThere),
)
async def send_message_to_all(
    campaign_id: UUID, body: MessageIn, who: SteererDep, session: SessionDep, clock: ClockDep
) -> MessagesOut:
    """Send a message to everybody who works for a campaign now."""
    rows = await messages.send_to_campaign(
        session, campaign_id, body.text, client_id=who.client_id, user_id=who.user_id, clock=clock
    )
    return MessagesOut(sent=len(rows))


@router.post(
    "/agents/{agent_id}/move",
    responses=problems(AgentNotFound, CampaignNotFound, NotSignedIn, CampaignEnded),
)
async def move_to_campaign(
    agent_id: UUID,
    body: MoveIn,
    who: SteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> MovedOut:
    """Have an agent work for another campaign: after the call, or now when idle."""
    facts = by(who, clock)
    shift = await moving.move(session, agent_id, body.campaign_id, **facts)
    outbox.tell(shift.campaign_id, CommandName.AGENTS_CHANGED)
    return MovedOut(session_id=shift.id)


@router.post(
    "/campaigns/{campaign_id}/pace", responses=problems(CampaignNotFound, pace.NothingToChange)
)
async def set_pace(
    campaign_id: UUID,
    body: PaceIn,
    who: SteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> PaceOut:
    """Change dial mode, dial ratio or abandoned target while the campaign runs."""
    facts = by(who, clock)
    campaign = await pace.change(session, campaign_id, **facts, **body.model_dump())
    outbox.tell(campaign_id, CommandName.REFRESH)
    return PaceOut(**{name: campaign.settings[name] for name in PaceOut.model_fields})


@router.post(
    "/campaigns/{campaign_id}/lists/{list_id}/pause",
    responses=problems(CampaignNotFound, refusals.NotInTheCampaign, ReasonMissing),
)
async def let_list_rest(
    campaign_id: UUID,
    list_id: UUID,
    body: ListPauseIn,
    who: SteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> ListPauseOut:
    """Let a list rest in a campaign; what was about to be dialled of it comes back."""
    facts = by(who, clock)
    row = await list_pauses.pause(session, campaign_id, list_id, body.reason, **facts)
    outbox.tell(campaign_id, CommandName.REFRESH)
    return ListPauseOut(paused=True, reason=row.reason)


@router.post(
    "/campaigns/{campaign_id}/lists/{list_id}/resume", responses=problems(CampaignNotFound)
)
async def draw_list_again(
    campaign_id: UUID,
    list_id: UUID,
    who: SteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> ListPauseOut:
    """Draw a list's leads again."""
    facts = by(who, clock)
    await list_pauses.resume(session, campaign_id, list_id, **facts)
    outbox.tell(campaign_id, CommandName.REFRESH)
    return ListPauseOut(paused=False)
