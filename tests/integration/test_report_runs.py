"""Reports made by the clock: once, kept with a checksum, sent, tried again, whatever is killed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest
from redis.asyncio import Redis
from sqlalchemy import text
from sqlmodel import col, select

from api.saved_report_words import wording_of
from campaigns.saved_reports import keeping, planning, scheduling
from campaigns.saved_reports.definition import Definition
from campaigns.saved_reports.models import ReportRun, ReportRunFile, SavedReport
from campaigns.saved_reports.scheduling import ScheduleIn
from campaigns.saved_reports.words import RunState
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.clock import FrozenClock, SystemClock
from dialer.db import SessionFactory, transaction
from tests.deliveries_world import delivery_settings
from tests.integration.api_world import World, api_world
from tests.nursery import Nursery
from tests.receivers import Postbox, postbox
from tests.reports_world import ReportsWorld, make_reports_world
from tests.world import until
from workers.deps import BackgroundDeps
from workers.jobs.saved_reports import sweep

ORIGIN = {"Origin": "http://outdial.test"}
#: A worker that sweeps as the real one does, without waiting for its clock.
_RUN = """
import asyncio
from dialer import settings
from dialer.clock import SystemClock
from dialer.db import make_engine, make_sessions
from workers.deps import BackgroundDeps
from workers.jobs.saved_reports import sweep

async def main():
    ready = settings.load()
    deps = BackgroundDeps(ready, make_sessions(make_engine(ready.database())), SystemClock())
    while True:
        await sweep(deps)
        await asyncio.sleep(0.05)

