"""Controls of a call that is on: hold, keys, recording, transfers."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body

from api.auth import CallTakerDep
from api.call_controls import steer
from api.deps import OutboxDep, ServicesDep, SessionDep
from api.errors import problems
from api.own_calls import require_own_call
from api.schemas.controls import ControlsOut, PartOut, SteerIn
from campaigns.agents.controls import (
    Control,
    KeysMissing,
    NotPossibleNow,
    UnknownTarget,
    controls_of,
)
from campaigns.errors import AttemptNotFound
from campaigns.leads.call_parts import parts_of
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/attempts/{attempt_id}/controls",
    tags=["attempts"],
    responses=problems(Unauthenticated, Forbidden, AttemptNotFound),
)

_Steer = Annotated[SteerIn, Body(default_factory=SteerIn)]


@router.get("")
async def get_controls(attempt_id: UUID, who: CallTakerDep, session: SessionDep) -> ControlsOut:
    """Return what can be done with a call now, and the parts of its talk."""
    attempt = await require_own_call(session, attempt_id, who)
    parts = await parts_of(session, attempt.id, client_id=who.client_id)
    shown = ControlsOut.model_validate(await controls_of(session, attempt))
    return shown.model_copy(update={"parts": [PartOut.model_validate(part) for part in parts]})


@router.post(
    "/{control}",
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(NotPossibleNow, UnknownTarget, KeysMissing),
)
async def use_control(
    attempt_id: UUID,
    control: Control,
    who: CallTakerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
    body: _Steer,
) -> ControlsOut:
    """Have the campaign's runner do it; what came of it is told on the agents' channel."""
    attempt = await require_own_call(session, attempt_id, who)
    keys = body.keys.get_secret_value()
    await steer(session, services, outbox, who, attempt, control, target=body.target, keys=keys)
    return ControlsOut.model_validate(await controls_of(session, attempt))
