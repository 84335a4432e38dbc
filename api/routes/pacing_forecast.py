"""A campaign's forecast, and a recorded day with other settings: seconds of work, one at a time."""

import asyncio
from collections.abc import Callable
from threading import Lock
from typing import Annotated, ParamSpec, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query

from api.auth import SteererDep
from api.deps import ClockDep, ServicesDep, SessionDep
from api.errors import problems
from api.schemas.pacing_forecast import ForecastOut, ReplayIn, ReplayOut
from campaigns import lifecycle
from campaigns.errors import BadSettings, CampaignNotFound
from campaigns.leads.keeping import keeper_for
from campaigns.pacing.changes import NotReplayable, UnknownSetting
from campaigns.pacing.day_inputs import TooManyShifts, gather_day
from campaigns.pacing.day_records import NoSuchDay, NothingRecorded, StrangeZone
from campaigns.pacing.forecasting import MOST_AGENTS, MOST_DAYS, forecast
from campaigns.pacing.gathering import gather
from campaigns.pacing.replaying import replay
from dialer.errors import Forbidden, Unauthenticated, Unavailable

router = APIRouter(
    prefix="/campaigns/{campaign_id}",
    tags=["campaigns"],
    responses=problems(Unauthenticated, Forbidden, CampaignNotFound),
)

_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")

_DAY_ERRORS = (NoSuchDay, NothingRecorded, StrangeZone, TooManyShifts)
#: Of this process: a second simulation at once would slow down every other request.
_at_work = Lock()


class Simulating(Unavailable):
    """Another forecast or replay is being computed."""

    code = "simulating"
    message = "Another forecast or replay is being computed; try again in some seconds."


async def compute_apart(
    compute: Callable[_Arguments, _Answer], *args: _Arguments.args, **facts: _Arguments.kwargs
) -> _Answer:
    """Compute in a thread. The lock is the thread's: it works on when the caller has hung up."""

    def work() -> _Answer:
        if not _at_work.acquire(blocking=False):
            raise Simulating
        try:
            return compute(*args, **facts)
        finally:
            _at_work.release()

    return await asyncio.to_thread(work)


@router.get("/forecast", responses=problems(Simulating))
async def forecast_campaign(
    campaign_id: UUID,
    who: SteererDep,
    session: SessionDep,
    services: ServicesDep,
    clock: ClockDep,
    agents: Annotated[
        int | None, Query(ge=1, le=MOST_AGENTS, description="Else those who are signed in.")
    ] = None,
    days: Annotated[float, Query(gt=0, le=MOST_DAYS, description="To be done in so many.")] = 1.0,
) -> ForecastOut:
    """Return how long the list will last, the agents and lines it needs, and who will be skipped."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    keeper = await keeper_for(session, campaign, services.law, services.shelf, clock)
    inputs = await gather(session, campaign, keeper, now=clock.now())
    await session.close()  # the connection is for others while it computes
    found = await compute_apart(forecast, inputs, agents=agents, days=days)
    return ForecastOut.model_validate(found)


@router.post(
    "/replay",
    responses=problems(Simulating, *_DAY_ERRORS, UnknownSetting, NotReplayable, BadSettings),
)
async def replay_campaign(
    campaign_id: UUID,
    body: ReplayIn,
    who: SteererDep,
    session: SessionDep,
    services: ServicesDep,
    clock: ClockDep,
) -> ReplayOut:
    """Return a recorded day beside what the laboratory makes of it, with today's and other settings."""
    campaign = await lifecycle.find(session, campaign_id, client_id=who.client_id)
    inputs = await gather_day(
        session,
        campaign,
        await keeper_for(session, campaign, services.law, services.shelf, clock),
        day=body.day,
        zone=body.zone,
        changes=body.changes,
        now=clock.now(),
    )
    await session.close()  # the connection is for others while it computes
    found = await compute_apart(replay, inputs, body.changes)
    return ReplayOut.model_validate(found)
