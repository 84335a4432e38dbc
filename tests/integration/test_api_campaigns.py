"""The JSON API: campaigns, their lists, attempts and results; who may do what; whose data it is."""

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.agents.models import Agent, AgentSession
from campaigns.commands import command_stream
from campaigns.states import CampaignState
from campaigns.tenancy.models import Role
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.jobs import JobName
from tests.integration.api_world import World, api_world

V1 = "/api/v1"
LIST_CSV = b"name,phone\nAnna,+7 495 123-45-67\nBoris,nonsense\n"


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _told(world: World, campaign_id: UUID) -> list[str]:
    messages = await world.redis.xrange(command_stream(campaign_id))
    return [fields[b"body"].decode().split('"')[3] for _, fields in messages]


async def test_a_list_becomes_a_running_campaign(world: World) -> None:
    api = await world.api()
    sent = await api.post(
        f"{V1}/lists",
        files={"file": ("people.csv", LIST_CSV, "text/csv")},
        data={"name": "People", "region": "RU"},
    )
    assert sent.status_code == 201, sent.text
    report = sent.json()
    assert (report["rows_in"], report["rows_accepted"], report["rows_refused"]) == (2, 1, 1)
    refused = await api.get(report["refused_csv"])
    assert "nonsense" in refused.content.decode("utf-8-sig")
    campaign_id = await world.campaign(api)
    added = await api.post(f"{V1}/campaigns/{campaign_id}/lists/{report['list_id']}")
    assert added.json()["leads_added"] == 1
    started = await api.post(f"{V1}/campaigns/{campaign_id}/start")
    assert started.json()["campaign"]["state"] == CampaignState.RUNNING.value
    assert len(started.json()["notes"]) == 1
    assert world.jobs.enqueued == [(JobName.ADOPT_CAMPAIGN, {"campaign_id": str(campaign_id)})]
    assert await _told(world, campaign_id) == ["refresh", "refresh"]
    results = await api.get(f"{V1}/campaigns/{campaign_id}/results.csv")
    assert "Anna" in results.text
    assert results.headers["x-content-sha256"] == hashlib.sha256(results.content).hexdigest()


async def test_a_start_that_is_refused_tells_nobody(world: World) -> None:
    api = await world.api()
    campaign_id = await world.campaign(api)
    refused = await api.post(f"{V1}/campaigns/{campaign_id}/start")
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "no_contacts"
    assert await _told(world, campaign_id) == []
    assert world.jobs.enqueued == []


async def test_pause_resume_and_stop_with_a_reason(world: World) -> None:
    api = await world.api(Role.SUPERVISOR)
    campaign_id = await world.campaign(await world.api(), leads=1)
    for action, body, state in (
        ("start", None, "running"),
        ("pause", {"reason": "the client asked"}, "paused"),
        ("resume", None, "running"),
        ("stop", None, "stopped"),
    ):
        answer = await api.post(f"{V1}/campaigns/{campaign_id}/{action}", json=body)
        assert answer.status_code == 200, answer.text
        assert answer.json()["campaign"]["state"] == state
        assert answer.json()["campaign"]["state_reason"] == (body or {}).get("reason", "")
    again = await api.post(f"{V1}/campaigns/{campaign_id}/stop")
    assert (again.status_code, again.json()["facts"]["state"]) == (409, "stopped")


