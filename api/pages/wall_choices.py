"""A client's targets and limits of its wall."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from api.auth import PageManagerDep, PageSteererDep
from api.deps import ClockDep, SessionDep
from api.labels import mark
from api.templating import render
from api.wall.words import ALARM_NAMES
from campaigns.reports.settings import ReportTerms, terms_of
from campaigns.tenancy.tokens import Identity
from campaigns.wall import choices
from campaigns.wall.settings import ClientWall, WallSettings
from campaigns.wall.words import AlarmCode

#: Every setting with its words: what it is, and what an alarm says of it.
FIELDS = {
    "service_level_s": mark("Service level: taken within so many seconds"),
    "service_level_target": mark("Service level: target, 0 to 1"),
    "forms_per_hour": mark("Forms that a campaign should complete in an hour"),
    "connecting_limit_s": mark("Operator signing in at most, seconds"),
    "ready_limit_s": mark("Operator ready without a call at most, seconds"),
    "talk_limit_s": mark("Operator on a call at most, seconds"),
    "wrap_up_limit_s": mark("Operator in wrap-up at most, seconds"),
    "pause_limit_s": mark("Operator on a break at most, seconds"),
    "no_agents_s": mark("Nobody takes calls at most, seconds"),
    "budget_share": mark("Abandoned calls: part of what is allowed, 0 to 1"),
    "trunk_failure_share": mark("Trunk: share of calls it cannot carry, 0 to 1"),
    "cause_shift": mark("Trunk: share of calls that end otherwise than earlier today, 0 to 1"),
    "caller_id_share": mark("Caller ID: answer rate against that of earlier today, 0 to 1"),
    "least_calls": mark("Calls that a rate must be made of at least"),
    "list_left_share": mark("List: share of contacts left to call, 0 to 1"),
    "worker_away_s": mark("Nobody dials for a running campaign at most, seconds"),
    "disk_full_share": mark("Disk of the recordings: used share, 0 to 1"),
}

router = APIRouter(prefix="/wall")


@router.get("/settings")
async def wall_settings_page(
    request: Request, who: PageSteererDep, session: SessionDep
) -> Response:
    """Show the limits; whoever may not change them sees them."""
    chosen = await choices.client_wall(session, who.client_id)
    terms = await terms_of(session, who.client_id)
    return _show(request, who, terms, chosen.model_dump(exclude_none=True), {})


def _show(
    request: Request,
    who: Identity,
    terms: ReportTerms,
    values: dict[str, Any],
    wrong: dict[str, str],
    http_code: HTTPStatus = HTTPStatus.OK,
) -> Response:
    return render(
        request,
        "wall/settings.html",
        http_code=http_code,
        who=who,
        fields=FIELDS,
        values=values,
        defaults={**WallSettings().model_dump(), "service_level_s": terms.service_level_s},
        terms=terms,
        alarms=ALARM_NAMES,
        silent=set(values.get("silent") or ()),
        wrong=wrong,
    )


@router.post("/settings")
async def change_wall_settings(
    request: Request, who: PageManagerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Store the limits; a field left empty goes back to ours."""
    form = await request.form()
    given = {name: str(form.get(name, "")).strip().replace(",", ".") for name in FIELDS}
    values: dict[str, Any] = {name: value for name, value in given.items() if value}
    heard = {str(one) for one in form.getlist("heard")}
    silent = [one for one in AlarmCode if one.value not in heard]
    if silent:
        values["silent"] = silent
    try:
        wanted = ClientWall.model_validate(values)
    except ValidationError as error:
        wrong = {str(one["loc"][0]): one["msg"] for one in error.errors()}
        terms = await terms_of(session, who.client_id)
        return _show(request, who, terms, values, wrong, HTTPStatus.UNPROCESSABLE_ENTITY)
    await choices.choose(session, who.client_id, wanted, user_id=who.user_id, clock=clock)
    return RedirectResponse("/wall/settings", HTTPStatus.SEE_OTHER)
