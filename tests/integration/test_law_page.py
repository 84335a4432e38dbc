"""The law's page: rules with their sources, "may I call?", do-not-call lists, exemptions."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis
from sqlmodel import select

from api.zones import ZONE_COOKIE
from campaigns.commands import CommandName
from campaigns.tenancy.models import Role, User
from compliance.models import DncList, EmergencySwitch, RuleExemption, Suppression
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import BASE_URL, World, api_world

SAME_ORIGIN = {"Origin": BASE_URL}
HTMX = {"HX-Request": "true"}
NEW_YORK = "+1 212 555 0123"


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


async def _ask(browser: AsyncClient, **fields: str) -> str:
    given = {"number": NEW_YORK, "purpose": "sales", "channel": "human", **fields}
    answer = await browser.post("/law/check", data=given, headers={**SAME_ORIGIN, **HTMX})
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_a_rule_says_what_it_asks_its_source_and_how_well_it_is_founded(
    world: World,
) -> None:
    browser = await world.browser(Role.SUPERVISOR)
    page = (await browser.get("/law?rule=us-fed-window")).text
    assert page.count('<li id="rule-') == 1
    assert "Calls only Mon–Sun 08:00–21:00" in page
    assert "16 CFR 310.4(c)" in page
    assert "Source read" in page
    assert 'rel="noopener noreferrer"' in page
    assert "Not checked: ask counsel" in (await browser.get("/law?rule=ru-pd")).text
    bill = (await browser.get("/law?rule=ru-robot-disclosure-bill")).text
    assert "A bill: not in force" in bill


async def test_filters_narrow_by_place_purpose_and_kind(world: World) -> None:
    browser = await world.browser()

    async def count(query: str) -> int:
        return (await browser.get(f"/law{query}")).text.count('<li id="rule-')

    everything = await count("")
    assert everything == len(world.app.state.services.law.book.rules)
    country = await count("?country=US")
    state = await count("?country=US-FL")
    assert everything > country > state > await count("?country=US-FL&kind=window") >= 1
    assert 0 < await count("?country=US&purpose=debt") < country
    assert await count("?kind=nonsense&purpose=nonsense") == everything
    none = (await browser.get("/law?country=XX")).text
    assert "That is no permission" in none


async def test_may_i_call_says_why_not_and_when_on_the_viewers_clock(world: World) -> None:
    browser = await world.browser()
    browser.cookies.set(ZONE_COOKIE, "Europe/Kyiv")
    early = await _ask(browser, at="2026-11-23T14:30", region="US-NY", consent="true")
    assert "No, not now." in early  # 07:30 in New York
    assert "Outside of the calling hours" in early
    assert 'title="2026-11-23 13:00 UTC">Mon 23 Nov, 15:00' in early
    assert "America/New_York" in early
    assert "Mon 23 Nov, 08:00" in early
    assert 'href="/law?rule=us-fed-window#rules"' in early
    later = await _ask(browser, at="2026-11-23T15:30", region="US-NY", consent="true")
    assert "Yes, the law allows this call." in later
    assert "the client has not suppressed the number" in later


async def test_may_i_call_says_what_it_does_not_understand(world: World) -> None:
    browser = await world.browser()
    assert "needs its country code" in await _ask(browser, number="212 555 0123")
    assert "not a phone number" in await _ask(browser, number="+1 212")
    assert "Write the instant as" in await _ask(browser, at="tomorrow")
    assert "so it was left out" in await _ask(browser, region="Narnia")
    whole = await browser.post(
        "/law/check", data={"number": "<b>1</b>", "purpose": "sales"}, headers=SAME_ORIGIN
    )
    assert whole.status_code == 422
    assert "<html" in whole.text
    assert "<b>1</b>" not in whole.text
    assert "&lt;b&gt;1" in whole.text


async def test_a_number_goes_on_the_list_and_its_ringing_call_is_cancelled(world: World) -> None:
    campaign_id = await world.campaign(await world.api())
    lead = await world.lead(campaign_id, row=1)
    attempt = await world.attempt(lead, 1)
    sent = world.redis.pubsub()
    browser = await world.browser(Role.SUPERVISOR)
    form = {"number": "+7 943 000-00-01", "reason": "asked by letter"}
    done = await browser.post("/law/suppressions", data=form, headers=SAME_ORIGIN)
    assert "The number is on your do-not-call list." in done.text
    assert "The call that rings there is cancelled." in done.text
    again = await browser.post("/law/suppressions", data=form, headers=SAME_ORIGIN)
    assert "already" in again.text
    await sent.aclose()  # type: ignore[no-untyped-call]
    async with world.sessions() as session:
        row = (await session.exec(select(Suppression))).one()
    assert (row.e164, row.reason, row.source) == ("+79430000001", "asked by letter", "page")
    assert row.client_id == world.client_id
    assert await _told(world, campaign_id, attempt.id)


async def _told(world: World, campaign_id: UUID, attempt_id: UUID) -> bool:
    keys = [key async for key in world.redis.scan_iter(match=f"*{campaign_id}*")]
    for key in keys:
        if await world.redis.type(key) == b"stream":
            entries = str(await world.redis.xrange(key))
            if CommandName.CANCEL_CALL.value in entries and str(attempt_id) in entries:
                return True
    return False


async def test_a_number_that_is_none_is_shown_again(world: World) -> None:
    browser = await world.browser()
    answer = await browser.post(
        "/law/suppressions", data={"number": "+7 (943)"}, headers=SAME_ORIGIN
    )
    assert answer.status_code == 422
    assert "not a phone number" in answer.text
    assert 'value="+7 (943)"' in answer.text


async def test_readers_may_look_but_only_steerers_suppress(world: World) -> None:
    reader = await world.browser(Role.CLIENT)
    assert (await reader.get("/law")).status_code == 403
    form = {"number": "+79430000001"}
    refused = await reader.post("/law/suppressions", data=form, headers=SAME_ORIGIN)
    assert refused.status_code == 403
    assert (await (await world.browser(Role.AGENT)).get("/law")).status_code == 403
    away = await world.anonymous().get("/law")
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in")


async def test_forms_of_another_site_do_nothing(world: World) -> None:
    browser = await world.browser()
    for headers in ({}, {"Origin": "https://evil.test"}, {"Origin": "null"}):
        for path in ("/law/check", "/law/suppressions"):
            answer = await browser.post(path, data={"number": "+79430000001"}, headers=headers)
            assert answer.status_code == 403
    async with world.sessions() as session:
        assert (await session.exec(select(Suppression))).all() == []


async def test_lists_show_their_age_and_whether_they_may_be_used(world: World) -> None:
    now = world.clock.now()
    async with transaction(world.sessions) as session:
        for code, days, owner in (
            ("US-NATIONAL", 40, None),
            ("GB-TPS", 3, None),
            ("MY-OWN", 900, world.client_id),
            ("THEIRS", 1, world.other_client_id),
        ):
            session.add(
                DncList(
                    client_id=owner,
                    code=code,
                    file_name="x",
                    sha256="0" * 64,
                    numbers=246_000_000,
                    obtained_at=now - timedelta(days=days),
                    loaded_at=now,
                )
            )
    page = (await (await world.browser()).get("/law")).text
    assert "246,000,000" in page
    assert "40.0 days" in page
    assert page.count("too old: load it anew") == 1  # the law lets it be 31 days old
    assert "yours alone" in page
    assert "THEIRS" not in page


async def test_exemptions_and_emergencies_are_shown_to_the_client_they_are_of(
    world: World,
) -> None:
    await world.token(Role.MANAGER)
    await world.token(Role.ADMIN)
    now = world.clock.now()
    async with transaction(world.sessions) as session:
        first, second = (await session.exec(select(User).order_by(User.login))).all()
        session.add(
            RuleExemption(
                client_id=world.client_id,
                rule_id="ru-consent",
                reason="<script>counsel</script> agreed",
                proposed_by=first.id,
                proposed_at=now,
                approved_by=second.id,
                approved_at=now,
            )
        )
        session.add(
            EmergencySwitch(
                switch="us-ny-emergency", is_on=True, reason="Snow storm", changed_at=now
            )
        )
    page = (await (await world.browser()).get("/law?rule=ru-consent")).text
    assert "&lt;script&gt;counsel" in page
    assert "Switched off for you" in page
    assert "approved by user-2" in page
    assert "Declared: no calls" in page
    assert "Snow storm" in page
    other = await world.browser(Role.MANAGER, client_id=world.other_client_id)
    theirs = (await other.get("/law?rule=ru-consent")).text
    assert "Switched off for you" not in theirs
    assert "counsel" not in theirs


@pytest.mark.parametrize(
    ("language", "sentence", "country"),
    [
        ("ru", "Звонить только: пн–вс 08:00–21:00", "Соединенные Штаты"),
        ("uk", "Дзвонити лише: пн–нд 08:00–21:00", "Сполучені Штати"),
    ],
)
async def test_rules_speak_the_readers_language(
    world: World, language: str, sentence: str, country: str
) -> None:
    page = (await (await world.browser()).get(f"/law?rule=us-fed-window&lang={language}")).text
    assert sentence in page
    assert country in page
    assert " style=" not in page