async def test_settings_are_changed_one_by_one(world: World) -> None:
    api = await world.api()
    campaign_id = await world.campaign(api)
    changed = await api.patch(f"{V1}/campaigns/{campaign_id}", json={"settings": {"wrap_up_s": 5}})
    assert changed.json()["settings"]["wrap_up_s"] == 5
    assert changed.json()["settings"]["hours"] is not None
    wrong = await api.patch(f"{V1}/campaigns/{campaign_id}", json={"settings": {"wrap_up_s": -1}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "bad_settings")
    assert await _told(world, campaign_id) == ["refresh"]


async def test_another_clients_things_do_not_exist(world: World) -> None:
    campaign_id = await world.campaign(await world.api(), leads=1)
    lead = await world.lead(campaign_id, row=9)
    attempt = await world.attempt(lead, 1)
    stranger = await world.api(Role.ADMIN, client_id=world.other_client_id)
    for method, path in (
        ("GET", f"/campaigns/{campaign_id}"),
        ("PATCH", f"/campaigns/{campaign_id}"),
        ("POST", f"/campaigns/{campaign_id}/start"),
        ("POST", f"/campaigns/{campaign_id}/stop"),
        ("POST", f"/campaigns/{campaign_id}/lists/{uuid4()}"),
        ("GET", f"/campaigns/{campaign_id}/figures"),
        ("GET", f"/campaigns/{campaign_id}/attempts"),
        ("GET", f"/campaigns/{campaign_id}/dispositions"),
        ("GET", f"/campaigns/{campaign_id}/results.csv"),
        ("POST", f"/attempts/{attempt.id}/hang-up"),
        ("POST", f"/attempts/{attempt.id}/disposition"),
    ):
        body = {"code": "sale"} if path.endswith("disposition") else {}
        answer = await stranger.request(method, V1 + path, json=None if method == "GET" else body)
        assert answer.status_code == 404, f"{method} {path}"
    assert (await stranger.get(f"{V1}/campaigns")).json() == []
    assert (await stranger.get(f"{V1}/lists")).json() == []


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.CLIENT, set()),
        (Role.AGENT, set()),
        (Role.SUPERVISOR, {"read", "steer"}),
        (Role.ADMIN, {"read", "steer", "manage"}),
    ],
)
async def test_each_role_may_do_its_own(world: World, role: Role, allowed: set[str]) -> None:
    campaign_id = await world.campaign(await world.api(), leads=1)
    api = await world.api(role)
    one = f"{V1}/campaigns/{campaign_id}"
    asked = {
        "read": await api.get(f"{one}/figures"),
        "steer": await api.post(f"{one}/start"),
        "manage": await api.patch(one, json={}),
    }
    assert {name for name, answer in asked.items() if answer.status_code == 200} == allowed
    assert {a.status_code for n, a in asked.items() if n not in allowed} <= {403}


