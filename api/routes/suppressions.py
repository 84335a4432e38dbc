"""The client's own do-not-call list; a number's ringing calls are cancelled as it is added."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.auth import AdminDep, CallTakerDep, ManagerDep
from api.deps import ClockDep, OutboxDep, SessionDep
from api.errors import problems
from api.schemas.compliance import (
    Number,
    SuppressedOut,
    SuppressionIn,
    SuppressionOut,
)
from campaigns.errors import CampaignNotFound
from campaigns.law import suppressions
from campaigns.law.suppressions import SuppressionNotFound
from campaigns.tenancy.models import Role
from dialer import phone
from dialer.errors import Forbidden, Unauthenticated
from dialer.phone import InvalidPhone
from dialer.text import PlainText

router = APIRouter(
    prefix="/suppressions", tags=["compliance"], responses=problems(Unauthenticated, Forbidden)
)


@router.post("", status_code=HTTPStatus.CREATED, responses=problems(CampaignNotFound, InvalidPhone))
async def suppress(
    body: SuppressionIn,
    who: CallTakerDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> SuppressedOut:
    """Suppress numbers; calls that ring at them are cancelled, answered ones go on."""
    done = await suppressions.suppress(
        session,
        client_id=who.client_id,
        e164s=[phone.parse(number, "ZZ").e164 for number in body.numbers],
        reason=body.reason,
        source="agent" if who.role is Role.AGENT else "api",
        user_id=who.user_id,
        clock=clock,
        campaign_id=body.campaign_id,
    )
    outbox.cancel(done.live_calls)
    return SuppressedOut(added=done.added, live_calls=len(done.live_calls))


@router.get("", responses=problems(InvalidPhone))
async def list_suppressions(
    who: ManagerDep,
    session: SessionDep,
    number: Number | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[SuppressionOut]:
    """Return the client's suppressions (of one number), the newest first."""
    e164 = phone.parse(number, "ZZ").e164 if number else None
    rows = await suppressions.find(session, client_id=who.client_id, e164=e164, limit=limit)
    return [SuppressionOut.model_validate(row) for row in rows]


@router.delete(
    "/{suppression_id}",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(SuppressionNotFound),
)
async def lift(
    suppression_id: UUID,
    who: AdminDep,
    session: SessionDep,
    clock: ClockDep,
    reason: Annotated[PlainText, Query(min_length=1, max_length=500)],
) -> None:
    """Let a number be called again; the audit log keeps why."""
    await suppressions.lift(
        session,
        suppression_id,
        client_id=who.client_id,
        reason=reason,
        user_id=who.user_id,
        clock=clock,
    )
