"""What supervisors do from their page and by API: rules, permissions, the audit log, the operator's desk."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlmodel import col, select

from campaigns.agents.models import AgentSession
from campaigns.lists.models import Contact
from campaigns.supervising.models import AgentMessage, ListPause, Monitoring
from campaigns.tenancy.models import AuditEntry, Client, Role
from dialer.agent.states import AgentState
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.desk_world import PIECES, DeskWorld, desk_world


@pytest.fixture
async def desk(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> AsyncIterator[DeskWorld]:
    async with desk_world(sessions, redis, clock) as made:
        yield made


async def _audited(desk: DeskWorld, *actions: str) -> list[str]:
    async with desk.world.sessions() as session:
        statement = select(AuditEntry.action).where(col(AuditEntry.action).in_(actions))
        return list((await session.exec(statement.order_by(col(AuditEntry.id)))).all())


async def test_listening_is_for_supervisors_of_the_client_and_each_wish_is_in_the_audit_log(
    desk: DeskWorld,
) -> None:
    await desk.begin()
    async with desk.world.sessions() as session:
        other = Client(name="Elsewhere", created_at=desk.clock.now())
        session.add(other)
        await session.commit()
        strange = other.id
    wish = {"agent_id": str(desk.agent.id)}
    agents_api = await desk.world.api(Role.AGENT)
    assert (await agents_api.post("/api/v1/listening", json=wish)).status_code == 403
    theirs = await desk.world.api(Role.SUPERVISOR, strange)
    assert (await theirs.post("/api/v1/listening", json=wish)).json()["code"] == "agent_not_found"
    api = await desk.world.api(Role.SUPERVISOR)
    assert (await api.post("/api/v1/listening/order", json={"order": "barge"})).json()[
        "code"
    ] == "not_monitoring"
    begun = await api.post("/api/v1/listening", json=wish)
    assert (begun.status_code, begun.json()["state"]) == (200, "calling")
    assert (await api.post("/api/v1/listening/order", json={"order": "whisper"})).is_success
    early = await api.post("/api/v1/listening/order", json={"order": "take-over"})
    assert (early.status_code, early.json()["code"]) == (409, "no_talk_to_take")
    assert (await api.post("/api/v1/listening", json=wish)).is_success, "another one ends"
    assert (await api.post("/api/v1/listening/order", json={"order": "leave"})).is_success
    told = await _audited(desk, "monitoring.started", "monitoring.mode_changed", "monitoring.ended")
    kinds = [one.partition(".")[2] for one in told]
    assert kinds == ["started", "mode_changed", "ended", "started", "ended"]
    async with desk.world.sessions() as session:
        rows = (await session.exec(select(Monitoring))).all()
    assert {row.end_reason for row in rows} == {"left"}


async def test_the_operator_sees_that_somebody_listens_only_if_the_client_wants_it(
    desk: DeskWorld,
) -> None:
    await desk.begin()
    api = await desk.world.api(Role.SUPERVISOR)
    await api.post("/api/v1/listening", json={"agent_id": str(desk.agent.id)})
    assert "listens to your calls" not in (await desk.get("/state/notice")).text
    assert (await api.put("/api/v1/listening/notice", json={"told": True})).status_code == 403
    managers = await desk.world.api(Role.MANAGER)
    assert (await managers.put("/api/v1/listening/notice", json={"told": True})).is_success
    assert "listens to your calls" in (await desk.get("/state/notice")).text


async def test_a_message_is_read_out_acknowledged_and_remembered(desk: DeskWorld) -> None:
    await desk.begin()
    api = await desk.world.api(Role.SUPERVISOR)
    path = f"/api/v1/agents/{desk.agent.id}/messages"
    assert (await api.post(path, json={"text": " "})).json()["code"] == "bad_message"
    assert (await api.post(path, json={"text": "Speak slower"})).json() == {"sent": 1}
    to_all = f"/api/v1/campaigns/{desk.campaign_id}/messages"
    assert (await api.post(to_all, json={"text": "Lunch at <1>"})).json() == {"sent": 1}
    shown = (await desk.get("/messages")).text
    assert "Speak slower" in shown
    assert "Lunch at &lt;1&gt;" in shown
    async with desk.world.sessions() as session:
        rows = (await session.exec(select(AgentMessage))).all()
    for row in rows:
        assert (await desk.post(f"/messages/{row.id}/read")).is_success
    shown = (await desk.get("/messages")).text
    assert "I have read it" not in shown
    assert "Earlier messages" in shown
    assert len(await _audited(desk, "agent_message.sent", "agent_message.read")) == 4


async def test_a_forced_pause_holds_until_the_time_or_the_supervisor_ends_it(
    desk: DeskWorld,
) -> None:
    await desk.begin()
    api = await desk.world.api(Role.SUPERVISOR)
    path = f"/api/v1/agents/{desk.agent.id}/force"
    wish = {"state": "paused", "reason": "Please come to me"}
    assert (await api.post(path, json=wish)).is_success
    refused = await desk.post("/ready")
    assert "Your supervisor paused you" in refused.text
    assert (await desk.shift()).wants is AgentState.PAUSED
    assert "when your supervisor ends the pause" in (await desk.get("/state/notice")).text
    assert (await api.post(path, json={"state": "ready", "reason": "Thank you"})).is_success
    assert (await desk.shift()).wants is AgentState.READY
    assert (await api.post(path, json={**wish, "minutes": 10})).is_success
    desk.clock.advance(601)
    await desk.post("/ready")
    shift = await desk.shift()
    assert (shift.wants, shift.held, shift.forced_reason) == (AgentState.READY, False, None)


async def test_an_operator_is_moved_and_the_pace_is_changed_within_the_rules(
    desk: DeskWorld,
) -> None:
    await desk.begin()
    api = await desk.world.api(Role.SUPERVISOR)
    other = await desk.world.campaign(await desk.world.api(), name="Autumn")
    moved = await api.post(f"/api/v1/agents/{desk.agent.id}/move", json={"campaign_id": str(other)})
    assert moved.is_success, moved.text
    pace = f"/api/v1/campaigns/{desk.campaign_id}/pace"
    assert (await api.post(pace, json={})).json()["code"] == "nothing_to_change"
    done = await api.post(pace, json={"mode": "power", "dial_ratio": 1.5})
    assert done.json()["dial_ratio"] == 1.5
    bad = await api.post(pace, json={"abandon_target": 0.05})
    assert bad.status_code == 422, "above the ceiling"
    page = await desk.world.browser(Role.SUPERVISOR)
    answer = await page.post(
        f"/supervise/campaigns/{desk.campaign_id}/pace",
        data={"abandon_percent": "5"},
        headers=PIECES,
    )
    assert "banner bad" in answer.text
    assert (await api.post(pace, json={"dial_ratio": 2})).is_success
    kept = await _audited(desk, "agent.moved", "campaign.changed")
    assert kept == ["agent.moved", "campaign.changed", "campaign.changed"]


async def test_a_list_that_rests_says_so_and_comes_back(desk: DeskWorld) -> None:
    lead = await desk.lead()
    async with desk.world.sessions() as session:
        list_id: UUID = (await session.get_one(Contact, lead.contact_id)).list_id
    api = await desk.world.api(Role.SUPERVISOR)
    path = f"/api/v1/campaigns/{desk.campaign_id}/lists/{list_id}"
    assert (await api.post(f"{path}/pause", json={"reason": "a"})).json()[
        "code"
    ] == "reason_missing"
    assert (await api.post(f"{path}/pause", json={"reason": "Wrong names"})).json()["paused"]
    async with desk.world.sessions() as session:
        (row,) = (await session.exec(select(ListPause))).all()
    assert row.reason == "Wrong names"
    assert (await api.post(f"{path}/resume")).json() == {"paused": False, "reason": None}
    assert await _audited(desk, "list.paused", "list.resumed") == ["list.paused", "list.resumed"]


async def test_the_pages_show_who_works_and_agents_never_see_them(desk: DeskWorld) -> None:
    await desk.begin()
    page = await desk.world.browser(Role.SUPERVISOR)
    shown = (await page.get("/supervise")).text
    assert "Olga" in shown
    assert "/listen?agent=" in shown
    begun = await page.post("/listen/start", data={"agent": str(desk.agent.id)}, headers=PIECES)
    assert "Your telephone is being connected" in begun.text
    same = await page.get("/listen")
    assert "Olga" in same.text
    seen = same.text.partition('name="seen" value="')[2].partition('"')[0]
    assert (await page.get(f"/listen/state?seen={seen}")).status_code == 204
    said = await page.post("/listen/order/leave", headers=PIECES)
    assert "You listen to nobody" in said.text
    for path in ("/supervise", "/listen", "/listen/phone"):
        assert (await desk.browser.get(path)).status_code == 403
    async with desk.world.sessions() as session:
        shift = await session.get_one(AgentSession, desk.shift_id)
    assert shift.ended_at is None