asyncio.run(main())
"""


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def calls(sessions: SessionFactory, clock: FrozenClock) -> ReportsWorld:
    async with transaction(sessions) as session:
        return await make_reports_world(session, clock.now(), seed=5, calls=60)


class Reporting:
    """A client's report with a schedule, and a worker's sweep."""

    def __init__(self, world: World, calls: ReportsWorld, deps: BackgroundDeps) -> None:
        self.world, self.calls, self.deps = world, calls, deps
        self.report_id = UUID(int=0)

    async def begin(self, clock: Any, **schedule: Any) -> "Reporting":
        """Save a report and have it made by the clock."""
        user = await self.world.user(Role.MANAGER, client_id=self.calls.client_id)
        who = Identity(user.id, self.calls.client_id, Role.MANAGER, user.login)
        definition = Definition.model_validate(
            {
                "measures": ["attempts", "connected"],
                "dimensions": ["campaign"],
                "period": "yesterday",
            }
        )
        given = ScheduleIn.model_validate({"rhythm": "hourly", "zone": "UTC"} | schedule)
        async with transaction(self.world.sessions) as session:
            row = await keeping.make(session, "Щодня: =план", definition, who, clock)
            await scheduling.set_schedule(session, row, given, wording_of("uk"), who, clock)
            self.report_id = row.id
        return self

    async def order(self, clock: Any) -> None:
        """Have it made now."""
        async with transaction(self.world.sessions) as session:
            row = await session.get_one(SavedReport, self.report_id)
            who = Identity(row.owner_id or UUID(int=0), row.client_id, Role.MANAGER, "x")
            await scheduling.order_run(session, row, who, clock)

    async def runs(self) -> list[ReportRun]:
        """Return what was made, oldest first."""
        async with self.world.sessions() as session:
            statement = select(ReportRun).where(col(ReportRun.report_id) == self.report_id)
            return list(await session.exec(statement.order_by(col(ReportRun.id))))

    async def files(self, run: ReportRun) -> dict[str, ReportRunFile]:
        """Return the files of a run by format."""
        async with self.world.sessions() as session:
            statement = select(ReportRunFile).where(col(ReportRunFile.run_id) == run.id)
            return {one.format.value: one for one in await session.exec(statement)}


def _deps(
    world: World, clock: Any, folder: Path, mail_port: int = 1, **urls: str
) -> BackgroundDeps:
    settings = delivery_settings(
        urls.get("database", "postgresql+asyncpg://x@localhost/x"),
        urls.get("redis", "redis://localhost/0"),
        folder,
        mail_port=mail_port,
    )
    return BackgroundDeps(settings, world.sessions, clock)


async def test_a_report_is_made_once_an_hour_whoever_looks(
    world: World, calls: ReportsWorld, clock: FrozenClock, tmp_path: Path
) -> None:
    deps = _deps(world, clock, tmp_path)
    made = await Reporting(world, calls, deps).begin(clock, formats=["xlsx", "pdf"])
    assert await sweep(deps) == 0, "from the next hour on"
    clock.advance(3600)
    done = await asyncio.gather(*(sweep(deps) for _ in range(4)))
    assert sum(done) == 1
    [run] = await made.runs()
    assert (run.state, run.sent_to, run.number) == (RunState.DONE, [], 1)
    yesterday = run.ended_at.date() - timedelta(days=1)
    assert (run.first, run.last) == (yesterday, yesterday)
    files = await made.files(run)
    assert set(files) == {"xlsx", "pdf"}
    for file in files.values():
        assert file.content is not None
        assert (file.size, file.sha256) == (len(file.content), sha256(file.content).hexdigest())
    assert files["xlsx"].name == f"Щодня_ _план {run.ended_at.date()}.xlsx"
    sheet = openpyxl.load_workbook(BytesIO(files["xlsx"].content or b"")).worksheets[0]
    rows = {row[0]: row[1:] for row in sheet.iter_rows(values_only=True)}
    assert "Кампанія" in rows
    async with world.sessions() as session:
        day = {"day": yesterday, "client_id": calls.client_id}
        found = await session.execute(
            text(
                "SELECT count(*) AS dials, count(connected_at) AS talks FROM attempt"
                " WHERE client_id = :client_id AND (started_at AT TIME ZONE 'UTC')::date = :day"
            ),
            day,
        )
        plain = found.one()
    assert (rows["Усього"][0], rows["Усього"][2]) == (plain.dials, plain.talks)
    clock.advance(2 * 3600 + 60)
    assert await sweep(deps) == 1, "the latest one; hours that passed are not made up"


async def test_a_letter_brings_the_files_or_a_link_that_ends(
    world: World, calls: ReportsWorld, clock: FrozenClock, tmp_path: Path
) -> None:
    async with postbox() as box:
        deps = _deps(world, clock, tmp_path, box.port)
        both = ["boss@acme.example", "chief@acme.example"]
        attached = await Reporting(world, calls, deps).begin(
            clock, formats=["xlsx", "pdf"], recipients=both, carries="attachment"
        )
        clock.advance(3600)
        assert await sweep(deps) == 1
        [run] = await attached.runs()
        assert run.sent_to == both
        [letter] = box.letters
        assert letter["To"] == ", ".join(both)
        assert letter["Message-ID"].startswith(f"<report-{run.id.hex}@")
        files = await attached.files(run)
        parts = {one.get_filename(): one.get_content() for one in letter.iter_attachments()}  # type: ignore[attr-defined]
        assert parts == {file.name: file.content for file in files.values()}
    async with postbox() as box:
        deps = _deps(world, clock, tmp_path, box.port)
        linked = await Reporting(world, calls, deps).begin(clock, recipients=both[:1], link_days=2)
        clock.advance(3600)
        await sweep(deps)
        body = box.letters[-1].get_body()
        assert body is not None
        said = body.get_content()
        token = said.partition("/take-report/")[2].split()[0]
    [run] = await linked.runs()
    nobody = world.anonymous()
    page = await nobody.get(f"/take-report/{token}")
    assert page.status_code == 200, page.text
    file = await nobody.get(f"/take-report/{token}/xlsx")
    assert sha256(file.content).hexdigest() == file.headers["X-Content-SHA256"]
    assert file.content == (await linked.files(run))["xlsx"].content
    assert (await nobody.get(f"/take-report/{token[:-3]}AAA")).status_code == 404
    assert (await nobody.get(f"/take/{token}")).status_code == 404, "it opens nothing else"
    clock.advance(2 * 86400)
    assert (await nobody.get(f"/take-report/{token}")).status_code == 404


async def test_failures_have_reasons_and_are_tried_again(
    world: World, calls: ReportsWorld, clock: FrozenClock, tmp_path: Path
) -> None:
    deps = _deps(world, clock, tmp_path)  # nobody listens at port 1
    made = await Reporting(world, calls, deps).begin(clock, recipients=["boss@acme.example"])
    clock.advance(3600)
    assert await sweep(deps) == 0
    [run] = await made.runs()
    assert (run.state, run.reason, run.tries) == (RunState.SENDING, "unreachable", 1)
    assert await made.files(run), "it is made, and only the letter is missing"
    assert run.next_try_at > clock.now()
    api = await world.api(Role.MANAGER, calls.client_id)
    await api.put(f"/api/v1/saved-reports/{made.report_id}/sharing", json={"sharing": "team"})
    browser = await world.browser(Role.MANAGER, calls.client_id)
    async with transaction(world.sessions) as session:
        await session.execute(text("UPDATE saved_report SET sharing = 'team'"))
    page = await browser.get(f"/saved-reports/{made.report_id}")
    assert "The server cannot be reached" in page.text
    async with postbox() as box:
        clock.advance(60)
        assert await sweep(_deps(world, clock, tmp_path, box.port)) == 1
        assert len(box.letters) == 1
    [run] = await made.runs()
    assert (run.state, run.reason) == (RunState.DONE, "")
    await _given_up_and_woken(made, browser, clock)


async def _given_up_and_woken(made: Reporting, browser: Any, clock: FrozenClock) -> None:
    """Break a definition, see the report given up, mend it, and wake it."""
    world = made.world
    async with transaction(world.sessions) as session:
        broken = (
            'UPDATE saved_report_version SET definition = definition || \'{"measures": ["gone"]}\''
        )
        await session.execute(text(broken))
    clock.advance(3600)
    assert await sweep(made.deps) == 0
    run = (await made.runs())[-1]
    assert (run.state, run.reason) == (RunState.DEAD, "cannot_be_made")
    page = await browser.get(f"/saved-reports/{made.report_id}")
    assert "Try again" in page.text
    async with transaction(world.sessions) as session:
        mended = broken.replace("gone", "attempts")
        await session.execute(text(mended))
        await session.execute(text("UPDATE report_schedule SET recipients = '{}'"))
    again = f"/saved-reports/{made.report_id}/runs/{run.id}"
    assert (await browser.post(again, headers=ORIGIN)).status_code == 303
    assert await sweep(made.deps) == 1
    taken = await browser.get(f"{again}/xlsx")
    assert taken.headers["X-Content-SHA256"] == sha256(taken.content).hexdigest()
    clock.advance(planning.KEPT_FOR.total_seconds() + 60)
    assert await planning.let_go(world.sessions, clock) == 2
    assert (await browser.get(f"{again}/xlsx")).status_code in (303, 404)


async def test_killed_while_it_makes_and_while_it_sends_it_ends_complete_once(
    world: World,
    calls: ReportsWorld,
    home: Nursery,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
) -> None:
    clock = SystemClock()
    async with postbox() as box:
        deps = _deps(world, clock, tmp_path, box.port, database=database_url, redis=redis_url)
        made = await Reporting(world, calls, deps).begin(
            clock, formats=["xlsx", "pdf"], recipients=["boss@acme.example"], carries="attachment"
        )
        await made.order(clock)
        log = tmp_path / "worker.log"
        # 1. The files are printed, nothing of them is stored.
        async with transaction(world.sessions) as session:
            await session.execute(text("LOCK TABLE report_run_file IN SHARE MODE"))
            child = await asyncio.to_thread(home.start, _RUN, deps.settings, log)
            await until(lambda: _somebody_waits(world), "the files are to be stored")
            await child.kill()
        [run] = await made.runs()
        assert (run.state, run.made_at, await made.files(run)) == (RunState.WAITING, None, {})
        # 2. The letter is at the mail server, and here it is not marked as sent.
        hold = _HeldLetter(box)
        child = await asyncio.to_thread(home.start, _RUN, deps.settings, log)
        await until(hold.came, "the mail server has the letter")
        await child.kill()
        hold.go_on()
        [run] = await made.runs()
        assert run.state is RunState.SENDING
        before = await made.files(run)

        async def done() -> bool:
            await sweep(deps)
            return (await made.runs())[0].state is RunState.DONE

        await until(done, "whoever comes next has brought it to its end")
        assert len(await made.runs()) == 1
        after = await made.files(run)
        assert {k: one.sha256 for k, one in after.items()} == {
            k: one.sha256 for k, one in before.items()
        }
        assert len({letter["Message-ID"] for letter in box.letters}) == 1
        last = box.letters[-1]
        names = {one.get_filename() for one in last.iter_attachments()}  # type: ignore[attr-defined]
        assert names == {one.name for one in after.values()}


async def _somebody_waits(world: World) -> bool:
    async with world.sessions() as session:
        found = await session.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database()"
            )
        )
        return bool(found.scalar())


class _HeldLetter:
    """Keeps the first letter's sender waiting for the answer."""

    def __init__(self, box: Postbox) -> None:
        self._released = asyncio.Event()
        self._has_come = False
        keep = box.handle_DATA

        async def held(server: Any, session: Any, envelope: Any) -> str:
            answer = await keep(server, session, envelope)
            self._has_come = True
            await self._released.wait()
            return answer

        box.handle_DATA = held  # type: ignore[method-assign]

    async def came(self) -> bool:
        return self._has_come

    def go_on(self) -> None:
        self._released.set()
