"""The set-up page: presets that start once their red lights are fixed, effects, tables, undo, copy."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlmodel import col, select

from campaigns.lists.models import ContactList
from campaigns.models import Campaign, Disposition
from campaigns.setup.models import VirtualCrew
from campaigns.setup.presets import PRESETS, PresetCode
from campaigns.states import CampaignState, LeadState
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Role
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import BASE_URL, World, api_world

SAME_ORIGIN = {"Origin": BASE_URL}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


def fields_of(page: str) -> dict[str, str | list[str]]:
    """What a browser would send of the set-up form as it was served."""
    form = re.search(r'<form method="post"[^>]*class="setup-form">(.*?)</form>', page, re.DOTALL)
    assert form is not None
    sent: dict[str, str | list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form[1]):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name is None or " disabled" in tag:
            continue
        if 'type="checkbox"' in tag:
            if " checked" in tag:
                kept = sent.setdefault(name[1], [])
                assert isinstance(kept, list)
                kept.append(value[1] if value else "on")
        else:
            sent[name[1]] = value[1] if value else ""
    for name, inner in re.findall(
        r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form[1], re.DOTALL
    ):
        chosen = re.search(r'<option value="([^"]*)" selected', inner)
        first = re.search(r'<option value="([^"]*)"', inner)
        sent[name] = chosen[1] if chosen else first[1] if first else ""
    return sent


async def _list(world: World) -> UUID:
    """A list with one contact, in another campaign."""
    await world.lead(await world.campaign(await world.api(), name="Old"), row=900)
    async with transaction(world.sessions) as session:
        made = (await session.exec(select(ContactList))).one()
        made.rows_in = made.rows_accepted = 1
    return made.id


async def _make(world: World, browser: AsyncClient, preset: str, **more: str) -> str:
    page = await browser.get(f"/campaigns/new?preset={preset}")
    assert page.status_code == 200
    sent = fields_of(page.text) | {"name": f"New {preset}", **more}
    made = await browser.post("/campaigns/new", data=sent, headers=SAME_ORIGIN)
    assert made.status_code == 303, made.text
    return made.headers["location"].partition("?")[0].removesuffix("/settings")


async def _campaign(world: World, path: str) -> Campaign:
    async with world.sessions() as session:
        return await session.get_one(Campaign, UUID(path.rsplit("/", 1)[-1]))


async def test_every_preset_starts_after_its_red_lights_are_fixed(world: World) -> None:
    await _list(world)
    browser = await world.browser()
    first = (await browser.get("/campaigns/new")).text
    for preset in PresetCode:
        assert f"preset={preset.value}" in first
        path = await _make(world, browser, preset.value)
        made = await _campaign(world, path)
        assert made.settings["purpose"] == PRESETS[preset].settings["purpose"]
        assert made.settings["retry"].keys() >= {"busy", "no_answer"}
        checks = (await browser.get(f"{path}/settings/checks")).text
        assert "stops the start" in checks
        for _ in range(5):
            fix = re.search(rf'action="({path}/settings/fix/[a-z_]+)"', checks)
            if fix is None:
                break
            assert (await browser.post(fix[1], headers=SAME_ORIGIN)).status_code == 303
            checks = (await browser.get(f"{path}/settings/checks")).text
        assert "stops the start" not in checks, preset
        started = await browser.post(f"{path}/start", headers=SAME_ORIGIN)
        assert started.status_code == 303, started.text
        made = await _campaign(world, path)
        assert made.state is CampaignState.RUNNING
        async with world.sessions() as session:
            codes = select(Disposition.code).where(col(Disposition.campaign_id) == made.id)
            assert set(await session.exec(codes)) == {
                one.code for one in PRESETS[preset].dispositions
            }
    assert (await browser.get(path + "/settings")).status_code == 200


async def test_a_saved_page_changes_what_differs_and_the_last_change_is_taken_back(
    world: World,
) -> None:
    browser = await world.browser()
    path = await _make(world, browser, "survey", trunk="carrier")
    before = (await _campaign(world, path)).settings
    page = (await browser.get(f"{path}/settings")).text
    saved = await browser.post(f"{path}/settings", data=fields_of(page), headers=SAME_ORIGIN)
    assert saved.headers["location"].endswith("done=saved")
    assert (await _campaign(world, path)).settings == before, (
        "saving the page as it is changes nothing"
    )

    sent = fields_of(page) | {"ring_timeout_s": "20", "hours.mon": "10-13, 14:00-19"}
    await browser.post(f"{path}/settings", data=sent, headers=SAME_ORIGIN)
    changed = (await _campaign(world, path)).settings
    assert changed["ring_timeout_s"] == 20
    assert changed["hours"]["mon"] == [["10:00", "13:00"], ["14:00", "19:00"]]
    history = (await browser.get(f"{path}/history")).text
    assert "Ring time" in history
    assert "<del>30.0</del> → <ins>20.0</ins>" in history

    undone = await browser.post(f"{path}/settings/undo", headers=SAME_ORIGIN)
    assert undone.headers["location"].endswith("done=undone")
    assert (await _campaign(world, path)).settings == before

    wrong = fields_of(page) | {"ring_timeout_s": "3", "wrap_up_s": "soon", "hours.tue": "late"}
    refused = await browser.post(f"{path}/settings", data=wrong, headers=SAME_ORIGIN)
    assert refused.status_code == 422
    assert refused.text.count('class="setting wrong"') >= 2
    assert 'value="soon"' in refused.text, "what was typed stays"
    assert (await _campaign(world, path)).settings == before


async def test_figures_beside_settings_are_those_of_the_calls(
    world: World, clock: FrozenClock
) -> None:
    browser = await world.browser()
    path = await _make(world, browser, "survey", trunk="carrier")
    sent = fields_of((await browser.get(f"{path}/settings")).text)
    nothing = await browser.post(f"{path}/settings/effects", data=sent, headers=SAME_ORIGIN)
    assert "There were no calls in the last 7 days" in nothing.text

    campaign_id = UUID(path.rsplit("/", 1)[-1])
    for number in range(10):
        lead = await world.lead(campaign_id, row=number + 1, state=LeadState.WAITING)
        began = clock.now() - timedelta(hours=5)
        answered = began + timedelta(seconds=12 if number < 7 else 24)
        await world.attempt(
            lead,
            number + 1,
            started_at=began,
            answered_at=answered,
            connected_at=answered,
            ended_at=answered + timedelta(minutes=1),
            outcome=CallOutcome.CONNECTED,
        )
    some = await browser.post(
        f"{path}/settings/effects", data=sent | {"ring_timeout_s": "20"}, headers=SAME_ORIGIN
    )
    assert "3 of 10 answers came later than this" in some.text
    assert "10 calls of the last 7 days" in some.text
    closed = {f"hours.{day}": "" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    shut = await browser.post(
        f"{path}/settings/effects", data=sent | closed | {"hours.sun": "3-4"}, headers=SAME_ORIGIN
    )
    assert "exclude 10 of 10 waiting contacts" in shut.text
    forecast = await browser.get(f"{path}/settings/forecast")
    assert "Contacts to dial" in forecast.text


async def test_the_tables_are_edited(world: World) -> None:
    browser = await world.browser()
    path = await _make(world, browser, "sale")
    rules = {"busy.minutes": "45", "busy.factor": "2", "busy.next": "next_number", "busy.most": "3"}
    saved = await browser.post(f"{path}/settings/retries", data=rules, headers=SAME_ORIGIN)
    assert saved.status_code == 303
    retry = (await _campaign(world, path)).settings["retry"]
    assert set(retry) == {"busy"}, "an outcome without minutes is final"
    assert (retry["busy"]["after_s"], retry["busy"]["factor"]) == (2700, 2)
    lines = {
        **{"0.code": "sale", "0.label": "Sold", "0.success": "on", "0.position": "2"},
        **{"1.code": "trial", "1.label": "Takes a trial", "1.minutes": "60", "1.position": "1"},
    }
    saved = await browser.post(f"{path}/settings/dispositions", data=lines, headers=SAME_ORIGIN)
    assert saved.status_code == 303
    async with world.sessions() as session:
        mine = select(Disposition).where(
            col(Disposition.campaign_id) == UUID(path.rsplit("/", 1)[-1])
        )
        rows = (await session.exec(mine.order_by(col(Disposition.position)))).all()
    assert [(row.code, row.label, row.retry_after_s) for row in rows] == [
        ("trial", "Takes a trial", 3600),
        ("sale", "Sold", None),
    ]
    wrong = {"0.code": "x", "0.suppresses": "on", "0.requires_callback": "on"}
    refused = await browser.post(f"{path}/settings/dispositions", data=wrong, headers=SAME_ORIGIN)
    assert refused.status_code == 422


async def test_a_copy_has_everything_but_the_calls(world: World) -> None:
    list_id = await _list(world)
    browser = await world.browser()
    path = await _make(world, browser, "debt", trunk="carrier", lists=str(list_id))
    copied = await browser.post(f"{path}/settings/copy", headers=SAME_ORIGIN)
    other = copied.headers["location"].partition("/settings")[0]
    old, new = await _campaign(world, path), await _campaign(world, other)
    assert (new.name, new.state) == ("New debt (2)", CampaignState.DRAFT)
    assert (new.settings, new.trunk_id) == (old.settings, old.trunk_id)
    files = [(await browser.get(f"{one}/campaign.yaml")).text for one in (path, other)]
    assert files[0].replace("New debt", "") == files[1].replace("New debt (2)", "")
    again = await browser.post(
        f"{path}/settings/copy", data={"name": "New debt"}, headers=SAME_ORIGIN
    )
    assert again.status_code == 422
    assert "choose another name" in again.text


async def test_virtual_agents_come_to_simulated_trunks_alone(world: World) -> None:
    async with transaction(world.sessions) as session:
        await bootstrap.ensure_trunk(
            session,
            name="toy",
            endpoint="PJSIP/{number}@toy",
            max_channels=5,
            calls_per_s=1,
            simulated=True,
        )
    list_id = await _list(world)
    browser = await world.browser()
    real = await _make(world, browser, "sale", trunk="carrier")
    refused = await browser.post(
        f"{real}/settings/virtual-agents", data={"agents": "3"}, headers=SAME_ORIGIN
    )
    assert refused.status_code == 422
    assert "simulated trunk only" in refused.text
    toy = await _make(world, browser, "survey", trunk="toy", lists=str(list_id))
    assert "Start with virtual agents" in (await browser.get(f"{toy}/settings/checks")).text
    data = {"agents": "7", "start": "1"}
    done = await browser.post(f"{toy}/settings/virtual-agents", data=data, headers=SAME_ORIGIN)
    assert done.status_code == 303
    assert (await _campaign(world, toy)).state is CampaignState.RUNNING
    async with world.sessions() as session:
        crews = (await session.exec(select(VirtualCrew))).all()
    assert [crew.agents for crew in crews] == [7]


async def test_who_may_not_change_sees_no_set_up(world: World) -> None:
    path = await _make(world, await world.browser(), "survey")
    for role in (Role.SUPERVISOR, Role.CLIENT, Role.AGENT):
        browser = await world.browser(role)
        for address in ("/campaigns/new", f"{path}/settings", "/law/changes"):
            assert (await browser.get(address)).status_code == 403
    stranger = await world.browser(client_id=world.other_client_id)
    assert (await stranger.get(f"{path}/settings")).status_code == 404
    assert (await stranger.get(f"{path}/history")).status_code == 404
    assert (await stranger.post(f"{path}/settings/undo", headers=SAME_ORIGIN)).status_code == 404