async def test_attempts_come_in_pages_and_through_filters(world: World) -> None:
    api = await world.api()
    campaign_id = await world.campaign(api)
    ended = {"ended_at": world.clock.now(), "outcome": CallOutcome.BUSY}
    made = []
    for number in range(5):
        lead = await world.lead(campaign_id, row=number + 1)
        made.append(await world.attempt(lead, number, **(ended if number else {})))
    path = f"{V1}/campaigns/{campaign_id}/attempts"
    seen, cursor = [], None
    for _ in range(3):
        page = (
            await api.get(path, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        ).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert cursor is None
    assert seen == [str(attempt.id) for attempt in reversed(made)]
    live = (await api.get(path, params={"live": True})).json()["items"]
    assert [item["phone"] for item in live] == ["+79430000000"]
    busy = (await api.get(path, params={"outcome": "busy"})).json()["items"]
    assert len(busy) == 4
    hidden = (await (await world.api(Role.AGENT)).get(path)).json()["items"]
    assert "+7943000" not in str(hidden)


async def _agent_on_call(world: World, campaign_id: UUID) -> tuple[UUID, UUID]:
    """Make an agent with a live call; return the agent's and the attempt's ids."""
    async with transaction(world.sessions) as session:
        agent = Agent(client_id=world.client_id, name="Olga", endpoint="PJSIP/olga")
        session.add(agent)
        await session.flush()
        shift = AgentSession(
            client_id=world.client_id,
            agent_id=agent.id,
            campaign_id=campaign_id,
            started_at=world.clock.now(),
        )
        session.add(shift)
    now = world.clock.now()
    talking = {"answered_at": now, "connected_at": now, "agent_session_id": shift.id}
    attempt = await world.attempt(await world.lead(campaign_id, row=1), 1, **talking)
    return agent.id, attempt.id


async def test_a_disposition_and_a_hang_up_reach_the_runner(world: World) -> None:
    api = await world.api(Role.SUPERVISOR)
    campaign_id = await world.campaign(await world.api())
    _, attempt_id = await _agent_on_call(world, campaign_id)
    path = f"{V1}/attempts/{attempt_id}"
    unknown = await api.post(f"{path}/disposition", json={"code": "bingo"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_disposition")
    assert (await api.post(f"{path}/hang-up")).status_code == 202
    assert (await api.post(f"{path}/disposition", json={"code": "sale"})).status_code == 200
    second = await api.post(f"{path}/disposition", json={"code": "refused"})
    assert (second.status_code, second.json()["code"]) == (409, "already_disposed")
    assert await _told(world, campaign_id) == ["hang_up", "disposed"]


async def test_agents_touch_their_own_calls_and_shifts_only(world: World) -> None:
    campaign_id = await world.campaign(await world.api())
    agent_id, attempt_id = await _agent_on_call(world, campaign_id)
    colleague = await world.api(Role.AGENT)
    for path in (
        f"/attempts/{attempt_id}/hang-up",
        f"/agents/{agent_id}/ready",
        f"/agents/{agent_id}/sign-out",
    ):
        assert (await colleague.post(V1 + path)).status_code == 403, path


async def test_an_agents_shift(world: World) -> None:
    manager = await world.api()
    campaign_id = await world.campaign(manager)
    api = await world.api(Role.AGENT)
    mine = {"name": "Olga", "endpoint": "PJSIP/olga", "login": f"user-{world.users}"}
    agent_id = (await manager.post(f"{V1}/agents", json=mine)).json()["id"]
    path = f"{V1}/agents/{agent_id}"
    signed_in = await api.post(f"{path}/sign-in", json={"campaign_id": str(campaign_id)})
    assert signed_in.json()["wants"] == "ready"
    paused = await api.post(f"{path}/pause", json={"pause_code": "lunch"})
    assert (paused.json()["wants"], paused.json()["pause_code"]) == ("paused", "lunch")
    assert (await api.post(f"{path}/ready")).json()["wants"] == "ready"
    assert (await api.post(f"{path}/sign-out")).json()["wants"] == "offline"
    assert (await api.post(f"{path}/ready")).json()["code"] == "not_signed_in"
    assert await _told(world, campaign_id) == ["agents_changed"] * 4


async def test_an_endpoint_cannot_smuggle_dial_options(world: World) -> None:
    api = await world.api()
    body = {"name": "Mallory", "endpoint": "Local/s@default/n,60,e(x)"}
    assert (await api.post(f"{V1}/agents", json=body)).status_code == 422


async def test_the_figures_follow_their_formulas(world: World) -> None:
    api = await world.api()
    campaign_id = await world.campaign(api)
    now = world.clock.now()
    answered = {
        "answered_at": now - timedelta(seconds=60),
        "started_at": now - timedelta(seconds=70),
    }
    ends = {"ended_at": now}
    joined = now - timedelta(seconds=60) + timedelta(milliseconds=250)
    talked = {**answered, **ends, "connected_at": joined, "outcome": CallOutcome.CONNECTED}
    kinds: list[dict[str, object]] = [
        talked,
        {**answered, **ends, "outcome": CallOutcome.ABANDONED},
        {**answered, **ends, "outcome": CallOutcome.INTERRUPTED},
        {**answered, **ends, "outcome": CallOutcome.HUNG_UP_EARLY},
        {**answered, **ends, "outcome": CallOutcome.MACHINE},
        {**ends, "outcome": CallOutcome.BUSY},
        {"rang_at": now},
    ]
    for number, facts in enumerate(kinds):
        await world.attempt(await world.lead(campaign_id, row=number + 1), number, **facts)
    figures = (await api.get(f"{V1}/campaigns/{campaign_id}/figures")).json()
    calls = figures["calls"]
    assert calls["attempts"] == 7
    assert calls["answered"] == 5
    assert calls["answered_by_person"] == 4
    assert (calls["abandoned"], calls["abandoned_rate"]) == (2, 0.5)
    assert (calls["wait_p50_ms"], calls["wait_p99_ms"]) == (250, 250)
    assert calls["talk_total_s"] == pytest.approx(59.75)
    assert calls["in_flight"] == {"ringing": 1}
    assert calls["calls_per_s"] == pytest.approx(2 / 60)
    assert figures["leads"]["by_state"] == {"waiting": 7}


async def test_occupancy_leaves_breaks_out(world: World) -> None:
    api = await world.api()
    campaign_id = await world.campaign(api)
    await _agent_on_call(world, campaign_id)
    began = world.clock.now() - timedelta(seconds=100)
    spent = (("ready", 0, 20), ("paused", 20, 60), ("on_call", 60, 90), ("wrap_up", 90, None))
    async with transaction(world.sessions) as session:
        connection = await session.connection()
        for state, start, end in spent:
            await connection.execute(
                text(
                    "INSERT INTO agent_state_entry (id, session_id, campaign_id, state, started_at,"
                    " ended_at) SELECT :id, id, campaign_id, :state, :start, :end FROM agent_session"
                ),
                {
                    "id": uuid4(),
                    "state": state,
                    "start": began + timedelta(seconds=start),
                    "end": None if end is None else began + timedelta(seconds=end),
                },
            )
    agents = (await api.get(f"{V1}/campaigns/{campaign_id}/figures")).json()["agents"]
    assert agents["now"] == {"wrap_up": 1}
    assert agents["occupancy_rate"] == pytest.approx(40 / 60)
