"""The last look under the locks: what changed since the claim is not dialled, and nobody is called twice."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from campaigns.leads import dispositions, hopper, originate
from campaigns.leads.caller_pool import CallerPool, choose_caller_ids, with_receipt_of
from campaigns.leads.hopper import Candidate
from campaigns.leads.last_look import hold_waiting
from campaigns.leads.originate import Opened, Owner
from campaigns.models import CallerId
from campaigns.settings import CampaignSettings
from compliance.dnc.shelf import DncShelf
from compliance.gate import Clearance, Refusal
from compliance.rulebook.rules import Purpose
from dialer.clock import SystemClock
from dialer.db import transaction
from tests.factories import ALL_WEEK, MadeCampaign, make_place, numbers
from tests.hall import Place
from tests.world import LAW, until
from workers.dialing.drawing import Drawing
from workers.dialing.last_look import LastLook

CLOCK = SystemClock()
REAL = {"simulated": False}


def _drawing(made: MadeCampaign) -> Drawing:
    settings = CampaignSettings(
        purpose=Purpose.SURVEY, hours=ALL_WEEK, ring_timeout_s=15, max_attempts_per_day=1
    )
    shelf = DncShelf(Path("nowhere"))
    return Drawing(made.id, made.client_id, LAW, shelf, settings, simulated=True)


async def _claim(place: Place, drawing: Drawing) -> list[Candidate]:
    async with transaction(place.sessions) as session:
        now = CLOCK.now()
        await drawing.read(session, now=now)
        return await drawing.claim(session, 10, (), now=now)


async def _open(
    place: Place, made: MadeCampaign, drawing: Drawing, claimed: list[Candidate]
) -> Opened:
    async with transaction(place.sessions) as session:
        now = CLOCK.now()
        look = LastLook(drawing, CallerPool(), session, now)
        owner = Owner(made.id, made.client_id, 0, made.trunk_id)
        return await originate.open_attempts(
            session, owner, claimed, now=now, ask=look.ask, choose=look.choose
        )


async def _states(place: Place, made: MadeCampaign) -> list[tuple[str, str]]:
    async with place.sessions() as session:
        rows = await session.execute(
            text("SELECT state, waiting_reason FROM lead WHERE campaign_id = :c ORDER BY sort_key"),
            {"c": made.id},
        )
        return [(row.state, row.waiting_reason) for row in rows]


ONE_PERSON = "UPDATE contact SET external_key = 'P1' WHERE client_id = :client"
ONE_NUMBER = "UPDATE phone SET e164 = '+74952999999' WHERE client_id = :client"


#: What an import writes with the contacts and numbers it changes.
AS_IMPORTED = """
    UPDATE lead SET e164 = p.e164, person_key = c.external_key FROM phone p, contact c
    WHERE lead.client_id = :client AND c.id = lead.contact_id AND p.contact_id = c.id
