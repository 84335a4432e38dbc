"""What the runner draws: a promised callback goes to its agent, a selection leaves people alone."""

from uuid import UUID, uuid4

from sqlalchemy import text

from campaigns.leads import hopper
from campaigns.leads.hopper import Draw
from dialer.clock import SystemClock
from dialer.db import transaction
from dialer.settings import Settings
from tests.factories import MadeCampaign, make_place, numbers
from tests.hall import Manners, Place, asterisk
from tests.world import until
from workers.deps import BackgroundDeps
from workers.jobs.selections import apply_selections


async def _promise(place: Place, made: MadeCampaign, lead_id: UUID) -> UUID:
    """Promise a lead's call to the second agent, for now; return that agent's session."""
    session_id = made.session_ids[1]
    async with transaction(place.sessions) as session:
        name = (
            await session.execute(
                text(
                    "SELECT a.name FROM agent a JOIN agent_session s ON s.agent_id = a.id"
                    " WHERE s.id = :id"
                ),
                {"id": session_id},
            )
        ).scalar_one()
        await session.execute(
            text(
                "UPDATE lead SET reserved_for = :name, waiting_reason = 'callback',"
                " next_attempt_at = now() WHERE id = :lead"
            ),
            {"name": name, "lead": lead_id},
        )
        await session.execute(
            text(
                "INSERT INTO callback (id, client_id, campaign_id, lead_id, state, promised_at, zone,"
                " agent, note, created_at) VALUES (:id, :client, :c, :lead, 'open', now(),"
                " 'Europe/Moscow', :name, '', now())"
            ),
            {
                "id": uuid4(),
                "client": made.client_id,
                "c": made.id,
                "lead": lead_id,
                "name": name,
            },
        )
    return session_id


async def test_a_promised_call_reaches_the_agent_it_was_promised_to(place: Place) -> None:
    made = await place.campaign(6, 2, settings={"wrap_up_s": 0})
    books = place.books(made)
    session_id = await _promise(place, made, made.lead_ids[5])
    async with asterisk(Manners("t-answer-r200-t300")) as (sim, book), place.worker(sim):
        await until(books.is_finished, "the campaign is finished", within_s=40)
    talked = (
        "SELECT count(*) FROM attempt WHERE lead_id = :lead AND agent_session_id = :session"
        " AND reserved_agent AND outcome = 'connected'"
    )
    assert await books.scalar(talked, lead=made.lead_ids[5], session=session_id) == 1
    kept = "SELECT count(*) FROM callback WHERE campaign_id = :c AND state = 'kept'"
    assert await books.scalar(kept) == 1
    assert await books.outcomes() == {"connected": 6}
    assert set(book.dialled.values()) == {1}


async def test_a_changed_selection_is_applied_before_anybody_is_called(place: Place) -> None:
    """Until the background worker has applied it nothing is drawn; then only whom it selects."""
    people = numbers(10)
    chosen = people[:3]
    made = await place.campaign(
        10, 2, e164s=people, settings={"wrap_up_s": 0, "selection": {"filter": _by_name(3)}}
    )
    books = place.books(made)
    await place.execute("UPDATE campaign SET selection_due = true WHERE id = :c", made)
    async with asterisk(Manners("t-answer-r20-t100")) as (sim, book), place.worker(sim):

        async def told() -> bool:
            return any("selection" in why for why in await books.why(place.redis))

        await until(told, "the board says that the selection is being applied")
        assert not sim.invites
        deps = BackgroundDeps(Settings(), place.sessions, SystemClock())
        await apply_selections({"deps": deps})
        await until(books.is_finished, "the campaign is finished", within_s=40)
    assert set(book.dialled) == set(chosen)
    assert await books.leads() == {"waiting": 7, "done:no_disposition": 3}


def _by_name(count: int) -> dict[str, object]:
    names = [f"Person {n}" for n in range(1, count + 1)]
    return {"field": "name", "op": "in", "value": names}


async def test_a_full_quota_leaves_its_lanes_out_and_a_promise_counts(place: Place) -> None:
    made = await place.campaign(1, 0)
    async with transaction(place.sessions) as session:
        assert await hopper.has_open_leads(session, made.id)
        assert not await hopper.has_open_leads(session, made.id, [2, 3])
        await session.execute(
            text(
                "INSERT INTO callback (id, client_id, campaign_id, lead_id, state, promised_at, zone,"
                " note, created_at) SELECT uuidv7(), client_id, campaign_id, id, 'open', now(),"
                " 'UTC', '', now() FROM lead WHERE campaign_id = :c"
            ),
            {"c": made.id},
        )
        assert await hopper.has_open_leads(session, made.id, [2, 3])
        await session.execute(text("DELETE FROM callback WHERE campaign_id = :c"), {"c": made.id})
        clear = "UPDATE lead SET lane = NULL WHERE campaign_id = :c"
        await session.execute(text(clear), {"c": made.id})
        assert not await hopper.has_open_leads(session, made.id)


async def test_a_paused_campaign_holds_no_lead(place: Place) -> None:
    made = await place.campaign(30, 1, settings={"wrap_up_s": 0})
    books = place.books(made)
    held = "SELECT count(*) FROM lead_claim WHERE campaign_id = :c"
    async with asterisk(Manners("t-answer-r20-t300")) as (sim, _), place.worker(sim):
        await until(lambda: books.scalar(held), "leads are claimed")
        await place.set_state(made, "paused")

        async def none() -> bool:
            return not await books.scalar(held)

        await until(none, "the claimed leads are given back")


async def test_lists_with_0_percent_keep_the_campaign_open_and_the_board_says_so(
    place: Place,
) -> None:
    made = await place.campaign(2, 1, settings={"wrap_up_s": 0})
    mix = (
        "UPDATE campaign SET settings = jsonb_set(settings, '{selection}',"
        " jsonb_build_object('list_mix', jsonb_build_object(CAST(:list AS text), 0))) WHERE id = :c"
    )
    await place.execute(mix, made, list=str(made.list_id))
    books = place.books(made)
    async with asterisk(Manners("t-answer-r20-t50")) as (sim, _), place.worker(sim):

        async def told() -> bool:
            return "the lists that are left rest" in await books.why(place.redis)

        await until(told, "the board says that the lists rest")
        assert not await books.is_finished()
        assert not sim.invites


async def test_what_is_due_in_one_range_of_many_is_claimed_in_one_go(place: Place) -> None:
    """A range gives a few at first; nobody is left because the others are empty."""
    made = await place.campaign(12, 0)
    async with transaction(place.sessions) as session:
        here = await make_place(session)
        elsewhere = [await make_place(session, [zone]) for zone in ("Asia/Tokyo", "Asia/Dubai")]
        places = [here, *elsewhere]
        draw = Draw({2: 12, 3: 12}, places, 10, by_due=True)
        found = await hopper.claim(session, made.id, draw, now=SystemClock().now())
        assert [candidate.lead_id for candidate in found] == list(made.lead_ids[:10])
        rest = await hopper.claim(session, made.id, draw, now=SystemClock().now())
        assert [candidate.lead_id for candidate in rest] == list(made.lead_ids[10:])
