"""The builder's page at its edges: who may, codes and kinds that change, addresses that nobody links to."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from campaigns.forms import publishing
from campaigns.forms.editing.models import FormEdit
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World
from tests.integration.form_world import (
    FORM,
    SAME_ORIGIN,
    draft,
    form,
    form_world,
    save,
    store,
    undo_of,
)
from tests.questionnaires import form_of, question


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with form_world(sessions, redis, clock) as made:
        yield made


async def test_only_managers_build(world: World) -> None:
    for role in (Role.CLIENT, Role.AGENT, Role.SUPERVISOR):
        browser = await world.browser(role)
        assert (await browser.get("/forms")).status_code == 403
        assert (await browser.get("/forms/test")).status_code == 403
        assert (await save(browser, FORM, "q1", text__en="Hi?")).status_code == 403
    assert (
        '<a href="/forms"' not in (await (await world.browser(Role.SUPERVISOR)).get("/lists")).text
    )
    assert '<a href="/forms"' in (await (await world.browser()).get("/lists")).text


async def test_a_null_character_is_no_error_of_ours(world: World) -> None:
    browser = await world.browser()
    answer = await save(browser, FORM, "q3", text__en="a\0b", default="\0", mask="#\0")
    assert answer.status_code == 303
    assert (await form(world)).by_code["q3"].text.within("en") == "ab"
    async with world.sessions() as session:
        assert (await session.execute(text("SELECT count(*) FROM form_edit"))).scalar_one() == 1


async def test_a_new_code_draws_the_editor_anew_under_its_address(world: World) -> None:
    browser = await world.browser()
    answer = await save(browser, FORM, "q1", fragment=True, code="mood")
    assert answer.status_code == 200
    assert 'action="/forms/test/questions/mood"' in answer.text
    assert answer.headers["hx-replace-url"] == "/forms/test?question=mood"
    assert (await form(world)).by_code["q2"].show_if == "mood = 'a'"


async def test_another_kind_comes_with_its_own_fields(world: World) -> None:
    browser = await world.browser()
    answer = await save(browser, FORM, "q1", fragment=True, kind="number", do="redraw")
    assert answer.status_code == 200
    assert 'name="places"' in answer.text
    assert 'name="options.0.code"' not in answer.text
    assert (await form(world)).by_code["q1"].type == "number"


async def test_no_address_breaks_the_database(world: World) -> None:
    browser = await world.browser()
    for address in ("%00", "test/trial?version=99999999999", "test/form.yaml?version=-1"):
        assert (await browser.get(f"/forms/{address}")).status_code == 404, address
    assert (await browser.get("/forms?q=%00")).status_code == 200
    odd = await browser.get("/forms/test?question=%00&section=%00&focus=%00")
    assert odd.status_code == 200


async def test_hostile_texts_stay_text(world: World) -> None:
    browser = await world.browser()
    evil = '<script>alert("x")</script>{{ 7*7 }}'
    await store(world, form_of(question("q1", text=evil, hint=evil), title=evil))
    for address in ("test", "test?question=q1", "test/trial", "test/publish", "test/versions"):
        page = (await browser.get(f"/forms/{address}")).text
        assert "<script>alert" not in page
        assert "49" not in page.replace("Alt", "")[page.find("<main") : page.find("<main") + 400]


async def test_another_clients_form_does_not_exist(world: World) -> None:
    stranger = await world.browser(Role.ADMIN, client_id=world.other_client_id)
    for way in ("", "/publish", "/versions", "/export", "/form.yaml", "/form.xlsx", "/trial"):
        assert (await stranger.get(f"/forms/test{way}")).status_code == 404, way
    mine = await world.browser()
    await save(mine, FORM, "q1", text__en="Hi?")
    edit = undo_of(await mine.get("/forms/test"))
    for way in (
        *("/questions", "/questions/q1", "/questions/q1/move", "/questions/q1/copy"),
        *("/questions/q1/delete", "/sections", "/sections/main", "/sections/main/move"),
        *("/sections/main/delete", "/settings", "/undo", "/publish", "/trial"),
    ):
        fields = {"kind": "text", "edit": edit, "by": "up", "seen": "x"}
        answer = await stranger.post(f"/forms/test{way}", data=fields, headers=SAME_ORIGIN)
        assert answer.status_code == 404, way
    await store_other(world)
    assert (
        await stranger.post("/forms/test/undo", data={"edit": edit}, headers=SAME_ORIGIN)
    ).status_code == 303
    assert (await form(world)).by_code["q1"].text.within("en") == "Hi?"


async def store_other(world: World) -> None:
    """Give the other client a form of the same code, and try to keep a step of ours with it."""
    async with transaction(world.sessions) as session:
        await publishing.save_draft(
            session, FORM, client_id=world.other_client_id, user_id=None, clock=world.clock
        )
    now = await draft(world)
    foreign = FormEdit(
        client_id=world.other_client_id, form_id=now.row.id, position=99, token="x",
        action="form.x", after="", edited_at=world.clock.now(),
    )  # fmt: skip
    with pytest.raises(DBAPIError, match="another client's"):
        async with transaction(world.sessions) as session:
            session.add(foreign)
