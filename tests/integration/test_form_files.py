"""Pictures and recordings of questions: brought by a manager, shown to operators, kept from other clients."""

import base64
from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient, Response
from redis.asyncio import Redis
from sqlmodel import col, select

from campaigns.forms.media import FILE_BYTES
from campaigns.tenancy.models import AuditEntry, Role
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.api_world import World
from tests.integration.form_world import SAME_ORIGIN, form_world, store
from tests.questionnaires import form_of, question

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with form_world(sessions, redis, clock) as made:
        yield made


async def _add(browser: AsyncClient, name: str, content: bytes) -> Response:
    return await browser.post("/form-files", files={"file": (name, content)}, headers=SAME_ORIGIN)


async def test_a_picture_is_brought_shown_and_kept_while_a_form_uses_it(world: World) -> None:
    browser = await world.browser()
    assert "no picture or recording yet" in (await browser.get("/form-files")).text
    added = await _add(browser, "C:\\Pictures\\our shop.PNG", PNG)
    assert (added.status_code, added.headers["location"]) == (303, "/form-files")
    page = (await browser.get("/form-files")).text
    assert 'src="/form-files/our-shop.png"' in page
    assert 'action="/form-files/our-shop.png/remove"' in page
    shown = await browser.get("/form-files/our-shop.png")
    assert (shown.content, shown.headers["content-type"]) == (PNG, "image/png")
    operator = await world.browser(Role.AGENT)
    assert (await operator.get("/desk/interview/files/our-shop.png")).content == PNG
    assert (await operator.get("/form-files")).status_code == 403
    await store(world, form_of(question("look", "prompt", image="our-shop.png")))
    refused = await browser.post("/form-files/our-shop.png/remove", headers=SAME_ORIGIN)
    assert refused.status_code == 409
    assert "take it out of the form first" in refused.text
    assert "/remove" not in refused.text
    await store(world, form_of(question("look", "note")))
    gone = await browser.post("/form-files/our-shop.png/remove", headers=SAME_ORIGIN)
    assert gone.status_code == 303
    assert (await browser.get("/form-files/our-shop.png")).status_code == 404
    async with world.sessions() as session:
        wanted = select(AuditEntry.action).where(col(AuditEntry.action).startswith("form_file."))
        traced = (await session.exec(wanted.order_by(col(AuditEntry.id)))).all()
    assert traced == ["form_file.added", "form_file.removed"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("page.png", b"<html><script>alert(1)</script>", "no picture or recording"),
        ("sound.wav", PNG, "no picture or recording"),
        ("drawing.svg", b"<svg/>", "Name the file"),
        ("../../up.png.exe", PNG, "Name the file"),
        ("картинка.png", PNG, "Name the file"),
        ("large.png", PNG + bytes(FILE_BYTES), "5 MB"),
        ("huge.png", PNG + bytes(FILE_BYTES * 2), "5 MB"),
    ],
)
async def test_what_is_no_picture_is_refused_with_its_reason(
    world: World, name: str, content: bytes, said: str
) -> None:
    browser = await world.browser()
    refused = await _add(browser, name, content)
    assert refused.status_code == 422
    assert said in refused.text
    assert "no picture or recording yet" in (await browser.get("/form-files")).text


async def test_another_client_sees_nothing_of_it(world: World) -> None:
    browser = await world.browser()
    await _add(browser, "ours.png", PNG)
    other = await world.browser(Role.ADMIN, client_id=world.other_client_id)
    assert "ours.png" not in (await other.get("/form-files")).text
    assert (await other.get("/form-files/ours.png")).status_code == 404
    gone = await other.post("/form-files/ours.png/remove", headers=SAME_ORIGIN)
    assert gone.status_code == 422
    assert (await browser.get("/form-files/ours.png")).status_code == 200
