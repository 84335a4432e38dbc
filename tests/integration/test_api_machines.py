"""Machine detection over the API: who judges, what is counted, and the switch that turns itself off."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.agents.models import Agent, AgentSession
from campaigns.amd.judging import off_reason
from campaigns.reports.figures import campaign_figures
from campaigns.tenancy.models import Role
from dialer.agent.states import AgentState
from dialer.call.verdicts import Treatment, Verdict
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World, api_world
from tests.integration.machine_world import LISTENS, V1, audit_of, said, stored_call


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def test_verdicts_are_judged_and_counted(world: World) -> None:
    api = await world.api(Role.SUPERVISOR)
    manager = await world.api()
    campaign_id = await world.campaign(manager, settings=LISTENS)
    acted = await stored_call(world, campaign_id, 1)
    audited = await stored_call(world, campaign_id, 2, Treatment.AUDITED)
    human = await stored_call(world, campaign_id, 3, Treatment.PASSED, Verdict.HUMAN)
    found = (await api.get(f"{V1}/campaigns/{campaign_id}/amd")).json()
    assert (found["enabled"], found["verdicts"], found["judged"]) == (True, 2, 0)
    assert found["false_positives"] is None
    listed = (await api.get(f"{V1}/campaigns/{campaign_id}/amd/verdicts")).json()
    assert {one["attempt_id"] for one in listed} == {str(acted), str(audited)}
    judged = await said(api, acted, "person")
    assert judged.status_code == 200, judged.text
    assert judged.json()["switched_off"] is False
    assert (await said(api, audited, "machine")).json()["verdict"]["judged"] == "machine"
    again = await said(api, acted, "machine")
    assert (again.status_code, again.json()["code"]) == (409, "already_judged")
    passed = await said(api, human, "machine")
    assert (passed.status_code, passed.json()["code"]) == (409, "nothing_to_judge")
    found = (await api.get(f"{V1}/campaigns/{campaign_id}/amd")).json()
    assert (found["judged"], found["people"]) == (2, 1)
    assert found["false_positives"]["share"] == 0.5
    assert (await api.get(f"{V1}/campaigns/{campaign_id}/amd/verdicts")).json() == []
    every = f"{V1}/campaigns/{campaign_id}/amd/verdicts?to_judge=false"
    assert len((await api.get(every)).json()) == 3
    assert await audit_of(world) == ["amd_verdict.judged", "amd_verdict.judged"]
    async with world.sessions() as session:
        figures = await campaign_figures(
            session, campaign_id, client_id=world.client_id, now=world.clock.now()
        )
    assert figures.calls.abandoned == 1, "a person was taken for a machine: that is abandonment"
    assert figures.calls.answered_by_person == 3


async def test_detection_that_is_too_often_wrong_switches_itself_off(world: World) -> None:
    api = await world.api()
    campaign_id = await world.campaign(api, settings=LISTENS)
    calls = [await stored_call(world, campaign_id, row) for row in range(1, 7)]
    answers = [(await said(api, call, "person")).json() for call in calls[:5]]
    assert [one["switched_off"] for one in answers] == [False] * 4 + [True]
    found = (await api.get(f"{V1}/campaigns/{campaign_id}/amd")).json()
    assert (found["enabled"], found["off_reason"]) == (
        False,
        "too_many_people_taken_for_machines",
    )
    async with world.sessions() as session:
        assert await off_reason(session, campaign_id) == "too_many_people_taken_for_machines"
    assert "amd.switched_off" in await audit_of(world)
    world.clock.advance(1)
    silent = await api.post(f"{V1}/campaigns/{campaign_id}/amd/switch-on", json={"reason": ""})
    assert silent.status_code == 422
    on = await api.post(
        f"{V1}/campaigns/{campaign_id}/amd/switch-on", json={"reason": "another carrier"}
    )
    assert on.status_code == 200, on.text
    assert (on.json()["enabled"], on.json()["judged"]) == (True, 0), "the count begins anew"
    assert (await said(api, calls[5], "person")).json()["switched_off"] is False
    assert (await audit_of(world)).count("amd.switched_on") == 1


async def test_agents_judge_their_own_calls_only(world: World) -> None:
    manager = await world.api()
    campaign_id = await world.campaign(manager, settings=LISTENS)
    agent = await world.api(Role.AGENT)
    async with transaction(world.sessions) as session:
        sql = "SELECT id FROM user_account WHERE role = 'agent'"
        user_id = (await session.execute(text(sql))).scalar_one()
        person = Agent(
            client_id=world.client_id, user_id=user_id, name="Anna", endpoint="PJSIP/agent-1"
        )
        session.add(person)
        await session.flush()
        shift = AgentSession(
            client_id=world.client_id,
            agent_id=person.id,
            campaign_id=campaign_id,
            started_at=world.clock.now(),
            wants=AgentState.READY,
        )
        session.add(shift)
    own = await stored_call(world, campaign_id, 1, Treatment.AUDITED, agent_session_id=shift.id)
    other = await stored_call(world, campaign_id, 2, Treatment.AUDITED)
    acted = await stored_call(world, campaign_id, 3, agent_session_id=shift.id)
    assert (await said(agent, other, "person")).status_code == 403
    assert (await said(agent, acted, "machine")).status_code == 403, "nobody asked the agent"
    assert (await said(agent, own, "person")).status_code == 200
    assert (await agent.get(f"{V1}/campaigns/{campaign_id}/amd/verdicts")).status_code == 403


async def test_nobody_elses_verdicts(world: World) -> None:
    manager = await world.api()
    campaign_id = await world.campaign(manager, settings=LISTENS)
    call = await stored_call(world, campaign_id, 1)
    stranger = await world.api(Role.MANAGER, world.other_client_id)
    assert (await said(stranger, call, "person")).status_code == 404
    assert (await said(manager, uuid4(), "person")).status_code == 404
    for path in ("amd", "amd/verdicts"):
        assert (await stranger.get(f"{V1}/campaigns/{campaign_id}/{path}")).status_code == 404
    heard = await stranger.get(f"{V1}/attempts/{call}/machine-recording")
    assert (heard.status_code, heard.json()["code"]) == (404, "verdict_not_found")
    on = {"reason": "none of mine"}
    told = await stranger.post(f"{V1}/campaigns/{campaign_id}/amd/switch-on", json=on)
    assert told.status_code == 404


async def test_contradictory_settings_are_refused_with_the_reason(world: World) -> None:
    api = await world.api()
    wrong = LISTENS | {"amd": {"on_machine": "leave_message"}}
    body = {"name": "Wrong", "trunk": "carrier", "settings": wrong}
    refused = await api.post(f"{V1}/campaigns", json=body)
    assert refused.status_code == 422
    assert "there is no message" in refused.json()["detail"]
