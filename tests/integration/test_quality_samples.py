"""The weekly sample: drawn once by the cron, the same after a kill, told why, shown on pages."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlmodel import select

from campaigns.quality.drawing import Mix, Why
from campaigns.quality.explaining import explain
from campaigns.quality.models import SampledCall, SampledWeek, SamplingPlan
from campaigns.quality.plans import PlanIn, end_plan, make_plan
from campaigns.recordings.models import Recording
from campaigns.tenancy.tokens import Identity
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import Invalid
from dialer.ids import new_id
from tests.quality_world import Quality, open_quality
from workers.jobs.quality import sweep_samples

KILLED = '''
import asyncio, os, signal, sys
from datetime import datetime
import campaigns.tables
from campaigns.quality import sampling
from dialer.clock import FrozenClock
from dialer.db import make_engine, make_sessions
from dialer.settings import load
from workers.deps import BackgroundDeps
from workers.jobs.quality import sweep_samples

class Deadly:
    """What it stands for, until somebody calls it."""

    def __init__(self, real):
        self.real = real

    def __getattr__(self, name):
        return getattr(self.real, name)

    def __call__(self, *args, **named):
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    setattr(sampling, sys.argv[1], Deadly(getattr(sampling, sys.argv[1])))
    settings = load()
    clock = FrozenClock(datetime.fromisoformat(sys.argv[2]))
    deps = BackgroundDeps(settings, make_sessions(make_engine(settings.database())), clock)
    await sweep_samples({"deps": deps})

asyncio.run(main())
'''


@pytest.fixture
async def quality(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock, tmp_path: Path
) -> AsyncIterator[Quality]:
    async with open_quality(sessions, redis, clock, tmp_path, calls=5) as made:
        yield made


async def _plan(quality: Quality, who: Identity, **changes: object) -> SamplingPlan:
    version = await quality.published(who, name=new_id().hex)
    wish = {
        "name": "Weekly",
        "scorecard_id": version.scorecard_id,
        "per_agent": 2,
        "least_s": 1,
        "mix": Mix.ANY,
        "reviewers": (who.user_id,),
        **changes,
    }
    async with transaction(quality.world.sessions) as session:
        return await make_plan(session, PlanIn(**wish), who=who, clock=quality.clock)  # type: ignore[arg-type]


async def _drawn(sessions: SessionFactory) -> set[tuple[UUID, UUID]]:
    async with sessions() as session:
        return {(one.plan_id, one.attempt_id) for one in await session.exec(select(SampledCall))}


async def _why(quality: Quality, call: UUID) -> dict[str, Why]:
    async with quality.world.sessions() as session:
        found = await explain(session, call, client_id=quality.client_id)
    return {one.plan.name: one.why for one in found}


async def test_the_cron_draws_a_week_once_and_tells_why(
    quality: Quality, sessions: SessionFactory
) -> None:
    who, ctx = await quality.who(), {"deps": quality.made.deps}
    plan = await _plan(quality, who)
    await _plan(quality, who, name="Long", least_s=60)
    assert await sweep_samples(ctx) == 0, "its week is not over"
    assert await _why(quality, quality.calls[0]) == {"Weekly": Why.NOT_YET, "Long": Why.TOO_SHORT}
    quality.clock.advance(7 * 24 * 3600 + 6 * 3600)
    async with transaction(sessions) as session:
        late = await session.get_one(Recording, quality.calls[3])
        late.kept_at = quality.clock.now() + timedelta(hours=1)
    assert await sweep_samples(ctx) == 3, "two of Olga's four, Pavel's one"
    assert await sweep_samples(ctx) == 0
    drawn = await _drawn(sessions)
    taken = {attempt for _, attempt in drawn}
    for call in quality.calls[:3]:
        expected = Why.DRAWN if call in taken else Why.HIGHER_TICKET
        assert (await _why(quality, call))["Weekly"] is expected
    async with transaction(sessions) as session:
        await end_plan(session, plan.id, who=who, clock=quality.clock)
    quality.clock.advance(7 * 24 * 3600)
    assert await sweep_samples(ctx) == 0
    assert await _drawn(sessions) == drawn


async def test_a_worker_that_is_killed_leaves_nothing_and_the_next_draws_the_same(
    quality: Quality, sessions: SessionFactory, database_url: str
) -> None:
    who = await quality.who()
    await _plan(quality, who, seed="known")
    quality.clock.advance(7 * 24 * 3600 + 6 * 3600)
    at = quality.clock.now().isoformat()
    for place in ("draw", "_stored", "SampledCall"):
        url = SecretStr(database_url)
        facts = quality.made.settings.model_copy(update={"database_url": url})
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", KILLED, place, at), env=facts.as_environment()
        )
        assert await process.wait() == -signal.SIGKILL, place
        assert await _drawn(sessions) == set()
    deps = {"deps": quality.made.deps}
    counts = await asyncio.gather(*(sweep_samples(deps) for _ in range(3)))
    assert sorted(counts) == [0, 0, 3], "whoever is second waits, and draws nothing"
    assert len(await _drawn(sessions)) == 3
    async with sessions() as session:
        weeks = sorted(one.week for one in await session.exec(select(SampledWeek)))
    assert [(later - weeks[0]).days for later in weeks] == [0, 7], "an empty week is drawn, too"


async def test_nobody_draws_an_own_call_and_a_plan_needs_reviewers(
    quality: Quality, sessions: SessionFactory
) -> None:
    who = await quality.who()
    with pytest.raises(Invalid):
        await _plan(quality, who, reviewers=())
    with pytest.raises(Invalid):
        await _plan(quality, who, reviewers=(quality.operator.id,), seed="operators do not review")
    await _plan(quality, who, mix=Mix.SPREAD, campaign_id=quality.made.made.id)
    quality.clock.advance(7 * 24 * 3600 + 6 * 3600)
    await sweep_samples({"deps": quality.made.deps})
    assert len(await _drawn(sessions)) == 3


async def test_a_plan_is_made_and_its_calls_wait_on_the_page(
    quality: Quality, sessions: SessionFactory
) -> None:
    quality.clock.advance(7 * 24 * 3600 + 6 * 3600)
    boss = await quality.browser()
    who = await quality.who()
    version = await quality.published(who)
    form = {"scorecard_id": str(version.scorecard_id), "name": "Pages", "per_agent": "1"}
    refused = await boss.post("/quality/plans", data={**form, "least_s": "1"})
    assert refused.status_code == 422
    assert "Choose who scores the calls." in refused.text
    made = await boss.post(
        "/quality/plans",
        data={**form, "least_s": "1", "mix": "spread", "reviewers": [str(who.user_id)]},
    )
    assert made.status_code == 303
    page = (await boss.get(made.headers["location"])).text
    ((_, call), _) = sorted(await _drawn(sessions))
    assert str(call) in page
    waiting = (await boss.get("/quality/calls")).text
    assert "Drawn for others" in waiting
    assert str(call) in waiting
    shown = (await boss.get(f"/quality/calls/{call}")).text
    assert "It was drawn." in shown
    await quality.scored(who, version, list(quality.calls).index(call))
    assert f"/quality/calls/{call}" in (await boss.get("/quality/calls")).text
    assert "Drawn for others" in (await boss.get("/quality/calls")).text
