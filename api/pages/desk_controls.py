"""The buttons of a call on the operator's page: what can be done now, and doing it."""

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from api import control_labels
from api.auth import PageCallTakerDep
from api.call_controls import steer
from api.deps import OutboxDep, ServicesDep, SessionDep
from api.own_calls import is_coming, require_coming_call, require_own_call
from api.templating import render
from campaigns.agents.controls import MOST_KEYS, Control, controls_of

#: Tells the page that a wish is on its way: the buttons are asked for anew.
_WISHED = {"HX-Trigger": "outdial-control-wished"}

router = APIRouter(prefix="/desk/calls/{attempt_id}")


@router.get("/controls")
async def show_controls(
    request: Request, attempt_id: UUID, who: PageCallTakerDep, session: SessionDep
) -> HTMLResponse:
    """Return the buttons that do something now; of a call that is just being connected too."""
    attempt = await require_coming_call(session, attempt_id, who)
    controls, waits = await controls_of(session, attempt), is_coming(attempt)
    if waits:
        controls = replace(controls, possible=())
    return render(
        request, "desk/_controls.html", controls=controls, waits=waits, words=control_labels
    )


@router.post("/{control}")
async def use_control(
    attempt_id: UUID,
    control: Control,
    who: PageCallTakerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
    target: Annotated[str, Form(max_length=40)] = "",
    keys: Annotated[str, Form(max_length=MOST_KEYS)] = "",
) -> Response:
    """Do what the button says."""
    attempt = await require_own_call(session, attempt_id, who)
    await steer(session, services, outbox, who, attempt, control, target=target, keys=keys)
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=_WISHED)
