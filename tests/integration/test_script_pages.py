"""The pages of scripts and of the knowledge base: written, previewed, published, in three languages."""

import re
from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient, Response
from redis.asyncio import Redis

from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.api_world import World, api_world
from tests.integration.script_world import SAME_ORIGIN, writer
from tests.scripts import script, step


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _post(browser: AsyncClient, path: str, **data: object) -> Response:
    return await browser.post(path, data=data, headers=SAME_ORIGIN)


async def _made(browser: AsyncClient, name: str = "Опрос") -> str:
    made = await _post(browser, "/scripts", name=name)
    assert made.status_code == 303, made.text
    return str(made.headers["location"])


def _revision(page: Response) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page.text)
    assert found
    return found[1]


async def test_a_script_is_made_written_and_published_by_forms(world: World) -> None:
    browser = await world.browser(Role.SUPERVISOR)
    assert "There are no scripts yet." in (await browser.get("/scripts")).text
    address = await _made(browser)
    assert address == "/scripts/opros"
    page = await browser.get(address)
    assert "Every answer leads somewhere" in page.text, "what it begins with is whole"
    words = {"has.s1": "1", "title.s1": "Hello", "body.s1": "Hi **there**", "says.s1.0": "Go on"}
    saved = await _post(
        browser,
        f"{address}/draft",
        revision=_revision(page),
        language="en",
        action="add_step",
        **words,
    )
    assert saved.headers["location"] == f"{address}?language=en#edit-s4"
    page = await browser.get(address)
    assert "<strong>there</strong>" in page.text
    assert "The talk gets stuck here" in page.text
    stuck = await _post(
        browser, f"{address}/publish", revision=_revision(page), language="en", **words
    )
    assert stuck.status_code == 409
    assert "The script cannot be published" in stuck.text
    removed = await _post(
        browser, f"{address}/draft", revision=_revision(page), action="remove_step:s4"
    )
    assert removed.status_code == 303
    page = await browser.get(address)
    done = await _post(browser, f"{address}/publish", revision=_revision(page), language="en")
    assert done.status_code == 303
    page = await browser.get(address)
    assert "Operators read version 1" in page.text
    assert "Version 1" in (await browser.get("/scripts")).text
    assert (await browser.get(f"{address}/versions/1")).status_code == 200


async def test_who_saves_over_a_change_is_told_and_loses_nothing(world: World) -> None:
    browser = await world.browser(Role.SUPERVISOR)
    address = await _made(browser)
    revision = _revision(await browser.get(address))
    mine = {"has.s1": "1", "body.s1": "My long text", "language": "en", "revision": revision}
    await _post(browser, f"{address}/draft", **{**mine, "body.s1": "Theirs"})
    late = await _post(browser, f"{address}/draft", **mine)
    assert late.status_code == 409
    assert "Somebody else has changed this meanwhile" in late.text
    assert "My long text" in late.text
    assert "Theirs" in (await browser.get(address)).text
    undone = await _post(browser, f"{address}/undo", language="en")
    assert undone.status_code == 303
    assert "Theirs" not in (await browser.get(address)).text


async def test_the_preview_keeps_nothing(world: World) -> None:
    browser = await world.browser(Role.SUPERVISOR)
    address = await _made(browser)
    sent = {"has.s2": "1", "title.s2": "<b>T</b>", "body.s2": "<script>x</script> {{ nobody }}"}
    shown = await _post(browser, f"{address}/preview", language="en", at="s2", **sent)
    assert "&lt;script&gt;" in shown.text
    assert "&lt;b&gt;T&lt;/b&gt;" in shown.text
    assert "cannot be filled" in shown.text
    assert 'data-step="s2">' in shown.text, "the preview stays at its step"
    assert "nobody" not in (await browser.get(address)).text


async def test_a_second_language_waits_for_its_words(world: World) -> None:
    browser = await world.browser(Role.SUPERVISOR)
    address = await _made(browser)
    revision = _revision(await browser.get(address))
    added = await browser.post(
        f"{address}/languages",
        data={"revision": revision, "languages": ["en", "uk"]},
        headers=SAME_ORIGIN,
    )
    assert added.headers["location"] == f"{address}?language=uk"
    page = await browser.get(f"{address}?language=uk")
    assert "Something is not said in the language “Українська”." in page.text
    none = await _post(browser, f"{address}/languages", revision=_revision(page))
    assert none.status_code == 409


