"""What a runner asks the database: little each second, and as much for many calls as for one."""

from collections.abc import AsyncIterator, Coroutine
from typing import Any
from uuid import UUID

import pytest

from campaigns.leads.results import EndedCall
from campaigns.states import LeadState
from compliance.dnc.shelf import DncShelf
from dialer.ari.connection import AriEndpoint
from dialer.call.states import CallOutcome
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.jobs import JobQueue
from tests.factories import make_campaign, numbers
from tests.hall import Place
from tests.promises import PromiseWorld
from tests.statements import counted
from tests.world import LAW, Books, test_settings
from workers.dialing.assembling import assemble
from workers.dialing.assembly import Assembly, Voice
from workers.dialing.deps import DialingDeps
from workers.dialing.staff import Staff
from workers.dialing.stored import Undisposed

#: Plan, caller IDs, sessions, what is left, what is due next, and agents elsewhere while none is here.
A_LOOK = 6
#: Lanes, the client, its lists, the company's calls, places by waiting leads, and their zones.
THE_LAW = 6
#: Owner, trunk, its calls (with numbers and persons held), leads, history, ledgers, attempts.
AN_OPENING = 7


def _undone(work: Coroutine[Any, Any, None]) -> None:
    work.close()


VOICE = Voice(
    spawn=_undone,
    on_event=lambda _: None,
    on_connected=lambda: None,
    on_lost=lambda: None,
    on_changed=lambda: None,
    on_message=lambda _, __: None,
)


class Owned:
    """Campaigns whose runner's parts are put together; nothing of them runs."""

    def __init__(self, place: Place, clock: FrozenClock, jobs: JobQueue) -> None:
        self.place, self.clock = place, clock
        self._jobs = jobs

    async def assemble(self, campaign_id: UUID) -> Assembly:
        """Become the owner of a campaign."""
        settings = test_settings(self.place.database_url, self.place.redis_url)
        deps = DialingDeps(
            worker_id="test",
            settings=settings,
            sessions=self.place.sessions,
            redis=self.place.redis,
            jobs=self._jobs,
            clock=self.clock,
            ari=AriEndpoint("http://127.0.0.1:9/ari", "outdial", "never asked"),
            law=LAW,
            shelf=DncShelf(settings.dnc_lists()),
        )
        return await assemble(deps, campaign_id, VOICE)

    async def campaign(self, leads: int, agents: int = 0) -> Assembly:
        """Add a campaign that uses nothing special, and own it."""
        async with transaction(self.place.sessions) as session:
            now = self.clock.now()
            made = await make_campaign(session, now, leads=numbers(leads), agents=agents)
        return await self.assemble(made.id)

    async def leads(self, parts: Assembly) -> dict[str, int]:
        """Return the campaign's leads by state and result."""
        return await Books(self.place.sessions, parts.owner.campaign_id).leads()


@pytest.fixture
async def owned(place: Place, clock: FrozenClock) -> AsyncIterator[Owned]:
    """What owns campaigns."""
    jobs = await JobQueue.open(test_settings(place.database_url, place.redis_url).redis())
    yield Owned(place, clock, jobs)
    await jobs.close()


async def test_a_look_at_a_campaign_without_features_is_a_handful_of_statements(
    owned: Owned,
) -> None:
    parts = await owned.campaign(5)
    staff = Staff(parts)
    with counted(owned.place.sessions) as first:
        await staff.look()
    assert len(first) <= A_LOOK + THE_LAW, first
    with counted(owned.place.sessions) as second:
        seen = await staff.look()
    assert len(second) <= A_LOOK, second
    assert seen.has_open_leads
    assert not any("FROM callback b" in one and "SELECT (EXISTS" not in one for one in second)


async def test_leads_are_claimed_and_opened_in_as_many_statements_for_ten_as_for_one(
    owned: Owned,
) -> None:
    parts = await owned.campaign(20, agents=1)
    await Staff(parts).look()
    originator = parts.originator
    with counted(owned.place.sessions) as claim:
        assert await originator.refill(1) == 10
    assert not any("FROM callback b JOIN lead" in one for one in claim), "nothing was promised"
    with counted(owned.place.sessions) as one:
        assert await originator.place(1) == 1
    with counted(owned.place.sessions) as nine:
        assert await originator.place(9) == 9
    assert len(one) == len(nine) == AN_OPENING, nine


async def test_the_ends_of_many_talks_are_as_many_statements_as_of_one(owned: Owned) -> None:
    parts = await owned.campaign(20, agents=1)
    await Staff(parts).look()
    assert await parts.originator.place(10) == 10
    calls = list(parts.floor.calls)
    sizes = []
    for some in (calls[:1], calls[1:]):
        for call_id in some:
            _end(parts, call_id)
            parts.writer.add(Undisposed(call_id))
        with counted(owned.place.sessions) as found:
            await parts.writer.store_the_rest()
        sizes.append(len(found))
    assert sizes == [3, 3]  # the attempts, their leads' facts, the leads' fates
    assert (await owned.leads(parts))["done:no_disposition"] == 10


async def test_wrap_ups_that_run_out_together_are_closed_together(owned: Owned) -> None:
    parts = await owned.campaign(20, agents=1)
    await Staff(parts).look()
    assert await parts.originator.place(10) == 10
    calls = list(parts.floor.calls)
    for call_id in calls:
        _end(parts, call_id)
    await parts.writer.store_the_rest()
    assert (await owned.leads(parts))["dialing"] == 10
    for call_id in calls:
        parts.writer.add(Undisposed(call_id))
    with counted(owned.place.sessions) as found:
        await parts.writer.store_the_rest()
    assert len(found) == 3
    assert (await owned.leads(parts))["done:no_disposition"] == 10


async def test_promises_are_looked_at_once_there_are_some(
    owned: Owned, sessions: SessionFactory, clock: FrozenClock
) -> None:
    world = await PromiseWorld(sessions, clock).begin()
    parts = await owned.assemble(world.made.id)
    staff = Staff(parts)
    await staff.look()
    assert not parts.drawing.promises
    made = await world.promise()
    clock.advance((made.promised_at - clock.now()).total_seconds() - 30)
    await staff.look()
    assert parts.drawing.promises
    assert [one.due_at for one in parts.floor.promises.coming] == [made.promised_at]


async def test_a_campaign_does_not_end_before_the_promise_of_a_forgotten_talk(
    owned: Owned, sessions: SessionFactory, clock: FrozenClock
) -> None:
    world = await PromiseWorld(sessions, clock).begin()
    parts = await owned.assemble(world.made.id)
    staff = Staff(parts)
    await world.promise()
    await staff.look()  # whoever is overdue was looked for a moment ago
    for number in range(3):
        result = "no_disposition" if number == 0 else "sale"
        await world.change(number, state=LeadState.DONE, result=result, next_attempt_at=None)
    assert not (await staff.look()).has_open_leads
    assert not await staff.finish_campaign()
    assert (await world.lead()).state is LeadState.WAITING


def _end(parts: Assembly, call_id: UUID) -> None:
    now = parts.clock.now()
    parts.writer.add(EndedCall(call_id, CallOutcome.CONNECTED, now, None, now, now))
