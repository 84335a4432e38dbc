"""Settings of a client's reports: zone, rates, peak hours, targets."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.datastructures import FormData

from api.auth import PageManagerDep
from api.deps import ClockDep, SessionDep
from api.languages import language_of
from api.measure_words import FORMULAS, NAMES
from api.report_view import Teller
from api.templating import render, translate
from campaigns.reports.components import WAITS_S
from campaigns.reports.measure import Better
from campaigns.reports.measures import MEASURES
from campaigns.reports.settings import ReportTerms, SettingsChange, change_terms, terms_of

router = APIRouter(prefix="/reports/settings")

_PLAIN = ("zone", "currency", "hour_rate", "minute_tariff", "service_level_s", "csat_question")


@router.get("")
async def report_settings_page(
    request: Request, who: PageManagerDep, session: SessionDep
) -> Response:
    """Show the settings."""
    terms = await terms_of(session, who.client_id)
    return _page(request, who, terms)


@router.post("")
async def change_report_settings(
    request: Request, who: PageManagerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Save the settings; what cannot be used is said, and nothing is changed."""
    said = await request.form()
    try:
        change = SettingsChange.model_validate(_body(said))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        terms = await terms_of(session, who.client_id)
        problem = f"{place}: {first['msg']}"
        return _page(request, who, terms, problem=problem, code=HTTPStatus.UNPROCESSABLE_ENTITY)
    terms = await change_terms(session, who.client_id, change, user_id=who.user_id, clock=clock)
    return _page(request, who, terms, saved=True)


def _body(said: FormData) -> dict[str, Any]:
    body: dict[str, Any] = {name: str(said.get(name, "")).strip() for name in _PLAIN}
    hours = str(said.get("peak_hours", "")).replace(";", ",")
    body["peak_hours"] = [one.strip() for one in hours.split(",") if one.strip()]
    body["csat_from"] = str(said.get("csat_from", "")).strip() or 4
    targets: dict[str, dict[str, str]] = {}
    for key in MEASURES:
        both = {
            kind: str(said.get(f"{kind}-{key}", "")).strip().replace(",", ".")
            for kind in ("peak", "quiet")
        }
        if f"peak-{key}" in said:
            targets[key] = {kind: value for kind, value in both.items() if value}
    return body | {"targets": targets}


def _page(
    request: Request,
    who: PageManagerDep,
    terms: ReportTerms,
    *,
    problem: str = "",
    saved: bool = False,
    code: HTTPStatus = HTTPStatus.OK,
) -> Response:
    language = language_of(request)
    aims = [
        (
            one.key,
            translate(language, NAMES[one.key]),
            translate(language, FORMULAS.get(one.key, one.formula)),
            terms.target(one),
        )
        for one in MEASURES.values()
        if one.better is not Better.NEITHER
    ]
    return render(
        request,
        "reports/settings.html",
        http_code=code,
        who=who,
        terms=terms,
        aims=aims,
        waits=WAITS_S,
        hours=", ".join(str(hour) for hour in sorted(terms.peak_hours)),
        problem=problem,
        saved=saved,
        teller=Teller(language, terms, {}),
        path="/reports/settings",
    )
