"""Controls of a call and of agents over the API and on the page: who may, what is told and kept."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlmodel import select

from api.browsers import COOKIE
from campaigns.agents.controls import take_keys
from campaigns.agents.models import AgentSession, AgentStateEntry
from campaigns.commands import command_stream
from campaigns.leads.models import Attempt
from campaigns.leads.part_models import CallPart
from campaigns.tenancy import tokens
from campaigns.tenancy.models import AuditEntry, Role
from dialer.agent.states import AgentState
from dialer.call.talks import PartEnd, PartKind
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.accounts import SAME_ORIGIN
from tests.integration.api_world import HOURS, World, api_world

V1 = "/api/v1"
SETTINGS: dict[str, Any] = {
    "hours": HOURS,
    "purpose": "survey",
    "record_pausable": True,
    "wrap_up_extensions": 1,
    "transfer_targets": [{"code": "sales", "name": "Sales & more", "endpoint": "PJSIP/sales"}],
}


@dataclass
class Desk:
    """An agent who talks."""

    world: World
    api: AsyncClient
    browser: AsyncClient
    agent_id: UUID
    campaign_id: UUID
    session_id: UUID
    attempt: Attempt

    @property
    def path(self) -> str:
        """Where the call's controls are."""
        return f"{V1}/attempts/{self.attempt.id}/controls"

    async def use(self, control: str, **body: str) -> tuple[int, dict[str, Any]]:
        """Press a button."""
        answer = await self.api.post(f"{self.path}/{control}", json=body)
        return answer.status_code, answer.json()

    async def told(self) -> list[dict[str, str]]:
        """What the runner was told of talks and ends."""
        messages = await self.world.redis.xrange(command_stream(self.campaign_id))
        bodies = [json.loads(fields[b"body"]) for _, fields in messages]
        return [one for one in bodies if one["name"] in ("talk", "hang_up")]

    async def part(self, kind: PartKind, **facts: Any) -> None:
        """Store a part of the talk, as the runner does."""
        async with transaction(self.world.sessions) as session:
            part = CallPart(
                attempt_id=self.attempt.id,
                kind=kind,
                client_id=self.world.client_id,
                began_at=self.world.clock.now(),
                **facts,
            )
            session.add(part)

    async def state(self, state: AgentState) -> None:
        """Store the agent's state, as the runner does."""
        async with transaction(self.world.sessions) as session:
            session.add(
                AgentStateEntry(
                    session_id=self.session_id,
                    campaign_id=self.campaign_id,
                    state=state,
                    call_id=self.attempt.id,
                    started_at=self.world.clock.now(),
                )
            )


