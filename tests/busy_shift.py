"""What happens while a busy day lasts: workers die, clocks are set, forms are published, results change."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import text

from campaigns import commands
from campaigns.commands import CommandName
from dialer.db import transaction
from dialer.simulator.ari.events import Timestamps
from dialer.simulator.ari.server import AriSimulator
from tests.busy_clock import SharedClock
from tests.busy_day import HOUR, BusyDay
from tests.busy_desks import Desks
from tests.busy_people import DIAL_SPEED, Public
from tests.busy_worker import busy_worker
from tests.hall import PASSWORD, CarrierBook, Place, talking
from tests.nursery import Child, Nursery
from tests.world import until

Step = Callable[[BusyDay, "Shift"], Awaitable[None]]


@dataclass
class Shift:
    """What runs while the day lasts."""

    day: BusyDay
    sim: AriSimulator
    stack: AsyncExitStack
    worker: Child | None = None
    workers: int = 0

    async def hire(self) -> None:
        """Start a worker."""
        self.workers += 1
        log = self.day.folder / f"worker-{self.workers}.log"
        day = self.day
        self.worker = await self.stack.enter_async_context(
            busy_worker(day.home, day.place, self.sim, day.clock, log)
        )

    async def kill(self) -> None:
        """Kill the worker; some people hang up while nobody listens, and a successor takes over."""
        assert self.worker is not None
        self.worker.send(signal.SIGKILL)
        await self.worker.ended()
        self.day.told["workers killed"] += 1
        for channel in talking(self.sim)[:10]:
            with suppress(KeyError):
                self.sim.hang_up(channel.id)
        await self.hire()

    def let_go(self, attempt_id: UUID) -> None:
        """Let the person of a call hang up, who may have done so already."""
        with suppress(KeyError):
            self.sim.hang_up(f"c{attempt_id.hex}")

    async def lose_calls(self) -> None:
        """Let the exchange lose every call, as a restart of Asterisk does."""
        self.sim.crash()
        self.day.told["exchange crashed"] += 1


async def _kill(_day: BusyDay, shift: Shift) -> None:
    await shift.kill()


async def _crash(_day: BusyDay, shift: Shift) -> None:
    await shift.lose_calls()


async def _roll(day: BusyDay, _shift: Shift) -> None:
    await day.roll_up()


async def _correct(day: BusyDay, _shift: Shift) -> None:
    await day.correct()


async def _hour(day: BusyDay, shift: Shift) -> None:
    """Set everybody's clock: the exchange's, too."""
    day.clock.set_by(HOUR)
    shift.sim.world.events.timestamps = Timestamps(day.clock)


async def _second(day: BusyDay, _shift: Shift) -> None:
    await day.publish(1)


async def _third(day: BusyDay, _shift: Shift) -> None:
    await day.publish(2)


#: What happens when so large a share of the calls was placed.
_PLAN: tuple[tuple[float, Step], ...] = (
    (0.15, _kill),
    (0.25, _roll),
    (0.30, _second),
    (0.38, _hour),
    (0.45, _kill),
    (0.50, _correct),
    (0.55, _hour),
    (0.60, _third),
    (0.62, _roll),
    (0.68, _crash),
    (0.75, _correct),
    (0.80, _hour),
    (0.88, _kill),
    (0.94, _roll),
)  # fmt: skip


Watch = Callable[[BusyDay], Awaitable[None]]


@asynccontextmanager
async def busy_day(
    place: Place, home: Nursery, folder: Path, *, calls: int, watch: Watch
) -> AsyncIterator[BusyDay]:
    """Run the day until so many calls were placed and have ended, then give it to be counted.

    ``watch`` is called now and then while it runs.
    """
    day = BusyDay(place, home, SharedClock(folder / "clock"), folder, calls)
    await day.prepare()
    sim = AriSimulator(password=PASSWORD, population=Public(3, day.patient), clock=day.clock)
    async with sim, AsyncExitStack() as stack:
        sim.world.dial_speed = DIAL_SPEED
        book = CarrierBook(sim)
        sim.on_invite(book.note)
        shift = Shift(day, sim, stack)
        everybody = [one.id for one in day.campaigns]
        desks = Desks(place, day.clock, everybody, day.patient, shift.let_go)
        working = asyncio.create_task(desks.work())
        await shift.hire()
        try:
            await _go_through(day, shift, working, watch)
            await _end(day, desks, working)
        finally:
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
        assert not book.doubled
    day.told += desks.done
    yield day


async def _go_through(
    day: BusyDay, shift: Shift, working: asyncio.Task[None], watch: Watch
) -> None:
    plan = list(_PLAN)
    while (placed := await day.count()) < day.calls:
        while plan and placed >= plan[0][0] * day.calls:
            await plan.pop(0)[1](day, shift)
            await watch(day)
        if working.done():
            working.result()
        await asyncio.sleep(0.2)
    assert not plan


async def _end(day: BusyDay, desks: Desks, working: asyncio.Task[None]) -> None:
    """Pause the campaigns, let the calls end and the agents write their results down."""
    async with transaction(day.place.sessions) as session:
        await session.execute(text("UPDATE campaign SET state = 'paused'"))
    for one in day.campaigns:
        await commands.send(day.place.redis, one.id, CommandName.REFRESH)

    async def quiet() -> bool:
        return await day.count("ended_at IS NULL") == 0

    await until(quiet, "every call has ended", within_s=120)
    await desks.rest()
    working.cancel()
