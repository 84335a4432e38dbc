"""An export as a job: killed at any moment it ends complete, once; cancelled it leaves nothing."""

import asyncio
import csv
import hashlib
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.delivery import exports, making, retention
from campaigns.delivery.making import NotWanted, Told
from campaigns.delivery.models import Export
from campaigns.delivery.words import ExportFormat, ExportState
from campaigns.delivery.writing import writer
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.jobs import JobName, JobQueue
from tests.background_process import background_process
from tests.export_world import ExportWorld
from tests.nursery import Nursery
from tests.world import test_settings, until
from workers.deps import BackgroundDeps
from workers.jobs.exports import sweep_exports

#: Enough rows, 10 MB, that the server still sends when somebody breaks off.
_MANY = 3_000
_LONGEST = "SELECT id FROM contact ORDER BY length(fields::text) DESC LIMIT 1"
#: A worker that stops after the first rows, to be killed there.
_HALFWAY = """
import pathlib, signal
from campaigns.delivery.making import Told
was = Told.went_on
def went_on(told, rows):
    was(told, rows)
    pathlib.Path({path!r}).touch()
    signal.pause()
Told.went_on = went_on
"""
_MULTIPLY = """
    WITH c AS (
        INSERT INTO contact (id, client_id, list_id, source_row, name, fields, priority, tags, created_at)
        SELECT gen_random_uuid(), client_id, list_id, 1000 + g, name, fields, 0, '{}', created_at
        FROM contact, generate_series(1, :many) g WHERE id = :contact RETURNING id, client_id
    )
    INSERT INTO lead (id, client_id, campaign_id, contact_id, lane, place_id, sort_key, state,
                      next_attempt_at, waiting_reason, phone_position, attempts_made, e164)
    SELECT gen_random_uuid(), c.client_id, l.campaign_id, c.id, l.lane, l.place_id, 0, 'waiting',
           now(), 'new', 0, 0, l.e164 FROM c, lead l WHERE l.contact_id = :contact
"""


@pytest.fixture
async def world(sessions: SessionFactory, clock: FrozenClock, tmp_path: Path) -> ExportWorld:
    return await ExportWorld.build(sessions, clock, tmp_path / "exports")


async def _state(world: ExportWorld, row: Export) -> Export:
    async with world.sessions() as session:
        return await exports.find_export(session, row.id, client_id=world.client_id)


async def test_a_killed_workers_export_ends_complete_once(
    world: ExportWorld,
    home: Nursery,
    database_url: str,
    redis_url: str,
    redis: Redis,
    tmp_path: Path,
) -> None:
    del redis  # emptied
    async with transaction(world.sessions) as session:
        one = (await session.execute(text(_LONGEST))).scalar_one()
        await session.execute(text(_MULTIPLY), {"contact": one, "many": _MANY})
    row = await world.ask(ExportFormat.XLSX)
    settings = test_settings(
        database_url, redis_url, exports_dir=world.folder, uploads_dir=tmp_path / "uploads"
    )
    log, halfway, path = tmp_path / "log", tmp_path / "half", exports.stored_path(world.folder, row)
    jobs = await JobQueue.open(redis_url)

    async def killed(moment: Callable[[], Awaitable[bool]], what: str, before: str = "") -> None:
        await jobs.enqueue(JobName.MAKE_EXPORT, export_id=str(row.id))
        async with background_process(home, settings, log, before=before) as worker:
            await until(moment, what)
            assert worker.lives, log.read_text()
        assert (await _state(world, row)).state is ExportState.RUNNING

    async def written() -> bool:
        return await asyncio.to_thread(halfway.exists)

    async def named() -> bool:
        return await asyncio.to_thread(path.exists)

    async def done() -> bool:
        return (await _state(world, row)).state is ExportState.DONE

    # 1. In the middle of the rows. 2. The file has its name, and nobody knows of it.
    await killed(written, "rows are written", _HALFWAY.format(path=str(halfway)))
    assert not path.exists(), "half a file has not its name"
    async with transaction(world.sessions) as session:
        await session.execute(text("LOCK TABLE audit_entry IN SHARE MODE"))
        await killed(named, "the file is whole")
    await jobs.enqueue(JobName.MAKE_EXPORT, export_id=str(row.id))
    await jobs.close()
    async with background_process(home, settings, log):
        await until(done, "the export is done", within_s=90)
    ended = await _state(world, row)
    assert (ended.tries, ended.rows_done) == (3, _MANY + 9)
    path = exports.path_of(world.folder, ended)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == ended.sha256
    assert list(world.folder.iterdir()) == [path], "nothing of the first tries is left"
    told = "SELECT count(*) FROM audit_entry WHERE action = 'export.done'"
    async with world.sessions() as session:
        assert (await session.execute(text(told))).scalar_one() == 1
    await _is_broken_off(world)