async def test_a_manager_says_which_campaigns_use_it(world: World) -> None:
    author = await writer(world)
    await author.publish()
    manager = await world.api()
    one = await world.campaign(manager, name="One")
    two = await world.campaign(manager, name="Two", settings={"script": author.code})
    browser = await world.browser()
    chosen = await _post(browser, f"/scripts/{author.code}/campaigns", campaigns=str(one))
    assert chosen.status_code == 303
    settings = {
        row["id"]: row["settings"]["script"]
        for row in (await manager.get("/api/v1/campaigns")).json()
    }
    assert settings == {str(one): author.code, str(two): None}
    page = (await browser.get("/scripts")).text
    assert "One" in page
    supervisor = await world.browser(Role.SUPERVISOR)
    refused = await _post(supervisor, f"/scripts/{author.code}/campaigns", campaigns=str(one))
    assert refused.status_code == 403


async def test_readers_see_no_editor_and_strangers_nothing(world: World) -> None:
    author = await writer(world)
    await author.publish(script(step("s1", "Secret words.", ends=True)))
    address = f"/scripts/{author.code}"
    for role in (Role.AGENT, Role.CLIENT):
        assert (await (await world.browser(role)).get(address)).status_code == 403
    stranger = await world.browser(Role.ADMIN, client_id=world.other_client_id)
    for path in (address, f"{address}/versions/1"):
        assert (await stranger.get(path)).status_code == 404
    for button in ("draft", "preview", "publish", "undo", "discard", "languages", "campaigns"):
        answer = await _post(stranger, f"{address}/{button}", revision="0")
        assert answer.status_code == 404, button
    assert "Secret" not in (await stranger.get("/scripts")).text


async def test_an_article_is_written_and_published_by_forms(world: World) -> None:
    browser = await world.browser(Role.SUPERVISOR)
    assert "The knowledge base is empty." in (await browser.get("/knowledge")).text
    assert (await browser.get("/knowledge/new?kind=objection")).status_code == 200
    content = {"kind": "objection", "language": "ru", "title": "Дорого", "body": "**Цена** ниже."}
    made = await _post(browser, "/knowledge", tags="деньги, скидка", **content)
    address = made.headers["location"]
    page = await browser.get(address)
    assert "<strong>Цена</strong>" in page.text
    assert 'value="деньги, скидка"' in page.text
    sent = {**content, "tags": "деньги", "revision": _revision(page)}
    done = await _post(browser, f"{address}/draft", action="publish", **sent)
    assert done.status_code == 303
    assert "Operators read version 1" in (await browser.get(address)).text
    late = await _post(browser, f"{address}/draft", **{**sent, "title": "Слишком"})
    assert late.status_code == 409
    assert 'value="Слишком"' in late.text
    found = await browser.get("/knowledge", params={"q": "цены", "kind": "objection"})
    assert "<mark>Цена</mark>" in found.text
    assert "Nothing fits." in (await browser.get("/knowledge?q=zzz")).text
    preview = await _post(browser, "/knowledge/preview", **{**content, "body": "<i>*x*</i>"})
    assert "&lt;i&gt;<em>x</em>&lt;/i&gt;" in preview.text
    await _post(browser, f"{address}/place", pinned="true")
    assert "pinned" in (await browser.get("/knowledge")).text
    await _post(browser, f"{address}/remove")
    assert "Дорого" not in (await browser.get("/knowledge")).text
    assert "Дорого" in (await browser.get("/knowledge?removed=true")).text
    await _post(browser, f"{address}/bring-back")
    assert "Дорого" in (await browser.get("/knowledge")).text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("ru", ("Скрипты", "База знаний", "Опубликовать", "Приветствие")),
        ("uk", ("Скрипти", "База знань", "Опублікувати", "Привітання")),
    ],
)
async def test_the_pages_speak_their_readers_language(
    world: World, language: str, words: tuple[str, ...]
) -> None:
    browser = await world.browser(Role.SUPERVISOR)
    browser.headers["Accept-Language"] = language
    address = await _made(browser, "Talk")
    page = (await browser.get(address)).text
    for word in words:
        assert word in page
    assert "%(" not in page
    assert (await browser.get("/knowledge/new")).status_code == 200
