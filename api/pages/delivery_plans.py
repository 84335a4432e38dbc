"""Delivery plans of a campaign: made, changed, tried out, paused."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from api import delivery_words
from api.auth import PageManagerDep
from api.delivering import Checked, MeansDep, checked
from api.delivery_forms import plan_of
from api.deps import ClockDep, SessionDep
from api.languages import language_of
from api.target_forms import faults_of, sent_form
from api.templating import problem_words, render
from api.zones import zone_of
from campaigns import lifecycle
from campaigns.delivery.deliveries import orders, plans
from campaigns.delivery.deliveries.models import DeliveryPlan
from campaigns.delivery.deliveries.schedule import next_end
from campaigns.delivery.deliveries.words import FileFormat, ScheduleKind, TargetKind
from campaigns.delivery.layouts.keeping import layouts_of
from campaigns.models import Campaign
from campaigns.tenancy import looks
from campaigns.tenancy.tokens import Identity
from dialer.errors import OutdialError

router = APIRouter()


class Step(StrEnum):
    """What a button of a plan's page does."""

    PAUSE = "pause"
    RESUME = "resume"
    REMOVE = "remove"
    SEND = "send"
    HOST_KEY = "host-key"
    RENEW = "new-secret"
    DROP_OLDER = "drop-secret"


@router.get("/campaigns/{campaign_id}/deliveries")
async def campaign_deliveries(
    request: Request,
    campaign_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    clock: ClockDep,
) -> Response:
    """Show a campaign's plans and its newest deliveries."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    rows = await plans.plans_of(session, client_id=who.client_id, campaign_id=campaign_id)
    newest = await orders.deliveries_of(
        session, client_id=who.client_id, campaign_id=campaign_id, limit=20
    )
    now = clock.now()
    return render(
        request,
        "deliveries/plans.html",
        who=who,
        campaign=campaign,
        rows=rows,
        newest=newest,
        names={row.id: row.name for row in rows},
        next_at={row.id: next_end(row.schedule, row.at_minute, row.zone, now) for row in rows},
        words=delivery_words,
        kinds=TargetKind,
    )


@router.get("/campaigns/{campaign_id}/deliveries/new")
async def new_plan_page(
    request: Request,
    campaign_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    kind: TargetKind = TargetKind.PORTAL,
) -> Response:
    """Show the form of a new plan for one kind of target."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    given = {"zone": zone_of(request), "language": language_of(request), "formats": ["results_csv"]}
    return await _form(request, who, session, campaign, kind, given)


@router.post("/campaigns/{campaign_id}/deliveries/new")
async def make_plan(
    request: Request,
    campaign_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    means: MeansDep,
    clock: ClockDep,
    kind: TargetKind = TargetKind.PORTAL,
) -> Response:
    """Make a plan and lead to its page; show the form again if something is wrong with it."""
    given = await sent_form(request, several="formats")
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    try:
        plan = await plans.make(
            session,
            campaign_id,
            plan_of(given, kind),
            client_id=who.client_id,
            user_id=who.user_id,
            ring=means.ring,
            clock=clock,
        )
    except (OutdialError, ValidationError) as wrong:
        return await _form(request, who, session, campaign, kind, given, wrong=wrong)
    return _to(plan.id)


@router.get("/delivery-plans/{plan_id}")
async def plan_page(
    request: Request, plan_id: UUID, who: PageManagerDep, session: SessionDep
) -> Response:
    """Show one plan: its form, its test, its buttons."""
    return await _show(request, plan_id, who, session)


@router.post("/delivery-plans/{plan_id}")
async def change_plan(
    request: Request,
    plan_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    means: MeansDep,
    clock: ClockDep,
) -> Response:
    """Change a plan; secrets that are left empty stay."""
    given = await sent_form(request, several="formats")
    plan = await plans.find(session, plan_id, client_id=who.client_id, lock=True)
    try:
        wanted = plan_of(given, plan.target_kind)
        await plans.change(session, plan, wanted, user_id=who.user_id, ring=means.ring, clock=clock)
    except (OutdialError, ValidationError) as wrong:
        await session.rollback()
        return await _show(request, plan_id, who, session, given=given, wrong=wrong)
    return _to(plan_id)