"""


@pytest.mark.parametrize("same", [ONE_PERSON, ONE_NUMBER])
async def test_two_leads_of_one_person_in_a_batch_are_one_call(place: Place, same: str) -> None:
    made = await place.campaign(2, 0, trunk=REAL)
    await place.execute(same, made, client=made.client_id)
    await place.execute(AS_IMPORTED, made, client=made.client_id)
    drawing = _drawing(made)
    opened = await _open(place, made, drawing, await _claim(place, drawing))
    assert len(opened.attempts) == 1
    assert sorted(await _states(place, made)) == [
        ("dialing", "new"),
        ("waiting", "live_attempt_elsewhere"),
    ]


async def test_a_person_on_the_line_is_not_called_at_another_number(place: Place) -> None:
    people = numbers(2)
    first = await place.campaign(1, 0, e164s=people[:1], trunk=REAL)
    second = await place.campaign(1, 0, e164s=people[1:], trunk=REAL, client_id=first.client_id)
    await place.execute(ONE_PERSON, first, client=first.client_id)
    await place.execute(AS_IMPORTED, first, client=first.client_id)
    for made, calls in ((first, 1), (second, 0)):
        drawing = _drawing(made)
        opened = await _open(place, made, drawing, await _claim(place, drawing))
        assert len(opened.attempts) == calls
    assert await _states(place, second) == [("waiting", "live_attempt_elsewhere")]


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ("UPDATE lead SET state = 'done', result = 'erased' WHERE campaign_id = :c", "done"),
        ("UPDATE lead SET lane = NULL WHERE campaign_id = :c", "waiting"),
        (
            "UPDATE lead SET next_attempt_at = now() + interval '1 h' WHERE campaign_id = :c",
            "waiting",
        ),
        ("UPDATE lead SET reserved_for = 'Ann' WHERE campaign_id = :c", "waiting"),
        (ONE_NUMBER, "waiting"),
        ("UPDATE campaign SET selection_due = true WHERE id = :c", "waiting"),
    ],
)
async def test_what_changed_since_the_claim_is_not_dialled(
    place: Place, change: str, after: str
) -> None:
    made = await place.campaign(1, 0)
    drawing = _drawing(made)
    claimed = await _claim(place, drawing)
    assert claimed
    client = {"client": made.client_id} if ":client" in change else {}
    await place.execute(change, made, **client)
    opened = await _open(place, made, drawing, claimed)
    assert opened == Opened((), ())
    assert await _states(place, made) == [(after, "new")]
    assert "claimed" not in await place.books(made).leads()


async def test_a_lead_somebody_holds_is_kept_and_waited_for_by_nobody(place: Place) -> None:
    made = await place.campaign(2, 0)
    drawing = _drawing(made)
    claimed = await _claim(place, drawing)
    async with transaction(place.sessions) as other:
        hold = text("SELECT id FROM lead WHERE id = :id FOR UPDATE")
        await other.execute(hold, {"id": claimed[0].lead_id})
        async with asyncio.timeout(10):
            opened = await _open(place, made, drawing, claimed)
    assert opened.held == (claimed[0],)
    assert [one.candidate.lead_id for one in opened.attempts] == [claimed[1].lead_id]


async def _move(place: Place, made: MadeCampaign) -> int:
    """Place the campaign's numbers elsewhere, as an import does while their leads are claimed."""
    async with transaction(place.sessions) as session:
        place_id = await make_place(session, ["Asia/Tokyo"])
    moved = "UPDATE phone SET place_id = :place WHERE client_id = :client"
    await place.execute(moved, made, place=place_id, client=made.client_id)
    return place_id


async def test_the_gate_judges_by_the_place_the_number_has_now(place: Place) -> None:
    made = await place.campaign(1, 0)
    drawing = _drawing(made)
    claimed = await _claim(place, drawing)
    place_id = await _move(place, made)
    opened = await _open(place, made, drawing, claimed)
    assert [one.candidate.place_id for one in opened.attempts] == [place_id]


async def test_a_lead_that_is_given_back_waits_where_its_number_is(place: Place) -> None:
    made = await place.campaign(1, 0)
    await _claim(place, _drawing(made))
    place_id = await _move(place, made)
    async with transaction(place.sessions) as session:
        await hopper.give_back(session, made.id, made.lead_ids)
    found = await place.books(made).scalar("SELECT place_id FROM lead WHERE campaign_id = :c")
    assert found == place_id


async def test_what_left_the_lane_while_it_was_picked_is_not_claimed(place: Place) -> None:
    """The claim waits for nobody, and asks a changed row everything again."""
    made = await place.campaign(1, 0)
    await place.execute("UPDATE campaign SET selection_due = true WHERE id = :c", made)
    drawing = _drawing(made)
    async with transaction(place.sessions) as session:
        await drawing.read(session, now=CLOCK.now())
        drawing.selection_due = False  # read before it was set
        assert not await drawing.claim(session, 5, (), now=CLOCK.now())


