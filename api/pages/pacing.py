"""Pacing explained live: the section of a campaign's page, and what the API says, too."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import PageIdentityDep
from api.deps import SessionDep, services_of
from api.fragments import is_fragment
from api.languages import language_of
from api.pacing_chart import HEIGHT, WIDTH, draw
from api.pacing_figures import (
    FRESH_S,
    PACE_MINUTES,
    Second,
    Spending,
    spending_of,
    step_of,
    thinned,
)
from api.pacing_words import decision_words, note_words
from api.templating import render
from api.zones import zone_of
from campaigns import lifecycle
from campaigns.models import Campaign
from campaigns.pacing.law import WINDOW_S
from campaigns.pacing.memory import answered_since, trace_of
from campaigns.settings import CampaignSettings

#: The section shows so many minutes, as at most so many points: finer is not seen.
SHOWN_MINUTES = 15
SHOWN_POINTS = 180

#: How long a reading may be shown again; all viewers of a campaign share it.
READING_LIVES_S = 3.0
#: The same while nothing is paced: then the answers of a whole window are counted.
IDLE_READING_LIVES_S = 15.0

router = APIRouter(prefix="/campaigns")


@dataclass(frozen=True, slots=True)
class Pacing:
    """What is known of a campaign's pacing at an instant."""

    at: datetime
    seconds: Sequence[Second]
    spending: Spending

    @property
    def last(self) -> Second | None:
        """Return the last kept second."""
        return self.seconds[-1] if self.seconds else None

    @property
    def is_fresh(self) -> bool:
        """Tell whether the campaign paces now."""
        return self.last is not None and self.at.timestamp() - self.last.at_s <= FRESH_S


@dataclass(slots=True)
class _Reading:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    taken: float = float("-inf")  #: monotonic, seconds
    pacing: Pacing | None = None


async def read_pacing(
    session: AsyncSession, campaign: Campaign, *, minutes: int, now: datetime
) -> Pacing:
    """Return what a campaign's pacing did in the last minutes, and its budget."""
    since = now - timedelta(minutes=minutes)
    kept = await trace_of(session, campaign.id, since=since, until=now)
    seconds = [Second.model_validate(one) for one in kept]
    last = seconds[-1] if seconds else None
    span = timedelta(minutes=PACE_MINUTES) if last else timedelta(seconds=WINDOW_S)
    answered = await answered_since(session, campaign.id, now - span)
    settings = CampaignSettings.model_validate(campaign.settings)
    usual = (settings.abandon_ceiling, settings.abandon_target)
    return Pacing(now, seconds, spending_of(last, answered, now.timestamp(), usual))


@router.get("/{campaign_id}/pacing")
async def pacing_page(
    request: Request, campaign_id: UUID, who: PageIdentityDep, session: SessionDep
) -> Response:
    """Show the pacing: the section for htmx, else a page of its own."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    pacing = await _reading(request, session, campaign)
    fragment = is_fragment(request)
    template = "campaigns/_pacing_now.html" if fragment else "campaigns/_pacing_page.html"
    context = _context(pacing, language_of(request), zone_of(request))
    return render(request, template, campaign=campaign, who=who, fragment=fragment, **context)


async def _reading(request: Request, session: AsyncSession, campaign: Campaign) -> Pacing:
    state = request.app.state
    if not hasattr(state, "pacing_readings"):
        state.pacing_readings = {}
    readings: dict[UUID, _Reading] = state.pacing_readings
    reading = readings.setdefault(campaign.id, _Reading())
    async with reading.lock:
        found = reading.pacing
        lives_s = READING_LIVES_S if found and found.seconds else IDLE_READING_LIVES_S
        if found is None or monotonic() - reading.taken > lives_s:
            now = services_of(request).clock.now()
            found = await read_pacing(session, campaign, minutes=SHOWN_MINUTES, now=now)
            reading.pacing, reading.taken = found, monotonic()
    return found


def _context(pacing: Pacing, language: str, zone: str) -> dict[str, Any]:
    step_s = step_of(SHOWN_MINUTES, SHOWN_POINTS)
    ended_s = pacing.at.timestamp()
    points = thinned(pacing.seconds, step_s)
    clock = ZoneInfo(zone)
    per_minute = thinned(pacing.seconds, 60.0)
    last = pacing.last
    return {
        "last": last,
        "is_fresh": pacing.is_fresh,
        "decided": f"{datetime.fromtimestamp(last.at_s, clock):%H:%M:%S}" if last else "",
        "sentences": decision_words(language, last) if last else [],
        "note": note_words(language, last) if last and pacing.is_fresh else "",
        "spending": pacing.spending,
        "chart": draw(points, ended_s - SHOWN_MINUTES * 60, ended_s, step_s) if points else None,
        "step_s": int(step_s),
        "minutes": SHOWN_MINUTES,
        "per_minute": [
            (f"{datetime.fromtimestamp(one.at_s, clock):%H:%M}", one) for one in per_minute
        ],
        "plot_width": WIDTH,
        "plot_height": HEIGHT,
    }
