"""What reaches the desk too late, twice at once, or from no calendar: nothing comes back, nothing breaks."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlmodel import col, select, update

from campaigns.desk.models import AttemptNote
from campaigns.leads import callbacks, dispositions
from campaigns.leads.callbacks import CallbackRequest
from campaigns.leads.models import Attempt, Lead
from campaigns.leads.typed import lead_of_number
from campaigns.lists.models import Contact, ContactList, Phone
from campaigns.states import LeadState
from compliance.models import Suppression
from dialer.agent.states import AgentState
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.errors import NotFound
from tests.integration.desk_world import DeskWorld, desk_world


@pytest.fixture
async def desk(
    sessions: SessionFactory, redis: Redis, clock: FrozenClock
) -> AsyncIterator[DeskWorld]:
    async with desk_world(sessions, redis, clock) as made:
        await made.begin()
        yield made


async def _erased(desk: DeskWorld) -> tuple[Attempt, Lead]:
    """Have a talk without a result, whose person is erased afterwards."""
    lead = await desk.lead()
    attempt = await desk.talk(lead)
    async with transaction(desk.world.sessions) as session:
        whose, this = col(Contact.id) == lead.contact_id, col(Lead.id) == lead.id
        await session.execute(update(Contact).where(whose).values(erased_at=desk.clock.now()))
        done = {"state": LeadState.DONE, "result": "erased", "e164": "", "next_attempt_at": None}
        await session.execute(update(Lead).where(this).values(**done))
        over = update(Attempt).where(col(Attempt.id) == attempt.id)
        await session.execute(over.values(ended_at=desk.clock.now(), outcome=CallOutcome.CONNECTED))
    await desk.be(AgentState.READY)
    return attempt, lead


async def _notes(desk: DeskWorld) -> list[str]:
    async with desk.world.sessions() as session:
        return list(await session.exec(select(AttemptNote.text)))


async def test_a_late_result_brings_no_erased_person_back(desk: DeskWorld) -> None:
    attempt, lead = await _erased(desk)
    said = await desk.post(
        f"/calls/{attempt.id}/disposition", code="callback_later", note="Anna, 5 pm"
    )
    assert "data were erased" in said.text
    said = await desk.post(f"/calls/{attempt.id}/do-not-call")
    assert "data were erased" in said.text
    assert (await desk.stored(attempt)).disposition is None
    async with desk.world.sessions() as session:
        stored = await session.get_one(Lead, lead.id)
    assert (stored.state, stored.result) == (LeadState.DONE, "erased")
    assert not await _notes(desk)


async def test_a_late_note_about_an_erased_person_is_not_kept(desk: DeskWorld) -> None:
    attempt, _ = await _erased(desk)
    answer = await desk.post(f"/calls/{attempt.id}/note", note="Anna gave +7 943 000-00-01")
    assert answer.status_code == 204
    assert not await _notes(desk)


async def test_nobody_promises_to_call_an_erased_person(desk: DeskWorld) -> None:
    _, lead = await _erased(desk)
    later = CallbackRequest(desk.clock.now() + timedelta(hours=1), lambda _, at: at, "UTC")
    with pytest.raises(NotFound):
        async with transaction(desk.world.sessions) as session:
            await callbacks.promise(
                session,
                lead.id,
                later,
                client_id=desk.world.client_id,
                user_id=None,
                clock=desk.clock,
            )


async def test_a_draft_that_was_under_way_does_not_replace_the_results_note(
    desk: DeskWorld,
) -> None:
    attempt = await desk.talk()
    async with transaction(desk.world.sessions) as session:
        await dispositions.record(
            session,
            attempt.id,
            "sale",
            client_id=attempt.client_id,
            clock=desk.clock,
            note="wants two, in blue",
        )
        draft = asyncio.create_task(desk.post(f"/calls/{attempt.id}/note", note="wants tw"))
        await _see_waiting(desk)
    assert (await draft).status_code == 204
    assert await _notes(desk) == ["wants two, in blue"]


async def _see_waiting(desk: DeskWorld) -> None:
    """Wait until somebody waits for a row."""
    waits = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    async with asyncio.timeout(10):
        while True:
            async with desk.world.sessions() as session:
                if (await session.execute(waits)).scalar_one():
                    return
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:00-12:00"])
async def test_a_time_that_no_clock_shows_is_refused_in_words(desk: DeskWorld, at: str) -> None:
    attempt = await desk.talk()
    answer = await desk.post(f"/calls/{attempt.id}/disposition", code="sale", callback_at=at)
    assert (answer.status_code, "There is no such time." in answer.text) == (200, True)
    for path in ("callback", "", "callback?clock=Asia/Omsk"):
        joined = "&" if "?" in path else "?"
        shown = await desk.get(
            f"/calls/{attempt.id}/{path}".rstrip("/")
            + f"{joined}calendar=1&at={at.replace('+', '%2B')}"
        )
        assert shown.status_code == 200, path


async def test_do_not_call_bars_the_number_that_was_called_though_the_contact_has_another_now(
    desk: DeskWorld,
) -> None:
    attempt = await desk.talk()
    await desk.post(f"/calls/{attempt.id}/disposition", code="sale")
    async with transaction(desk.world.sessions) as session:
        whose = col(Phone.contact_id) == attempt.contact_id
        await session.execute(update(Phone).where(whose).values(e164="+79430000099"))
    await desk.post(f"/calls/{attempt.id}/do-not-call")
    async with desk.world.sessions() as session:
        numbers = set(await session.exec(select(Suppression.e164)))
    assert numbers == {attempt.e164, "+79430000099"}


@pytest.mark.parametrize(
    ("wants", "said"),
    [("requires_note", "needs a note"), ("requires_callback", "needs a callback")],
)
async def test_do_not_call_is_one_key_whatever_the_result_wants(
    desk: DeskWorld, wants: str, said: str
) -> None:
    await desk.codes("do_not_call", **{wants: True})
    attempt = await desk.talk()
    answer = await desk.post(f"/calls/{attempt.id}/do-not-call")
    assert "is not called again" in answer.text
    assert said in answer.text
    async with desk.world.sessions() as session:
        numbers = list(await session.exec(select(Suppression.e164)))
    assert numbers == [attempt.e164]
    assert (await desk.stored(attempt)).disposition is None


async def test_a_correction_undoes_nothing_that_was_written_since_the_page_was_drawn(
    desk: DeskWorld,
) -> None:
    await desk.settings(desk={"other_fields": "editable"})
    attempt = await desk.talk()
    shown = (await desk.get(f"/calls/{attempt.id}")).text
    assert 'name="was:City" value="Kazan"' in shown
    path, was = f"/calls/{attempt.id}/fields", {"was:City": "Kazan", "was:Plan": "Basic"}
    await desk.send(path, {"field:City": "Omsk"})  # another window, or an import
    said = await desk.send(path, {"field:City": "Kazan", "field:Plan": "Best", **was})
    async with desk.world.sessions() as session:
        contact = await session.get_one(Contact, attempt.contact_id)
    assert (contact.fields["City"], contact.fields["Plan"]) == ("Omsk", "Best")
    # What the page shows now is what the next correction is compared with.
    assert 'id="columns-seen" hidden hx-swap-oob="true"' in said.text
    assert 'name="was:Plan" value="Best"' in said.text
    await desk.send(path, {"field:Plan": "Basic", "was:Plan": "Best"})
    async with desk.world.sessions() as session:
        contact = await session.get_one(Contact, attempt.contact_id)
    assert contact.fields["Plan"] == "Basic"


async def test_a_number_that_two_agents_type_at_once_is_one_contact(desk: DeskWorld) -> None:
    async def typed() -> object:
        async with transaction(desk.world.sessions) as session:
            return await lead_of_number(
                session,
                desk.campaign_id,
                "+74957770011",
                client_id=desk.world.client_id,
                clock=desk.clock,
            )

    found = await asyncio.gather(*(typed() for _ in range(4)))
    assert len(set(found)) == 1
    async with desk.world.sessions() as session:
        phones = select(Phone.contact_id).where(col(Phone.e164) == "+74957770011")
        assert len((await session.exec(phones)).all()) == 1
        listed = select(ContactList.rows_in).where(col(ContactList.name).startswith("Typed"))
        assert (await session.exec(listed)).all() == [1]
