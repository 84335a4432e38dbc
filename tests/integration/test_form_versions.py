"""Publishing with its list of changes, versions and what differs, files out and in, the list."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from httpx import AsyncClient, Response
from redis.asyncio import Redis

from campaigns.forms.editing.fingerprints import fingerprint
from campaigns.forms.files.xlsform_reading import read_xlsform
from campaigns.forms.files.xlsform_writing import write_xlsform
from campaigns.forms.files.yaml_reading import read_yaml
from campaigns.forms.files.yaml_writing import write_yaml
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.api_world import World
from tests.integration.form_world import (
    FORM,
    SAME_ORIGIN,
    actions,
    draft,
    form,
    form_world,
    press,
    save,
    store,
    undo_of,
    value_of,
)
from tests.questionnaires import form_of, question


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with form_world(sessions, redis, clock) as made:
        yield made


async def upload(browser: AsyncClient, content: bytes | str, name: str = "form.yaml") -> Response:
    """Send the form of the import."""
    sent = content.encode() if isinstance(content, str) else content
    return await browser.post("/forms/import", files={"file": (name, sent)}, headers=SAME_ORIGIN)


async def test_a_draft_is_published_as_it_was_seen(world: World) -> None:
    browser = await world.browser()
    page = await browser.get("/forms/test/publish")
    assert "The first version" in page.text
    seen = value_of(page, "seen")
    await save(browser, FORM, "q1", text__en="Hi?")
    late = await press(browser, "test/publish", seen=seen)
    assert late.status_code == 409
    assert "changed since you looked" in late.text
    done = await press(browser, "test/publish", seen=value_of(late, "seen"))
    assert done.headers["location"] == "/forms/test/versions?new=1"
    again = await press(browser, "test/publish", seen=seen)
    assert again.headers["location"] == "/forms/test/versions"
    assert (await draft(world)).version.number == 1
    assert await actions(world) == ["form.question_changed", "form.published"]
    assert "nothing to publish" in (await browser.get("/forms/test/publish")).text


async def test_a_form_with_faults_says_where_and_is_not_published(world: World) -> None:
    browser = await world.browser()
    await store(world, form_of(question("q1", show_if="q9 = 'a'")))
    page = await browser.get("/forms/test/publish?lang=uk")
    assert "Відповіді q9 немає." in page.text
    assert 'href="/forms/test?question=q1' in page.text
    assert "Опублікувати версію" not in page.text.split("<form")[-1]
    seen = fingerprint(await form(world))
    refused = await press(browser, "test/publish", seen=seen)
    assert refused.status_code == 409
    assert (await draft(world)).is_published is False


async def test_changes_are_told_with_words_before_and_after(world: World) -> None:
    await store(world, FORM, publish=True)
    browser = await world.browser()
    await save(browser, FORM, "q1", text__en="Hi there?")
    await press(browser, "test/questions/q3/delete")
    await press(browser, "test/questions", kind="nps")
    page = (await browser.get("/forms/test/publish")).text
    for shown in ("Changes since version 1", "Hello?", "Hi there?", "question taken out"):
        assert shown in page
    versions = (await browser.get("/forms/test/versions?old=1&new=2")).text
    for shown in ("Version 2", "new question", "other words", "Interviews: 0"):
        assert shown in versions
    assert "Nothing differs." in (await browser.get("/forms/test/versions?old=1&new=1")).text


async def test_files_come_out_as_they_went_in(world: World) -> None:
    browser = await world.browser()
    text = await browser.get("/forms/test/form.yaml")
    assert text.headers["content-disposition"] == 'attachment; filename="test-1.yaml"'
    assert read_yaml(text.text) == FORM
    book = await browser.get("/forms/test/form.xlsx?version=1")
    assert read_xlsform(book.content).by_code.keys() == FORM.by_code.keys()
    page = (await browser.get("/forms/test/export")).text
    assert "The title in other languages than the first." in page
    assert (await browser.get("/forms/test/form.yaml?version=7")).status_code == 404
    await store(world, form_of(question("q1", screen_out_if="q1 = 'a'")))
    barred = (await browser.get("/forms/test/export?lang=ru")).text
    assert "XLSForm не умеет отсеивать." in barred
    assert (await browser.get("/forms/test/form.xlsx")).status_code == 422


async def test_a_file_becomes_a_draft_and_can_be_undone(world: World) -> None:
    browser = await world.browser()
    other = form_of(question("q1"), question("new"))
    answer = await upload(browser, write_yaml(other))
    assert answer.headers["location"] == "/forms/test"
    assert await form(world) == other
    page = await browser.get("/forms/test")
    assert "Form imported from a file" in page.text
    await press(browser, "test/undo", edit=undo_of(page))
    assert await form(world) == FORM
    fresh = other.model_copy(update={"code": "fresh"})
    assert (await upload(browser, write_xlsform(fresh).content, "f.XLSX")).status_code == 303
    assert (await form(world, "fresh")).by_code.keys() == other.by_code.keys()
    assert (await actions(world))[-2:] == ["form.created", "form.draft_saved"]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("code: a\nb: c\ncode: d", "f.yaml", ("строка 3", "code встречается дважды.")),
        ("", "f.yaml", ("Файл пуст.",)),
        ("x", "f.xlsx", ("не читается как анкета",)),
        ("code: a\nsections: [{code: '1'}]", "f.yml", ("строка 2",)),
    ],
)
async def test_a_file_that_is_no_form_is_told_line_by_line(
    world: World, content: str, name: str, said: tuple[str, ...]
) -> None:
    browser = await world.browser()
    await browser.get("/forms?lang=ru")
    answer = await upload(browser, content, name)
    assert answer.status_code == 422
    for sentence in said:
        assert sentence in answer.text
    assert await form(world) == FORM


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(world: World) -> None:
    browser = await world.browser()
    headers = {**SAME_ORIGIN, "Content-Length": str(1 << 30), "Content-Type": "multipart/form-data"}
    answer = await browser.post("/forms/import", content=b"", headers=headers)
    assert answer.status_code == 422
    assert "may have 10 MB" in answer.text


async def test_the_list_tells_versions_and_finds(world: World) -> None:
    browser = await world.browser()
    page = (await browser.get("/forms?lang=uk")).text
    assert "Настрій" in page
    assert "Чернетка 1" in page
    assert "Опитувань: 0" in page
    await store(world, FORM, publish=True)
    assert "Версія 1" in (await browser.get("/forms")).text
    for wanted, is_found in (("НАСТР", True), ("tes", True), ("zzz", False), ("<b>", False)):
        found = (await browser.get("/forms", params={"q": wanted})).text
        assert ('href="/forms/test"' in found) is is_found, wanted
    other = await world.browser(client_id=world.other_client_id)
    empty = (await other.get("/forms?lang=en")).text
    assert "There are no forms yet." in empty
    assert 'action="/forms/import"' in empty


async def test_a_new_form_has_a_code_of_its_own(world: World) -> None:
    browser = await world.browser()
    made = await press(browser, "", name="Customers", language="en", region="")
    assert made.headers["location"] == "/forms/customers?focus=palette"
    twice = await press(browser, "", name="Customers", language="en", region="")
    assert twice.status_code == 409
    assert "There is a form with this code already." in twice.text
    assert 'value="Customers"' in twice.text
    for wrong in ({"code": "1x"}, {"language": "<b>"}, {"region": "russia"}):
        given: dict[str, Any] = {"name": "Other", "language": "en", "region": "", **wrong}
        assert (await press(browser, "", **given)).status_code == 422, wrong
