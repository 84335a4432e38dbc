"""Database refresh: fields confirmed, corrected, refused or not asked, with their places in the recording."""

import csv
import io
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.api_world import World, api_world
from tests.interview_world import between, change, ending, hang_up, operator, person, talk

PLAN = {
    "code": "records",
    "languages": ["en", "uk"],
    "region": "UA",
    "fields": [
        {"heading": "City"},
        {"heading": "Phone", "correction": "phone"},
        {"heading": "Tax No", "locked": True},
        {"heading": "E-mail", "correction": "email"},
        {"heading": "Улица", "label": "street"},
    ],
}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def test_a_record_is_refreshed_and_exported_field_by_field(world: World) -> None:
    manager = await world.api()
    made = await manager.post("/api/v1/forms/refresh", json=PLAN)
    assert made.status_code == 201, made.text
    assert (await manager.get("/api/v1/forms/records/findings")).json() == []
    assert (await manager.post("/api/v1/forms/records/publish")).status_code == 200
    campaign_id = await world.campaign(manager, settings={"form": "records"})
    who = await operator(world, campaign_id)
    record = {
        "City": "Kyiv",
        "Phone": "+380441234567",
        "Tax No": "123",
        "E-mail": "old@example.org",
    }
    lead = await person(world, campaign_id, record=record)
    call = await talk(world, lead, who)
    page = await call.look()
    assert "<strong>Kyiv</strong>" in page.text
    assert "We have noted as City: Kyiv. Is that right?" in page.text
    world.clock.advance(10)
    await call.send("city", "corrected", other="Lviv")
    wrong = await call.send("phone", "corrected", other="12")
    assert wrong.json()["detail"] == "This is no telephone number."
    world.clock.advance(5)
    page = await call.send("phone", "corrected", other="044 765 43 21")
    assert "<strong>123</strong>" in page.text
    assert 'value="corrected"' not in page.text, "a locked field is not corrected"
    barred = await call.send("tax_no", "corrected", other="9")
    assert barred.json()["facts"]["reason"] == "unknown_option"
    await call.send("tax_no", "confirmed")
    page = await call.send("e_mail", no_answer="refused")
    assert "<strong>nothing</strong>" in page.text, "of the street nothing is known"
    await call.send("field_5")
    assert ending(await call.look()) == "complete"
    await hang_up(world, call, "done")
    file = "UPDATE attempt SET recording = 'call.wav' WHERE id = :id"
    await change(world, file, id=call.attempt.id)

    # A second person breaks off after the first field, which stays as it was.
    second = await talk(
        world, await person(world, campaign_id, row=2, record={"City": "Odesa"}), who
    )
    await second.send("city", "corrected", other="Odesa")
    answer = await manager.get(f"/api/v1/campaigns/{campaign_id}/refresh.csv")
    assert answer.status_code == 200
    told = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [
        (row["field"], row["state"], row["old_value"], row["new_value"], row["place_s"])
        for row in told[:5]
    ] == [
        ("city", "corrected", "Kyiv", "Lviv", "10.0"),
        ("phone", "corrected", "+380441234567", "+380447654321", "15.0"),
        ("tax_no", "confirmed", "123", "123", "15.0"),
        ("e_mail", "refused", "old@example.org", "", "15.0"),
        ("улица", "not_asked", "", "", ""),
    ]
    assert {row["recording"] for row in told[:4]} == {"call.wav"}
    assert told[0]["answered_at"] == "2026-11-23T09:00:10Z"
    assert told[0]["agent"] == who.user.login
    assert [(row["field"], row["state"]) for row in told[5:7]] == [
        ("city", "confirmed"),
        ("phone", "not_asked"),
    ]
    stranger = await world.api(client_id=world.other_client_id)
    hidden = await stranger.get(f"/api/v1/campaigns/{campaign_id}/refresh.csv")
    assert hidden.status_code == 404
    agent = await world.api(Role.AGENT)
    assert (await agent.post("/api/v1/forms/refresh", json=PLAN)).status_code == 403


async def test_the_page_fills_in_what_stands_in_the_record(world: World) -> None:
    manager = await world.api()
    await manager.post("/api/v1/forms/refresh", json=PLAN)
    await manager.post("/api/v1/forms/records/publish")
    campaign_id = await world.campaign(manager, settings={"form": "records"})
    who = await operator(world, campaign_id)
    call = await talk(world, await person(world, campaign_id, record={"City": 'K"yiv'}), who)
    words = between((await call.look()).text, 'class="words"', ">")
    assert 'value="K&#34;yiv"' in words
