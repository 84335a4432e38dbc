"""A test run: gone through as an operator does, nothing stored, the path told."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient, Response
from redis.asyncio import Redis
from sqlmodel import func, select

from campaigns.forms.models import Interview
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from tests.integration.api_world import World
from tests.integration.form_world import SAME_ORIGIN, form_world, store, value_of
from tests.questionnaires import OPTIONS, form_of, question

FORM = form_of(
    question("intro", "note", text="Hello {{ contact.name }}"),
    question("q1", dont_know=True),
    question("more", "text", show_if="q1 = 'a'", text="Why {{ answers.q1 }}?"),
    question("many", "multiple", options=[*OPTIONS, {"code": "z", "text": "Other", "other": True}]),
    question("rank", "ranking", top=2),
    question("table", "matrix"),
    question("home", "address"),
    question("age", "number", least=18, required=False),
    question("sum", "calculated", expression="age + 1"),
    contact_fields=["name"],
)


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with form_world(sessions, redis, clock) as made:
        await store(made, FORM)
        yield made


class Run:
    """One person's way through the page."""

    def __init__(self, browser: AsyncClient, page: Response) -> None:
        self.browser, self.page = browser, page

    async def give(self, button: str = "next", **answer: str) -> Response:
        """Send the page's form with an answer; ``__`` stands for a dot."""
        fields = {name: value_of(self.page, name) for name in ("state", "seed")}
        if 'name="at"' in self.page.text:
            fields["at"] = value_of(self.page, "at")
        fields |= {"do": button} | {k.replace("__", "."): v for k, v in answer.items()}
        self.page = await self.browser.post("/forms/test/trial", data=fields, headers=SAME_ORIGIN)
        assert self.page.status_code == 200
        return self.page

    @property
    def at(self) -> str:
        """The question that is asked now."""
        return value_of(self.page, "at")


async def test_a_run_to_the_end_tells_what_was_asked_and_what_not(world: World) -> None:
    browser = await world.browser()
    run = Run(browser, await browser.get("/forms/test/trial"))
    assert run.at == "intro"
    await run.give("", contact__name="Anna")
    assert "Hello Anna" in run.page.text
    await run.give(contact__name="Anna")
    refused = await run.give()
    assert "This question needs an answer." in refused.text
    await run.give(answer="b")
    assert run.at == "many", "the condition leaves one out"
    await run.give("back")
    assert run.at == "q1"
    await run.give(answer="a")
    assert "Why A?" in run.page.text
    await run.give(answer="So.")
    await run.give(answer__b="b", answer__z="z", other="words")
    twice = await run.give(answer__a="1", answer__b="1")
    assert "An option is there twice" in twice.text
    await run.give(answer__c="1", answer__a="2")
    await run.give(answer__r1="a", answer__r2="c")
    lacking = await run.give(answer__city="Kyiv")
    assert "A part of the address is missing." in lacking.text
    await run.give(answer__city="Kyiv", answer__street="Main")
    young = await run.give(answer="17")
    assert "At least 18." in young.text
    over = (await run.give(answer="41")).text
    assert "Complete: nothing is left to ask" in over
    for said in ("B, Other: words", "C, A", "Row 1: A; Row 2: C", "42"):
        assert said in over, said
    async with world.sessions() as session:
        assert (await session.exec(select(func.count()).select_from(Interview))).one() == 0


async def test_no_answers_and_the_report_of_what_was_left_out(world: World) -> None:
    browser = await world.browser()
    run = Run(browser, await browser.get("/forms/test/trial"))
    await run.give()
    await run.give("dont_know")
    page = run.page.text
    assert "Does not know" in page
    assert "only if" in page
    assert "<code>q1 = &#39;a&#39;</code>" in page
    await run.give("again")
    assert run.at == "intro"


async def test_a_press_that_comes_twice_and_a_forged_state_do_nothing(world: World) -> None:
    browser = await world.browser()
    run = Run(browser, await browser.get("/forms/test/trial"))
    await run.give()
    first = {name: value_of(run.page, name) for name in ("state", "seed", "at")}
    await run.give(answer="b")
    late = {**first, "state": value_of(run.page, "state"), "do": "next", "answer": "c"}
    again = await browser.post("/forms/test/trial", data=late, headers=SAME_ORIGIN)
    assert value_of(again, "at") == "many"
    for state in (
        "[" * 100_000,
        "{",
        "[1]",
        '{"q1": {"no_answer": "maybe"}}',
        '{"q9": {"value": 1}}',
        '{"q1": 7}',
    ):
        answer = await browser.post("/forms/test/trial", data={"state": state}, headers=SAME_ORIGIN)
        assert answer.status_code == 200, state
        assert value_of(answer, "at") == "intro"


async def test_what_nobody_can_be_asked_is_told(world: World) -> None:
    unreachable = form_of(
        question("q1"),
        question("q2", show_if="q1 = 'a'"),
        question("q3", show_if="answered(q2) and q1 = 'b'"),
    )
    await store(world, unreachable)
    page = (await (await world.browser()).get("/forms/test/trial")).text
    assert "Nobody can ever be asked these" in page
    assert '<a href="/forms/test?question=q3">' in page


async def test_a_published_version_can_be_run_in_its_languages(world: World) -> None:
    spoken = form_of(question("q1", text={"en": "Hello?", "uk": "Вітаю?"}), languages=["en", "uk"])
    await store(world, spoken, publish=True)
    await store(world, FORM)
    browser = await world.browser()
    page = await browser.post(
        "/forms/test/trial?version=1", data={"language": "uk"}, headers=SAME_ORIGIN
    )
    assert "Вітаю?" in page.text
    assert "Version 1" in page.text
    assert (await browser.get("/forms/test/trial?version=9")).status_code == 404
