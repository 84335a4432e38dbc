"""Attempts: a campaign's log of calls, their dispositions, and hanging up."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import CallSeerDep, CallTakerDep
from api.deps import OutboxDep, ServicesDep, SessionDep
from api.errors import problems
from api.own_calls import require_own_call
from api.schemas.attempts import AttemptOut, AttemptsPage, DisposedOut, DispositionIn
from campaigns import lifecycle
from campaigns.commands import CommandName
from campaigns.desk.editing import ContactErased
from campaigns.errors import AttemptNotFound, CampaignNotFound
from campaigns.leads import dispositions
from campaigns.leads.callbacks import CallbackRequest
from campaigns.leads.keeping import keeper_for
from campaigns.leads.models import Attempt
from campaigns.leads.promised_time import CallbackTimeWrong
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.call.states import CallOutcome
from dialer.errors import Conflict, Forbidden, Unauthenticated
from dialer.phone import masked

router = APIRouter(tags=["attempts"], responses=problems(Unauthenticated, Forbidden))


class CallIsOver(Conflict):
    """There is nothing to hang up."""

    code = "call_is_over"
    message = "This call is over."


class AttemptFilters(BaseModel):
    """Which attempts, and how many of them."""

    model_config = ConfigDict(extra="forbid")

    cursor: UUID | None = Field(default=None, description="`next_cursor` of the page before.")
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    outcome: CallOutcome | None = None
    disposition: str | None = None
    live: bool | None = Field(default=None, description="Only calls that are (not) on now.")
    lead_id: UUID | None = None
    agent_session_id: UUID | None = None


@router.get("/campaigns/{campaign_id}/attempts", responses=problems(CampaignNotFound))
async def list_attempts(
    campaign_id: UUID,
    who: CallSeerDep,
    session: SessionDep,
    filters: Annotated[AttemptFilters, Query()],
) -> AttemptsPage:
    """Return a campaign's attempts, the newest first."""
    await lifecycle.find(session, campaign_id, client_id=who.client_id)
    rows = await _page(session, campaign_id, filters)
    items = [_shown(row, who) for row in rows[: filters.limit]]
    more = len(rows) > filters.limit
    return AttemptsPage(items=items, next_cursor=items[-1].id if more else None)


async def _page(session: AsyncSession, campaign_id: UUID, filters: AttemptFilters) -> list[Attempt]:
    """Return one row more than asked for: whether it is there tells whether a page follows."""
    statement = select(Attempt).where(col(Attempt.campaign_id) == campaign_id)
    if filters.cursor is not None:  # ids sort by time
        statement = statement.where(col(Attempt.id) < filters.cursor)
    if filters.live is not None:
        is_live = col(Attempt.ended_at).is_(None)
        statement = statement.where(is_live if filters.live else ~is_live)
    for name in ("outcome", "disposition", "lead_id", "agent_session_id"):
        wanted = getattr(filters, name)
        if wanted is not None:
            statement = statement.where(col(getattr(Attempt, name)) == wanted)
    statement = statement.order_by(col(Attempt.id).desc()).limit(filters.limit + 1)
    return list((await session.exec(statement)).all())


def _shown(attempt: Attempt, who: Identity) -> AttemptOut:
    shown = AttemptOut.model_validate(attempt)
    if who.role is Role.AGENT:  # agents dial by the system: they need no number to take away
        return shown.model_copy(update={"phone": masked(attempt.e164)})
    return shown


@router.post(
    "/attempts/{attempt_id}/disposition",
    responses=problems(
        AttemptNotFound,
        dispositions.AlreadyDisposed,
        dispositions.UnknownDisposition,
        dispositions.NoCallback,
        dispositions.NoteRequired,
        dispositions.CallbackRequired,
        ContactErased,
        CallbackTimeWrong,
    ),
)
async def dispose(
    attempt_id: UUID,
    body: DispositionIn,
    who: CallTakerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
) -> DisposedOut:
    """Close a call with a code, and promise another; the lead's next state is stored with it."""
    attempt = await require_own_call(session, attempt_id, who)
    promised = None
    if body.callback is not None:
        campaign = await lifecycle.find(session, attempt.campaign_id, client_id=who.client_id)
        keeper = await keeper_for(session, campaign, services.law, services.shelf, services.clock)
        wish = body.callback
        promised = CallbackRequest(wish.at, keeper.next_opening, wish.zone, wish.agent, wish.note)
    recorded = await dispositions.record(
        session,
        attempt_id,
        body.code,
        client_id=who.client_id,
        clock=services.clock,
        user_id=who.user_id,
        callback=promised,
        note=body.note,
    )
    outbox.tell(
        recorded.campaign_id,
        CommandName.DISPOSED,
        session_id=str(recorded.session_id or ""),
        call_id=str(attempt_id),
        code=recorded.code,
    )
    outbox.cancel(recorded.ringing)
    return DisposedOut.model_validate(recorded, from_attributes=True)


@router.post(
    "/attempts/{attempt_id}/hang-up",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(AttemptNotFound, CallIsOver),
)
async def hang_up(
    attempt_id: UUID, who: CallTakerDep, session: SessionDep, outbox: OutboxDep
) -> AttemptOut:
    """Ask the campaign's runner to end a call that is on."""
    attempt = await require_own_call(session, attempt_id, who)
    if attempt.ended_at is not None:
        raise CallIsOver(attempt_id=attempt_id)
    by = "agent" if who.role is Role.AGENT else "supervisor"
    outbox.tell(attempt.campaign_id, CommandName.HANG_UP, call_id=str(attempt_id), by=by)
    return _shown(attempt, who)
