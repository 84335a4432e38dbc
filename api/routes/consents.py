"""The ledger of consents."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from api.auth import ManagerDep
from api.deps import ClockDep, LawDep, SessionDep
from api.errors import problems
from api.schemas.compliance import ConsentIn, ConsentOut, Number, WithReason
from campaigns.law import consents
from campaigns.law.consents import (
    AlreadyWithdrawn,
    ConsentNotFound,
    NewConsent,
    UnknownConsentKind,
)
from dialer import phone
from dialer.errors import Forbidden, Unauthenticated
from dialer.phone import InvalidPhone

router = APIRouter(
    prefix="/consents", tags=["compliance"], responses=problems(Unauthenticated, Forbidden)
)


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    responses=problems(UnknownConsentKind, InvalidPhone),
)
async def record_consent(
    body: ConsentIn, who: ManagerDep, session: SessionDep, law: LawDep, clock: ClockDep
) -> ConsentOut:
    """Record a consent; leads that waited for it are asked about again."""
    consent = NewConsent(
        e164=phone.parse(body.number, "ZZ").e164 if body.number else None,
        kind=body.kind,
        granted_at=body.granted_at or clock.now(),
        proof=body.proof,
        scope=body.scope,
        expires_at=body.expires_at,
    )
    row = await consents.record(
        session,
        consent,
        client_id=who.client_id,
        user_id=who.user_id,
        book=law.book,
        clock=clock,
    )
    return ConsentOut.model_validate(row)


@router.get("", responses=problems(InvalidPhone))
async def list_consents(
    who: ManagerDep,
    session: SessionDep,
    number: Number | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[ConsentOut]:
    """Return the ledger's entries, the newest first; of a number with the client's own facts."""
    e164 = phone.parse(number, "ZZ").e164 if number else None
    rows = await consents.find(session, client_id=who.client_id, e164=e164, limit=limit)
    return [ConsentOut.model_validate(row) for row in rows]


@router.post("/{consent_id}/withdraw", responses=problems(ConsentNotFound, AlreadyWithdrawn))
async def withdraw_consent(
    consent_id: UUID, body: WithReason, who: ManagerDep, session: SessionDep, clock: ClockDep
) -> ConsentOut:
    """End a consent from now on; the entry stays."""
    row = await consents.withdraw(
        session,
        consent_id,
        client_id=who.client_id,
        user_id=who.user_id,
        reason=body.reason,
        clock=clock,
    )
    return ConsentOut.model_validate(row)
