"""Wall, reports, exports and API agree with a plain count of attempts, after a busy day of 5,000 calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import structlog
from httpx import AsyncClient

from api.wall.walls import Walls
from campaigns.tenancy.models import Role
from campaigns.wall.looking import look
from campaigns.wall.reading import SETTLE_EVERY, Reader
from dialer.clock import FrozenClock
from tests.busy_day import BEGINS, BusyDay
from tests.busy_desks import ZONE
from tests.busy_shift import busy_day
from tests.e2e.export_agrees import (
    compare_rows,
    csv_rows,
    download,
    pick_every_column,
    workbook_rows,
)
from tests.e2e.reports_agree import Seen, compare_api, compare_counts, compare_lists_of_calls
from tests.e2e.wall_agrees import compare_board, compare_page, compare_reader
from tests.hall import Place
from tests.integration.api_world import World, api_world
from tests.integration.wall_world import Floor, Page, watching
from tests.nursery import Nursery
from tests.plain_counts import PlainCounts
from tests.reports_world import forget_rollups

CALLS = 5_000
#: Both days are over by then, and left alone for long enough to be rolled up.
MUCH_LATER = timedelta(hours=27)

log = structlog.get_logger()


@dataclass
class Audit:
    """A day's figures as of an instant, compared one source after the other."""

    day: BusyDay
    plain: PlainCounts
    now: datetime
    compared: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def midnight(self) -> datetime:
        """Return the beginning of the client's day."""
        here = self.now.astimezone(ZoneInfo(ZONE))
        return here.replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def seen(self) -> Seen:
        """Return whose reports of which days are looked at."""
        last = self.now.astimezone(ZoneInfo(ZONE)).date()
        return Seen(self.day.client_id, BEGINS.date(), last, self.now)

    def note(self, source: str, found: tuple[int, list[str]]) -> None:
        """Keep what a comparison found."""
        self.compared[source] = self.compared.get(source, 0) + found[0]
        self.wrong += [f"{source}: {one}" for one in found[1]]

    async def reports(self, source: str) -> None:
        """Compare the reports, as they are and from raw rows only."""
        async with self.day.place.sessions() as session:
            self.note(source, await compare_counts(session, self.plain, self.seen))
            await forget_rollups(session)
            self.note("raw", await compare_counts(session, self.plain, self.seen))
            await session.rollback()

    async def wall(self, reader: Reader, source: str) -> None:
        """Compare what a reader of the wall counts now."""
        await read(self.day, reader, self.now)
        self.note(source, await compare_reader(self.plain, reader, self.midnight, self.now))

    async def page(self, world: World) -> None:
        """Compare what a viewer's page shows."""
        walls = Walls(world.app.state.services)
        walls.linger_s = 0.0
        floor = Floor(world, self.day.campaigns)
        async with watching(floor, walls, client_id=self.day.client_id) as (page, stream):
            while not self._is_counted(page):
                page.take(await anext(stream))
        self.note("page", await compare_page(self.plain, page.rows, self.midnight, self.now))

    def _is_counted(self, page: Page) -> bool:
        return all(page.rows.get(f"c/{one}", {}).get("attempts") for one in self.day.mine)

    async def files(self, world: World, api: AsyncClient) -> None:
        """Compare the files that a client downloads."""
        folder = world.app.state.services.settings.exports()
        for one in self.day.mine:
            await pick_every_column(api, one)
            for kind, rows_of in (("csv", csv_rows), ("xlsx", workbook_rows)):
                file = await download(api, world.sessions, folder, world.clock, one, kind)
                self.note(kind, await compare_rows(self.plain, one, rows_of(file)))

    async def api(self, world: World) -> None:
        """Compare what programs are told."""
        api = await world.api(Role.MANAGER, client_id=self.day.client_id)
        self.note("api", await compare_api(api, self.plain, self.seen))
        self.note("calls", await compare_lists_of_calls(api, self.plain, self.seen))
        self.note("board", await compare_board(api, self.plain))
        await self.files(world, api)


async def read(day: BusyDay, reader: Reader, now: datetime) -> None:
    """Let a reader of the wall count."""
    async with day.place.sessions() as session:
        await reader.read(session, await look(session, day.client_id, now))


@asynccontextmanager
async def audit(day: BusyDay, now: datetime) -> AsyncIterator[Audit]:
    """Count plainly, as of an instant; at the end nothing may have been wrong."""
    async with day.place.sessions() as session:
        plain = PlainCounts(session)
        await plain.prepare(day.client_id, ZONE, now)
        made = Audit(day, plain, now)
        yield made
        await session.rollback()
    log.info("figures.compared", **made.compared)
    assert not made.wrong, "\n".join([f"{len(made.wrong)} differ", *made.wrong[:40]])


@asynccontextmanager
async def application(day: BusyDay, now: datetime) -> AsyncIterator[World]:
    """Yield the application as of an instant; its files are the day's."""
    async with api_world(day.place.sessions, day.place.redis, FrozenClock(now)) as world:
        state = world.app.state
        changed = {"exports_dir": day.folder / "exports"}
        settings = state.services.settings.model_copy(update=changed)
        state.services = replace(state.services, settings=settings)
        yield world


async def check_that_it_was_busy(day: BusyDay) -> None:
    """A quiet day would prove nothing."""
    told = day.told
    told["calls"] = await day.count()
    told["transferred"] = await day.count("left_at IS NOT NULL")
    told["interrupted"] = await day.count("outcome = 'interrupted'")
    told["promises kept"] = await day.count("state = 'kept'", "callback")
    told["forms"] = await day.count("ending IS NOT NULL", "interview")
    told["versions spoken"] = await day.count(
        "id IN (SELECT form_version_id FROM interview)", "form_version"
    )
    log.info("busy_day.told", **{name.replace(" ", "_"): n for name, n in sorted(told.items())})
    assert told["calls"] >= CALLS
    assert (told["versions spoken"], told["workers killed"], told["exchange crashed"]) == (3, 3, 1)
    least = {"transferred": 40, "promises kept": 20, "interrupted": 50, "corrected": 40}
    assert {name: told[name] for name, n in least.items() if told[name] < n} == {}


@pytest.mark.timeout(600)
async def test_wall_reports_exports_and_api_agree_with_a_plain_count(
    place: Place, home: Nursery, tmp_path: Path
) -> None:
    readers: list[Reader] = []  # one that has read since the morning

    async def watch(day: BusyDay) -> None:
        if not readers:
            readers.append(Reader(day.client_id))
        await read(day, readers[0], day.clock.now())

    async with busy_day(place, home, tmp_path, calls=CALLS, watch=watch) as day:
        evening = day.clock.now()
        async with audit(day, evening) as first:
            await first.reports("partly rolled up")
            await first.wall(Reader(day.client_id), "wall")
            async with application(day, evening) as world:
                await first.api(world)
                await first.page(world)
        # Results that were corrected late are on the wall once it has settled the day anew.
        for after in (SETTLE_EVERY, SETTLE_EVERY * 1.2):
            async with audit(day, evening + after) as soon:
                await soon.wall(readers[0], "wall all day")
        day.clock.set_to(evening + MUCH_LATER)
        await day.roll_up()
        assert await day.count(table="report_day") >= 2 * len(day.mine)
        async with audit(day, day.clock.now()) as later:
            await later.reports("rolled up")
        await check_that_it_was_busy(day)
