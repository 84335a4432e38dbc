"""One page on which a manager sets a campaign up: new, changed, with what each setting would change."""

from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import FormData

from api.auth import PageManagerDep
from api.deps import ClockDep, OutboxDep, ServicesDep, SessionDep
from api.languages import language_of, locale_of
from api.setup import words
from api.setup.doing import make_campaign, save_wish, wished_ways
from api.setup.fields import LIVES, SECTIONS, Live
from api.setup.parsing import Wish, wish_of
from api.setup.rules import NEW_ROWS, rule_rows
from api.setup.view import (
    Sheet,
    Ways,
    complete_settings,
    holiday_of,
    hours_rows,
    shown_fields,
    ways_of,
    with_only_choices,
)
from api.templating import problem_words, render
from api.zones import zone_of
from campaigns import lifecycle
from campaigns.commands import CommandName
from campaigns.configuration import checked_settings
from campaigns.law import law_changes
from campaigns.models import Campaign
from campaigns.setup.dispositions import find_lines, used_codes
from campaigns.setup.presets import PRESETS, Preset, PresetCode
from campaigns.setup.virtual import crew_of
from campaigns.tenancy.tokens import Identity
from dialer.errors import OutdialError

router = APIRouter(prefix="/campaigns")

_NAME_CHARACTERS = 200


@router.get("/new")
async def new_campaign_page(
    request: Request,
    who: PageManagerDep,
    session: SessionDep,
    preset: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show the presets, and the page filled in by the one that was chosen."""
    chosen = preset_of(preset)
    settings = checked_settings(chosen.settings if chosen else {})
    return await _show_new(request, session, who, chosen, Sheet(settings))


@router.post("/new")
async def make_new_campaign(
    request: Request, who: PageManagerDep, session: SessionDep, clock: ClockDep
) -> Response:
    """Make a draft and lead to its page."""
    form = await request.form()
    chosen = preset_of(str(form.get("preset", "")))
    before = checked_settings(chosen.settings if chosen else {})
    name = str(form.get("name", "")).strip()[:_NAME_CHARACTERS]
    wish = wish_of(form, before, zone_of(request))
    problem = ""
    if not name:
        wish.problems["name"] = words.NO_NAME
    if not wish.problems:
        try:
            language = language_of(request)
            saved = await make_campaign(session, name, wish, chosen, language, who, clock)
        except OutdialError as error:
            await session.rollback()
            problem = _told(request, error, wish)
        else:
            return _back(saved.campaign.id, "made")
    sheet = _sheet(form, {**before, **wish.settings}, wished_ways(wish, Ways()), wish)
    return await _show_new(request, session, who, chosen, sheet, name=name, problem=problem)


@router.get("/{campaign_id}/settings")
async def campaign_settings_page(
    request: Request,
    campaign_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show a campaign's settings."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    sheet = Sheet(complete_settings(campaign), await ways_of(session, campaign))
    return await show_settings(request, session, services, who, campaign, sheet, done=done)


@router.post("/{campaign_id}/settings")
async def save_campaign_settings(
    request: Request,
    campaign_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
    outbox: OutboxDep,
) -> Response:
    """Save the page; a campaign that runs follows without a restart."""
    form = await request.form()
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    before, ways = complete_settings(campaign), await ways_of(session, campaign)
    wish = wish_of(form, before, zone_of(request))
    problem = ""
    if not wish.problems:
        try:
            saved = await save_wish(session, campaign, wish, who, services.clock)
        except OutdialError as error:
            await session.rollback()
            problem = _told(request, error, wish)
            campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
        else:
            outbox.tell(campaign_id, CommandName.REFRESH)
            return _back(campaign_id, "asked" if saved.asked else "saved")
    sheet = _sheet(form, {**before, **wish.settings}, wished_ways(wish, ways), wish)
    return await show_settings(request, session, services, who, campaign, sheet, problem=problem)


def preset_of(code: str) -> Preset | None:
    """Return the preset of a code; None when there is none."""
    return PRESETS.get(PresetCode(code)) if code in list(PresetCode) else None


def _told(request: Request, error: OutdialError, wish: Wish) -> str:
    """Return what was refused, in the reader's language; faults of fields go beside them."""
    problems = error.facts.get("problems")
    for one in problems if isinstance(problems, list) else ():
        name, _, said = str(one).partition(": ")
        wish.problems.setdefault(name.split(".")[0], said.removeprefix("Value error, "))
    return problem_words(language_of(request), error)


def _sheet(form: FormData, settings: dict[str, Any], ways: Ways, wish: Wish) -> Sheet:
    raw = {name: str(value) for name, value in form.items()} if wish.problems else {}
    return Sheet(settings, ways, wish.problems, raw)


def _back(campaign_id: UUID, done: str) -> RedirectResponse:
    return RedirectResponse(f"/campaigns/{campaign_id}/settings?done={done}", HTTPStatus.SEE_OTHER)


async def _show_new(
    request: Request,
    session: AsyncSession,
    who: Identity,
    chosen: Preset | None,
    sheet: Sheet,
    *,
    name: str = "",
    problem: str = "",
) -> Response:
    common = await _common(request, session, who, sheet)
    refused = bool(problem or sheet.problems)
    if not refused:
        common["fields"] = with_only_choices(common["fields"])
    return render(
        request,
        "setup/new.html",
        http_code=HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        chosen=chosen,
        presets=tuple(PRESETS.values()),
        name=name,
        problem=problem,
        campaign=None,
        **common,
    )


async def _common(
    request: Request, session: AsyncSession, who: Identity, sheet: Sheet
) -> dict[str, Any]:
    zone = zone_of(request)
    return {
        "who": who,
        "words": words,
        "sections": SECTIONS,
        "lives": LIVES,
        "usual_life": Live.NEXT_CALL,
        "fields": await shown_fields(session, sheet, client_id=who.client_id, zone=zone),
        "hours": hours_rows(sheet.settings, sheet.raw),
        "holiday": holiday_of(sheet.settings),
        "enrolled": sheet.ways.enrolled,
        "problems": sheet.problems,
        "days": locale_of(language_of(request)).days["stand-alone"]["wide"],
        "zone": zone,
    }


async def show_settings(
    request: Request,
    session: AsyncSession,
    services: ServicesDep,
    who: Identity,
    campaign: Campaign,
    sheet: Sheet | None = None,
    *,
    done: str = "",
    problem: str = "",
    http_code: HTTPStatus = HTTPStatus.OK,
) -> Response:
    """Return the page of a campaign's settings, with ``problem`` above it."""
    settings = complete_settings(campaign)
    sheet = sheet or Sheet(settings, await ways_of(session, campaign))
    if problem or sheet.problems:
        http_code = HTTPStatus.UNPROCESSABLE_ENTITY
    asked = await law_changes.find(session, client_id=who.client_id, campaign_id=campaign.id)
    now = services.clock.now()
    return render(
        request,
        "setup/settings.html",
        http_code=http_code,
        campaign=campaign,
        done=done,
        problem=problem,
        open_changes=[row for row in asked if law_changes.state_of(row, now) == "open"],
        rules=rule_rows(settings),
        lines=await find_lines(session, campaign.id, client_id=who.client_id),
        used=await used_codes(session, campaign.id, client_id=who.client_id),
        new_rows=NEW_ROWS,
        crew=await crew_of(session, campaign.id, client_id=who.client_id),
        **await _common(request, session, who, sheet),
    )
