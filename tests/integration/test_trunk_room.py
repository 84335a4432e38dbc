"""What a trunk has room for is shared by all campaigns, and the way out may change while they run."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from campaigns.leads import originate
from campaigns.leads.caller_pool import CallerPool
from campaigns.leads.fates import store_fates
from campaigns.leads.originate import Owner
from campaigns.leads.recycle import fate_after_refusal
from campaigns.settings import CampaignSettings
from compliance.dnc.shelf import DncShelf
from compliance.rulebook.rules import Purpose
from dialer.clock import SystemClock
from dialer.db import transaction
from tests.factories import ALL_WEEK, MadeCampaign, numbers
from tests.hall import Manners, Place, asterisk
from tests.world import LAW, until
from workers.dialing.drawing import Drawing
from workers.dialing.last_look import LastLook

CLOCK = SystemClock()
REAL = {"simulated": False}


async def _open_one(place: Place, made: MadeCampaign, *, max_per_day: int) -> int:
    """Claim a lead and open its attempt as the campaign's owner; return how many were opened."""
    now = CLOCK.now()
    owner = Owner(made.id, made.client_id, 0, made.trunk_id)
    settings = CampaignSettings(
        purpose=Purpose.SURVEY,
        hours=ALL_WEEK,
        ring_timeout_s=15,
        max_attempts_per_day=max_per_day,
    )
    shelf = DncShelf(Path("nowhere"))
    drawing = Drawing(made.id, made.client_id, LAW, shelf, settings, simulated=True)
    async with transaction(place.sessions) as session:
        await drawing.read(session, now=now)
        (candidate,) = await drawing.claim(session, 1, (), now=now)
    async with transaction(place.sessions) as session:
        look = LastLook(drawing, CallerPool(), session, now)
        opened = await originate.open_attempts(
            session, owner, [candidate], now=now, ask=look.ask, choose=look.choose
        )
        fates = {c.lead_id: fate_after_refusal(r, phone_position=0) for c, r in opened.refused}
        await store_fates(session, fates)
    return len(opened.attempts)


async def test_the_days_cap_counts_what_happened_since_the_claim(place: Place) -> None:
    (number,) = numbers(1)
    first = await place.campaign(1, 0, e164s=[number], trunk=REAL)
    second = await place.campaign(1, 0, e164s=[number], trunk=REAL)
    kin = "UPDATE client SET legal_entity = 'Acme Holding' WHERE id IN (:first, :second)"
    await place.execute(kin, second, first=first.client_id, second=second.client_id)
    assert await _open_one(place, first, max_per_day=1) == 1
    end = "UPDATE attempt SET ended_at = now(), outcome = 'busy' WHERE campaign_id = :c"
    await place.execute(end, first)
    assert await _open_one(place, second, max_per_day=1) == 0
    due = "UPDATE lead SET state = 'waiting', next_attempt_at = now() WHERE campaign_id = :c"
    await place.execute(due, second)
    assert await _open_one(place, second, max_per_day=2) == 1


async def test_two_campaigns_share_a_trunks_calls_a_second(place: Place) -> None:
    """The trunk's bucket lies in its row: the second owner finds what the first one left."""
    first = await place.campaign(1, 0, trunk={"calls_per_s": 0.001})
    second = await place.campaign(1, 0, e164s=numbers(1, first=50))
    share = "UPDATE campaign SET trunk_id = :trunk WHERE id = :c"
    await place.execute(share, second, trunk=first.trunk_id)
    assert await _open_one(place, first, max_per_day=9) == 1
    shared = MadeCampaign(second.id, second.client_id, first.trunk_id, second.list_id, (), ())
    assert await _open_one(place, shared, max_per_day=9) == 0
    assert await place.books(second).leads() == {"claimed": 1}


async def of_some_looks(place: Place) -> list[str]:
    """Return the statements that go to the database while runners look at it some times."""
    with statements(place) as seen:

        async def looked() -> bool:
            return sum("FROM agent_session" in one for one in seen) >= 4

        await until(looked, "the runner looked at the database some times")
        return list(seen)


