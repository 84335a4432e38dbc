"""The pages: who may see them, what keeps them safe, their languages, and the live stream."""

import json
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from redis.asyncio import Redis

from api import languages
from api.pages.board import Boards
from api.pages.stream import events
from campaigns.commands import board_channel, board_key
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from dialer.ids import new_id
from dialer.settings import PROJECT_ROOT
from tests.integration.api_world import BASE_URL, World, api_world

SAME_ORIGIN = {"Origin": BASE_URL}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def test_a_form_of_another_site_does_nothing(world: World) -> None:
    campaign_id = await world.campaign(await world.api(), leads=1)
    browser = await world.browser()
    for headers in ({}, {"Origin": "https://evil.test"}, {"Origin": "null"}):
        answer = await browser.post(f"/campaigns/{campaign_id}/start", headers=headers)
        assert answer.status_code == 403
    assert world.jobs.enqueued == []
    answer = await browser.post(f"/campaigns/{campaign_id}/start", headers=SAME_ORIGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/campaigns/{campaign_id}")
    assert len(world.jobs.enqueued) == 1


async def test_a_start_that_is_refused_says_what_to_do(world: World) -> None:
    campaign_id = await world.campaign(await world.api())
    browser = await world.browser()
    answer = await browser.post(f"/campaigns/{campaign_id}/start", headers=SAME_ORIGIN)
    assert answer.status_code == 409
    assert "add a contact list to the campaign" in answer.text


async def test_readers_see_no_buttons_and_agents_and_strangers_no_page(world: World) -> None:
    path = f"/campaigns/{await world.campaign(await world.api(), leads=1)}"
    assert '<button class="start"' in (await (await world.browser()).get(path)).text
    reader = await world.browser(Role.CLIENT)
    assert (await reader.get(path)).status_code == 403
    assert (await reader.post(f"{path}/start", headers=SAME_ORIGIN)).status_code == 403
    assert (await (await world.browser(Role.AGENT)).get(path)).status_code == 403
    stranger = await world.browser(Role.ADMIN, client_id=world.other_client_id)
    for way in (path, f"{path}/stream"):
        assert (await stranger.get(way)).status_code == 404


async def test_pages_run_nothing_inline_and_escape_what_people_write(world: World) -> None:
    name = "<script>alert(1)</script>"
    campaign_id = await world.campaign(await world.api(), name=name)
    answer = await (await world.browser()).get(f"/campaigns/{campaign_id}")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert name not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert " style=" not in answer.text
    assert " onclick" not in answer.text


@pytest.mark.parametrize(
    ("accepted", "language", "word"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru", "Черновик"),
        ("de,uk;q=0.7,ru;q=0.5", "uk", "Чернетка"),
        ("de", "en", "Draft"),
        ("", "en", "Draft"),
        ("ru;q=x,en", "en", "Draft"),
    ],
)
async def test_pages_speak_the_browsers_language(
    world: World, accepted: str, language: str, word: str
) -> None:
    campaign_id = await world.campaign(await world.api())
    browser = await world.browser()
    answer = await browser.get(f"/campaigns/{campaign_id}", headers={"Accept-Language": accepted})
    assert answer.headers["content-language"] == language
    assert word in answer.text


async def test_a_chosen_language_is_remembered(world: World) -> None:
    browser = await world.browser()
    await browser.get("/campaigns?lang=uk")
    assert (await browser.get("/campaigns")).headers["content-language"] == "uk"


def test_every_message_is_translated() -> None:
    methods = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
    keywords = {"mark": None, "_": None}
    found = extract_from_dir(str(PROJECT_ROOT / "api"), methods, keywords=keywords)
    messages = {message for _, _, message, _, _ in found}
    assert len(messages) > 100
    for language in ("ru", "uk"):
        with languages.path_of(language).open("rb") as source:
            catalogue = {str(one.id): one for one in read_po(source) if one.id}
        assert messages - set(catalogue) == set(), language
        assert set(catalogue) - messages == set(), language
        assert [one for one in catalogue.values() if not one.string or one.fuzzy] == []


def _who(world: World) -> Identity:
    return Identity(new_id(), world.client_id, Role.MANAGER, "olga")


async def _publish(world: World, campaign_id: UUID, **live: object) -> None:
    body = json.dumps(live)
    await world.redis.set(board_key(campaign_id), body, ex=5)
    await world.redis.publish(board_channel(campaign_id), body)


async def test_the_stream_sends_what_changed(world: World) -> None:
    campaign_id = await world.campaign(await world.api(), leads=1)
    services = world.app.state.services
    stream = events(services, Boards(services), campaign_id, _who(world), "en")
    first = await anext(stream)
    assert first.startswith("event: head\ndata: ")
    assert "event: figures\n" in first
    live = {"agents": {"on_call": 41}, "in_flight": {"connected": 41, "ringing": 7}}
    await _publish(world, campaign_id, **live, why=["The trunk is full."], trunk={}, placed=1)
    second = await anext(stream)
    assert "The trunk is full." in second
    assert "48" in second
    await _publish(world, campaign_id, **live, why=["The trunk is full."], in_flight_too="new")
    await _publish(
        world, campaign_id, agents={"ready": 1, "dreaming": 2}, why=["The trunk is full."]
    )
    third = await anext(stream)
    assert "event: head" not in third  # it is the same as before
    assert "event: figures" in third
    await stream.aclose()  # type: ignore[attr-defined]


async def test_the_stream_falls_back_to_the_tables(world: World) -> None:
    campaign_id = await world.campaign(await world.api())
    services = world.app.state.services
    stream = events(services, Boards(services), campaign_id, _who(world), "en")
    assert "Draft" in await anext(stream)
    await world.redis.set(board_key(campaign_id), "not json")
    lead = await world.lead(campaign_id, row=1)
    await world.attempt(lead, 1, rang_at=world.clock.now())
    later = await anext(stream)
    assert "0 of 1 contacts done" in later
    await stream.aclose()  # type: ignore[attr-defined]
