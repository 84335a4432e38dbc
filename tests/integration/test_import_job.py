"""The import job: a worker writes what was committed, and a killed one leaves nothing half-visible."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from campaigns.lists.models import ListImport
from campaigns.lists.staged import committing
from campaigns.lists.staged.preparing import BATCH_ROWS
from campaigns.lists.staged.progress import count_try, progress_key, progress_of, show_progress
from campaigns.lists.staged.staging import KEEP_STAGED
from campaigns.states import ImportState
from dialer.clock import FrozenClock
from dialer.db import SessionFactory, transaction
from dialer.settings import PROJECT_ROOT, Settings, child_environment
from tests.imports_world import Importing, many, people, stored
from tests.world import test_settings, until
from workers.deps import BackgroundDeps
from workers.jobs import imports as job

ROWS = 27_000  # more than a batch
DIRTY = many(ROWS) + b"Nobody;nonsense\n"
NOTHING = {"contact": 0, "phone": 0, "contact_list": 0}
_RUN = """
import asyncio, sys
from uuid import UUID
from dialer import settings
from dialer.clock import SystemClock
from dialer.db import make_engine, make_sessions
from workers.deps import BackgroundDeps
from workers.jobs.imports import run

async def main():
    ready = settings.load()
    engine = make_engine(ready.database())
    await run(BackgroundDeps(ready, make_sessions(engine), SystemClock()), UUID(sys.argv[1]))
    await engine.dispose()

asyncio.run(main())
"""


@pytest.fixture
async def imports(sessions: SessionFactory, clock: FrozenClock, tmp_path: Path) -> Importing:
    return await Importing.begin(sessions, clock, tmp_path)


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return test_settings(database_url, redis_url, uploads_dir=tmp_path / "uploads")


@pytest.fixture
def deps(settings: Settings, imports: Importing, redis: Redis) -> BackgroundDeps:
    del redis  # emptied for the test
    return BackgroundDeps(settings, imports.sessions, imports.clock)


@asynccontextmanager
async def held_up(imports: Importing) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    """Keep refused rows from being stored, and give a way to see an import wait for that."""
    async with transaction(imports.sessions) as session:
        await session.execute(text("LOCK TABLE refused_row IN SHARE MODE"))

        async def waiting() -> bool:
            return bool(
                await imports.scalar(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                    " AND datname = current_database() AND query ILIKE 'COPY%refused_row%'"
                )
            )

        yield waiting


async def test_a_worker_writes_what_was_committed(imports: Importing, deps: BackgroundDeps) -> None:
    row = await imports.stage(DIRTY)
    assert not await job.import_list({"deps": deps}, str(row.id))
    assert await imports.state(row.id) is ImportState.STAGED
    await imports.begin_commit(row)
    assert await job.import_list({"deps": deps}, str(row.id))
    assert await imports.state(row.id) is ImportState.COMMITTED
    assert await imports.counts("contact", "refused_row") == {"contact": ROWS, "refused_row": 1}
    assert not await job.import_list({"deps": deps}, str(row.id))
    assert await imports.counts("contact") == {"contact": ROWS}
    assert stored(imports) == [row.stored_as], "it is given back with corrected values one day"


async def test_a_killed_worker_leaves_nothing_and_the_sweep_begins_anew(
    imports: Importing, deps: BackgroundDeps, settings: Settings
) -> None:
    row = await imports.stage(DIRTY)
    await imports.begin_commit(row)
    async with held_up(imports) as waiting:
        worker = await asyncio.to_thread(
            subprocess.Popen,
            [sys.executable, "-c", _RUN, str(row.id)],
            cwd=PROJECT_ROOT,
            env=child_environment(settings),
        )
        try:
            await until(waiting, "half of the rows are written")
            assert await imports.counts(*NOTHING) == NOTHING
            assert not await job.run(deps, row.id), "two workers at one import"
        finally:
            worker.kill()
            await asyncio.to_thread(worker.wait)
    assert await imports.counts(*NOTHING) == NOTHING
    assert await imports.state(row.id) is ImportState.COMMITTING
    assert stored(imports) == [row.stored_as]

    async def free() -> bool:
        return await committing.is_waiting(imports.sessions, row.id)

    await until(free, "the database has noticed that the worker is gone")
    assert await imports.counts(*NOTHING) == NOTHING
    assert await job.sweep_imports({"deps": deps}) == 1
    assert await imports.state(row.id) is ImportState.COMMITTED
    counts = await imports.counts("contact", "phone", "refused_row", "contact_list")
    assert counts == {"contact": ROWS, "phone": ROWS, "refused_row": 1, "contact_list": 1}


async def test_how_far_it_is_can_be_seen(
    imports: Importing, deps: BackgroundDeps, redis: Redis
) -> None:
    row = await imports.stage(DIRTY + many(ROWS, first=ROWS).split(b"\n", 1)[1])
    await imports.begin_commit(row)
    async with held_up(imports) as waiting:
        running = asyncio.create_task(job.run(deps, row.id))
        await until(waiting, "the second batch waits")

        async def seen() -> int | None:
            return await progress_of(redis, row.id)

        assert await until(seen, "progress") == BATCH_ROWS
    assert await running
    assert await redis.keys("outdial:import:*") == []


async def test_progress_ends_by_itself_and_needs_no_redis(redis: Redis) -> None:
    one = UUID(int=1)
    await show_progress(redis, one, 5, None)
    assert 0 < await redis.ttl(progress_key(one)) <= 60
    away = Redis.from_url("redis://127.0.0.1:1")
    await show_progress(away, one, 5, 10)
    assert (await progress_of(away, one), await count_try(away, one)) == (None, 1)
    await away.aclose()


async def test_a_file_that_cannot_be_used_fails_for_good(
    imports: Importing, deps: BackgroundDeps
) -> None:
    row = await imports.stage(DIRTY)
    await imports.begin_commit(row)
    imports.folder.remove(row.stored_as)
    assert await job.sweep_imports({"deps": deps}) == 0
    async with imports.sessions() as session:
        failed = await session.get_one(ListImport, row.id)
    assert failed.state is ImportState.FAILED
    assert "upload it again" in failed.state_reason


async def test_an_import_that_ends_its_workers_is_given_up(
    imports: Importing, deps: BackgroundDeps, redis: Redis
) -> None:
    row = await imports.stage(DIRTY)
    await imports.begin_commit(row)
    for _ in range(job.MOST_TRIES):
        await count_try(redis, row.id)
    assert not await job.run(deps, row.id)
    assert await imports.state(row.id) is ImportState.FAILED
    assert await imports.counts(*NOTHING) == NOTHING


async def test_staged_files_that_nobody_commits_go(
    imports: Importing, deps: BackgroundDeps
) -> None:
    old = await imports.stage(people("Anna;84951234567"))
    imports.clock.advance((KEEP_STAGED - timedelta(minutes=1)).total_seconds())
    young = await imports.stage(people("Boris;84951234568"))
    await job.sweep_imports({"deps": deps})
    assert set(stored(imports)) == {old.stored_as, young.stored_as}
    imports.clock.advance(120)
    await job.sweep_imports({"deps": deps})
    assert stored(imports) == [young.stored_as]
    assert await imports.rows("SELECT id FROM list_import") == [(young.id,)]
