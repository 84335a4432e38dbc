"""What the set-up page asks for by itself: effects, checks, the forecast; the history; the file."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.datastructures import FormData

from api.auth import PageIdentityDep, PageManagerDep
from api.deps import ServicesDep, SessionDep
from api.languages import language_of
from api.pages.campaign_setup import preset_of
from api.pages.campaigns import ACTIONS
from api.routes.pacing_forecast import Simulating, compute_apart
from api.setup import law_words, words
from api.setup.parsing import wish_of
from api.setup.view import complete_settings
from api.templating import problem_words, render
from api.zones import zone_of
from campaigns import lifecycle
from campaigns.configuration import checked_settings
from campaigns.errors import BadSettings
from campaigns.leads.keeping import keeper_for
from campaigns.models import Campaign, Trunk
from campaigns.pacing.forecasting import Forecast, forecast
from campaigns.pacing.gathering import gather
from campaigns.settings import CampaignSettings
from campaigns.setup.effects import effects
from campaigns.setup.file_state import export_yaml
from campaigns.setup.history import history
from campaigns.setup.lights import Colour, free_lists, lights
from campaigns.setup.quota_dates import quota_dates
from campaigns.setup.virtual import crew_of
from campaigns.tenancy.tokens import Identity

router = APIRouter(prefix="/campaigns")

#: Virtual agents that the button offers.
USUAL_CREW = 10


@router.post("/new/effects")
async def effects_of_new(
    request: Request, who: PageManagerDep, session: SessionDep, services: ServicesDep
) -> Response:
    """Say what the settings of a campaign that is not made yet would have done to earlier calls."""
    form = await request.form()
    chosen = preset_of(str(form.get("preset", "")))
    before = checked_settings(chosen.settings if chosen else {})
    return await _effects(request, session, services, who, form, before, None)


@router.post("/{campaign_id}/settings/effects")
async def effects_of_settings(
    request: Request,
    campaign_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
) -> Response:
    """Say what the settings as they stand in the form would do to today's figures."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    form, before = await request.form(), complete_settings(campaign)
    return await _effects(request, session, services, who, form, before, campaign)


async def _effects(
    request: Request,
    session: AsyncSession,
    services: ServicesDep,
    who: Identity,
    form: FormData,
    before: dict[str, Any],
    campaign: Campaign | None,
) -> Response:
    zone, now, keeper = zone_of(request), services.clock.now(), None
    wish = wish_of(form, before, zone)
    try:
        proposed = CampaignSettings.model_validate(checked_settings({**before, **wish.settings}))
    except BadSettings:
        proposed = CampaignSettings.model_validate(before)  # what is wrong is told when it is saved
    if campaign is not None:
        keeper = await keeper_for(session, campaign, services.law, services.shelf, services.clock)
    found = await effects(
        session,
        proposed,
        client_id=who.client_id,
        campaign_id=campaign.id if campaign else None,
        keeper=keeper,
        now=now,
        day_ends=_day_ends(now, zone),
    )
    return render(request, "setup/_effects.html", found=found, words=words)


def _day_ends(now: datetime, zone: str) -> datetime:
    local = now.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date() + timedelta(days=1), time(), ZoneInfo(zone))


@router.get("/{campaign_id}/settings/checks")
async def campaign_checks(
    request: Request,
    campaign_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
) -> Response:
    """Show what stands in the way of a start, each with its fix, and the state's buttons."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    found = await lights(session, campaign, now=services.clock.now(), law=services.law)
    trunk = await session.get(Trunk, campaign.trunk_id) if campaign.trunk_id else None
    leads = dict(words.LEADS)
    if not await free_lists(session, campaign):
        leads["no_contacts"] = words.LEADS["no_lists"]
    return render(
        request,
        "setup/_checks.html",
        campaign=campaign,
        lights=found,
        red=any(light.colour is Colour.RED for light in found),
        leads=leads,
        words=words,
        actions=ACTIONS[campaign.state],
        simulated=trunk is not None and trunk.simulated,
        may_simulate=services.settings.simulated_carrier_port is not None,
        crew=await crew_of(session, campaign_id, client_id=who.client_id),
        usual_crew=USUAL_CREW,
    )


@router.get("/{campaign_id}/settings/forecast")
async def campaign_forecast(
    request: Request,
    campaign_id: UUID,
    who: PageManagerDep,
    session: SessionDep,
    services: ServicesDep,
) -> Response:
    """Show how long the list will last, with whom, who will be skipped, and when quotas are full."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    now, clock = services.clock.now(), services.clock
    keeper = await keeper_for(session, campaign, services.law, services.shelf, clock)
    inputs = await gather(session, campaign, keeper, now=now)
    quotas = await quota_dates(
        session, campaign_id, keeper.settings, client_id=who.client_id, now=now
    )
    await session.close()  # the connection is for others while it computes
    found: Forecast | None = None
    problem = ""
    try:
        found = await compute_apart(forecast, inputs)
    except Simulating as busy:
        problem = problem_words(language_of(request), busy)
    facts: dict[str, Any] = {
        "found": found,
        "problem": problem,
        "quotas": quotas,
        "zone": zone_of(request),
    }
    return render(request, "setup/_forecast.html", campaign=campaign, **facts)


@router.get("/{campaign_id}/history")
async def campaign_history(
    request: Request, campaign_id: UUID, who: PageIdentityDep, session: SessionDep
) -> Response:
    """Show who changed what and when."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    entries = await history(session, campaign_id, client_id=who.client_id, most=200)
    return render(
        request,
        "setup/history.html",
        campaign=campaign,
        who=who,
        words=words,
        entries=entries,
        law_words=law_words,
    )


@router.get("/{campaign_id}/campaign.yaml")
async def download_campaign_file(
    campaign_id: UUID, who: PageManagerDep, session: SessionDep
) -> Response:
    """Return the campaign as a file that `outdial campaign apply` takes."""
    text = await export_yaml(session, campaign_id, client_id=who.client_id)
    headers = {"Content-Disposition": 'attachment; filename="campaign.yaml"'}
    return Response(text, media_type="application/yaml", headers=headers)
