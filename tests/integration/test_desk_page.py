"""The operator's desk: a shift begins and ends, breaks have reasons, the card shows what may be seen."""

import re
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from sqlmodel import col, select

from campaigns.commands import command_stream
from campaigns.desk.models import ContactEdit
from campaigns.lists.models import Contact
from campaigns.models import Campaign
from campaigns.states import CampaignState
from campaigns.tenancy.models import AuditEntry, Role
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from tests.integration.desk_world import DeskWorld, desk_world, minutes

S = AgentState


@pytest.fixture
async def desk(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> AsyncIterator[DeskWorld]:
    async with desk_world(sessions, redis, clock) as made:
        yield made


async def test_agents_land_on_their_desk(desk: DeskWorld) -> None:
    assert (await desk.browser.get("/")).headers["location"] == "/desk"
    page = (await desk.get()).text
    assert "Begin a shift" in page
    assert "Survey" in page


async def test_a_shift_begins_once_and_the_runner_is_told(desk: DeskWorld) -> None:
    first = await desk.begin()
    again = await desk.post("/shift", pieces=False, campaign=str(desk.campaign_id))
    assert again.status_code == 303
    assert await desk.begin() == first
    assert await desk.world.redis.xlen(command_stream(desk.campaign_id)) == 1
    page = (await desk.get()).text
    assert "Connecting the telephone" in page
    assert 'sse-connect="/desk/stream"' in page


async def test_a_shift_needs_a_campaign_and_weights_that_are_numbers(desk: DeskWorld) -> None:
    nothing = await desk.post("/shift", pieces=False)
    assert nothing.status_code == 400
    assert "Name at least one campaign." in nothing.text
    campaign = str(desk.campaign_id)
    wrong = await desk.send("/shift", {"campaign": campaign, f"weight.{campaign}": "much"})
    assert "A weight is a number" in wrong.text


async def test_only_running_campaigns_of_the_own_client_are_offered(desk: DeskWorld) -> None:
    async with transaction(desk.world.sessions) as session:
        others = Campaign(
            client_id=desk.world.other_client_id,
            name="Not yours",
            state=CampaignState.RUNNING,
            created_at=desk.clock.now(),
        )
        session.add(others)
    await desk.world.campaign(await desk.world.api(), name="Only a draft")
    page = (await desk.get()).text
    assert "Not yours" not in page
    assert "Only a draft" not in page
    answer = await desk.post("/shift", pieces=False, campaign=str(others.id))
    assert answer.status_code == 400


async def test_somebody_who_is_no_agent_is_told_whom_to_ask(desk: DeskWorld) -> None:
    boss = await desk.world.browser(Role.SUPERVISOR)
    assert "ask a manager to make you an operator" in (await boss.get("/desk")).text
    assert (await (await desk.world.browser(Role.CLIENT)).get("/desk")).status_code == 403


async def test_a_break_has_a_reason_of_the_campaign(desk: DeskWorld) -> None:
    await desk.begin()
    await desk.be(S.READY)
    await desk.settings(desk={"pauses": ["lunch", "own_thing"]})
    for wrong in ("", "holiday"):
        assert "Choose a reason for the break." in (await desk.post("/pause", reason=wrong)).text
    answer = await desk.post("/pause", reason="lunch")
    assert "Then a break: Lunch" in answer.text
    assert 'hx-swap-oob="innerHTML"' in answer.text
    shift = await desk.shift()
    assert (shift.wants, shift.pause_code) == (S.PAUSED, "lunch")
    desk.clock.advance(5)
    await desk.be(S.PAUSED, pause_code="lunch")
    page = (await desk.get()).text
    assert "On a break" in page
    assert "own_thing" in page
    await desk.post("/ready")
    assert (await desk.shift()).wants is S.READY


async def test_signing_out_waits_for_the_call(desk: DeskWorld) -> None:
    await desk.begin()
    await desk.talk()
    answer = await desk.post("/sign-out")
    assert "Your shift ends after this." in answer.text
    shift = await desk.shift()
    assert (shift.wants, shift.ended_at) == (S.OFFLINE, None)


async def test_a_shift_that_nobody_has_taken_up_ends_at_once(desk: DeskWorld) -> None:
    await desk.begin()
    async with transaction(desk.world.sessions) as session:
        campaign = await session.get_one(Campaign, desk.campaign_id)
        campaign.state = CampaignState.STOPPED
    answer = await desk.post("/sign-out")
    assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/desk")
    assert (await desk.shift()).ended_at == desk.clock.now()


async def test_a_shift_that_is_over_leads_to_a_new_one(desk: DeskWorld) -> None:
    for path in ("/ready", "/sign-out"):
        answer = await desk.post(path)
        assert (answer.status_code, answer.headers["hx-redirect"]) == (204, "/desk")
    assert (await desk.post("/ready", pieces=False)).headers["location"] == "/desk"


async def test_timers_tell_the_servers_instants(desk: DeskWorld) -> None:
    await desk.begin()
    attempt = await desk.talk()
    desk.clock.advance(10)
    entry = await desk.be(S.WRAP_UP, attempt.id)
    desk.clock.advance(12)
    page = (await desk.get()).text
    assert f'data-since="{entry.started_at.isoformat()}"' in page
    assert f'data-now="{desk.clock.now().isoformat()}"' in page
    ends = (entry.started_at + minutes(0.5)).isoformat()
    assert f'data-until="{ends}"' in page
    assert re.search(r'data-since="[^"]+">0:12<', page)
    assert re.search(r'data-until="[^"]+">0:18<', page)


async def test_an_agent_sees_no_whole_number_anywhere(desk: DeskWorld) -> None:
    await desk.begin()
    lead = await desk.lead(fields={"City": "Kazan", "Note": "call 8 (943) 000-00-01 too"})
    attempt = await desk.talk(lead)
    page = await desk.get()
    assert "Anna Petrova" in page.text
    assert "+79…01" in page.text
    for digits in ("9430000001", "000-00-01"):
        assert digits not in page.text.replace(str(attempt.id), "")
    calls = await desk.get("/calls")
    assert "9430000001" not in calls.text


async def test_a_supervisor_at_the_desk_sees_numbers(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> None:
    async with desk_world(sessions, redis, clock, Role.SUPERVISOR) as desk:
        await desk.begin()
        await desk.talk()
        assert "+79430000001" in (await desk.get()).text


async def test_fields_are_hidden_locked_or_corrected_as_the_campaign_says(desk: DeskWorld) -> None:
    await desk.settings(
        desk={"fields": {"City": "editable", "Plan": "hidden", "Phone": "editable"}}
    )
    await desk.begin()
    attempt = await desk.talk()
    page = (await desk.get()).text
    assert 'name="field:City" value="Kazan"' in page
    assert "Basic" not in page
    assert 'name="field:Phone"' not in page, "what is masked cannot be corrected"
    saved = await desk.send(f"/calls/{attempt.id}/fields", {"field:City": " Ufa "})
    assert "The changes are saved." in saved.text
    for locked in ("Plan", "Color"):
        answer = await desk.send(f"/calls/{attempt.id}/fields", {f"field:{locked}": "x"})
        assert "This field cannot be changed here." in answer.text
    async with desk.world.sessions() as session:
        contact = await session.get_one(Contact, attempt.contact_id)
        (edit,) = await session.exec(select(ContactEdit))
        entry = (
            await session.exec(
                select(AuditEntry).where(col(AuditEntry.action) == "contact.fields_changed")
            )
        ).one()
    assert contact.fields["City"] == "Ufa"
    assert contact.fields["Plan"] == "Basic"
    assert (edit.field, edit.before, edit.after, edit.edited_by) == (
        *("City", "Kazan", "Ufa"),
        desk.user.id,
    )
    assert entry.facts == {"fields": ["City"], "attempt_id": str(attempt.id)}


async def test_the_card_tells_earlier_calls_notes_and_promises(desk: DeskWorld) -> None:
    await desk.begin()
    lead = await desk.lead()
    first = await desk.talk(lead)
    await desk.post(f"/calls/{first.id}/note", note="Likes tea <b>")
    await desk.post(f"/calls/{first.id}/disposition", code="callback_later", note="Likes tea <b>")
    desk.clock.advance(3600)
    async with transaction(desk.world.sessions) as session:
        row = await session.merge(first)
        row.ended_at, row.outcome = desk.clock.now(), CallOutcome.CONNECTED
    await desk.talk(lead, number_in_lead=2)
    page = (await desk.get()).text
    assert "Earlier calls" in page
    assert "Call back later" in page
    assert "Likes tea &lt;b&gt;" in page
    assert "attempt 2" in page


async def test_somebody_elses_call_is_not_ones_own(desk: DeskWorld) -> None:
    await desk.begin()
    attempt = await desk.talk(agent_session_id=None)
    await desk.be(S.READY)
    for path in ("disposition", "note", "fields", "do-not-call"):
        answer = await desk.post(f"/calls/{attempt.id}/{path}", code="sale", note="x")
        assert answer.status_code == 403 or "their own calls only" in answer.text
    for path in ("", "/callback", "/answers"):
        assert (await desk.get(f"/calls/{attempt.id}{path}")).status_code == 403
        assert (await desk.get(f"/calls/{new_id()}{path}")).status_code == 404
    assert (await desk.stored(attempt)).disposition is None


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("ru", "«Больше не звоните»"),
        ("uk", "«Більше не дзвоніть»"),
        ("en", "Do not call me again"),
    ],
)
async def test_the_desk_speaks_three_languages(desk: DeskWorld, language: str, word: str) -> None:
    await desk.begin()
    await desk.talk()
    page = await desk.browser.get("/desk", headers={"Accept-Language": language})
    assert page.headers["content-language"] == language
    assert word in page.text