@router.post("/delivery-plans/{plan_id}/test")
async def try_plan(
    request: Request, plan_id: UUID, who: PageManagerDep, session: SessionDep, means: MeansDep
) -> Response:
    """Try the target out now and say above the form what came of it."""
    plan = await plans.find(session, plan_id, client_id=who.client_id)
    try:
        target = plans.target_of(plan, means.ring)
    except OutdialError as wrong:
        return await _show(request, plan_id, who, session, wrong=wrong)
    program = await looks.shown_name(session, who.client_id)
    await session.rollback()  # no transaction waits for another server
    found = await checked(target, means, program)
    return await _show(request, plan_id, who, session, found=found)


@router.post("/delivery-plans/{plan_id}/secret")
async def show_secret_page(
    request: Request,
    plan_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    means: MeansDep,
    clock: ClockDep,
) -> Response:
    """Show the secret that a webhook's receiver verifies with."""
    plan = await plans.find(session, plan_id, client_id=who.client_id)
    try:
        signing = await plans.show_secret(
            session, plan, user_id=who.user_id, ring=means.ring, clock=clock
        )
    except OutdialError as wrong:
        return await _show(request, plan_id, who, session, wrong=wrong)
    return await _show(request, plan_id, who, session, signing=signing)


@router.post("/delivery-plans/{plan_id}/{step}")
async def step_of_plan(
    request: Request,
    plan_id: UUID,
    step: Step,
    who: PageManagerDep,
    session: SessionDep,
    means: MeansDep,
    clock: ClockDep,
) -> Response:
    """Do what a button says."""
    given = await sent_form(request, several="formats")
    plan = await plans.find(session, plan_id, client_id=who.client_id, lock=True)
    own: dict[str, Any] = {"user_id": who.user_id, "clock": clock}
    try:
        if step is Step.PAUSE:
            await plans.pause(session, plan, **own)
        elif step is Step.RESUME:
            await plans.resume(session, plan, **own)
        elif step is Step.REMOVE:
            await plans.remove(session, plan, **own)
            return RedirectResponse(
                f"/campaigns/{plan.campaign_id}/deliveries", HTTPStatus.SEE_OTHER
            )
        elif step is Step.SEND:
            row = await orders.send_now(session, plan, **own)
            return RedirectResponse(f"/deliveries/{row.id}", HTTPStatus.SEE_OTHER)
        elif step is Step.HOST_KEY:
            key = str(given.get("host_key", ""))
            await plans.pin_host_key(session, plan, key, ring=means.ring, **own)
        else:
            drop = step is Step.DROP_OLDER
            await plans.replace_secret(session, plan, ring=means.ring, drop_before=drop, **own)
    except (OutdialError, ValidationError) as wrong:
        await session.rollback()
        return await _show(request, plan_id, who, session, wrong=wrong)
    return _to(plan_id)


async def _form(
    request: Request,
    who: Identity,
    session: SessionDep,
    campaign: Campaign,
    kind: TargetKind,
    given: Mapping[str, Any],
    *,
    plan: DeliveryPlan | None = None,
    wrong: Exception | None = None,
    **more: Any,
) -> Response:
    language = language_of(request)
    problem = problem_words(language, wrong) if isinstance(wrong, OutdialError) else ""
    return render(
        request,
        "deliveries/plan.html",
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY if wrong else HTTPStatus.OK,
        who=who,
        campaign=campaign,
        plan=plan,
        kind=kind,
        given=given,
        problem=problem,
        faults=faults_of(wrong, delivery_words.FIELDS)
        if isinstance(wrong, ValidationError)
        else {},
        words=delivery_words,
        schedules=ScheduleKind,
        formats=FileFormat,
        layouts=[one for one in await layouts_of(session, campaign) if one.frozen_at],
        found=more.get("found"),
        signing=more.get("signing"),
    )


async def _show(
    request: Request,
    plan_id: UUID,
    who: Identity,
    session: SessionDep,
    *,
    given: Mapping[str, Any] | None = None,
    wrong: Exception | None = None,
    found: Checked | None = None,
    signing: str = "",
) -> Response:
    plan = await plans.find(session, plan_id, client_id=who.client_id)
    campaign = await lifecycle.find(session, plan.campaign_id, client_id=who.client_id)
    minute = f"{plan.at_minute // 60:02}:{plan.at_minute % 60:02}"
    shown = given or {**plan.model_dump(exclude={"target"}), **plan.target, "at": minute}
    return await _form(
        request,
        who,
        session,
        campaign,
        plan.target_kind,
        shown,
        plan=plan,
        wrong=wrong,
        found=found,
        signing=signing,
    )


def _to(plan_id: UUID) -> Response:
    return RedirectResponse(f"/delivery-plans/{plan_id}", HTTPStatus.SEE_OTHER)
