"""Registers: searched, sorted, changed together, taken back as a whole; trunks, caller IDs, days off."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from redis.asyncio import Redis
from sqlmodel import col, select

from campaigns.forms.models import FormRow
from campaigns.leads.asking import load_client_law
from campaigns.lists.models import ContactList
from campaigns.models import CallerId, CampaignList, Trunk
from campaigns.registers.changing import UNDO_FOR
from campaigns.registers.models import DayOff, UndoStep
from campaigns.scripts.models import ScriptRow
from campaigns.tenancy.models import AuditEntry, Role, User
from compliance.hours.days_off import OwnDay
from compliance.law import load_law
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World, api_world

ORIGIN = {"Origin": "http://outdial.test"}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def browser(world: World) -> AsyncClient:
    """A manager who manages clients."""
    client = await world.browser(Role.MANAGER)
    async with transaction(world.sessions) as session:
        last = (await session.exec(select(User).order_by(col(User.id).desc()).limit(1))).one()
        last.manages_clients = True
        session.add(last)
    client.headers.update(ORIGIN)
    return client


async def sent(browser: AsyncClient, path: str, **fields: object) -> Response:
    answer = await browser.post(path, data=fields)
    if answer.status_code == 303:
        answer = await browser.get(answer.headers["location"])
    return answer


async def numbers(world: World) -> list[CallerId]:
    async with world.sessions() as session:
        mine = select(CallerId).where(col(CallerId.client_id) == world.client_id)
        return list((await session.exec(mine.order_by(col(CallerId.e164)))).all())


async def actions(world: World) -> list[str]:
    async with world.sessions() as session:
        return list(
            (await session.exec(select(AuditEntry.action).order_by(col(AuditEntry.id)))).all()
        )


async def step(world: World) -> UndoStep:
    async with world.sessions() as session:
        return (
            await session.exec(select(UndoStep).order_by(col(UndoStep.id).desc()).limit(1))
        ).one()


async def test_numbers_are_made_found_rested_and_taken_back(
    world: World, browser: AsyncClient, clock: FrozenClock
) -> None:
    empty = await browser.get("/caller-ids")
    assert "There are no numbers yet" in empty.text
    for number, name in (("+74951110001", "Moscow"), ("+78121110002", "Petersburg")):
        made = await sent(browser, "/caller-ids", e164=number, display_name=name, region="ru")
        assert number in made.text
    rows = await numbers(world)
    assert [row.region for row in rows] == ["RU", "RU"]
    found = await browser.get("/caller-ids", params={"q": "peters"})
    assert "+78121110002" in found.text
    assert "+74951110001" not in found.text
    ids = [str(row.id) for row in rows]
    rested = await sent(browser, "/caller-ids/chosen/rested-month", row_id=ids)
    assert "Let rest: 2." in rested.text
    assert f"/undo/{(await step(world)).id}" in rested.text
    assert {row.rests_until for row in await numbers(world)} == {clock.now() + timedelta(days=30)}
    back = await sent(browser, f"/undo/{(await step(world)).id}")
    assert "It was taken back." in back.text
    assert {row.rests_until for row in await numbers(world)} == {None}
    assert (await actions(world))[-4:] == ["caller_id.rested"] * 2 + ["caller_id.undone"] * 2
    await sent(browser, "/caller-ids/chosen/disabled", row_id=ids[:1])
    assert "+74951110001" not in (await browser.get("/caller-ids")).text
    assert "+74951110001" in (await browser.get("/caller-ids", params={"shown": "put_away"})).text


async def test_bad_input_is_told_beside_its_field_and_what_was_typed_stays(
    browser: AsyncClient,
) -> None:
    answer = await browser.post(
        "/caller-ids", data={"e164": "12", "display_name": 'A"B', "region": "Russia", "rest_s": "x"}
    )
    assert answer.status_code == 422
    assert 'value="Russia"' in answer.text
    for fault in ("needs its country code", "double quotes", "ISO 3166", "This is no number."):
        assert fault in answer.text
    answer = await browser.post("/caller-ids/chosen/rested-day", data={})
    assert answer.status_code == 422
    assert "Tick the rows first" in answer.text
    assert (await browser.post("/caller-ids/chosen/dance", data={"row_id": "x"})).status_code == 404


async def test_what_was_changed_since_or_long_ago_is_not_taken_back(
    world: World, browser: AsyncClient, clock: FrozenClock
) -> None:
    await sent(browser, "/caller-ids", e164="+74951110001")
    (row,) = await numbers(world)
    await sent(browser, "/caller-ids/chosen/rested-day", row_id=str(row.id))
    first = await step(world)
    await sent(browser, "/caller-ids/chosen/woken", row_id=str(row.id))
    assert (await browser.post(f"/undo/{first.id}")).status_code == 409
    second = await step(world)
    clock.advance(UNDO_FOR.total_seconds() + 1)
    assert (await browser.post(f"/undo/{second.id}")).status_code == 409
    assert (await numbers(world))[0].rests_until is None


async def test_a_step_is_taken_back_only_by_those_who_may_do_it(
    world: World, browser: AsyncClient
) -> None:
    await sent(browser, "/caller-ids", e164="+74951110001")
    (row,) = await numbers(world)
    await sent(browser, "/caller-ids/chosen/rested-day", row_id=str(row.id))
    path = f"/undo/{(await step(world)).id}"
    for role in (Role.SUPERVISOR, Role.CLIENT, Role.AGENT):
        other = await world.browser(role)
        assert (await other.post(path, headers=ORIGIN)).status_code == 403
    stranger = await world.browser(Role.ADMIN, world.other_client_id)
    assert (await stranger.post(path, headers=ORIGIN)).status_code == 404
    assert (await numbers(world))[0].rests_until is not None


async def test_numbers_go_into_a_campaigns_pool_and_out_again(
    world: World, browser: AsyncClient
) -> None:
    api = await world.api(Role.MANAGER)
    campaign = await world.campaign(api)
    await sent(browser, "/caller-ids", e164="+74951110001")
    (row,) = await numbers(world)
    both = {"row_id": str(row.id), "campaign": str(campaign)}
    assert "pool is changed" in (await sent(browser, "/caller-ids/chosen/pool-in", **both)).text
    assert "Survey" in (await browser.get(f"/caller-ids/{row.id}")).text
    await sent(browser, "/caller-ids/chosen/pool-out", **both)
    assert "no campaign shows it" in (await browser.get(f"/caller-ids/{row.id}")).text
    answer = await browser.post("/caller-ids/chosen/pool-in", data={"row_id": str(row.id)})
    assert "Choose the campaign first." in answer.text


async def test_trunks_are_made_limited_rested_and_put_away(
    world: World, browser: AsyncClient, clock: FrozenClock
) -> None:
    bad = await browser.post(
        "/trunks", data={"name": "b", "endpoint": "Local/{number}@inside", "max_channels": "0"}
    )
    assert bad.status_code == 422
    assert "PJSIP/{number}@NAME" in bad.text
    assert "This is out of range." in bad.text
    made = await sent(browser, "/trunks", name="west", max_channels="12", calls_per_s="2,5")
    assert "PJSIP/{number}@west" in made.text
    assert (
        "There is one of this name"
        in (
            await browser.post(
                "/trunks", data={"name": "west", "max_channels": "1", "calls_per_s": "1"}
            )
        ).text
    )
    async with world.sessions() as session:
        row = (await session.exec(select(Trunk).where(col(Trunk.name) == "west"))).one()
    assert (row.client_id, row.max_channels, row.calls_per_s) == (None, 12, 2.5)
    await sent(browser, "/trunks/chosen/rested-hour", row_id=str(row.id))
    rested = await trunk(world, row.id)
    assert rested.paused_until == clock.now() + timedelta(hours=1)
    await sent(browser, f"/undo/{(await step(world)).id}")
    assert (await trunk(world, row.id)).paused_until is None
    await sent(browser, "/trunks/chosen/archived", row_id=str(row.id))
    assert ">west<" not in (await browser.get("/trunks")).text
    assert (await actions(world))[-1] == "trunk.archived"


async def trunk(world: World, trunk_id: UUID) -> Trunk:
    async with world.sessions() as session:
        return await session.get_one(Trunk, trunk_id)


async def test_a_trunk_in_use_stays_and_only_those_who_manage_clients_change_one(
    world: World, browser: AsyncClient
) -> None:
    api = await world.api(Role.MANAGER)
    campaign = await world.campaign(api, leads=1)
    assert (await api.post(f"/api/v1/campaigns/{campaign}/start")).status_code == 200
    carrier = str(world.trunk_id)
    kept = await browser.post("/trunks/chosen/archived", data={"row_id": carrier})
    assert kept.status_code == 409
    assert "Survey" in kept.text
    plain = await world.browser(Role.MANAGER)
    plain.headers.update(ORIGIN)
    assert "carrier" in (await plain.get("/trunks")).text
    answer = await plain.post("/trunks/chosen/rested-hour", data={"row_id": carrier})
    assert answer.status_code == 403
    assert (await trunk(world, world.trunk_id)).paused_until is None


async def test_a_day_off_closes_the_gate_and_says_what_it_changes(
    world: World, browser: AsyncClient, clock: FrozenClock
) -> None:
    api = await world.api(Role.MANAGER)
    campaign = await world.campaign(api, leads=2)
    assert (await api.post(f"/api/v1/campaigns/{campaign}/start")).status_code == 200
    today = clock.now().date()
    made = await sent(browser, "/days-off", name="Mourning", on_date=today.isoformat())
    assert "What it changes on the floor" in made.text
    assert "Survey" in made.text
    async with world.sessions() as session:
        law = await load_client_law(session, world.client_id, load_law())
    assert law.days_off.days == (OwnDay(today),)
    why = (await api.get(f"/api/v1/campaigns/{campaign}/why")).json()
    assert {one["reason"] for one in why["leads"]} == {"day_off"}
    again = await browser.post("/days-off", data={"name": "x", "on_date": today.isoformat()})
    assert "This day is there already" in again.text
    async with world.sessions() as session:
        row = (await session.exec(select(DayOff))).one()
    await sent(browser, "/days-off/chosen/archived", row_id=str(row.id))
    why = (await api.get(f"/api/v1/campaigns/{campaign}/why")).json()
    assert {one["reason"] for one in why["leads"]} != {"day_off"}


async def test_a_long_list_has_pages(world: World, browser: AsyncClient) -> None:
    async with transaction(world.sessions) as session:
        for number in range(60):
            day = date(2027, 1, 1) + timedelta(days=number)
            session.add(DayOff(client_id=world.client_id, on_date=day, name=f"day {number:02}"))
    first = await browser.get("/days-off")
    assert "Page 1 of 2, 60 in all" in first.text
    last = await browser.get("/days-off", params={"page": 99, "sort": "name"})
    assert "day 59" in last.text
    assert "day 49" not in last.text


async def test_lists_forms_and_scripts_are_put_away_and_brought_back(
    world: World, browser: AsyncClient
) -> None:
    api = await world.api(Role.MANAGER)
    await world.campaign(api, leads=1)
    await browser.post("/scripts", data={"name": "Greeting"})
    await browser.post("/forms", data={"name": "Five questions", "language": "en", "region": "US"})
    async with world.sessions() as session:
        rows: dict[str, Any] = {
            "/lists": (await session.exec(select(ContactList))).one(),
            "/forms": (await session.exec(select(FormRow))).one(),
            "/scripts": (await session.exec(select(ScriptRow))).one(),
        }
    for path, row in rows.items():
        assert f'value="{row.id}"' in (await browser.get(path)).text
        away = await sent(browser, f"{path}/chosen/archived", row_id=str(row.id))
        assert "Put away: 1." in away.text
        assert f'value="{row.id}"' not in away.text
        everything = await browser.get(path, params={"shown": "put_away"})
        assert f'value="{row.id}"' in everything.text
        back = await sent(browser, f"/undo/{(await step(world)).id}")
        assert f'value="{row.id}"' in back.text
        none = await browser.get(path, params={"q": "no such name"})
        assert "Nothing fits" in none.text
        assert "Tick the rows first" in (await sent(browser, f"{path}/chosen/archived")).text
        assert (await browser.post(f"{path}/chosen/dance")).status_code == 404


async def test_a_list_that_is_being_called_is_not_put_away(
    world: World, browser: AsyncClient
) -> None:
    api = await world.api(Role.MANAGER)
    campaign = await world.campaign(api, leads=1)
    async with transaction(world.sessions) as session:
        own = (await session.exec(select(ContactList))).one()
        session.add(CampaignList(campaign_id=campaign, list_id=own.id))
    assert (await api.post(f"/api/v1/campaigns/{campaign}/start")).status_code == 200
    kept = await browser.post("/lists/chosen/archived", data={"row_id": str(own.id)})
    assert kept.status_code == 409
    assert "A campaign that runs or is paused uses this" in kept.text