@contextmanager
def statements(place: Place) -> Iterator[list[str]]:
    """Keep every statement that goes to the database."""
    seen: list[str] = []
    engine = place.sessions.kw["bind"].sync_engine

    def note(*facts: Any) -> None:
        seen.append(facts[2])

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("reason", [None, "the trunk failed 20 of the last 20 calls"])
async def test_a_trunk_paused_elsewhere_costs_a_look_a_second_and_places_nothing(
    place: Place, reason: str | None
) -> None:
    """A person, or another campaign's breaker: the leads are not claimed and written back for it."""
    made = await place.campaign(3, 1, settings={"wrap_up_s": 0})
    pause = "UPDATE trunk SET paused_until = now() + interval '1 hour', paused_reason = :r"
    await place.execute(f"{pause} WHERE id = :trunk", made, trunk=made.trunk_id, r=reason)
    books = place.books(made)
    async with asterisk(Manners("t-answer-r20-t50")) as (sim, book), place.worker(sim):
        words = f"the trunk is paused: {reason}" if reason else "the trunk is paused"

        async def told() -> bool:
            rests = words in await books.why(place.redis)
            return rests and await books.leads() == {"waiting": 3}

        await until(told, "the board says that the trunk is paused, and the leads are given back")
        seen = await of_some_looks(place)
        assert not [one for one in seen if "lead_claim" in one]
        assert not [one for one in seen if "FROM trunk" in one and "FOR NO KEY UPDATE" in one]
        assert not book.dialled
        on = "UPDATE trunk SET paused_until = NULL WHERE id = :trunk"
        await place.execute(on, made, trunk=made.trunk_id)
        await until(books.is_finished, "the campaign is finished")
    assert set(book.dialled.values()) == {1}


async def test_leads_without_a_free_line_stay_claimed_and_are_not_written_again(
    place: Place,
) -> None:
    first = await place.campaign(1, 0, trunk={"max_channels": 1})
    second = await place.campaign(3, 1, e164s=numbers(3, first=50), settings={"wrap_up_s": 0})
    share = "UPDATE campaign SET trunk_id = :trunk WHERE id = :c"
    await place.execute(share, second, trunk=first.trunk_id)
    assert await _open_one(place, first, max_per_day=9) == 1
    await place.execute("UPDATE campaign SET state = 'paused' WHERE id = :c", first)
    books = place.books(second)
    async with asterisk(Manners("t-answer-r20-t50")) as (sim, book), place.worker(sim):

        async def held() -> bool:
            return await books.leads() == {"claimed": 3}

        await until(held, "the leads are claimed")
        seen = await of_some_looks(place)
        assert not [one for one in seen if "INTO lead_claim" in one or "WITH freed" in one]
        assert not book.dialled
        end = "UPDATE attempt SET ended_at = now(), outcome = 'busy' WHERE campaign_id = :c"
        await place.execute(end, first)
        await until(books.is_finished, "the campaign is finished")
    assert set(book.dialled.values()) == {1}


async def test_a_changed_caller_id_is_shown_from_the_next_call_on(place: Place) -> None:
    """A withdrawn number must not be shown: the campaign gets a new runner, live calls go on."""
    made = await place.campaign(8, 1, settings={"wrap_up_s": 0, "hours": ALL_WEEK})
    books = place.books(made)
    change = "UPDATE caller_id SET e164 = '+74959999999' WHERE client_id = :client"
    async with asterisk(Manners("t-answer-r20-t700")) as (sim, book), place.worker(sim):

        async def dialled() -> bool:
            return len(sim.invites) >= 2

        await until(dialled, "calls go out")
        await place.execute(change, made, client=made.client_id)
        await until(books.is_finished, "the campaign is finished", within_s=40)
        shown = [invite.variables["CONNECTEDLINE(all)"] for invite in sim.invites]
    assert "+74951234567" in shown[0]
    assert "+74959999999" in shown[-1]
    assert await books.outcomes() == {"connected": 8}
    assert set(book.dialled.values()) == {1}
