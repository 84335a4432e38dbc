"""Events are written with the change they tell of, and read in one order for ever."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from campaigns.events import retention
from campaigns.events.errors import CursorAhead, EventsGone
from campaigns.events.kinds import EventKind
from campaigns.events.reading import cursor_at, read_after, span_of
from campaigns.events.telling import tell
from dialer.clock import FrozenClock
from dialer.db import SessionFactory
from dialer.ids import new_id
from tests.events_world import BEGIN, Happening


@pytest.fixture
async def world(sessions: SessionFactory, clock: FrozenClock) -> Happening:
    return await Happening.begin(sessions, clock)


async def _told(world: Happening, after: int = 0, *, with_numbers: bool = False) -> list[dict]:  # type: ignore[type-arg]
    events = await world.events(after)
    async with world.sessions() as session:
        return await tell(
            session, world.made.client_id, events, with_numbers=with_numbers, with_names=True
        )


async def test_an_attempts_life_is_told_once_and_in_order(world: Happening) -> None:
    ids = await world.call(world.made.lead_ids[:2])
    await world.end(ids)
    await world.end(ids)  # told twice by two owners: stored once
    await world.dispose(ids[:1], "sale")
    await world.dispose(ids[:1], "sale")
    await world.dispose(ids[:1], "refused")
    assert await world.kinds() == [
        *["attempt.begun"] * 2,
        *["attempt.ended"] * 2,
        "result.saved",
        "result.corrected",
    ]
    events = await world.events()
    assert [event.position for event in events] == [1, 2, 3, 4, 5, 6]
    last = (await _told(world))[-1]
    assert last["type"] == "result.corrected"
    assert last["data"]["disposition"] == "refused"
    assert last["data"]["before"] == "sale"
    assert last["data"]["attempt_id"] == str(ids[0])
    assert last["campaign_id"] == str(world.made.id)


async def test_what_is_rolled_back_never_happened(world: Happening) -> None:
    async with world.sessions() as session:
        facts = {"ids": [new_id()], "leads": [world.made.lead_ids[0]], "now": world.clock.now()}
        await session.execute(text(BEGIN), facts)
        await session.rollback()
    assert await world.kinds() == []
    assert await world.place() == 0


async def test_numbers_are_masked_unless_they_are_wanted_and_gone_with_the_person(
    world: Happening,
) -> None:
    ids = await world.call(world.made.lead_ids[:1])
    [masked] = await _told(world)
    [whole] = await _told(world, with_numbers=True)
    assert whole["data"]["phone"] == "+74952000000"
    assert masked["data"]["phone"].endswith("00")
    assert "2000" not in masked["data"]["phone"]
    await world.run("UPDATE attempt SET e164 = 'erased:1' WHERE id = :id", id=ids[0])
    [erased] = await _told(world, with_numbers=True)
    assert erased["data"]["phone"] is None


async def test_callbacks_opt_outs_imports_states_and_forms_are_told(world: Happening) -> None:
    made, now = world.made, world.clock.now()
    own = {"client": made.client_id, "campaign": made.id, "now": now}
    callback, suppression, imported = new_id(), new_id(), new_id()
    await world.run(
        "INSERT INTO callback (id, client_id, campaign_id, lead_id, state, promised_at, zone, note,"
        " created_at) VALUES (:id, :client, :campaign, :lead, 'open', :now, 'Europe/Moscow', 'secret',"
        " :now)",
        id=callback,
        lead=made.lead_ids[0],
        **own,
    )
    later = now + timedelta(hours=1)
    await world.run("UPDATE callback SET promised_at = :at WHERE id = :id", id=callback, at=later)
    await world.run("UPDATE callback SET note = 'other' WHERE id = :id", id=callback)
    closed = "UPDATE callback SET state = :state, closed_at = :at WHERE id = :id"
    await world.run(closed, id=callback, state="kept", at=later)
    await world.run("UPDATE contact SET external_key = 'C-1' WHERE list_id = :l", l=made.list_id)
    await world.run(
        "INSERT INTO suppression (id, client_id, e164, reason, source, added_at)"
        " VALUES (:id, :client, '+74952000000', 'do_not_call', 'agent', :now)",
        id=suppression,
        client=made.client_id,
        now=now,
    )
    await world.run(
        "INSERT INTO list_import (id, client_id, list_id, state, state_reason, name, file_name,"
        " file_sha256, file_bytes, shape, mapping, options, rows_in, rows_accepted, rows_refused, phones,"
        " refused_by_reason, warnings, uploaded_at) VALUES (:id, :client, :list, 'staged', '', 'n', 'f',"
        " 's', 1, '{}', '{}', '{}', 3, 2, 1, 2, '{}', '{}', :now)",
        id=imported,
        client=made.client_id,
        list=made.list_id,
        now=now,
    )
    await world.run("UPDATE list_import SET state = 'committed' WHERE id = :id", id=imported)
    await world.run("UPDATE campaign SET state = 'paused' WHERE id = :id", id=made.id)
    await world.run("UPDATE campaign SET state = 'paused' WHERE id = :id", id=made.id)
    await world.run("UPDATE contact SET erased_at = :now WHERE source_row = 2", now=now)
    told = await _told(world)
    assert [one["type"] for one in told] == [
        "callback.promised",
        "callback.changed",
        "callback.done",
        "opt_out.added",
        "import.committed",
        "campaign.state_changed",
        "contact.erased",
    ]
    by_type = {one["type"]: one["data"] for one in told}
    assert by_type["opt_out.added"]["external_ids"] == ["C-1"]
    assert by_type["import.committed"]["rows_refused"] == 1
    assert by_type["campaign.state_changed"] == {
        "campaign_id": str(made.id),
        "state": "paused",
        "before": "running",
    }
    assert "secret" not in str(told)


async def test_pages_go_on_where_the_one_before_ended(world: Happening) -> None:
    other = await world.another_campaign()
    await world.happen()
    await other.happen()
    await world.place()
    client, seen, after = world.made.client_id, list[int](), 0
    async with world.sessions() as session:
        span = await span_of(session, client)
        for _ in range(20):
            page = await read_after(session, client, after, limit=5)
            seen += [event.position for event in page.events]
            after = page.next_after
            if not page.has_more:
                break
        assert seen == list(range(1, span.last + 1))
        ours = await read_after(
            session,
            client,
            0,
            campaign_id=other.made.id,
            kinds=[EventKind.RESULT_SAVED],
            limit=100,
        )
        assert [event.kind for event in ours.events] == ["result.saved"] * 6
        assert ours.next_after == span.last
        with pytest.raises(CursorAhead):
            await read_after(session, client, span.last + 1)


async def test_old_events_go_and_a_cursor_below_the_floor_is_told_so(
    world: Happening, clock: FrozenClock
) -> None:
    await world.happen()
    await world.place()
    clock.advance(40 * 86_400)
    await world.happen()
    await world.place()
    moment = clock.now()
    gone = await retention.let_go(world.sessions, clock, timedelta(days=30))
    assert gone == 18
    async with world.sessions() as session:
        span = await span_of(session, world.made.client_id)
        assert (span.floor, span.last) == (18, 36)
        with pytest.raises(EventsGone) as refused:
            await read_after(session, world.made.client_id, 17)
        assert refused.value.facts["floor"] == 18
        page = await read_after(session, world.made.client_id, span.floor)
        assert page.events[0].position == 19
        assert await cursor_at(session, world.made.client_id, moment) == 18
        assert await cursor_at(session, world.made.client_id, moment - timedelta(days=90)) == 18
    assert await retention.let_go(world.sessions, clock, timedelta(days=30)) == 0


async def test_positions_of_one_client_say_nothing_of_another(
    world: Happening, sessions: SessionFactory, clock: FrozenClock
) -> None:
    stranger = await Happening.begin_elsewhere(sessions, clock)
    await stranger.happen()
    await world.happen()
    events = await world.events()
    assert [event.position for event in events] == list(range(1, 19))
    assert {event.client_id for event in events} == {world.made.client_id}
    assert UUID(str(stranger.made.client_id)) != world.made.client_id
