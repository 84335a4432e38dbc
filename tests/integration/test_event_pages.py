"""Events, endpoints and their pages, as a manager and a program use them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis

from campaigns.events.sequencing import place_all
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.events_world import Happening
from tests.factories import numbers
from tests.integration.api_world import World, api_world
from tests.receivers import Hook

ENDPOINT: dict[str, Any] = {"name": "CRM", "url": "https://crm.example/hook"}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def happening(world: World) -> Happening:
    happening = await Happening.begin(
        world.sessions, world.clock, leads=4, client_id=world.client_id
    )
    await happening.happen()
    await happening.place()
    return happening


async def _page(browser: AsyncClient, path: str, **form: Any) -> str:
    sent = browser.post(path, data=form) if form else browser.get(path)
    answer = await sent
    assert answer.status_code in {200, 303}, answer.text
    return answer.text


async def test_a_program_follows_the_cursor(world: World, happening: Happening) -> None:
    api, seen, after = await world.api(Role.CLIENT), [], 0
    while True:
        page = (await api.get("/api/v1/events", params={"after": after, "limit": 5})).json()
        seen += [event["position"] for event in page["events"]]
        after = page["next"]
        if not page["has_more"]:
            break
    assert seen == list(range(1, 13))
    own = {"campaign_id": str(happening.made.id), "kind": "result.saved", "numbers": "true"}
    saved = (await api.get("/api/v1/events", params=own)).json()["events"]
    assert [one["data"]["phone"] for one in saved] == numbers(4)
    cursor = (await api.get("/api/v1/events/cursor")).json()
    assert cursor == {"floor": 0, "last": 12, "at": None}
    at = (world.clock.now() + timedelta(hours=1)).isoformat()
    later = (await api.get("/api/v1/events/cursor", params={"at": at})).json()
    assert later["at"] == 12
    audited = "SELECT count(*) FROM audit_entry WHERE action = 'events.read'"
    assert await happening.scalar(audited) == 1


async def test_bad_cursors_and_filters_are_refused_with_what_would_mend_it(
    world: World, happening: Happening
) -> None:
    api = await world.api()
    ahead = await api.get("/api/v1/events", params={"after": 99})
    assert (ahead.status_code, ahead.json()["code"]) == (422, "cursor_ahead")
    assert ahead.json()["facts"]["last"] == 12
    await happening.run("DELETE FROM event WHERE position <= 6")
    await happening.run("UPDATE event_stream SET floor_position = 6")
    for path in ("/api/v1/events", "/api/v1/results"):
        gone = await api.get(path, params={"after": 2})
        assert (gone.status_code, gone.json()["code"]) == (410, "events_gone")
        assert gone.json()["facts"]["floor"] == 6
    for wrong in ({"after": -1}, {"after": 2**63}, {"limit": 0}, {"limit": 5000}, {"kind": "x"}):
        refused = await api.get("/api/v1/events", params=wrong)
        assert refused.status_code == 422, wrong
    for role in (Role.AGENT,):
        assert (await (await world.api(role)).get("/api/v1/events")).status_code == 403


async def test_a_program_manages_endpoints(
    world: World, happening: Happening, receiver: Hook
) -> None:
    api = await world.api()
    made = await api.post("/api/v1/webhooks", json=ENDPOINT | {"kinds": ["result.saved"]})
    assert made.status_code == 201, made.text
    row = made.json()
    assert row["signing"].startswith("whsec_")
    assert row["state"] == "open"
    one = f"/api/v1/webhooks/{row['id']}"
    again = await api.post("/api/v1/webhooks", json=ENDPOINT)
    assert again.json()["code"] == "webhook_endpoint_name_taken"
    for wrong in (
        {"url": "ftp://crm.example"},
        {"url": "https://user:pw@crm.example"},
        {"kinds": ["nothing"]},
        {"most_events": 0},
        {"campaign_id": str(UUID(int=5))},
        {"secret": "x"},
    ):
        refused = await api.post("/api/v1/webhooks", json=ENDPOINT | {"name": "other"} | wrong)
        assert refused.status_code in {404, 422}, wrong
    assert (await api.get(one)).json()["waiting"] == 0
    replayed = await api.post(f"{one}/replay", json={"position": 2})
    assert replayed.json() == {"position": 2}
    assert (await api.get(one)).json()["waiting"] == 4
    for wrong_place in ({}, {"position": 3, "at": "2026-11-23T09:00:00Z"}):
        refused = await api.post(f"{one}/replay", json=wrong_place)
        assert refused.json()["code"] == "replay_needs_place"
    fresh = (await api.post(f"{one}/secret")).json()["signing"]
    assert fresh != row["signing"]
    assert (await api.get(f"{one}/secret")).json()["signing"] == fresh
    changed = await api.put(one, json=ENDPOINT | {"url": receiver.url})
    assert changed.json()["url"] == receiver.url
    tested = (await api.post(f"{one}/test")).json()
    assert (tested["works"], tested["reason"]) == (False, "private_address")
    assert not receiver.got, "loopback is not reached unless the settings allow it"
    assert (await api.post(f"{one}/pause")).json()["state"] == "paused"
    assert (await api.post(f"{one}/resume")).json()["state"] == "open"
    assert (await api.get(f"{one}/tries")).json() == []
    assert (await api.get("/api/v1/webhooks/dead-letters")).json() == []
    stranger = await world.api(client_id=world.other_client_id)
    for path in (one, f"{one}/secret", f"{one}/tries"):
        assert (await stranger.get(path)).status_code == 404
    assert (await stranger.get("/api/v1/webhooks")).json() == []
    assert (await (await world.api(Role.SUPERVISOR)).get("/api/v1/webhooks")).status_code == 403
    assert (await api.delete(one)).status_code == 204
    assert (await api.get(one)).status_code == 404


async def test_a_manager_makes_tests_pauses_and_replays_an_endpoint(
    world: World, happening: Happening
) -> None:
    browser = await world.browser()
    browser.headers["Origin"] = "http://outdial.test"
    empty = await _page(browser, "/events")
    assert "No address gets events yet" in empty
    assert "A result is saved" in empty
    assert "Which events" in await _page(browser, "/events/new")
    wrong = await browser.post("/events/new", data=ENDPOINT | {"url": "nowhere"})
    assert wrong.status_code == 422
    assert "give an address like" in wrong.text
    made = await browser.post("/events/new", data=ENDPOINT | {"kinds": ["result.saved"]})
    path = made.headers["location"]
    await happening.happen()
    await happening.place()
    assert "Events waiting: 4" in await _page(browser, path)
    again = await browser.post(path, data=ENDPOINT | {"name": "ERP", "with_numbers": "1"})
    assert again.status_code == 303
    assert "Events waiting: 12" in await _page(browser, "/events")
    assert "whsec_" in await _page(browser, f"{path}/secret", x="")
    for step in ("pause", "resume", "wake", "new-secret", "drop-secret"):
        assert (await browser.post(f"{path}/{step}")).status_code == 303
    assert (await browser.post(f"{path}/replay", data={"position": "1"})).status_code == 303
    assert "Events waiting: 24" in await _page(browser, path)
    bad = await browser.post(f"{path}/replay", data={"position": "soon"})
    assert bad.status_code == 422
    assert "Give the number of an event" in bad.text
    await happening.run(
        "INSERT INTO webhook_dead (id, client_id, endpoint_id, lane_id, first_position, last_position,"
        " events, tries, reason, detail, given_up_at) SELECT gen_random_uuid(), client_id, id, :lane, 3,"
        " 5, 3, 9, 'refused', 'HTTP 422 <b>no</b>', now() FROM webhook_endpoint",
        lane=happening.made.id,
    )
    shown = await _page(browser, "/events")
    assert "HTTP 422 &lt;b&gt;no&lt;/b&gt;" in shown
    again_from = {"position": "3", "lane": str(happening.made.id)}
    assert (await browser.post(f"{path}/replay", data=again_from)).status_code == 303
    assert "Nothing was given up" in await _page(browser, "/events")
    assert "Webhook endpoint made" in await _page(await world.browser(Role.ADMIN), "/audit")
    assert (await browser.post(f"{path}/remove")).status_code == 303
    assert (await browser.get(path)).status_code == 404


async def test_a_webhook_is_made_whatever_happens_before_its_first_event(
    world: World, sessions: SessionFactory, clock: FrozenClock
) -> None:
    browser = await world.browser()
    assert "Nothing has happened yet" in await _page(browser, "/events")
    assert await place_all(sessions, clock) == 0