@pytest.fixture
async def desk(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[Desk]:
    async with api_world(sessions, redis, clock) as world:
        manager = await world.api()
        campaign_id = await world.campaign(manager, settings=SETTINGS)
        lead = await world.lead(campaign_id, row=1)
        user = await world.user(Role.AGENT)
        api, browser = world.anonymous(), world.anonymous()
        async with transaction(sessions) as session:
            token = await tokens.issue(session, user.id, clock)
        api.headers["Authorization"] = f"Bearer {token}"
        browser.cookies.set(COOKIE, await world.session_token(user))
        mine = {"name": "Olga", "endpoint": "PJSIP/olga", "login": user.login}
        agent_id = (await manager.post(f"{V1}/agents", json=mine)).json()["id"]
        body = {"campaign_id": str(campaign_id)}
        shift = (await api.post(f"{V1}/agents/{agent_id}/sign-in", json=body)).json()
        session_id, now = UUID(shift["id"]), clock.now()
        talks = {"answered_at": now, "connected_at": now, "agent_session_id": session_id}
        attempt = await world.attempt(lead, 1, **talks)
        yield Desk(world, api, browser, UUID(agent_id), campaign_id, session_id, attempt)


async def test_only_what_is_possible_is_offered_done_and_told(desk: Desk) -> None:
    seen = (await desk.api.get(desk.path)).json()
    assert seen["state"] == "talking"
    assert seen["possible"] == [
        *("hold", "keys", "pause_recording", "consult", "transfer", "hang_up"),
    ]
    assert seen["targets"] == [{"code": "sales", "name": "Sales & more"}]
    assert (await desk.use("hold"))[0] == 202
    assert (await desk.use("consult", target="sales"))[0] == 202
    assert (await desk.use("hang_up"))[0] == 202
    call = {"call_id": str(desk.attempt.id)}
    assert await desk.told() == [
        {"name": "talk", "wish": "hold"} | call,
        {"name": "talk", "wish": "consult", "target": "sales"} | call,
        {"name": "hang_up", "by": "agent"} | call,
    ]
    for control, body, code in (
        ("unhold", {}, "not_possible_now"),
        ("join", {}, "not_possible_now"),
        ("transfer", {"target": "+79990000000"}, "unknown_target"),
        ("keys", {"keys": "abc"}, "keys_missing"),
    ):
        assert (await desk.use(control, **body))[1]["code"] == code
    assert len(await desk.told()) == 3
    async with desk.world.sessions() as session:
        entries = (await session.exec(select(AuditEntry))).all()
    done = [(one.action, one.facts.get("target")) for one in entries if "call." in one.action]
    assert done == [("call.hold", None), ("call.consult", "sales"), ("call.hang_up", None)]


async def test_keys_are_told_by_a_name_and_stand_nowhere(desk: Desk) -> None:
    assert (await desk.use("keys", keys="4000#12"))[0] == 202
    (told,) = await desk.told()
    assert "4000" not in json.dumps(told)
    async with desk.world.sessions() as session:
        entries = (await session.exec(select(AuditEntry))).all()
    assert all("4000" not in json.dumps(one.facts) for one in entries)
    assert await take_keys(desk.world.redis, told["keys"]) == "4000#12"
    assert await take_keys(desk.world.redis, told["keys"]) == "", "taken once"


async def test_a_talk_that_is_held_or_handed_over(desk: Desk) -> None:
    await desk.part(PartKind.HELD)
    seen = (await desk.api.get(desk.path)).json()
    assert (seen["state"], seen["possible"]) == (
        "held",
        ["unhold", "consult", "transfer", "hang_up"],
    )
    async with transaction(desk.world.sessions) as session:
        row = await session.get_one(Attempt, desk.attempt.id)
        row.left_at = desk.world.clock.now()
    seen = (await desk.api.get(desk.path)).json()
    assert (seen["state"], seen["possible"]) == (None, [])
    assert (await desk.use("hang_up"))[1]["code"] == "not_possible_now"


async def test_others_have_nothing_to_press(desk: Desk) -> None:
    colleague = await desk.world.api(Role.AGENT)
    stranger = await desk.world.api(Role.SUPERVISOR, client_id=desk.world.other_client_id)
    for api, status in ((colleague, 403), (stranger, 404)):
        assert (await api.get(desk.path)).status_code == status
        assert (await api.post(f"{desk.path}/hold", json={})).status_code == status
    supervisor = await desk.world.api(Role.SUPERVISOR)
    assert (await supervisor.post(f"{desk.path}/hold", json={})).status_code == 202


async def test_the_buttons_on_the_page(desk: Desk) -> None:
    path = f"/desk/calls/{desk.attempt.id}"
    page = (await desk.browser.get(f"{path}/controls")).text
    assert "Sales &amp; more" in page
    assert page.count("<button") == 6
    for control in ("hold", "keys", "pause_recording", "consult", "transfer", "hang_up"):
        assert f"{path}/{control}" in page
    assert f"{path}/unhold" not in page
    form: dict[str, Any] = {"headers": SAME_ORIGIN}
    done = await desk.browser.post(f"{path}/transfer", data={"target": "sales"}, **form)
    assert done.status_code == 204
    assert (await desk.told())[0]["wish"] == "transfer"
    assert (await desk.browser.post(f"{path}/join", **form)).status_code == 409
    ended = desk.world.clock.now()
    failed = {"target": "sales", "ended_at": ended, "ending": PartEnd.NOT_REACHED}
    await desk.part(PartKind.TRANSFERRING, **failed)
    russian = await desk.browser.get(f"{path}/controls?lang=ru")
    assert "Там не ответили" in russian.text


async def test_a_supervisor_gives_an_order_and_the_agent_reads_why(desk: Desk) -> None:
    path = f"{V1}/agents/{desk.agent_id}/force"
    order = {"state": "paused", "reason": "Team meeting at once"}
    assert (await desk.api.post(path, json=order)).status_code == 403
    supervisor = await desk.world.api(Role.SUPERVISOR)
    refused = await supervisor.post(path, json=order | {"reason": " "})
    assert refused.json()["code"] == "reason_missing"
    done = (await supervisor.post(path, json=order)).json()
    assert (done["wants"], done["forced_reason"]) == ("paused", "Team meeting at once")
    notice = (await desk.browser.get("/desk/state/notice")).text
    assert "Team meeting at once" in notice
    held = await desk.api.post(f"{V1}/agents/{desk.agent_id}/ready")
    assert (held.status_code, held.json()["code"]) == (409, "pause_holds")
    await supervisor.post(path, json={"state": "ready", "reason": "It is over"})
    assert "Team meeting" not in (await desk.browser.get("/desk/state/notice")).text
    async with desk.world.sessions() as session:
        entries = (await session.exec(select(AuditEntry))).all()
    forced = [one.facts for one in entries if one.action == "agent.forced"]
    assert {"wants": "paused", "reason": "Team meeting at once"}.items() <= forced[0].items()
    assert [one["wants"] for one in forced] == ["paused", "ready"]


async def test_more_time_is_limited_by_the_campaign(desk: Desk) -> None:
    path = f"{V1}/agents/{desk.agent_id}/extend-wrap-up"
    assert (await desk.api.post(path)).json()["code"] == "not_wrapping_up"
    await desk.state(AgentState.WRAP_UP)
    assert "data-key" in (await desk.browser.get("/desk/state/notice")).text
    assert (await desk.api.post(path)).status_code == 200
    assert (await desk.api.post(path)).json()["code"] == "no_more_time"
    assert "data-key" not in (await desk.browser.get("/desk/state/notice")).text
    async with desk.world.sessions() as session:
        shift = await session.get_one(AgentSession, desk.session_id)
    assert (shift.extended_call, shift.extensions) == (desk.attempt.id, 1)


async def test_who_missed_a_call_is_told(desk: Desk) -> None:
    async with transaction(desk.world.sessions) as session:
        shift = await session.get_one(AgentSession, desk.session_id)
        shift.wants, shift.pause_code = AgentState.PAUSED, "missed_offer"
    assert "your telephone was not there" in (await desk.browser.get("/desk/state/notice")).text


async def test_dialling_by_hand_on_the_page_says_why_not(desk: Desk) -> None:
    assert "<form" not in (await desk.browser.get("/desk/dial")).text
    form = {"number": "+7 495 777-00-11"}
    refused = await desk.browser.post("/desk/dial", data=form, headers=SAME_ORIGIN)
    assert refused.status_code == 409
    assert "nobody is called by hand" in refused.text


async def test_the_buttons_wait_for_a_talk_that_is_not_stored_yet(desk: Desk) -> None:
    path = f"/desk/calls/{desk.attempt.id}/controls"
    async with transaction(desk.world.sessions) as session:
        attempt = await session.get_one(Attempt, desk.attempt.id)
        attempt.agent_session_id = None
    waits = await desk.browser.get(path)
    assert (waits.status_code, "<button" in waits.text) == (200, False)
    assert "load delay:500ms" in waits.text
    pressed = await desk.browser.post(
        f"/desk/calls/{desk.attempt.id}/hang_up", headers={**SAME_ORIGIN, "HX-Request": "true"}
    )
    assert pressed.status_code == 403
    assert pressed.headers["HX-Retarget"] == "#problem"
    assert "<html" not in pressed.text
    async with transaction(desk.world.sessions) as session:
        attempt = await session.get_one(Attempt, desk.attempt.id)
        attempt.agent_session_id = desk.session_id
    shown = await desk.browser.get(path)
    assert "control-X" in shown.text
    assert "load delay" not in shown.text