async def test_a_wish_is_stored_while_a_runner_opens_calls_to_the_number(place: Place) -> None:
    """Who opens attempts has the number and looks at its live attempt: neither waits for the other."""
    made = await place.campaign(1, 0)
    drawing = _drawing(made)
    (attempt,) = (await _open(place, made, drawing, await _claim(place, drawing))).attempts
    e164 = attempt.candidate.e164
    await place.execute(
        "UPDATE attempt SET connected_at = now(), answered_at = now() WHERE campaign_id = :c", made
    )
    suppresses = (
        "UPDATE disposition SET suppresses = true WHERE campaign_id = :c AND code = 'refused'"
    )
    await place.execute(suppresses, made)

    async def dispose() -> None:
        async with transaction(place.sessions) as session:
            await dispositions.record(
                session, attempt.id, "refused", client_id=made.client_id, clock=CLOCK
            )

    async with transaction(place.sessions) as runner:
        lock = text("SELECT pg_advisory_xact_lock(:key)")
        await runner.execute(lock, {"key": int(e164[1:])})
        wish = asyncio.create_task(dispose())
        await until(lambda: _waits_for_a_number(place), "the wish waits for the number")
        async with asyncio.timeout(10):  # as the runner: a second attempt to the same number
            again = text(
                "INSERT INTO attempt SELECT (jsonb_populate_record(a, jsonb_build_object("
                "'id', uuidv7()))).* FROM attempt a WHERE a.id = :id ON CONFLICT DO NOTHING"
            )
            await runner.execute(again, {"id": attempt.id})
    await wish
    suppressed = "SELECT count(*) FROM suppression WHERE e164 = :e164"
    assert await place.books(made).scalar(suppressed, e164=e164) == 1


async def _waits_for_a_number(place: Place) -> bool:
    async with place.sessions() as session:
        waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        return bool((await session.execute(text(waits))).scalar_one())


async def test_a_caller_id_rests_as_long_as_it_should(place: Place) -> None:
    made = await place.campaign(1, 0)
    drawing = _drawing(made)
    (candidate,) = await _claim(place, drawing)
    async with transaction(place.sessions) as session:
        shown = CallerId(
            client_id=made.client_id, e164="+74951112233", region="RU", rest_s=3 * 86400
        )
        session.add(shown)
        await session.flush()
        pool, now = CallerPool((shown,)), CLOCK.now()
        answers: list[str | Refusal | None] = []
        for at in (now, now + timedelta(days=2, hours=12), now + timedelta(days=3, seconds=1)):
            chosen = await choose_caller_ids(
                session, pool, [candidate], terms={}, placements={}, now=at
            )
            answers.append(chosen[candidate.lead_id])
    first, rests, again = answers
    assert (first, again) == (shown.e164, shown.e164)
    assert isinstance(rests, Refusal)

    async with place.sessions() as reading:
        people = await drawing.people(reading, [candidate])
    cleared = drawing.answer(candidate, people, now)
    assert isinstance(cleared, Clearance)
    told = with_receipt_of(cleared, rests)
    also = {"refused": [{"reason": "caller_ids_resting", "rules": []}]}
    assert told == replace(rests, receipt=cleared.receipt | also)


async def test_a_promise_made_while_the_gate_was_asked_is_not_overwritten(place: Place) -> None:
    """A claim locks no lead: what somebody changed meanwhile is left as it is."""
    made = await place.campaign(2, 0)
    drawing = _drawing(made)
    now = CLOCK.now()
    claimed = await _claim(place, drawing)
    later = "UPDATE lead SET next_attempt_at = now() + interval '1 day' WHERE id = :lead"
    await place.execute(later, made, lead=claimed[0].lead_id)
    ids = [candidate.lead_id for candidate in claimed]
    async with transaction(place.sessions) as session:
        assert await hold_waiting(session, ids, now=now) == {claimed[1].lead_id}
        await hopper.let_go(session, ids)
    assert "claimed" not in await place.books(made).leads()
