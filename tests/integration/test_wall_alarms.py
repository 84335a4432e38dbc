"""Alarms: raised with their reasons, kept until they are over, seen by a person; limits, history, screens."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlmodel import col, select, update

from api.pages.wall_screens import COOKIE
from api.wall.words import alarm_words
from campaigns.models import Campaign
from campaigns.tenancy.models import AuditEntry, Role
from campaigns.wall.alarms import Scene, alarms
from campaigns.wall.looking import look
from campaigns.wall.models import Alarm, WallScreen
from campaigns.wall.reading import Reader
from campaigns.wall.settings import ClientWall
from campaigns.wall.stocks import Budget, ListStock
from campaigns.wall.sums import CallSums, DaySums, Ends
from campaigns.wall.words import AlarmCode
from dialer.agent.states import AgentState
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from dialer.settings import Settings
from tests.integration.api_world import BASE_URL
from tests.integration.wall_world import Floor, open_floor
from workers.deps import BackgroundDeps
from workers.jobs.wall import AlarmWatch, watch_client, watch_walls

FORM = {"Origin": BASE_URL}


@pytest.fixture
async def floor(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[Floor]:
    async with open_floor(sessions, redis, clock, leads=6) as made:
        await made.hold_leases()
        yield made


async def scene(floor: Floor) -> Scene:
    """Return what alarms are looked for in."""
    reader = Reader(floor.world.client_id)
    async with floor.world.sessions() as session:
        seen = await look(session, floor.world.client_id, floor.world.clock.now())
        await reader.read(session, seen)
    return Scene(seen, reader.figures, reader.trunks, reader.choice)


async def test_every_alarm_has_its_reason_and_its_words(floor: Floor) -> None:
    made = await scene(floor)
    assert alarms(made) == []
    one, other = (campaign.id for campaign in floor.campaigns)
    trunk, now = floor.campaigns[0].trunk_id, made.look.at
    usual = Ends(calls=100, answered=60, failed=2, mix={"connected 16": 60, "no_answer 19": 40})
    odd = Ends(calls=50, answered=5, failed=20, mix={"connected 16": 5, "congestion 34": 45})
    bad = replace(
        made.figures[one],
        day=DaySums(CallSums(attempts=90, persons=50, connected=30, taken_in_time=20)),
        budget=Budget(answered=100, abandoned=2.9, ceiling=0.03, at=now),
        lists=[
            ListStock(new_id(), "March", 100, 100, 98),
            ListStock(new_id(), "Old", 100, 100, 100),
        ],
        trunks={trunk: (odd, usual)},
        callers={"+74951234567": (odd, usual)},
    )
    ago = now - timedelta(minutes=20)
    there = {key: replace(row, since=ago) for key, row in made.look.agents.items()}
    worse = replace(
        made,
        look=replace(made.look, agents=there),
        figures={one: bad, other: made.figures[other]},
        nobody_since={one: ago},
        away_since={one: ago},
        disk_used=0.95,
    )
    found = alarms(worse)
    assert {alarm.code for alarm in found} == set(AlarmCode)
    assert len([alarm for alarm in found if alarm.code is AlarmCode.AGENT_LONG]) == 6
    assert [a.facts["list"] for a in found if a.code is AlarmCode.LIST_LOW] == ["March"]
    for alarm in found:
        for language in ("en", "ru", "uk"):
            assert "%(" not in alarm_words(language, alarm.code, alarm.facts)
    quiet = ClientWall(silent=tuple(AlarmCode))
    assert alarms(replace(worse, choice=quiet)) == []
    # A figure a little better than its limit ends no alarm, and begins none.
    eased = replace(bad, budget=Budget(answered=100, abandoned=2.5, ceiling=0.03, at=now))
    better = replace(worse, figures={one: eased})
    standing = {(AlarmCode.BUDGET, str(one))}
    assert AlarmCode.BUDGET not in {alarm.code for alarm in alarms(better)}
    assert AlarmCode.BUDGET in {alarm.code for alarm in alarms(better, standing)}


async def test_an_alarm_is_raised_once_and_ends_with_its_reason(floor: Floor) -> None:
    clock, one = floor.world.clock, floor.campaigns[0]
    deps = BackgroundDeps(Settings(), floor.world.sessions, clock)
    first, second = AlarmWatch(), AlarmWatch()
    client = floor.world.client_id

    async def watch(used: float | None = None) -> list[Alarm]:
        for process in (first, second):  # two workers watch, each alarm is one
            await watch_client(deps, process, floor.world.redis, client, used)
        async with floor.world.sessions() as session:
            rows = await session.exec(select(Alarm).order_by(col(Alarm.began_at), col(Alarm.code)))
            return list(rows)

    assert await watch() == []
    await floor.world.redis.flushall()
    await watch()
    clock.advance(70)  # nobody holds the leases, nobody works, telephones do not answer
    found = await watch()
    assert {row.code for row in found} == {
        AlarmCode.WORKER_AWAY,
        AlarmCode.NO_AGENTS,
        AlarmCode.AGENT_LONG,
    }
    assert len(found) == 2 + 2 + 6
    await floor.hold_leases()
    for session_id in one.session_ids:
        await floor.be(session_id, AgentState.READY)
    over = {row.about for row in await watch() if row.ended_at == clock.now()}
    assert str(one.id) in over
    assert len(over) == 2 + 3, "the leases of both, and the agents of one"
    # A campaign's own limits win over the client's.
    async with transaction(floor.world.sessions) as session:
        settings = {"purpose": "survey", "wall": {"ready_limit_s": 5}}
        chosen = col(Campaign.id) == one.id
        await session.exec(update(Campaign).where(chosen).values(settings=settings))
    clock.advance(6)
    ready = [row for row in await watch() if row.began_at == clock.now()]
    assert {row.facts["state"] for row in ready} == {"ready"}
    assert await watch_walls({"deps": deps, "redis": floor.world.redis}) == 1


async def test_a_person_sees_an_alarm_and_nobody_elses(floor: Floor) -> None:
    world, clock = floor.world, floor.world.clock
    facts = {"campaign": "Campaign <b>", "used": 0.95}
    mine = Alarm(
        client_id=world.client_id,
        campaign_id=floor.campaigns[0].id,
        code=AlarmCode.BUDGET,
        about="x",
        facts=facts,
        began_at=clock.now(),
    )
    async with transaction(world.sessions) as session:
        session.add(mine)
    stranger = await world.browser(Role.SUPERVISOR, client_id=world.other_client_id)
    path = f"/wall/alarms/{mine.id}/acknowledge"
    assert (await stranger.post(path, headers=FORM)).status_code == 404
    browser = await world.browser(Role.SUPERVISOR)
    assert (await browser.post(path, headers={**FORM, "HX-Request": "true"})).status_code == 204
    assert (await browser.post(path, headers=FORM)).status_code == 303  # a second time: the same
    page = (await browser.get("/wall/alarms")).text
    assert "Campaign &lt;b&gt;: 95% of the abandoned calls" in page
    assert "user-2" in page
    assert "95%" not in (await stranger.get("/wall/alarms")).text
    agent_id = await floor.sql("SELECT id FROM agent LIMIT 1")
    await floor.be(floor.campaigns[0].session_ids[0], AgentState.READY)
    assert (await browser.get(f"/wall/agents/{agent_id}")).status_code == 200
    assert (await stranger.get(f"/wall/agents/{agent_id}")).status_code == 404
    async with world.sessions() as session:
        trail = select(AuditEntry).where(col(AuditEntry.action) == "alarm.acknowledged")
        assert len((await session.exec(trail)).all()) == 1


async def test_limits_are_a_managers(floor: Floor) -> None:
    world = floor.world
    supervisor, manager = [await world.browser(role) for role in (Role.SUPERVISOR, Role.MANAGER)]
    heard = {"heard": [one.value for one in AlarmCode if one is not AlarmCode.LIST_LOW]}
    wanted: dict[str, Any] = {"talk_limit_s": "900", "service_level_target": "0,9", **heard}
    assert (await supervisor.post("/wall/settings", data=wanted, headers=FORM)).status_code == 403
    assert "Only managers" in (await supervisor.get("/wall/settings")).text
    wrong = await manager.post(
        "/wall/settings", data={**wanted, "talk_limit_s": "long", "least_calls": "1"}, headers=FORM
    )
    assert wrong.status_code == 422
    assert "This cannot be used:" in wrong.text
    assert 'value="long"' in wrong.text
    for _ in range(2):  # the same again leaves no trace
        answer = await manager.post("/wall/settings", data=wanted, headers=FORM)
        assert answer.status_code == 303
    assert 'value="0.9"' in (await manager.get("/wall/settings")).text
    async with world.sessions() as session:
        trail = select(AuditEntry).where(col(AuditEntry.action) == "wall.changed")
        entry = (await session.exec(trail)).one()
    assert entry.facts["service_level_target"] == [None, 0.9]
    assert entry.facts["silent"] == [None, ["list_low"]]


async def test_a_screen_opens_by_its_secret_until_it_is_revoked(floor: Floor) -> None:
    world = floor.world
    manager, nobody = await world.browser(Role.MANAGER), world.anonymous()
    supervisor = await world.browser(Role.SUPERVISOR)
    assert (
        await supervisor.post("/wall/screens", data={"name": "Hall"}, headers=FORM)
    ).status_code == 403
    made = await manager.post("/wall/screens", data={"name": "Hall"}, headers=FORM)
    address = made.text.split('class="address">')[1].split("<")[0]
    assert address.startswith(f"{BASE_URL}/wall/show/")
    secret = address.rsplit("/", 1)[1]
    async with world.sessions() as session:
        screen = (await session.exec(select(WallScreen))).one()
    assert secret not in str(screen)
    led = await nobody.get("/wall/show")
    assert (led.status_code, led.headers.get("location")) == (303, "/sign-in")
    opened = await nobody.get(f"/wall/show/{secret}")
    assert opened.status_code == 303
    assert "HttpOnly" in opened.headers["set-cookie"]
    assert nobody.cookies[COOKIE] == secret
    assert (await nobody.get("/wall/show")).status_code == 200
    assert (await nobody.get("/wall")).status_code == 303
    theirs = await world.browser(Role.MANAGER, client_id=world.other_client_id)
    path = f"/wall/screens/{screen.id}/revoke"
    assert (await theirs.post(path, headers=FORM)).status_code == 404
    assert (await manager.post(path, headers=FORM)).status_code == 303
    assert (await nobody.get("/wall/show")).status_code == 303
    assert (await nobody.get("/wall/show/stream")).status_code == 303
    assert "Hall" not in (await manager.get("/wall/screens")).text