async def _is_broken_off(world: ExportWorld) -> None:
    """Cancel every format while the server still sends rows."""

    async def unwanted(sessions: SessionFactory, one: Export, part: Path, told: Told) -> None:
        async with transaction(sessions) as session:
            who: dict[str, Any] = {"client_id": one.client_id, "user_id": None}
            await exports.cancel(session, one.id, clock=world.clock, **who)
        told.wanted = False
        await writer(world.folder)(sessions, one, part, told)

    before = sorted(world.folder.iterdir())
    for format_ in (ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.ZSAV, ExportFormat.PARQUET):
        row = await world.ask(format_)
        assert not await making.make(
            world.sessions, world.folder, row.id, clock=world.clock, write=unwanted
        )
        assert sorted(world.folder.iterdir()) == before


async def test_the_sweep_finds_an_export_whose_job_was_lost(
    world: ExportWorld, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    rows = [await world.ask(ExportFormat.JSONL) for _ in range(2)]
    settings = test_settings(
        database_url, redis_url, exports_dir=world.folder, uploads_dir=tmp_path / "uploads"
    )
    deps = BackgroundDeps(settings, world.sessions, world.clock)
    assert await sweep_exports({"deps": deps}) == 2
    assert await sweep_exports({"deps": deps}) == 0
    assert [(await _state(world, row)).state for row in rows] == [ExportState.DONE] * 2


async def test_a_cancelled_export_stops_and_can_begin_again(world: ExportWorld) -> None:
    row = await world.ask(ExportFormat.CSV)
    writing, go_on = asyncio.Event(), asyncio.Event()

    async def slow(sessions: SessionFactory, one: Export, part: Path, told: Told) -> None:
        await asyncio.to_thread(part.write_bytes, b"half")
        writing.set()
        await go_on.wait()
        while True:
            told.went_on(1)
            await asyncio.sleep(0.01)

    facts: dict[str, Any] = {"clock": world.clock}
    job = asyncio.create_task(
        making.make(world.sessions, world.folder, row.id, write=slow, **facts)
    )
    await writing.wait()
    # A second worker leaves it alone.
    assert not await making.make(world.sessions, world.folder, row.id, write=slow, **facts)
    who: dict[str, Any] = {"client_id": world.client_id, "user_id": None, "clock": world.clock}
    async with transaction(world.sessions) as session:
        await exports.cancel(session, row.id, **who)
    go_on.set()
    assert await job is False
    assert list(world.folder.iterdir()) == []
    assert (await _state(world, row)).state is ExportState.CANCELLED
    async with transaction(world.sessions) as session:
        with pytest.raises(exports.ExportOver):
            await exports.cancel(session, row.id, **who)
        await exports.begin_again(session, row.id, **who)
    write = writer(world.folder)
    assert await making.make(world.sessions, world.folder, row.id, write=write, **facts)
    assert (await _state(world, row)).rows_done == 9


async def test_an_export_that_always_ends_its_worker_is_given_up(world: ExportWorld) -> None:
    row = await world.ask(ExportFormat.CSV)
    ends = RuntimeError("out of memory")

    async def breaks(sessions: SessionFactory, one: Export, part: Path, told: Told) -> None:
        raise ends

    for _ in range(making.MOST_TRIES):
        with pytest.raises(RuntimeError):
            await making.make(world.sessions, world.folder, row.id, clock=world.clock, write=breaks)
    assert await making.waiting(world.sessions) == [row.id]
    assert not await making.make(
        world.sessions, world.folder, row.id, clock=world.clock, write=breaks
    )
    ended = await _state(world, row)
    assert (ended.state, ended.state_reason) == (ExportState.FAILED, making.GIVEN_UP)


async def test_an_answer_given_later_is_in_the_next_file(world: ExportWorld) -> None:
    first = await world.made(ExportFormat.CSV, options={"guard": False})
    changed = """
        UPDATE interview_answer SET answer = '{"value": 7}', sequence = sequence + 1
        WHERE code = 'q8' AND interview_id = (SELECT interview_id FROM interview_result LIMIT 1)
    """
    async with transaction(world.sessions) as session:
        await session.execute(text(changed))
    second = await world.made(ExportFormat.CSV, options={"guard": False})
    rows = [
        list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
        for path in (first, second)
    ]
    moved = [(a["q8"], b["q8"]) for a, b in zip(*rows, strict=True) if a["q8"] != b["q8"]]
    assert len(moved) == 1
    assert moved[0][1] == "7"


async def test_old_files_go_and_rows_stay(world: ExportWorld, tmp_path: Path) -> None:
    path = await world.made(ExportFormat.CSV)
    stray = path.with_name("stray.part")
    stray.write_bytes(b"")
    world.clock.advance(retention.KEEP_EXPORTS.total_seconds() + 1)
    await retention.let_go(world.sessions, world.folder, tmp_path, clock=world.clock)
    assert list(world.folder.iterdir()) == []
    async with world.sessions() as session:
        (row,) = await exports.exports_of(session, world.campaign_id, client_id=world.client_id)
    assert row.state is ExportState.GONE
    assert row.sha256, "what it was stays known"
    with pytest.raises(exports.ExportNotDone):
        exports.path_of(world.folder, row)


def test_a_writer_is_told_that_nobody_wants_the_file() -> None:
    told = Told(wanted=False)
    with pytest.raises(NotWanted):
        told.went_on(1)
