"""Reports made by the clock: once, kept with a checksum, sent, tried again, whatever is killed."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.saved_reports import planning
from campaigns.saved_reports.words import RunState
from campaigns.tenancy.models import Role
from dialer.clock import FrozenClock, SystemClock
from dialer.db import SessionFactory, transaction
from tests.integration.api_world import World, api_world
from tests.integration.reporting_world import (
    WORKER,
    HeldLetter,
    Reporting,
    somebody_waits,
    worker_deps,
)
from tests.nursery import Nursery
from tests.receivers import postbox
from tests.reports_world import ReportsWorld, make_reports_world
from tests.world import until
from workers.jobs.saved_reports import sweep

ORIGIN = {"Origin": "http://outdial.test"}


@pytest.fixture
async def world(sessions: SessionFactory, redis: Redis, clock: FrozenClock) -> AsyncIterator[World]:
    async with api_world(sessions, redis, clock) as made:
        yield made


@pytest.fixture
async def calls(sessions: SessionFactory, clock: FrozenClock) -> ReportsWorld:
    async with transaction(sessions) as session:
        return await make_reports_world(session, clock.now(), seed=5, calls=60)


async def test_a_report_is_made_once_an_hour_whoever_looks(
    world: World, calls: ReportsWorld, clock: FrozenClock, tmp_path: Path
) -> None:
    deps = worker_deps(world, clock, tmp_path)
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


async def test_a_report_moved_to_later_that_day_is_made_at_the_new_time(
    world: World, calls: ReportsWorld, clock: FrozenClock, tmp_path: Path
) -> None:
    deps = worker_deps(world, clock, tmp_path)
    soon = clock.now() + timedelta(minutes=10)
    minute = soon.hour * 60 + soon.minute
    made = await Reporting(world, calls, deps).begin(clock, rhythm="daily", at_minute=minute)
    clock.advance(601)
    assert await sweep(deps) == 1
    await made.reschedule(clock, rhythm="daily", at_minute=minute + 30)
    assert await sweep(deps) == 0, "not before its time"
    clock.advance(30 * 60)
    assert await sweep(deps) == 1
    again = await asyncio.gather(*(sweep(deps) for _ in range(3)))
    assert sum(again) == 0
    first, second = await made.runs()
    assert second.ended_at - first.ended_at == timedelta(minutes=30)
    # The same instant by another clock is the same moment.
    zone, ahead = "Asia/Tbilisi", 4 * 60
    await made.reschedule(clock, rhythm="daily", at_minute=minute + 30 + ahead, zone=zone)
    async with transaction(world.sessions) as session:
        await session.execute(text("UPDATE report_schedule SET planned_from = '2020-01-01'"))
    assert await sweep(deps) == 0
    assert len(await made.runs()) == 2


async def test_a_letter_brings_the_files_or_a_link_that_ends(
    world: World, calls: ReportsWorld, clock: FrozenClock, tmp_path: Path
) -> None:
    async with postbox() as box:
        deps = worker_deps(world, clock, tmp_path, box.port)
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
        parts = {one.get_filename(): one.get_content() for one in letter.iter_attachments()}
        assert parts == {file.name: file.content for file in files.values()}
    async with postbox() as box:
        deps = worker_deps(world, clock, tmp_path, box.port)
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
    deps = worker_deps(world, clock, tmp_path)  # nobody listens at port 1
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
        assert await sweep(worker_deps(world, clock, tmp_path, box.port)) == 1
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
        deps = worker_deps(world, clock, tmp_path, box.port, database=database_url, redis=redis_url)
        made = await Reporting(world, calls, deps).begin(
            clock,
            rhythm="monthly",  # no moment of its own comes while the test runs
            month_day=(clock.now() + timedelta(days=14)).day,
            formats=["xlsx", "pdf"],
            recipients=["boss@acme.example"],
            carries="attachment",
        )
        await made.order(clock)
        log = tmp_path / "worker.log"
        # 1. The files are printed, nothing of them is stored.
        async with transaction(world.sessions) as session:
            await session.execute(text("LOCK TABLE report_run_file IN SHARE MODE"))
            child = await asyncio.to_thread(home.start, WORKER, deps.settings, log)
            await until(lambda: somebody_waits(world), "the files are to be stored")
            await child.kill()
        [run] = await made.runs()
        assert (run.state, run.made_at, await made.files(run)) == (RunState.WAITING, None, {})
        # 2. The letter is at the mail server, and here it is not marked as sent.
        hold = HeldLetter(box)
        child = await asyncio.to_thread(home.start, WORKER, deps.settings, log)
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
        names = {one.get_filename() for one in last.iter_attachments()}
        assert names == {one.name for one in after.values()}
