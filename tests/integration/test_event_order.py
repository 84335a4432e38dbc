"""However transactions overlap, a cursor sees every event once, in the order of the changes."""

import asyncio
import random
from collections import defaultdict
from uuid import UUID

from sqlalchemy import text

from campaigns.events.models import Event
from campaigns.events.reading import read_after
from campaigns.events.sequencing import place_all
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from tests.events_world import BEGIN, DISPOSE, END, Happening

_LIFE = ["attempt.begun", "attempt.ended", "result.saved", "result.corrected"]


def _break_off(fails: bool) -> None:
    if fails:
        raise InterruptedError


class _Floor:
    """Several writers with long and short transactions, some of which fail, and readers beside them."""

    def __init__(self, world: Happening, seed: int) -> None:
        self.world = world
        self.chance = random.Random(seed)
        self.happened: list[UUID] = []
        self.over = False

    async def write(self, lead_ids: list[UUID]) -> None:
        """Live through a call of each lead, each step in a transaction of its own that others overlap."""
        for lead_id in lead_ids:
            attempt, now = new_id(), self.world.clock.now()
            steps = (
                (BEGIN, {"leads": [lead_id], "now": now}),
                (END, {"outcome": "connected", "now": now}),
                (DISPOSE, {"code": "sale", "now": now}),
                (DISPOSE, {"code": "refused", "now": now}),
            )
            for sql, facts in steps:
                await self._try(sql, facts | {"ids": [attempt]})
            self.happened.append(attempt)

    async def _try(self, sql: str, facts: dict[str, object]) -> None:
        """Run a step; often it is rolled back first, and its transaction is open for a while."""
        while True:
            fails = self.chance.random() < 0.3
            try:
                async with transaction(self.world.sessions) as session:
                    # A transaction that has written something else long before.
                    await session.execute(text("CREATE TEMP TABLE x (a int) ON COMMIT DROP"))
                    await asyncio.sleep(self.chance.random() * 0.01)
                    await session.execute(text(sql), facts)
                    await asyncio.sleep(self.chance.random() * 0.01)
                    _break_off(fails)
            except InterruptedError:
                continue
            return

    async def place(self) -> None:
        """Give positions, as two workers at once do."""
        while not self.over:
            await place_all(self.world.sessions, self.world.clock)
            await asyncio.sleep(self.chance.random() * 0.01)

    async def read(self) -> list[Event]:
        """Follow the cursor to the end and return what was seen on the way."""
        seen: list[Event] = []
        after, at_end = 0, False
        while not at_end:
            at_end = self.over
            async with self.world.sessions() as session:
                size = self.chance.randint(1, 7)
                page = await read_after(session, self.world.made.client_id, after, limit=size)
            seen += page.events
            after = page.next_after
            at_end = at_end and not page.has_more
            await asyncio.sleep(self.chance.random() * 0.005)
        return seen


async def _overlap(world: Happening, seed: int) -> None:
    floor = _Floor(world, seed)
    leads = list(world.made.lead_ids)
    writers = [floor.write(leads[first::5]) for first in range(5)]
    placers = [asyncio.create_task(floor.place()) for _ in range(2)]
    readers = [asyncio.create_task(floor.read()) for _ in range(2)]
    await asyncio.gather(*writers)
    await place_all(world.sessions, world.clock)
    floor.over = True
    await asyncio.gather(*placers)
    await place_all(world.sessions, world.clock)
    late = asyncio.create_task(floor.read())
    whole = await late
    assert [event.position for event in whole] == list(range(1, 4 * len(leads) + 1))
    for reader in readers:
        seen = [event.position for event in await reader]
        assert seen == list(range(1, len(seen) + 1)), "no gap, no repetition, nothing behind"
    lives: dict[UUID, list[str]] = defaultdict(list)
    for event in whole:
        lives[event.subject_id].append(event.kind)
    assert set(lives) == set(floor.happened), "nothing lost, nothing invented"
    assert all(life == _LIFE for life in lives.values())


async def test_a_cursor_sees_everything_once_and_in_order_whatever_overlaps(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    for seed in range(3):
        world = await Happening.begin_elsewhere(sessions, clock, leads=15, first=2000 + 100 * seed)
        await _overlap(world, seed)


async def test_what_began_first_and_ends_last_gets_its_position_at_its_end(
    sessions: SessionFactory, clock: FrozenClock
) -> None:
    world = await Happening.begin(sessions, clock)
    first, second = world.made.lead_ids[:2]
    async with transaction(sessions) as slow:
        facts = {"ids": [new_id()], "leads": [first], "now": clock.now()}
        await slow.execute(text(BEGIN), facts)
        quick = await world.call([second])
        [seen] = await world.events()
        assert (seen.position, seen.subject_id) == (1, quick[0])
    [late] = await world.events(after=1)
    assert (late.position, late.lead_id) == (2, first)
