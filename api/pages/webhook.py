"""One webhook endpoint: its form, its state, its tries and dead letters, and sending again."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from api import event_words
from api.auth import PageManagerDep
from api.delivering import MeansDep
from api.deps import ClockDep, SessionDep
from api.event_forms import endpoint_of, place_of, shown
from api.languages import language_of
from api.pages.events import campaign_names
from api.target_forms import faults_of, sent_form
from api.templating import problem_words, render
from api.zones import zone_of
from campaigns.delivery.deliveries.wire.faults import SendFault
from campaigns.events.kinds import EventKind
from campaigns.events.reading import span_of
from campaigns.tenancy.tokens import Identity
from campaigns.webhooks import endpoints, sending
from campaigns.webhooks.dead import dead_letters
from campaigns.webhooks.lag import lag_of, state_of, tries_of
from campaigns.webhooks.replaying import replay, wake
from dialer.errors import OutdialError

router = APIRouter(prefix="/events")


class Step(StrEnum):
    """What a button of an endpoint's page does."""

    PAUSE = "pause"
    RESUME = "resume"
    REMOVE = "remove"
    WAKE = "wake"
    REPLAY = "replay"
    RENEW = "new-secret"
    DROP_OLDER = "drop-secret"


@router.get("/{endpoint_id}")
async def endpoint_page(
    request: Request, endpoint_id: UUID, who: PageManagerDep, session: SessionDep
) -> Response:
    """Show one endpoint."""
    return await _show(request, endpoint_id, who, session)


@router.post("/{endpoint_id}")
async def change_endpoint(
    request: Request, endpoint_id: UUID, who: PageManagerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Change an endpoint."""
    given = await sent_form(request, several="kinds")
    row = await endpoints.find(session, endpoint_id, client_id=who.client_id, lock=True)
    try:
        wanted = endpoint_of(given)
        await endpoints.change(session, row, wanted, user_id=who.user_id, clock=clock)
    except (OutdialError, ValidationError) as wrong:
        await session.rollback()
        return await _show(request, endpoint_id, who, session, given=given, wrong=wrong)
    return _to(endpoint_id)


@router.post("/{endpoint_id}/test")
async def try_endpoint(
    request: Request, endpoint_id: UUID, who: PageManagerDep, session: SessionDep, means: MeansDep
) -> Response:
    """Send a test message and say above the form what came of it."""
    row = await endpoints.find(session, endpoint_id, client_id=who.client_id)
    session.expunge(row)
    await session.rollback()  # no transaction waits for another server
    try:
        await sending.send_test(row, means)
    except SendFault as fault:
        return await _show(request, endpoint_id, who, session, fault=fault)
    return await _show(request, endpoint_id, who, session, works=True)


@router.post("/{endpoint_id}/secret")
async def show_endpoint_secret(
    request: Request,
    endpoint_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    means: MeansDep,
    clock: ClockDep,
) -> Response:
    """Show the secret that the receiver verifies with."""
    row = await endpoints.find(session, endpoint_id, client_id=who.client_id)
    try:
        signing = await endpoints.show_secret(
            session, row, user_id=who.user_id, ring=means.ring, clock=clock
        )
    except OutdialError as wrong:
        return await _show(request, endpoint_id, who, session, wrong=wrong)
    return await _show(request, endpoint_id, who, session, signing=signing)


@router.post("/{endpoint_id}/{step}")
async def step_of_endpoint(
    request: Request,
    endpoint_id: UUID,
    step: Step,
    who: PageManagerDep,
    session: SessionDep,
    means: MeansDep,
    clock: ClockDep,
) -> Response:
    """Do what a button says."""
    given = await sent_form(request, several="kinds")
    row = await endpoints.find(session, endpoint_id, client_id=who.client_id, lock=True)
    own: dict[str, Any] = {"user_id": who.user_id, "clock": clock}
    try:
        match step:
            case Step.PAUSE:
                await endpoints.pause(session, row, **own)
            case Step.RESUME:
                await endpoints.resume(session, row, **own)
                await wake(session, row, **own)
            case Step.REMOVE:
                await endpoints.remove(session, row, **own)
                return RedirectResponse("/events", HTTPStatus.SEE_OTHER)
            case Step.WAKE:
                await wake(session, row, **own)
            case Step.REPLAY:
                lane = UUID(given["lane"]) if given.get("lane") else None
                place = place_of(given, zone_of(request))
                await replay(session, row, lane_id=lane, **place, **own)
            case Step.RENEW | Step.DROP_OLDER:
                drop = step is Step.DROP_OLDER
                await endpoints.replace_secret(
                    session, row, ring=means.ring, drop_before=drop, **own
                )
    except (OutdialError, ValueError) as wrong:
        await session.rollback()
        return await _show(request, endpoint_id, who, session, wrong=wrong)
    return _to(endpoint_id)


async def _show(
    request: Request,
    endpoint_id: UUID,
    who: Identity,
    session: SessionDep,
    *,
    given: Mapping[str, Any] | None = None,
    wrong: Exception | None = None,
    works: bool = False,
    fault: SendFault | None = None,
    signing: str = "",
) -> Response:
    row = await endpoints.find(session, endpoint_id, client_id=who.client_id)
    problem = problem_words(language_of(request), wrong) if isinstance(wrong, OutdialError) else ""
    return render(
        request,
        "events/endpoint.html",
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        who=who,
        row=row,
        given=given or shown(row),
        problem=problem,
        faults=faults_of(wrong, event_words.FIELDS) if isinstance(wrong, ValidationError) else {},
        state=state_of(row),
        lag=await lag_of(session, row.id),
        span=await span_of(session, who.client_id),
        tries=await tries_of(session, row.id),
        dead=await dead_letters(session, who.client_id, row.id),
        campaigns=await campaign_names(session, who),
        kinds=EventKind,
        words=event_words,
        works=works,
        fault=fault,
        signing=signing,
    )


def _to(endpoint_id: UUID) -> Response:
    return RedirectResponse(f"/events/{endpoint_id}", HTTPStatus.SEE_OTHER)
