"""The knowledge base on PostgreSQL: found in three languages while typing; nothing of other clients."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from campaigns.scripts.searching import search
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from tests.integration.api_world import World, api_world
from tests.integration.script_world import V1, call
from tests.scripts import ARTICLES

KB = f"{V1}/knowledge"


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _article(api: AsyncClient, **content: Any) -> str:
    made = await api.post(f"{KB}/articles", json=content)
    assert made.status_code == 201, made.text
    article_id = str(made.json()["id"])
    published = await api.post(f"{KB}/articles/{article_id}/publish")
    assert published.status_code == 200, published.text
    return article_id


@pytest.fixture
async def api(world: World) -> AsyncClient:
    return await world.api(Role.SUPERVISOR)


@pytest.fixture
async def base(api: AsyncClient) -> dict[str, str]:
    """All articles, by name."""
    return {name: await _article(api, **content) for name, content in ARTICLES.items()}


async def _found(api: AsyncClient, base: dict[str, str], q: str, **asked: Any) -> list[str]:
    answer = await api.get(f"{KB}/search", params={"q": q, **asked})
    assert answer.status_code == 200, answer.text
    names = {article_id: name for name, article_id in base.items()}
    return [names[one["id"]] for one in answer.json()]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        *(("expensive", "en_price"), ("expensi", "en_price"), ("exp", "en_price")),
        *(("price", "en_price"), ("pricing", "en_price"), ("money", "en_price")),
        *(("opened", "en_time"), ("the weekday", "en_time")),
        *(("дорого", "ru_price"), ("дорогие", "ru_price"), ("стоимости", "ru_price")),
        *(("стоимо", "ru_price"), ("подар", "ru_price"), ("прием", "ru_price")),
        *(("приём зак", "ru_price"), ("это слишком", "ru_price")),
        *(("ціною", "uk_price"), ("ціна", "uk_price"), ("безкоштовна", "uk_price")),
        *(("об'єкти", "uk_price"), ("обʼєкт", "uk_price"), ("порівн", "uk_price")),
    ],
)
async def test_words_are_found_in_their_language(
    api: AsyncClient, base: dict[str, str], question: str, first: str
) -> None:
    found = await _found(api, base, question)
    assert found[:1] == [first], found


async def test_what_has_all_words_comes_before_what_has_some(
    api: AsyncClient, base: dict[str, str]
) -> None:
    base["title"] = await _article(api, title="Delivery", body="By courier, on weekdays.")
    assert await _found(api, base, "delivery prices") == ["en_price", "title"]
    assert (await _found(api, base, "delivery"))[0] == "title", "a title weighs more than a text"
    assert await _found(api, base, "nothing of the kind") == []
    assert await _found(api, base, "дорого", language="uk") == ["uk_price"]


@pytest.mark.parametrize("question", ["&", "' | !", "\\", "a:*", "<->", "ё", "%", "{{", "'" * 90])
async def test_nothing_that_is_typed_breaks_the_search(
    api: AsyncClient, base: dict[str, str], question: str
) -> None:
    await _found(api, base, question)


async def test_hits_are_marked_and_nothing_in_them_is_markup(
    world: World, api: AsyncClient
) -> None:
    await _article(
        api,
        title="<b>Refund</b>",
        body="A refund \ue000of\ue001 5 < 6 & <script>alert(1)</script> money.",
    )
    hit = (await api.get(f"{KB}/search", params={"q": "refunds"})).json()[0]
    assert [part["text"] for part in hit["title"] if part["hit"]] == ["Refund"]
    assert "".join(part["text"] for part in hit["title"]) == "<b>Refund</b>"
    assert [part["text"] for part in hit["snippet"] if part["hit"]] == ["refund"]
    page = (await (await world.browser(Role.AGENT)).get("/desk/knowledge?q=refund")).text
    assert "<mark>Refund</mark>" in page
    assert "of 5 &lt; 6 &amp;" in page
    assert "<script>alert" not in page


async def test_the_search_uses_its_index(world: World, base: dict[str, str]) -> None:
    assert base
    async with transaction(world.sessions) as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await session.execute(
            text("EXPLAIN SELECT id FROM article WHERE search @@ to_tsquery('russian', 'цены:*')")
        )
        assert "ix_article_search" in "\n".join(row[0] for row in plan)


async def test_pinned_articles_stand_first_and_campaigns_have_their_own(
    world: World, api: AsyncClient, base: dict[str, str]
) -> None:
    manager = await world.api()
    mine = await world.campaign(manager, name="Mine")
    other = await world.campaign(manager, name="Other")
    place = {"pinned": True, "campaign_ids": [str(mine)]}
    placed = await api.put(f"{KB}/articles/{base['en_time']}/place", json=place)
    assert placed.status_code == 200
    assert (await _found(api, base, "", campaign=str(mine)))[0] == "en_time"
    assert "en_time" not in await _found(api, base, "", campaign=str(other))
    assert await _found(api, base, "weekdays", campaign=str(other)) == []
    assert await _found(api, base, "weekdays", campaign=str(mine)) == ["en_time"]
    wrong = {"campaign_ids": [str(new_id())]}
    refused = await api.put(f"{KB}/articles/{base['en_time']}/place", json=wrong)
    assert refused.json()["code"] == "campaign_not_found"


async def test_operators_find_what_is_published_and_not_removed(
    api: AsyncClient, base: dict[str, str]
) -> None:
    address = f"{KB}/articles/{base['en_price']}"
    changed = {**ARTICLES["en_price"], "title": "Cheaper elsewhere"}
    saved = await api.put(f"{address}/draft", json={"content": changed, "revision": 2})
    assert saved.json()["draft"]["title"] == "Cheaper elsewhere"
    assert await _found(api, base, "cheaper") == []
    late = await api.put(f"{address}/draft", json={"content": changed, "revision": 2})
    assert late.json()["code"] == "draft_changed"
    await api.post(f"{address}/publish")
    assert await _found(api, base, "cheaper") == ["en_price"]
    await api.post(f"{address}/versions/1/publish")
    assert await _found(api, base, "cheaper") == []
    versions = (await api.get(f"{address}/versions")).json()
    assert [one["number"] for one in versions] == [3, 2, 1]
    assert versions[2]["content"] == versions[0]["content"]
    await api.delete(address)
    assert await _found(api, base, "expensive") == []
    assert [one["id"] for one in (await api.get(f"{KB}/articles?removed=true")).json()] == [
        base["en_price"]
    ]
    await api.post(f"{address}/bring-back")
    assert await _found(api, base, "expensive") == ["en_price"]


async def test_an_articles_draft_is_undone_and_thrown_away(
    api: AsyncClient, base: dict[str, str]
) -> None:
    address = f"{KB}/articles/{base['en_time']}"
    assert (await api.post(f"{address}/draft/undo")).json()["code"] == "nothing_to_undo"
    await api.put(f"{address}/draft", json={"content": {"title": "New", "body": ""}})
    refused = await api.post(f"{address}/publish")
    assert refused.json()["code"] == "article_not_publishable"
    undone = (await api.post(f"{address}/draft/undo")).json()
    assert undone["draft"]["title"] == "Opening hours"
    assert (await api.delete(f"{address}/draft")).json()["draft"] is None
    assert (await api.delete(f"{address}/draft")).json()["code"] == "no_draft"


async def test_a_published_article_version_never_changes(
    world: World, base: dict[str, str]
) -> None:
    assert base
    for statement in ("UPDATE article_version SET content = '{}'", "DELETE FROM article_version"):
        with pytest.raises(DBAPIError, match="never changes"):
            async with transaction(world.sessions) as session:
                await session.execute(text(statement))


async def test_nothing_of_another_clients_articles_is_there(
    world: World, api: AsyncClient, base: dict[str, str]
) -> None:
    stranger = await world.api(Role.ADMIN, client_id=world.other_client_id)
    assert (await stranger.get(f"{KB}/search", params={"q": "expensive"})).json() == []
    assert (await stranger.get(f"{KB}/articles")).json() == []
    campaign = await world.campaign(await world.api())
    asked = {"q": "expensive", "campaign": str(campaign)}
    assert (await stranger.get(f"{KB}/search", params=asked)).status_code == 404
    address = f"{KB}/articles/{base['en_price']}"
    content = {"title": "T", "body": "B"}
    for method, path, body in (
        ("GET", address, None),
        ("PUT", f"{address}/draft", {"content": content}),
        ("POST", f"{address}/draft/undo", None),
        ("DELETE", f"{address}/draft", None),
        ("POST", f"{address}/publish", None),
        ("GET", f"{address}/versions", None),
        ("POST", f"{address}/versions/1/publish", None),
        ("PUT", f"{address}/place", {"pinned": True}),
        ("DELETE", address, None),
        ("POST", f"{address}/bring-back", None),
    ):
        answer = await stranger.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "article_not_found"), path
    browser = await world.browser(Role.AGENT, client_id=world.other_client_id)
    assert (await browser.get(f"/desk/knowledge/{base['en_price']}")).status_code == 404
    async with world.sessions() as session:
        assert await search(session, "expensive", client_id=world.other_client_id) == []


async def test_the_operators_panel(world: World, base: dict[str, str]) -> None:
    browser = await world.browser(Role.AGENT)
    campaign = await world.campaign(await world.api())
    panel = (await browser.get(f"/desk/knowledge?q=дорого&campaign={campaign}")).text
    assert 'id="knowledge-question"' in panel
    assert f'name="campaign" value="{campaign}"' in panel
    assert f"/desk/knowledge/{base['ru_price']}?q=%D0" in panel
    shift = await call(world, None)
    own = (await shift.browser.get("/desk/knowledge")).text
    assert f'name="campaign" value="{shift.campaign_id}"' in own, "that of the operator's shift"
    found = (await browser.get("/desk/knowledge/found?q=zzz")).text
    assert "Nothing fits" in found
    assert "knowledge-question" not in found
    article = (await browser.get(f"/desk/knowledge/{base['en_price']}?q=price")).text
    assert "<strong>prices</strong>" in article
    reader = await world.browser(Role.CLIENT)
    assert (await reader.get("/desk/knowledge")).status_code == 403
